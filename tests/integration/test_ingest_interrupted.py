"""`mergegate ingest` where it is killed, or where git's remote wants a token."""

import base64
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from mergegate.errors import BrokenError
from mergegate.flows.ingest.origin import open_origin
from support.github.server import GitHubServer
from support.incoming import Incoming, build, table
from support.repositories import Repository

APRIL = "2013-04.parquet"
TOKEN = "ghs_secret"


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Incoming]:
    build(tmp_path / "team")
    with GitHubServer() as github:
        yield Incoming(tmp_path / "team", github)


def test_a_killed_run_leaves_nothing_that_the_next_stumbles_over(team: Incoming) -> None:
    begun, end = team.folder / "begun", team.folder / "end"
    for pipe in (begun, end):
        os.mkfifo(pipe)
    script = f'cp "{team.drop}/{APRIL}" "$MERGEGATE_INGEST_INTO"\necho > {begun}\nread line < {end}\n'
    team.drop.joinpath("slow.sh").write_text(script)
    team.bring(APRIL, table(4))
    team.author.replace("mergegate.yaml", "folder: ../drop", f"command: sh {team.drop}/slow.sh")
    team.merge()
    before = team.made.git("status", "--porcelain", "--branch")
    first = team.start("--open-pr")
    begun.read_text()
    first.send_signal(signal.SIGKILL)
    first.wait(60)
    assert team.made.git("worktree", "list").count("\n") == 1
    team.drop.joinpath("slow.sh").write_text(script.splitlines()[0])
    told = team.ask("--open-pr")
    assert (told["outcome"], told["files_after"]) == ("opened", 4)
    assert team.made.git("worktree", "list").count("\n") == 0
    assert team.made.git("status", "--porcelain", "--branch") == before


@contextmanager
def listening() -> Iterator[tuple[str, list[list[str]]]]:
    """A server that refuses; the Authorization headers of each request."""
    seen: list[list[str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get_all("Authorization") or [])
            self.send_response(403)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("same", [True, False])
def test_a_token_goes_to_its_own_server_alone_and_is_in_no_message(tmp_path: Path, same: bool) -> None:
    made = Repository.create(tmp_path, dvc=False)
    with listening() as (url, seen):
        made.git("remote", "add", "origin", f"{url}/team/flights.git")
        # What actions/checkout leaves behind unless it is told not to.
        made.git("config", f"http.{url}/.extraheader", "AUTHORIZATION: basic b2xk")
        server = url if same else "https://github.example"
        with pytest.raises(BrokenError) as caught:
            open_origin(made.project(), TOKEN, server)
    told = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    assert seen == [[f"basic {told if same else 'b2xk'}"]]
    said = caught.value.message + caught.value.hint + repr(caught.value.__cause__)
    assert TOKEN not in said
    assert told not in said
    assert told not in (made.path / ".git/config").read_text()
