"""`mergegate doctor --github` says what it could not see, and answers no only where it saw everything."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mergegate.errors import ForgeError
from mergegate.flows.doctor import examining
from mergegate.flows.doctor.request import Request
from mergegate.forge import survey
from support import warm
from support.core_only import link_core
from support.github.closed import SEES, add_judged, close, closed
from support.github.openings import NAMES, Clone, bypass, classic, make_clone, setting
from support.github.server import GitHubServer
from support.home import isolated
from support.repositories import Repository

SECRET = "ghp_secretsecretsecret"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return make_clone(Repository.create(tmp_path_factory.mktemp("clone") / "flights", dvc=False))


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with closed() as github:
        github.add_token(SECRET, SEES, login="ada", user=True)
        yield github


def unseen(clone: Clone, github: GitHubServer) -> tuple[str, set[str]]:
    """The answer, and the checks that could not look."""
    answer = clone.ask(github)
    return answer.skippable, {each.check for each in answer.checks if each.unseen and each.check in NAMES}


BLIND: dict[str, tuple[str, set[str]]] = {
    "administration": (
        "unknown",
        {"bypass", "fork-approval", "token-permissions", "allowed-actions"},
    ),
    "secrets": ("unknown", {"app-key"}),
    "environments": ("unknown", {"app-key"}),
    "actions": (
        "unknown",
        {"app-key", "namesakes", "trusted-workflows", "oidc-subject"},
    ),
    "contents": (
        "unknown",
        {
            *("required-status", "status-source", "app-key", "bypass", "pull-request", "code-owners"),
            *("up-to-date", "history", "namesakes", "trusted-workflows", "oidc-subject"),
        },
    ),
    "statuses": ("no", {"recent-status"}),
    "pull_requests": ("no", {"recent-status"}),
}


@pytest.mark.parametrize("lacking", BLIND)
@pytest.mark.parametrize("person", [True, False], ids=["person", "App"])
def test_a_token_that_lacks_a_permission(
    github: GitHubServer, clone: Clone, monkeypatch: pytest.MonkeyPatch, lacking: str, person: bool
) -> None:
    github.add_token("half", {name: level for name, level in SEES.items() if name != lacking}, user=person)
    monkeypatch.setenv("GITHUB_TOKEN", "half")
    if lacking == "contents":
        github.branches.pop("release/1.0")
    assert unseen(clone, github) == BLIND[lacking]


def test_a_token_that_may_read_administration_and_not_change_it_does_not_see_who_bypasses(
    github: GitHubServer, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    github.add_token("auditor", SEES | {"administration": "read"})
    monkeypatch.setenv("GITHUB_TOKEN", "auditor")
    bypass("RepositoryRole", 5)(github)
    assert unseen(clone, github) == ("unknown", {"bypass"})


def test_a_hole_that_is_seen_is_one_whatever_else_is_not(
    github: GitHubServer, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    github.settings.rulesets.clear()
    monkeypatch.setenv("GITHUB_TOKEN", "reader")
    answer = clone.ask(github)
    assert answer.skippable == "yes"
    # Who reads only is not told who else may write.
    assert answer.by == ("any collaborator with write access",)


def test_of_a_classic_protection_a_reader_sees_what_is_required_and_whether_administrators_pass(
    github: GitHubServer, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "reader")
    classic()(github)
    skippable, blind = unseen(clone, github)
    assert skippable == "unknown"
    assert {"pull-request", "up-to-date", "history", "code-owners"} <= blind
    assert not {"required-status", "status-source", "bypass"} & blind
    classic(enforce_admins={"enabled": False})(github)
    assert clone.ask(github).by == ("repository administrators",)


def test_other_settings_are_asked_of_a_private_repository(
    github: GitHubServer, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    setting("private", True)(github)
    assert unseen(clone, github) == ("no", set())
    github.add_token("half", {name: level for name, level in SEES.items() if name != "administration"})
    monkeypatch.setenv("GITHUB_TOKEN", "half")
    assert unseen(clone, github)[1] >= {"fork-tokens", "bypass"}


def test_what_is_asked_is_bounded_and_counted(
    github: GitHubServer, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    for number in range(200):
        github.branches[f"release/{number}"] = "3" * 40
        add_judged(github, sha=f"{number:040x}")
        github.settings.files[f".github/workflows/w{number}.yml"] = b"on: push\njobs: {a: {runs-on: x}}\n"
    answer = clone.ask(github)
    assert answer.skippable == "unknown"
    blind = {each.check: each.unseen for each in answer.checks}
    assert blind["required-status"] == "only 10 of 202 protected branches were looked at"
    assert blind["app-key"] == "only 100 of 204 workflows were looked at"
    assert blind["trusted-workflows"] == ""
    assert len(github.requests) < survey.MOST_REQUESTS
    assert {request.method for request in github.requests} == {"GET"}


def run(clone: Clone, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command itself, in the clone."""
    home = Path(clone.project.root).parent / "home"
    return warm.run(
        ("mergegate", "doctor", *arguments), clone.project.root, {**isolated(home), **environment}
    )


def test_the_command_answers_no_with_exit_code_0_and_yes_with_1(github: GitHubServer, clone: Clone) -> None:
    asked = ("--github", "--repository", github.repository, "--api-url", github.url)
    closed = run(clone, *asked, GITHUB_TOKEN=SECRET)
    assert closed.returncode == 0, closed.stderr
    assert closed.stdout.startswith("Can this gate be skipped? No: no check found a way.\n")
    assert "at this clone and at team/flights on GitHub (39 requests)." in " ".join(closed.stdout.split())
    bypass("RepositoryRole", 5)(github)
    opened = run(clone, *asked, GH_TOKEN=SECRET)
    assert opened.returncode == 1
    assert opened.stdout.startswith("Can this gate be skipped? Yes, by repository administrators.\n")
    assert "Settings → Rules → Rulesets → protect: empty the bypass list" in " ".join(opened.stdout.split())
    data = json.loads(run(clone, *asked, "--json", GITHUB_TOKEN=SECRET).stdout)
    assert (data["skippable"], data["by"], data["repository"]) == (
        "yes",
        ["repository administrators"],
        "team/flights",
    )
    everything = "".join((closed.stdout, closed.stderr, opened.stdout, opened.stderr, json.dumps(data)))
    assert SECRET not in everything


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "GitHub was not asked: there is no token"),
        ({"GITHUB_TOKEN": "ghp_wrong"}, "GitHub doesn't accept the token (Bad credentials)"),
    ],
    ids=["no token", "a wrong token"],
)
def test_without_a_token_nothing_is_seen_and_it_says_so(
    github: GitHubServer, clone: Clone, given: dict[str, str], why: str
) -> None:
    done = run(clone, "--repository", github.repository, "--api-url", github.url, "--json", **given)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["skippable"] == "unknown"
    found = [each for each in answer["checks"] if each["check"] in NAMES]
    assert len(found) == len(NAMES)
    assert all(each["unseen"].startswith(why) for each in found)
    assert "ghp_wrong" not in done.stdout + done.stderr


def test_without_the_package_that_speaks_to_github_it_says_which_to_install(
    clone: Clone, tmp_path: Path
) -> None:
    environment = isolated(tmp_path / "home") | link_core(tmp_path / "site")
    done = subprocess.run(
        [sys.executable, "-S", "-m", "mergegate", "doctor", "--github", "--json"],
        cwd=clone.project.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    blind = {each["check"]: each["unseen"] for each in json.loads(done.stdout)["checks"]}
    assert {blind[name] for name in NAMES} == {
        "this needs the Python package httpx; next: pip install 'mergegate[github]'"
    }


def test_a_repository_that_is_not_there_or_hidden(github: GitHubServer, clone: Clone) -> None:
    done = run(clone, "--repository", "team/other", "--api-url", github.url, GITHUB_TOKEN=SECRET)
    assert done.returncode == 0
    assert done.stdout.startswith("Can this gate be skipped? Unknown")
    assert "GitHub knows nothing at GET /repos/team/other, or hides it from this token" in " ".join(
        done.stdout.split()
    )


def test_no_network(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    monkeypatch.setattr(survey, "PATIENCE", 0.0)
    nobody = GitHubServer()
    nobody.url = "http://127.0.0.1:9"
    with pytest.raises(ForgeError, match="can't be reached"):
        clone.ask(nobody)


def test_a_server_that_never_answers_is_not_waited_for(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    monkeypatch.setattr(examining, "PATIENCE", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        asked = Request(clone.project.root, github=True, repository="team/flights", api_url=url)
        answer = examining.diagnose(asked)
    assert answer.skippable == "unknown"
    assert {each.unseen for each in answer.checks if each.check in NAMES} == {
        "GitHub did not answer within 0.05 s; next: look at the network, and ask again"
    }


def test_an_enterprise_has_its_api_below_its_own_host(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    with GitHubServer(base="/api/v3") as enterprise:
        close(enterprise)
        enterprise.add_token(SECRET, SEES, user=True)
        enterprise.branches["release/1.0"] = "2" * 40
        add_judged(enterprise)
        assert clone.ask(enterprise).skippable == "no"


def test_a_budget_that_is_used_up_hides_what_was_not_asked_yet(
    github: GitHubServer, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    github.budget = 12
    answer = clone.ask(github)
    assert answer.skippable == "unknown"
    blind = [each.unseen for each in answer.checks if each.check in NAMES and each.unseen]
    assert blind
    assert all("requests of this hour are used up" in each for each in blind), blind


def test_pages_and_broken_answers_hide_only_their_part(
    github: GitHubServer, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    github.fail("GET", "/collaborators$", 200, body=b"<html>a proxy</html>")
    github.fail("GET", "/branches/main$", 200, body=b'{"name": 7}')
    answer = clone.ask(github)
    assert answer.skippable == "unknown"
    blind = {each.check: each.unseen for each in answer.checks}
    assert blind["required-status"].startswith("the answer of 127.0.0.1:")
    assert blind["app-key"] == ""
