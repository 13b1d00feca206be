"""What a reproduction in a fresh clone asks of S3: the objects that its stages read, one request each."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.pipelines import build_pipeline
from support.projects import Project
from support.s3 import CREDENTIALS, S3, serve


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with serve() as server:
        server.make_bucket("store")
        yield server


@pytest.fixture(scope="module")
def project(s3: S3, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Three branches from main, each reproduced and pushed: words, length, month."""
    made = build_pipeline(tmp_path_factory.mktemp("pipeline"))
    made.git("checkout", "--quiet", "main")
    made.write(".dvc/config", s3.config("store"))
    made.commit("Use S3")
    for branch, path, text in (
        ("words", "README.md", "Words about it.\n"),
        ("length", "params.yaml", "length: 3\n"),
        ("month", "raw/c.txt", "cherry\n"),
    ):
        made.git("checkout", "--quiet", "-b", branch, "main")
        made.dvc("checkout", "--quiet")
        made.write(path, text)
        if branch == "month":
            made.dvc("add", "--quiet", "raw")
        made.dvc("repro", "--quiet")
        made.commit(branch)
    pushed = made.run("dvc", "push", "--all-branches", env=CREDENTIALS)
    assert pushed.code == 0, pushed.err
    made.git("checkout", "--quiet", "main")
    return made


def count(project: Project, s3: S3, clone: Project) -> tuple[dict[str, str], list[str]]:
    """How each stage came out, and the methods of all requests."""
    s3.requests.clear()
    ended = clone.mergegate("reproduce", "--json", env=CREDENTIALS)
    assert ended.code == 0, f"{ended.out}\n{ended.err}"
    told = json.loads(ended.out)
    methods = [method for method, _ in s3.requests]
    assert told["downloaded"]["objects"] == len(methods)
    return {stage["name"]: stage["outcome"] for stage in told["stages"]}, methods


@pytest.mark.parametrize(
    ("branch", "ran", "requests"),
    [
        ("words", [], 0),
        # What sort wrote, and nothing of the raw data.
        ("length", ["train"], 1),
        # The folder's list and its three files; train reads what sort has just written.
        ("month", ["sort", "train"], 4),
    ],
)
def test_a_fresh_clone_asks_for_what_its_stages_read(
    project: Project, s3: S3, branch: str, ran: list[str], requests: int
) -> None:
    stages, methods = count(project, s3, project.clone(f"clone-{branch}", "--branch", branch))
    assert [name for name, outcome in stages.items() if outcome == "reproduced"] == ran
    assert methods == ["GET"] * requests


def test_one_who_has_the_base_asks_for_the_new_month_alone(project: Project, s3: S3, tmp_path: Path) -> None:
    clone = project.clone("warm")
    pulled = clone.run("dvc", "pull", "--quiet", env=CREDENTIALS)
    assert pulled.code == 0, pulled.err
    clone.git("checkout", "--quiet", "month")
    _, methods = count(project, s3, clone)
    assert methods == ["GET", "GET"]  # the new list and the new file
