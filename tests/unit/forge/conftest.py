"""The stand-in, and a client of it that doesn't sleep."""

from collections.abc import Iterator

import pytest

from mergegate.forge.github import GitHub
from support.github.server import GitHubServer


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    with GitHubServer() as server:
        yield server


@pytest.fixture
def slept() -> list[float]:
    """The seconds that the client would have waited."""
    return []


@pytest.fixture
def github(server: GitHubServer, slept: list[float]) -> Iterator[GitHub]:
    server.add_token(
        "ghs_secret", {"pull-requests": "write", "statuses": "write", "actions": "read", "contents": "read"}
    )
    with GitHub(
        server.url, server.repository, "ghs_secret", sleep=slept.append, clock=lambda: 1_000_000.0
    ) as github:
        yield github
