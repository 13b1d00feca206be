"""The stand-in shows settings to whom GitHub shows them, and refuses in GitHub's words."""

from collections.abc import Iterator

import httpx
import pytest

from support.github.closed import SEES, close
from support.github.server import GitHubServer
from support.github.settings import Ruleset, protect

AT = "/repos/team/flights"


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    with GitHubServer() as server:
        close(server)
        server.settings.protections["main"] = protect([{"context": "mergegate", "app_id": 4242}])
        server.add_token("app", {"contents": "read"})
        yield server


def get(server: GitHubServer, path: str, token: str) -> tuple[int, object]:
    answer = httpx.get(f"{server.url}{path}", headers={"Authorization": f"Bearer {token}"})
    data = answer.json()
    return answer.status_code, data["message"] if answer.status_code >= 400 else data


def test_a_protection_is_hidden_from_people_and_refused_to_apps(server: GitHubServer) -> None:
    path = f"{AT}/branches/main/protection"
    assert get(server, path, "reader") == (404, "Not Found")
    assert get(server, path, "app") == (403, "Resource not accessible by integration")
    assert get(server, path, "admin")[0] == 200
    server.branches["other"] = "2" * 40
    assert get(server, f"{AT}/branches/other/protection", "admin") == (404, "Branch not protected")
    assert get(server, f"{AT}/branches/none/protection", "admin") == (404, "Branch not found")


def test_everybody_who_reads_sees_what_a_protection_requires(server: GitHubServer) -> None:
    status, shown = get(server, f"{AT}/branches/main", "reader")
    assert status == 200
    assert isinstance(shown, dict)
    assert shown["protection"] == {
        "enabled": True,
        "required_status_checks": {
            "enforcement_level": "everyone",
            "contexts": ["mergegate"],
            "checks": [{"context": "mergegate", "app_id": 4242}],
        },
    }


@pytest.mark.parametrize("level", [None, "read", "write"])
def test_who_may_bypass_is_told_to_those_who_may_change_it(server: GitHubServer, level: str | None) -> None:
    rights = {name: right for name, right in SEES.items() if name != "administration"}
    server.add_token("some", rights | ({"administration": level} if level else {}))
    status, shown = get(server, f"{AT}/rulesets/1", "some")
    assert status == 200
    assert isinstance(shown, dict)
    assert ("bypass_actors" in shown) is (level == "write")


@pytest.mark.parametrize(
    ("include", "exclude", "branch", "bound"),
    [
        (["~ALL"], [], "feature/x", True),
        (["~DEFAULT_BRANCH"], [], "main", True),
        (["~DEFAULT_BRANCH"], [], "other", False),
        (["refs/heads/release/*"], [], "release/1.0", True),
        (["refs/heads/release/*"], [], "release/1/0", False),
        (["refs/heads/release/**/*"], [], "release/1/0", True),
        (["refs/heads/v?"], [], "v1", True),
        (["~ALL"], ["refs/heads/dev*"], "develop", False),
        ([], [], "main", False),
    ],
)
def test_a_rulesets_conditions(include: list[str], exclude: list[str], branch: str, bound: bool) -> None:
    assert Ruleset(1, "some", [], include=include, exclude=exclude).binds(branch, "main") is bound


def test_rulesets_that_are_not_in_force_bind_nothing_and_are_listed(server: GitHubServer) -> None:
    server.settings.rulesets[0].enforcement = "evaluate"
    assert get(server, f"{AT}/rules/branches/main", "reader") == (200, [])
    status, listed = get(server, f"{AT}/rulesets", "reader")
    assert status == 200
    assert isinstance(listed, list)
    assert [each["enforcement"] for each in listed] == ["evaluate"]


def test_settings_of_another_kind_of_repository_are_refused(server: GitHubServer) -> None:
    at = f"{AT}/actions/permissions"
    assert get(server, f"{at}/fork-pr-contributor-approval", "admin")[0] == 200
    assert get(server, f"{at}/fork-pr-workflows-private-repos", "admin")[0] == 422
    server.settings.private = True
    assert get(server, f"{at}/fork-pr-contributor-approval", "admin") == (
        422,
        "Fork PR approval is not allowed for private repositories.",
    )
    assert get(server, f"{at}/fork-pr-workflows-private-repos", "admin")[0] == 200


def test_who_may_only_read_is_not_told_who_else_is_there(server: GitHubServer) -> None:
    assert get(server, f"{AT}/collaborators", "reader") == (
        403,
        "Must have push access to view repository collaborators.",
    )
