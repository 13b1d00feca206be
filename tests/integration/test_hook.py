"""`mergegate hook` by real pushes: what is warned of, what is kept, and that a push goes on."""

import hashlib
import json
import os
import re
import shlex
import shutil
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from support.projects import Ended, Project

ZEROS = "0" * 40
HOOK = ".git/hooks/pre-push"


@pytest.fixture(scope="session")
def built_shared(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = built.copy(tmp_path_factory.mktemp("shared") / "home")
    server = project.home / "server.git"
    project.must("git", "init", "--quiet", "--bare", "--initial-branch", "main", str(server))
    # Relative, so that a copy of the whole home has a server of its own.
    project.git("remote", "add", "origin", os.path.relpath(server, project.root))
    project.git("push", "--quiet", "--set-upstream", "origin", "main")
    assert project.mergegate("hook", "install").code == 0
    return project


@pytest.fixture
def shared(built_shared: Project, tmp_path: Path) -> Project:
    """A project with a server, `main` pushed, and the hook installed."""
    return built_shared.copy(tmp_path / "home")


def push(project: Project, *arguments: str) -> Ended:
    return project.run("git", "push", "--quiet", *arguments)


def pushed(project: Project, branch: str) -> str:
    """What the server has of a branch."""
    return project.git("ls-remote", "origin", f"refs/heads/{branch}")[:40]


def look(project: Project, *lines: str, options: tuple[str, ...] = (), **variables: str) -> Ended:
    """The hook as git calls it, with lines on its stdin."""
    given = shlex.quote("".join(f"{line}\n" for line in lines))
    command = f"printf %s {given} | mergegate hook run {' '.join(options)} origin url"
    return project.run("sh", "-c", command, env=variables)


def test_a_push_of_what_is_true_is_silent_and_quick(shared: Project) -> None:
    shared.write("README.md", "words\n")
    sha = shared.commit("Write")
    began = time.monotonic()
    ended = push(shared, "origin", "main")
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert pushed(shared, "main") == sha
    # A second is promised where nothing else runs; a busy machine gets ten.
    assert time.monotonic() - began < 10


def test_a_stale_lock_is_warned_of_and_the_push_goes_on(shared: Project) -> None:
    shared.git("switch", "--quiet", "--create", "change")
    shared.set_strength(0.9)
    sha = shared.commit("Forget to run")
    ended = push(shared, "origin", "change")
    assert ended.code == 0
    assert ended.err == (
        f"mergegate: change at {sha[:10]}\n"
        "  lock stale: train ran with other values of train than params.yaml has\n"
        "    next: dvc repro train\n"
        "mergegate: 1 thing is wrong; the push goes on: these are warnings\n"
    )
    assert pushed(shared, "change") == sha


def test_no_code_of_the_work_tree_is_run(shared: Project) -> None:
    for name in ("click.py", "msgspec.py", "mergegate.py"):
        shared.write(name, "import pathlib\npathlib.Path('ran').touch()\nraise SystemExit(9)\n")
    shared.commit("Shadow what the hook imports")
    assert push(shared, "origin", "main") == Ended(0, "", "")
    assert not (shared.root / "ran").exists()


def test_strict_stops_the_push(shared: Project) -> None:
    assert shared.mergegate("hook", "install", "--strict").out == f"{shared.root / HOOK}: installed\n"
    assert shared.mergegate("hook", "install", "--strict").out.endswith(": was installed before\n")
    shared.set_strength(0.9)
    shared.commit("Forget to run")
    before = pushed(shared, "main")
    ended = push(shared, "origin", "main")
    assert ended.code == 1
    assert "mergegate: 1 thing is wrong; the push is stopped\n" in ended.err
    assert pushed(shared, "main") == before
    assert push(shared, "--no-verify", "origin", "main").code == 0


def test_a_mergegate_that_is_gone_stops_the_push_only_where_it_is_strict(shared: Project) -> None:
    hook = shared.root / HOOK
    for options, code in (((), 0), (("--strict",), 1)):
        assert shared.mergegate("hook", "install", *options).code == 0
        hook.write_text(re.sub(r"[^ ']+/bin/(mergegate|python)", "/nowhere/mergegate", hook.read_text()))
        ended = shared.run("sh", HOOK, "origin", "url", env={"PATH": "/usr/bin:/bin"})
        assert ended == Ended(
            code, "", "mergegate is not installed here: nothing was looked at before this push\n"
        )


def test_objects_that_were_not_pushed_are_named(shared: Project) -> None:
    shared.git("switch", "--quiet", "--create", "change")
    shared.set_strength(0.9)
    shared.dvc("repro", "--quiet")
    sha = shared.commit("Forget to push")
    ended = push(shared, "origin", "change")
    assert ended.code == 0
    assert ended.err == (
        f"mergegate: change at {sha[:10]}\n"
        "  not pushed: remote store lacks 1 of 1 objects of reports/predictions.parquet\n"
        f"    next: mergegate push {sha[:10]}\n"
        "mergegate: 1 thing is wrong; the push goes on: these are warnings\n"
    )
    assert shared.mergegate("push", sha[:10]).code == 0
    assert look(shared, f"refs/heads/change {sha} refs/heads/change {ZEROS}").err == ""


def test_of_very_many_objects_the_first_are_asked_for_and_that_is_said(shared: Project) -> None:
    shared.git("switch", "--quiet", "--create", "change")
    listing = {f"{number}.txt": hashlib.md5(b"%d" % number).hexdigest() for number in range(2_000)}
    text = json.dumps([{"md5": md5, "relpath": name} for name, md5 in listing.items()]).encode()
    name = hashlib.md5(text).hexdigest()
    shared.write(f".dvc/cache/files/md5/{name[:2]}/{name[2:]}.dir", text.decode())
    record = f"outs:\n- md5: {name}.dir\n  nfiles: 2000\n  hash: md5\n  path: many\n"
    shared.write("many.dvc", record)
    sha = shared.commit("Add others")
    ended = look(shared, f"refs/heads/change {sha} refs/heads/change {ZEROS}")
    assert "  not pushed: remote store lacks 2,000 of 2,000 objects of many\n" in ended.err
    assert "  note: remote store was asked for 2,000 of 2,001 objects: " in ended.err


def test_deletions_tags_and_new_branches_are_taken_as_git_gives_them(shared: Project) -> None:
    shared.set_strength(0.9)
    sha = shared.commit("Forget to run")
    shared.git("tag", "--annotate", "v1", "--message", "One")
    tag = shared.git("rev-parse", "v1").strip()
    tree = shared.git("rev-parse", "HEAD^{tree}").strip()
    deletion = f"(delete) {ZEROS} refs/heads/old {sha}"
    assert look(shared, deletion).err == ""
    assert look(shared, f"refs/tags/tree {tree} refs/tags/tree {ZEROS}").err == ""
    for line in (
        f"refs/tags/v1 {tag} refs/tags/v1 {ZEROS}",
        f"refs/heads/new {sha} refs/heads/new {ZEROS}",
        f"HEAD {sha} refs/heads/main {'d' * 40}",
    ):
        ended = look(shared, deletion, line)
        assert ended.code == 0
        assert "lock stale: train ran with other values" in ended.err
        assert f" at {sha[:10]}\n" in ended.err
    twice = look(
        shared, f"refs/heads/a {sha} refs/heads/a {ZEROS}", f"refs/tags/v1 {tag} refs/tags/v1 {ZEROS}"
    )
    assert twice.err.count("lock stale") == 1
    assert push(shared, "origin", "main", "v1").code == 0
    assert push(shared, "origin", "--delete", "v1").err == ""


def test_a_push_of_many_tags_asks_git_of_all_at_once(shared: Project, tmp_path: Path) -> None:
    sha = shared.git("rev-parse", "HEAD").strip()
    started = tmp_path / "started"
    counting = tmp_path / "bin" / "git"
    counting.parent.mkdir()
    counting.write_text(f'#!/bin/sh\necho >> {started}\nexec {shutil.which("git")} "$@"\n')
    counting.chmod(0o755)
    lines = [f"refs/tags/v{number} {sha} refs/tags/v{number} {number:040x}" for number in range(300)]
    path = f"{counting.parent}{os.pathsep}{os.environ['PATH']}"
    assert look(shared, *lines, PATH=path) == Ended(0, "", "")
    assert 0 < len(started.read_text()) < 30


def test_what_is_no_line_of_git_is_looked_at_by_nobody(shared: Project) -> None:
    for line in ("nonsense", "a b c d", f"x {'g' * 40} y {ZEROS}", f"--upload-pack=x {'1' * 40} y {ZEROS}"):
        assert look(shared, line) == Ended(0, "", "")


def test_pre_commit_says_by_variables_what_is_pushed(shared: Project) -> None:
    shared.set_strength(0.9)
    sha = shared.commit("Forget to run")
    ended = look(
        shared, PRE_COMMIT_TO_REF=sha, PRE_COMMIT_FROM_REF=ZEROS, PRE_COMMIT_LOCAL_BRANCH="refs/heads/x"
    )
    assert ended.err.startswith(f"mergegate: x at {sha[:10]}\n")
    assert look(shared).err.startswith(f"mergegate: HEAD at {sha[:10]}\n")
    assert look(shared, options=("--strict",)).code == 1


def test_a_hook_that_is_there_runs_first_and_comes_back(shared: Project) -> None:
    assert shared.mergegate("hook", "uninstall").out == f"{shared.root / HOOK}: removed\n"
    own = '#!/bin/sh\necho "own $1 $(cat)" >&2\nexit ${OWN:-0}\n'
    hook = shared.write(HOOK, own)
    hook.chmod(0o755)
    installed = shared.mergegate("hook", "install")
    assert installed.out == (
        f"{hook}: installed\n  {hook.with_name('pre-push.before-mergegate')} runs first\n"
    )
    shared.set_strength(0.9)
    sha = shared.commit("Forget to run")
    ended = push(shared, "origin", "main")
    assert ended.code == 0
    assert ended.err.startswith(f"own origin refs/heads/main {sha} refs/heads/main ")
    assert "lock stale" in ended.err
    shared.commit("Once more")
    refused = shared.run("git", "push", "--quiet", "origin", "main", env={"OWN": "3"})
    assert refused.code == 1
    assert "lock stale" not in refused.err
    assert shared.mergegate("hook", "uninstall").out == (
        f"{hook}: removed, and what was there before is back\n"
    )
    assert hook.read_text() == own
    assert os.access(hook, os.X_OK)
    assert shared.mergegate("hook", "uninstall").out == f"{hook}: is not there, or not of mergegate\n"


def test_a_pre_commit_that_is_installed_once_more_does_not_call_itself_for_ever(shared: Project) -> None:
    """pre-commit moves a hook that it doesn't know to `.legacy`, and calls it first."""
    assert shared.mergegate("hook", "uninstall").code == 0
    theirs = (
        "#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\n"
        '[ -z "$PRE_COMMIT_RUNNING_LEGACY" ] || { echo "installed in migration mode" >&2; exit 1; }\n'
        'legacy=$(dirname "$0")/pre-push.legacy\nrefs=$(cat)\n[ ! -x "$legacy" ] || '
        'printf "%s\\n" "$refs" | PRE_COMMIT_RUNNING_LEGACY=1 "$legacy" "$@" || exit 1\necho theirs >&2\n'
    )
    hook = shared.write(HOOK, theirs)
    hook.chmod(0o755)
    assert shared.mergegate("hook", "install").code == 0
    hook.rename(hook.with_name("pre-push.legacy"))
    shared.write(HOOK, theirs).chmod(0o755)
    shared.set_strength(0.9)
    shared.commit("Forget to run")
    ended = push(shared, "origin", "main")
    assert ended.code == 0, ended.err
    assert "lock stale" in ended.err
    assert ended.err.count("theirs") == 1


def test_hooks_of_others_are_never_written(shared: Project) -> None:
    theirs = shared.home / "hooks"
    for folder in (".husky", str(theirs)):
        shared.git("config", "core.hooksPath", folder)
        ended = shared.mergegate("hook", "install")
        assert ended.code == 2
        assert "core.hooksPath" in ended.err
        assert 'add the line `mergegate hook run -- "$@"`' in ended.err
        assert not (shared.root / folder / "pre-push").exists()
    shared.git("config", "core.hooksPath", ".husky/_")
    assert f"to {shared.root / '.husky' / 'pre-push'}; " in shared.mergegate("hook", "install").err
    shared.git("config", "core.hooksPath", ".git/ours")
    assert shared.mergegate("hook", "install").code == 0
    assert os.access(shared.root / ".git/ours/pre-push", os.X_OK)


def test_what_breaks_stops_no_push_unless_asked(shared: Project) -> None:
    shared.write("dvc.lock", "<<<<<<< ours\n")
    sha = shared.commit("Break it")
    ended = push(shared, "origin", "main")
    assert ended.code == 0
    assert "unreadable: dvc.lock at main:1: holds git's conflict markers" in ended.err
    assert pushed(shared, "main") == sha
    outside = Project(shared.home, shared.home)
    assert outside.mergegate("hook", "run").code == 0
    assert outside.mergegate("hook", "run", "--strict").code == 2


def test_a_remote_over_the_network_is_asked_only_where_it_is_said(shared: Project) -> None:
    shared.dvc("remote", "add", "--quiet", "--force", "--default", "store", "http://127.0.0.1:9/none")
    shared.set_strength(0.9)
    shared.dvc("repro", "--quiet")
    sha = shared.commit("Elsewhere")
    line = f"refs/heads/main {sha} refs/heads/main {ZEROS}"
    ended = look(shared, line, options=("--strict",))
    assert ended.code == 0
    assert ended.err == (
        f"mergegate: main at {sha[:10]}\n"
        "  note: remote store was not asked for reports/predictions.parquet: `mergegate push` sends what it "
        "lacks\n"
    )


def test_credentials_are_told_before_they_leave(shared: Project) -> None:
    shared.dvc("remote", "add", "--quiet", "far", "s3://bucket/path")
    shared.dvc("remote", "modify", "--quiet", "far", "secret_access_key", "hunter2hunter2")
    shared.commit("Configure")
    ended = push(shared, "origin", "main")
    assert "  credentials: .dvc/config line " in ended.err
    assert "holds the setting `secret_access_key`" in ended.err
    assert "hunter2" not in ended.err


def test_training_rows_in_the_exam_are_a_leak(shared: Project) -> None:
    policy = shared.read("mergegate.yaml")
    for name, start in (("train", 0), ("exam", 90)):
        rows = list(range(start, start + 100))
        path = shared.root / f"data/{name}.parquet"
        pq.write_table(pa.table({"id": rows, "x": [row / 2 for row in rows], "delay": rows}), path)
        shared.dvc("add", "--quiet", f"data/{name}.parquet")
    exam = "  - {path: data/exam.parquet, key: id, train: data/train.parquet, known_later: [delay]}\n"
    shared.write("mergegate.yaml", policy + exam)
    shared.dvc("push", "--quiet")
    shared.commit("Add an exam")
    ended = push(shared, "origin", "main")
    assert "  leak: data/exam.parquet has delay among its inputs, known only after the outcome\n" in ended.err
    assert (
        "  leak: 10 of 100 rows of data/exam.parquet are training rows of data/train.parquet too, by key\n"
    ) in ended.err
    shared.write("README.md", "words\n")
    shared.commit("Leave the exam alone")
    assert push(shared, "origin", "main").err == ""


def test_each_project_of_a_monorepo_is_looked_at(shared: Project) -> None:
    shared.write("other/mergegate.yaml", shared.read("mergegate.yaml"))
    shared.write(
        "other/dvc.yaml", "stages:\n  count: {cmd: wc -l rows.txt > n.txt, deps: [rows.txt], outs: [n.txt]}\n"
    )
    shared.write("other/rows.txt", "1\n")
    shared.commit("Add another project")
    ended = push(shared, "origin", "main")
    assert " in other\n  lock stale: count is not in dvc.lock: it never ran\n" in ended.err


def test_the_definition_for_pre_commit_names_a_command_that_there_is(shared: Project) -> None:
    root = Path(__file__).parents[2]
    (hook,) = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text())
    assert (hook["id"], hook["stages"], hook["pass_filenames"]) == ("mergegate-pre-push", ["pre-push"], False)
    assert shared.run(*hook["entry"].split()).code == 0
