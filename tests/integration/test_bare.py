"""A bare repository with what a review needs, however hostile the change: nothing is ever checked out."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from mergegate.errors import BrokenError, UsageError
from mergegate.flows.judging.repository import Wanted, open_repository
from mergegate.flows.review import Request, review_project
from mergegate.repo import Project as Found
from mergegate.repo import resolve
from support.projects import Project, build_project

TOKEN = "ghs_" + "s3cret" * 6


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return build_project(tmp_path_factory.mktemp("bare") / "home")


@pytest.fixture
def project(built: Project, tmp_path: Path) -> Project:
    return built.copy(tmp_path / "home")


def open_it(project: Project, into: Path, *, url: str = "", token: str = "", **wanted: object) -> Found:
    cache = into / "objects"
    cache.mkdir(parents=True)
    return open_repository(
        url or project.root.as_uri(),
        Wanted(default="main", **wanted),  # type: ignore[arg-type]
        into,
        cache=cache,
        token=token,
        local=True,
    )


def test_branches_commits_and_pull_requests_are_fetched(project: Project, tmp_path: Path) -> None:
    main = project.git("rev-parse", "HEAD").strip()
    project.git("switch", "--quiet", "--create", "release/$(touch${IFS}x);`id`")
    other = project.commit("Release")
    project.git("switch", "--quiet", "--detach")
    head = project.commit("Change")
    project.git("update-ref", "refs/pull/7/head", head)
    lone = project.commit("No branch has this")
    project.git("update-ref", "refs/keep/1", lone)
    project.git("config", "uploadpack.allowAnySHA1InWant", "true")
    name = "release/$(touch${IFS}x);`id`"
    found = open_it(project, tmp_path / "into", branches=(name, "main"), commits=(lone,), pulls=(7,))
    assert [resolve(found, each).sha for each in ("origin/main", f"origin/{name}", "pull/7", lone)] == [
        main,
        other,
        head,
        lone,
    ]
    assert (found.bare, found.prefix, found.git_root.name) == (True, "", "repository.git")


def test_a_hostile_tree_does_nothing(project: Project, tmp_path: Path) -> None:
    """Links into .git/hooks, filters by attributes, hooks and modules of its own: hazard 27."""
    mark = tmp_path / "ran"
    project.git("switch", "--quiet", "--create", "change")
    project.write(".gitattributes", "* filter=evil diff=evil export-subst\n")
    project.write(".gitmodules", f'[submodule "x"]\n path = x\n url = ext::sh -c touch% {mark}\n')
    project.write(".gitconfig", f'[filter "evil"]\n smudge = touch {mark}\n')
    project.write("hooks/post-checkout", f"#!/bin/sh\ntouch {mark}\n").chmod(0o755)
    project.write(".mailmap", "Eve <eve@example.invalid> <ada@example.invalid>\n")
    for link, target in (("data/hooks", "../.git/hooks"), ("reports/x", "/etc/passwd"), ("up", "../../..")):
        (project.root / link).symlink_to(target)
    head = project.commit("Mean harm")
    into = tmp_path / "into"
    found = open_it(project, into, commits=(head,))
    review = review_project(found, Request(target="origin/main", head=head))
    assert review.verdict.outcome == "failed"
    assert not mark.exists()
    # No file of the change exists anywhere but packed in git.
    files = {path.name for path in into.rglob("*") if path.is_file() and "objects" not in path.parts}
    assert files <= {"HEAD", "config", "packed-refs", "main", head, "FETCH_HEAD", "shallow"}
    assert not any(path.is_symlink() for path in into.rglob("*"))


def test_what_git_would_not_take_is_refused_with_a_sentence(project: Project, tmp_path: Path) -> None:
    """A tree with an entry `.git`, which a careless client would write to."""
    blob = project.git("hash-object", "-w", "mergegate.yaml").strip()
    inner = make(project, "mktree", f"100644 blob {blob}\tconfig\n")
    (project.root / "tree").write_bytes(b"40000 .git\0" + bytes.fromhex(inner))
    outer = project.git("hash-object", "-t", "tree", "-w", "--literally", "tree").strip()
    (project.root / "tree").unlink()
    head = project.git("commit-tree", outer, "-p", "HEAD", "-m", "Mean harm").strip()
    project.git("update-ref", "refs/pull/1/head", head)
    with pytest.raises(BrokenError) as caught:
        open_it(project, tmp_path / "into", pulls=(1,))
    assert caught.value.message.startswith(
        "git refuses what the change holds, as it could harm whoever checks it out: "
    )
    assert "hasDotgit" in caught.value.message
    assert caught.value.hint == ("make the branch anew without that file (`git fsck` names it), and push it")


def make(project: Project, command: str, text: str) -> str:
    done = subprocess.run(
        ["git", command],
        cwd=project.root,
        env=project.environment(),
        input=text,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c 'touch x'",
        "file:///etc",
        "ssh://git@example.invalid/x",
        "git://example.invalid/x",
        "http://example.invalid/x",
        "https://user:password@example.invalid/x",
        "/etc",
        "--upload-pack=touch x",
        "https://[",
        "",
    ],
)
def test_only_a_plain_server_is_asked(url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        open_repository(url, Wanted(default="main"), tmp_path / "into", cache=tmp_path, token=TOKEN)
    assert caught.value.hint == "it is https://HOST/OWNER/NAME"
    assert "password" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    ["", "a..b", "a b", "a:b", "*", "-.lock", "HEAD", "a\nb", "a\0b", "x" * 300, "@{u}", "a.lock", "\u202eb"],
)
def test_a_name_that_is_no_branch_is_not_asked_for(name: str, project: Project, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be the name of a branch"):
        open_it(project, tmp_path / "into", branches=(name,))


@pytest.mark.parametrize("sha", ["main", "--all", "refs/heads/main:refs/heads/x", "0" * 39, ""])
def test_a_commit_is_asked_for_by_its_full_name_alone(sha: str, project: Project, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no full name of a commit"):
        open_it(project, tmp_path / "into", commits=(sha,))


def test_what_is_gone_meanwhile_is_told(project: Project, tmp_path: Path) -> None:
    with pytest.raises(BrokenError) as caught:
        open_it(project, tmp_path / "into", branches=("gone",))
    assert caught.value.message.startswith("the change can't be fetched: ")
    assert caught.value.hint == "the branch was deleted or moved meanwhile: run this again"


@contextmanager
def server(status: int, headers: dict[str, str]) -> Iterator[tuple[str, list[str | None]]]:
    """An HTTP server that answers all alike, and what came as Authorization."""
    seen: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("Authorization"))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    made = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{made.server_port}/o/r", seen
    finally:
        made.shutdown()
        thread.join()
        made.server_close()


def test_the_token_reaches_the_server_and_nothing_else(
    project: Project, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with server(403, {}) as (url, seen), pytest.raises(BrokenError) as caught:
        open_it(project, tmp_path / "into", url=url, token=TOKEN)
    assert seen[0] is not None
    assert seen[0].startswith("Basic ")
    told = seen[0].removeprefix("Basic ")
    written = "".join(
        path.read_text(errors="replace") for path in (tmp_path / "into").rglob("*") if path.is_file()
    )
    said = "".join(
        (*capfd.readouterr(), str(caught.value), caught.value.hint, written, json.dumps(dict(os.environ)))
    )
    assert TOKEN not in said
    assert told not in said
    assert caught.value.hint == "the job needs the permission `contents: read`, and its token"


def test_a_redirect_does_not_get_the_token(project: Project, tmp_path: Path) -> None:
    with server(200, {}) as (other, stolen):
        with server(302, {"Location": other}) as (url, seen), pytest.raises(BrokenError):
            open_it(project, tmp_path / "into", url=url, token=TOKEN)
        assert (len(seen), stolen) == (1, [])


def test_there_is_no_workspace_and_no_remote(project: Project, tmp_path: Path) -> None:
    found = open_it(project, tmp_path / "into")
    with pytest.raises(UsageError, match="a bare repository has no workspace to review"):
        review_project(found, Request(target="origin/main"))
