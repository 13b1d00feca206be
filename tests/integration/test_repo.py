"""Revisions and files of real git repositories, hostile ones included."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mergegate import repo
from mergegate.errors import UsageError
from mergegate.records.review import Revision
from mergegate.repo import git
from support.memory import md5_of
from support.repositories import Repository


@pytest.fixture
def made(tmp_path: Path) -> Repository:
    """One commit on main, without DVC."""
    made = Repository.create(tmp_path, dvc=False)
    made.write("file.txt", "one\n")
    made.commit("First")
    return made


def refuse(made: Repository, name: str) -> tuple[str, str]:
    """The message and hint for a name that is no revision."""
    with pytest.raises(UsageError) as caught:
        repo.resolve(made.project(), name)
    return caught.value.message, caught.value.hint


class TestLocate:
    def test_the_nearest_policy_names_the_root(self, tmp_path: Path) -> None:
        made = Repository.create(tmp_path, subfolder="team/model")
        made.write("team/model/mergegate.yaml", "version: 1\n")
        made.write("team/model/sub/dvc.yaml", "")
        made.write("dvc.yaml", "")
        assert made.project("team/model/sub") == repo.Project(
            git_root=made.path,
            root=made.path / "team/model",
            prefix="team/model",
            dvc_root=made.path / "team/model",
        )

    def test_without_a_policy_dvc_names_it_and_without_dvc_git_does(self, tmp_path: Path) -> None:
        made = Repository.create(tmp_path, dvc=False)
        made.write("a/b/file", "")
        assert made.project("a/b") == repo.Project(made.path, made.path, "", None)
        made.write("a/dvc.yaml", "")
        assert made.project("a/b") == repo.Project(made.path, made.path / "a", "a", None)
        made.write(".dvc/config", "")
        assert made.project("a/b") == repo.Project(made.path, made.path / "a", "a", made.path)

    def test_outside_of_git(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError) as caught:
            repo.locate(tmp_path)
        assert caught.value.message == f"{tmp_path} is not inside a git repository with files checked out"
        assert caught.value.hint == (
            "change into your project's folder, or make it a repository with `git init`"
        )

    def test_inside_a_hook_git_s_variables_do_not_redirect(
        self, made: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
        monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "nothing"))
        monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
        project = made.project()
        assert project.git_root == made.path
        with repo.open_workspace(project) as files:
            assert files.paths() == ("file.txt",)


class TestResolve:
    def test_branches_tags_and_short_names(self, made: Repository) -> None:
        sha = made.git("rev-parse", "HEAD")
        made.git("tag", "--annotate", "--message", "note", "v1")
        for name in ("main", "v1", sha[:8], "HEAD", "main@{0}"):
            assert repo.resolve(made.project(), name) == Revision(name=name, sha=sha, subject="First")

    def test_a_branch_whose_name_looks_like_an_option(self, made: Repository) -> None:
        sha = made.git("rev-parse", "HEAD")
        made.git("update-ref", "refs/heads/--upload-pack=evil", sha)
        assert repo.resolve(made.project(), "--upload-pack=evil").sha == sha

    def test_a_long_subject_is_cut(self, made: Repository) -> None:
        made.commit("x" * 500)
        assert repo.resolve(made.project(), "HEAD").subject == "x" * 119 + "…"

    @pytest.mark.parametrize(
        ("encoding", "message"),
        [
            ("UTF-8", "\n\n  Over  \n two lines\t\n\nand a body"),
            ("UTF-8", "Ünïcode ✓"),
            ("ISO-8859-1", "Größe\n\nencoding UTF-16"),
        ],
    )
    def test_a_subject_reads_as_git_shows_it(self, made: Repository, encoding: str, message: str) -> None:
        (made.path.parent / "message").write_bytes(message.encode(encoding))
        made.git(
            *("-c", f"i18n.commitEncoding={encoding}", "commit", "--quiet", "--allow-empty"),
            *("--cleanup=verbatim", "--file=../message"),
        )
        shown = made.git("log", "-1", "--format=%s")
        assert repo.resolve(made.project(), "HEAD").subject == shown

    @pytest.mark.parametrize("named", ["rot13", "no-such", "utf-8", "idna"])
    def test_an_encoding_that_a_commit_only_claims_breaks_nothing(self, made: Repository, named: str) -> None:
        made.git("-c", f"i18n.commitEncoding={named}", "commit", "--quiet", "--allow-empty", "-m", "Second")
        assert repo.resolve(made.project(), "HEAD").subject == "Second"

    @pytest.mark.parametrize(
        "name",
        ["", "--all", "^HEAD", "main..main", "HEAD~9", "HEAD:file.txt", "a\0b", "main\nmain", "a b commit 1"],
    )
    def test_what_is_no_commit_is_refused(self, made: Repository, name: str) -> None:
        message, _ = refuse(made, name)
        assert message == f"{name!r} is no revision of this repository"

    def test_near_names_are_suggested(self, made: Repository) -> None:
        made.git("branch", "feature/april")
        assert refuse(made, "feature/apil")[1] == "did you mean `feature/april`?"
        assert refuse(made, "april")[1] == "did you mean `feature/april`?"

    def test_what_may_be_on_the_server_is_to_be_fetched(self, made: Repository, tmp_path: Path) -> None:
        clone = made.clone(tmp_path / "clone", "--depth", "1")
        assert refuse(clone, "release-2026")[1] == (
            "if it is on the server, run `git fetch origin release-2026`; the clone is shallow:"
            " or run `git fetch --unshallow`"
        )

    def test_without_a_server_the_known_names_are_pointed_at(self, made: Repository) -> None:
        assert refuse(made, "qqqq")[1] == "`git branch --all` and `git tag` list the names you can use"

    def test_the_workspace_stands_on_head(self, made: Repository, tmp_path: Path) -> None:
        assert repo.workspace_revision(made.project()) == Revision(
            name="workspace", sha=made.git("rev-parse", "HEAD"), workspace=True, subject="First"
        )
        new = Repository.create(tmp_path / "new", dvc=False)
        assert repo.workspace_revision(new.project()) == Revision(name="workspace", sha=None, workspace=True)

    def test_a_replaced_commit_is_read_as_it_was(self, made: Repository) -> None:
        first = made.git("rev-parse", "HEAD")
        made.write("file.txt", "evil\n")
        second = made.commit("Second")
        made.git("replace", first, second)
        project = made.project()
        assert repo.read_at(project, repo.resolve(project, first), "file.txt") == b"one\n"


class TestMergeBase:
    def test_is_what_two_branches_share(self, made: Repository) -> None:
        shared = made.git("rev-parse", "HEAD")
        made.git("switch", "--quiet", "--create", "change")
        made.commit("On the branch")
        made.git("switch", "--quiet", "main")
        made.commit("On main")
        project = made.project()
        assert repo.merge_base(project, "main", "change") == shared
        assert repo.merge_base(project, "change", repo.workspace_revision(project)) == shared

    def test_unrelated_histories(self, made: Repository) -> None:
        made.git("switch", "--quiet", "--orphan", "other")
        made.commit("Elsewhere")
        with pytest.raises(UsageError) as caught:
            repo.merge_base(made.project(), "main", "other")
        assert caught.value.message == (
            "main and other have no common ancestor: their histories are unrelated"
        )
        assert caught.value.hint == "name the revision to compare with by --base"

    def test_a_shallow_clone_hides_it(self, made: Repository, tmp_path: Path) -> None:
        made.git("switch", "--quiet", "--create", "change")
        made.commit("On the branch")
        made.git("switch", "--quiet", "main")
        made.commit("On main")
        clone = made.clone(tmp_path / "clone", "--depth", "1", "--no-single-branch")
        with pytest.raises(UsageError) as caught:
            repo.merge_base(clone.project(), "main", "origin/change")
        assert caught.value.message == "main and origin/change have no common ancestor in this shallow clone"
        assert "git fetch --unshallow" in caught.value.hint
        clone.git("fetch", "--quiet", "--unshallow")
        assert repo.merge_base(clone.project(), "main", "origin/change") == made.git("rev-parse", "main~1")

    def test_before_the_first_commit(self, tmp_path: Path) -> None:
        project = Repository.create(tmp_path, dvc=False).project()
        workspace = repo.workspace_revision(project)
        with pytest.raises(UsageError, match="has no commit yet"):
            repo.merge_base(project, workspace, workspace)

    def test_the_merges_of_a_change_with_their_parents(self, made: Repository) -> None:
        first = made.git("rev-parse", "HEAD")
        made.git("switch", "--quiet", "--create", "change")
        change = made.commit("On the branch")
        made.git("switch", "--quiet", "main")
        main = made.commit("On main")
        made.git("merge", "--quiet", "--no-edit", "change")
        project = made.project()
        merge = made.git("rev-parse", "HEAD")
        assert repo.find_merges(project, first, merge) == ((merge, (main, change)),)
        assert repo.find_merges(project, first, change) == ()
        assert repo.find_merges(project, merge, merge) == ()


ODD_NAMES = ("a b.txt", "tab\there.txt", "new\nline.txt", "über/æ.txt", '"quoted".txt', "-dash.txt", "*.txt")


class TestSnapshots:
    def test_odd_names_are_listed_and_read(self, made: Repository) -> None:
        for name in ODD_NAMES:
            made.write(name, f"in {name}")
        made.commit()
        project = made.project()
        with (
            repo.open_commit(project, repo.resolve(project, "HEAD")) as commit,
            repo.open_workspace(project) as disk,
        ):
            for files in (commit, disk):
                assert files.paths() == tuple(sorted([*ODD_NAMES, "file.txt"]))
                for name in ODD_NAMES:
                    assert files.read(name) == f"in {name}".encode()
                    assert files.md5(name) == md5_of(f"in {name}")
                assert files.read("nothing") is None
                assert files.md5("nothing") is None

    def test_a_project_in_a_subfolder_sees_its_own_paths(self, made: Repository) -> None:
        made.write("team/dvc.yaml", "")
        made.write("team/code.py", "1")
        made.commit()
        project = made.project("team")
        with (
            repo.open_commit(project, repo.resolve(project, "HEAD")) as commit,
            repo.open_workspace(project) as disk,
        ):
            for files in (commit, disk):
                assert files.paths() == ("code.py", "dvc.yaml")
                assert files.read("code.py") == b"1"
                assert files.read("../file.txt") == b"one\n"
                assert files.read("../../outside") is None

    def test_links_are_followed_inside_the_repository_only(self, made: Repository, tmp_path: Path) -> None:
        (tmp_path / "secret.txt").write_text("secret")
        made.write("sub/inner.txt", "inner")
        for name, target in (
            ("good", "sub/inner.txt"),
            ("folder", "sub"),
            ("sub/up", "../file.txt"),
            ("outside", "../secret.txt"),
            ("absolute", str(tmp_path / "secret.txt")),
            ("config", ".git/config"),
            ("loop", "loop"),
        ):
            (made.path / name).symlink_to(target)
        made.commit()
        project = made.project()
        with (
            repo.open_commit(project, repo.resolve(project, "HEAD")) as commit,
            repo.open_workspace(project) as disk,
        ):
            for files in (commit, disk):
                found = {
                    name: files.read(name)
                    for name in (
                        "good",
                        "folder/inner.txt",
                        "sub/up",
                        "folder/up",
                        "outside",
                        "absolute",
                        "config",
                        "loop",
                    )
                }
                assert found == {
                    "good": b"inner",
                    "folder/inner.txt": b"inner",
                    "sub/up": b"one\n",
                    "folder/up": b"one\n",
                    "outside": None,
                    "absolute": None,
                    "config": None,
                    "loop": None,
                }
                assert files.read(".git/config") is None
                assert files.read("sub") is None

    def test_the_workspace_is_what_git_would_hold(self, made: Repository) -> None:
        made.write(".gitignore", "*.parquet\n")
        made.write("gone.txt", "")
        made.commit()
        (made.path / "gone.txt").unlink()
        made.write("new.txt", "")
        made.write("data.parquet", "held by DVC")
        os.mkfifo(made.path / "pipe")
        made.run("git", "init", "--quiet", "nested")
        made.write("file.txt", "edited\n")
        with repo.open_workspace(made.project()) as files:
            assert files.paths() == (".gitignore", "file.txt", "new.txt")
            assert files.read("file.txt") == b"edited\n"
            assert files.md5("data.parquet") == md5_of("held by DVC")
            assert files.read("pipe") is None

    def test_crlf_counts_as_dvc_3_or_as_dvc_2(self, made: Repository) -> None:
        made.write("code.py", b"a\r\nb\r\n")
        made.write("image.bin", b"\0a\r\n")
        made.commit()
        project = made.project()
        with repo.open_commit(project, repo.resolve(project, "HEAD")) as files:
            assert files.md5("code.py") == md5_of(b"a\r\nb\r\n")
            assert files.md5("code.py", legacy=True) == md5_of(b"a\nb\n")
            assert files.md5("image.bin", legacy=True) == md5_of(b"\0a\r\n")

    def test_a_file_too_large_is_refused_and_the_next_is_read(
        self, made: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(git, "LARGEST_FILE", 1000)
        made.write("large.bin", b"x" * 2_000_000)
        made.commit()
        project = made.project()
        with (
            repo.open_commit(project, repo.resolve(project, "HEAD")) as commit,
            repo.open_workspace(project) as disk,
        ):
            for files in (commit, disk):
                with pytest.raises(UsageError) as caught:
                    files.read("large.bin")
                assert caught.value.message == (
                    "large.bin has 2,000,000 bytes, and files over 1,000 bytes are not read from git"
                )
                assert files.read("file.txt") == b"one\n"

    def test_all_that_are_open_at_once_share_one_process(
        self, made: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        started: list[list[str]] = []

        class Counted(subprocess.Popen[bytes]):
            def __init__(self, command: list[str], **options: Any) -> None:
                started.append(command[-2:])
                super().__init__(command, **options)

        monkeypatch.setattr(subprocess, "Popen", Counted)
        project = made.project()
        started.clear()
        with repo.Blobs(project.git_root) as blobs:
            head = repo.resolve(project, "HEAD")
            assert repo.find_branch(project, "main") == Revision(name="main", sha=head.sha, subject="First")
            with repo.open_commit(project, head) as one, repo.open_commit(project, head) as other:
                assert one.read("file.txt") == other.read("file.txt") == b"one\n"
                blobs.close()
                assert one.read("file.txt") == b"one\n"
        assert started.count(["cat-file", "--batch"]) == 1
        with repo.open_commit(project, head) as again:
            assert again.read("file.txt") == b"one\n"
        assert started.count(["cat-file", "--batch"]) == 2

    def test_nothing_of_a_hostile_repository_runs(self, made: Repository, tmp_path: Path) -> None:
        witness = tmp_path / "ran"
        script = made.write("evil.sh", f"#!/bin/sh\ntouch '{witness}'\ncat\n")
        script.chmod(0o755)
        made.write(".gitattributes", "*.txt filter=evil diff=evil\n")
        made.commit()
        for key in (
            "core.fsmonitor",
            "core.pager",
            "filter.evil.smudge",
            "filter.evil.clean",
            "diff.evil.textconv",
        ):
            made.git("config", key, str(script))
        hooks = made.path / ".git/hooks"
        for hook in ("post-checkout", "post-index-change", "reference-transaction"):
            (hooks / hook).write_bytes(script.read_bytes())
            (hooks / hook).chmod(0o755)
        project = made.project()
        head = repo.resolve(project, "HEAD")
        with repo.open_commit(project, head) as commit, repo.open_workspace(project) as disk:
            for files in (commit, disk):
                assert "file.txt" in files.paths()
                assert files.read("file.txt") == b"one\n"
        assert repo.merge_base(project, head, head) == head.sha
        assert not witness.exists()
