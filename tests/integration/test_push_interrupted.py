"""`mergegate push` that is killed in the middle, or runs twice at once: what it sent is whole."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.quick import Quick, ask
from support.repositories import DVC_CONFIG
from support.s3 import CREDENTIALS, S3, serve
from support.states import build, copy


@pytest.fixture(scope="module")
def server() -> Iterator[S3]:
    with serve() as running:
        yield running


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Quick:
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture
def cloud(built: Quick, tmp_path: Path, server: S3) -> Quick:
    """A repository with an empty S3 bucket for its remote."""
    made = copy(built, tmp_path / "made")
    server.refuses = lambda method, path: False
    bucket = f"bucket{abs(hash(str(tmp_path)))}"
    server.make_bucket(bucket)
    made.write(".dvc/config", DVC_CONFIG + server.config(bucket).replace("[core]\n", ""))
    made.environment |= CREDENTIALS
    server.requests.clear()
    return made


def start(made: Quick) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "mergegate", "push"],
        cwd=made.path,
        env=made.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_one_that_is_killed_leaves_no_list_and_the_next_sends_the_rest(cloud: Quick, server: S3) -> None:
    started = threading.Event()
    processes: list[subprocess.Popen[str]] = []

    def end(method: str, path: str) -> bool:
        if method == "PUT" and sum(each == "PUT" for each, _ in server.requests) > 3:
            started.wait(60)
            processes[0].kill()
        return method == "PUT" and bool(processes) and path.endswith(".dir")

    server.refuses = end
    with start(cloud) as push:
        processes.append(push)
        started.set()
        assert push.wait(timeout=60) != 0
    server.refuses = lambda method, path: False
    assert not any(method == "PUT" and path.endswith(".dir") for method, path in server.requests)
    done = ask(cloud, "mergegate push")
    assert (done.returncode, "lacking" in done.stdout) == (0, False), done.stdout
    assert ask(cloud, "mergegate verify --remote").returncode == 0


def test_two_at_once_both_end_well(cloud: Quick) -> None:
    with start(cloud) as first, start(cloud) as second:
        for push in (first, second):
            out, err = push.communicate(timeout=60)
            assert (push.returncode, "lacking" in out) == (0, False), err
    assert ask(cloud, "mergegate verify --remote").returncode == 0
