"""Which repository, and where its API is, by a remote's address."""

from pathlib import Path

import pytest

from mergegate import repo
from mergegate.errors import UsageError
from mergegate.flows.doctor.address import Address, find_address, read_remote
from mergegate.flows.doctor.request import Request
from support.repositories import Repository


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/team/flights.git",
        "https://github.com/team/flights",
        "https://ada:ghp_secret@GitHub.com/team/flights.git/",
        "git@github.com:team/flights.git",
        "github.com:team/flights",
        "ssh://git@github.com/team/flights.git",
        "ssh://git@github.com:22/team/flights",
        "git://github.com/team/flights.git",
    ],
)
def test_every_form_of_address_is_read(url: str) -> None:
    assert read_remote(url) == ("github.com", "team/flights")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/srv/git/flights.git",
        "../flights",
        "file:///srv/team/flights",
        "https://github.com/flights",
        "https://gitlab.com/group/sub/flights.git",
        "https://[::1/team/flights",
        "C:\\team\\flights",
        "ext::sh -c evil team/flights",
        "git@host name:team/flights",
    ],
)
def test_what_names_no_repository_of_an_owner_is_none(url: str) -> None:
    assert read_remote(url) == ("", "")


@pytest.mark.parametrize(
    ("remotes", "expected"),
    [
        ({"origin": "git@github.com:team/flights.git"}, Address("team/flights", "https://api.github.com")),
        (
            {"origin": "ssh://git@ssh.github.com:443/team/flights.git"},
            Address("team/flights", "https://api.github.com"),
        ),
        (
            {"origin": "https://git.example.org/team/flights"},
            Address("team/flights", "https://git.example.org/api/v3", guessed=True),
        ),
        (
            {"origin": "https://acme.ghe.com/team/flights"},
            Address("team/flights", "https://api.acme.ghe.com"),
        ),
        (
            {"up": "git@github.com:team/flights.git"},
            Address("team/flights", "https://api.github.com"),
        ),
    ],
)
def test_the_api_is_where_the_remote_is(tmp_path: Path, remotes: dict[str, str], expected: Address) -> None:
    assert find_address(clone(tmp_path, remotes), Request(tmp_path), {}) == expected


def test_what_is_asked_for_counts_before_what_the_environment_and_the_remote_say(tmp_path: Path) -> None:
    project = clone(tmp_path, {"origin": "https://git.example.org/team/flights"})
    environment = {"GITHUB_REPOSITORY": "other/other", "GITHUB_API_URL": "https://ghe.example.org/api/v3"}
    found = find_address(project, Request(tmp_path), environment)
    assert found == Address("team/flights", "https://ghe.example.org/api/v3")
    asked = Request(tmp_path, repository="our/own", api_url="https://here.example.org/api/v3")
    assert find_address(project, asked, environment) == Address("our/own", "https://here.example.org/api/v3")


def test_without_a_remote_actions_say_which(tmp_path: Path) -> None:
    project = clone(tmp_path, {})
    found = find_address(project, Request(tmp_path), {"GITHUB_REPOSITORY": "team/flights"})
    assert found == Address("team/flights", "https://api.github.com")


@pytest.mark.parametrize(
    "remotes", [{}, {"origin": "/srv/flights"}, {"a": "git@github.com:t/f", "b": "git@github.com:t/g"}]
)
def test_nothing_that_says_which_is_told(tmp_path: Path, remotes: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="no remote of this clone is a repository on GitHub"):
        find_address(clone(tmp_path, remotes), Request(tmp_path), {})


def clone(folder: Path, remotes: dict[str, str]) -> repo.Project:
    """A repository with remotes."""
    made = Repository.create(folder / "clone", dvc=False)
    for name, url in remotes.items():
        made.git("remote", "add", name, url)
    return repo.locate(made.path)
