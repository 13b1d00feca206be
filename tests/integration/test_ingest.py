"""`mergegate ingest`: new files of a source become one pull request, the right way, as real DVC sees it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.github.server import GitHubServer
from support.incoming import BRANCH, TOKEN, Incoming, table


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with GitHubServer() as server:
        yield server


@pytest.fixture
def team(tmp_path: Path, github: GitHubServer) -> Incoming:
    made = Incoming(tmp_path, github)
    made.share()
    return made


def test_a_new_file_becomes_a_pull_request_whose_fresh_clone_has_every_file(team: Incoming) -> None:
    team.bring("2013-04.parquet", table(4))
    before = team.made.git("status", "--porcelain", "--branch")
    told = team.ask("--open-pr")
    assert (told["outcome"], told["files_before"], told["files_after"], told["rows"]) == ("opened", 3, 4, 20)
    clone = team.clone("fresh")
    clone.dvc("pull", "--quiet")
    assert team.listed(clone) == {f"2013-0{month}.parquet" for month in (1, 2, 3, 4)}
    assert clone.is_green()
    # What DVC itself would have written.
    written = (clone.path / "data/flights.dvc").read_text()
    clone.dvc("add", "--quiet", "data/flights")
    assert (clone.path / "data/flights.dvc").read_text() == written
    assert team.made.git("status", "--porcelain", "--branch") == before
    assert not (team.made.path / "data/flights").exists()
