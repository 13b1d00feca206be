"""What a reproduction in a fresh clone asks of S3: the objects that its stages read, one request each."""

import hashlib
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


@pytest.fixture
def month(project: Project, s3: S3, tmp_path: Path) -> Iterator[Project]:
    """A fresh clone of the month, which reads four objects."""
    yield project.clone(f"clone-{tmp_path.name}", "--branch", "month")
    s3.refuses = lambda method, path: False


def location(text: str) -> str:
    """Where the bucket has a file that holds this."""
    md5 = hashlib.md5(text.encode()).hexdigest()
    return f"store/deep/files/md5/{md5[:2]}/{md5[2:]}"


def md5_of(place: str) -> str:
    """The name of the object that lies there."""
    return "".join(place.split("/")[-2:])


def broken(project: Project, *, env: dict[str, str] | None = None) -> str:
    """What is said where something broke; no place is left behind."""
    ended = project.mergegate("reproduce", "--json", env=CREDENTIALS if env is None else env)
    assert (ended.code, ended.out) == (3, ""), ended.out
    assert list((project.root / ".dvc/tmp/mergegate/reproduce").iterdir()) == []
    return ended.err


def test_a_push_to_a_bucket_that_may_not_be_written_names_what_is_not_there(month: Project, s3: S3) -> None:
    month.write("params.yaml", "length: 4\n")
    repro = month.run("dvc", "repro", "--pull", "--quiet", env=CREDENTIALS)
    assert repro.code == 0, repro.err
    month.commit("Longer words")
    s3.refuses = lambda method, path: method == "PUT"
    ended = month.mergegate("reproduce", "--push", "--json", env=CREDENTIALS)
    told = json.loads(ended.out)
    assert (ended.code, told["outcome"], told["pushed"], len(told["unpushed"])) == (1, "reproduced", 0, 1)
    assert "remote store (s3://store/deep) did not take it: PermissionError: Forbidden" in told["unpushed"][0]


def test_objects_that_may_not_be_read_are_named(month: Project, s3: S3) -> None:
    place = location("cherry\n")
    s3.refuses = lambda method, path: path.endswith(place)
    assert broken(month).splitlines()[:2] == [
        f"mergegate: remote store (s3://store/deep) does not give the object {md5_of(place)}: "
        "PermissionError: Forbidden",
        "  next: look at who may read it; to whom may not list, S3 says the same of an object that is "
        "missing: `dvc status --cloud --remote store` says more",
    ]


def test_an_object_with_other_bytes_is_not_run_on(month: Project, s3: S3) -> None:
    place = location("cherry\n")
    s3.put(place, b"CHERRY\n")
    said = broken(month)
    s3.put(place, b"cherry\n")
    other = hashlib.md5(b"CHERRY\n").hexdigest()
    assert said.splitlines()[:2] == [
        f"mergegate: remote store (s3://store/deep) holds other bytes under the name {md5_of(place)} "
        f"(md5 {other})",
        "  next: it is damaged or tampered with: `mergegate push --bytes` where it is whole replaces it",
    ]


def test_without_credentials_and_without_a_server_it_says_so(month: Project) -> None:
    said = broken(month, env={})
    assert "s3://store/deep) can't be read: NoCredentialsError: Unable to locate credentials\n" in said
    month.write(".dvc/config.local", "['remote \"store\"']\n    endpointurl = http://127.0.0.1:9\n")
    said = broken(month)
    assert (
        "s3://store/deep) can't be read: EndpointConnectionError: Could not connect to the endpoint" in said
    )
