"""Settings are read within bounds, and no token goes to a host that is no GitHub."""

from collections.abc import Iterator

import pytest

from mergegate.errors import ForgeError, UsageError
from mergegate.forge import survey
from mergegate.forge.survey import Survey, check_github
from support.github.closed import SEES, close
from support.github.server import GitHubServer
from support.github.settings import Ruleset

SECRET = "ghp_secret"


@pytest.fixture
def asking(server: GitHubServer) -> Iterator[Survey]:
    close(server)
    server.add_token(SECRET, SEES)
    with Survey(server.url, server.repository, SECRET, sleep=lambda seconds: None) as asking:
        yield asking


def test_every_request_is_counted_and_there_is_an_end_of_them(
    server: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "MOST_REQUESTS", 2)
    with Survey(server.url, server.repository, "token") as asking:
        asking.repository_state()
        asking.oidc_subject()
        assert asking.asked == 2
        with pytest.raises(ForgeError, match="2 requests are enough for one command"):
            asking.repository_state()
    assert len(server.requests) == 2
    assert SECRET not in repr(asking)


def test_an_organisations_ruleset_binds_and_hides_its_bypassers(server: GitHubServer, asking: Survey) -> None:
    bypass = [{"actor_type": "OrganizationAdmin", "actor_id": 1, "bypass_mode": "always"}]
    rules = [{"type": "deletion"}]
    server.settings.rulesets.append(
        Ruleset(2, "all", rules, include=["~ALL"], organization="team", bypass=bypass)
    )
    assert [(each.type, each.ruleset_source) for each in asking.branch_rules("feature/x")] == [
        ("deletion", "team")
    ]
    assert [each.id for each in asking.rulesets()] == [1, 2]
    assert asking.ruleset(2).bypass_actors is None
    assert asking.ruleset(1).bypass_actors == ()


def test_a_file_that_is_no_file_is_told(server: GitHubServer, asking: Survey) -> None:
    assert asking.read_file("mergegate.yaml", "main") == server.settings.files["mergegate.yaml"]
    assert asking.read_file("nowhere", "main") is None
    assert asking.list_files("nowhere", "main") == ()
    server.fail("GET", "/contents/", 200, body=b'{"content": "", "encoding": "none"}')
    with pytest.raises(ForgeError, match=r"large\.bin can't be read by the API"):
        asking.read_file("large.bin", "main")


def test_a_github_is_known_by_its_answer_and_nothing_else_gets_a_token(server: GitHubServer) -> None:
    check_github(server.url)
    assert [request.token for request in server.requests] == [None]
    server.fail("GET", "/meta", 404, body=b"<html>some other forge</html>")
    with pytest.raises(
        ForgeError, match=r"127\.0\.0\.1 does not answer as a GitHub does, so it was sent no token"
    ):
        check_github(server.url)
    with pytest.raises(ForgeError, match=r"127\.0\.0\.1 can't be reached"):
        check_github("http://127.0.0.1:9")
    with pytest.raises(UsageError):
        check_github("http://github.example.org/api/v3")
