"""From the variables of Actions to a connection."""

import subprocess
import sys

import pytest

from mergegate.errors import UsageError
from mergegate.forge.connection import connect
from mergegate.forge.github import GitHub
from support.github.server import GitHubServer

SHA = "a" * 40
HERE = {"GITHUB_REPOSITORY": "team/flights", "GITHUB_TOKEN": "ghs_secret"}


def test_the_variables_of_a_job_are_enough(server: GitHubServer) -> None:
    environment = HERE | {"GITHUB_API_URL": server.url, "GITHUB_TOKEN": "token"}
    with connect(environment) as github:
        assert github.default_branch() == "main"


def test_github_itself_where_no_address_is_said() -> None:
    with connect(HERE) as github:
        assert repr(github) == "GitHub('team/flights' at api.github.com)"


@pytest.mark.parametrize("slash", ["", "/"])
def test_an_enterprise_below_its_path(slash: str) -> None:
    with GitHubServer(base="/api/v3") as server:
        number = server.add_pull(head_sha=SHA).number
        for index in range(60):
            server.add_comment(number, str(index))
        with connect(HERE | {"GITHUB_API_URL": server.url + slash, "GITHUB_TOKEN": "token"}) as github:
            assert len(list(github.comments(number))) == 60
            assert github.whoami() == "github-actions[bot]"
        assert [one.path for one in server.requests] == [
            *["/api/v3/repos/team/flights/issues/1/comments"] * 2,
            "/api/graphql",
        ]


def test_github_is_told_who_asks_and_for_which_version(server: GitHubServer, github: GitHub) -> None:
    github.set_status(SHA, "mergegate", "success", "")
    (request,) = server.requests
    asked = {name: request.headers[name] for name in ("accept", "x-github-api-version", "content-type")}
    assert asked == {
        "accept": "application/vnd.github+json",
        "x-github-api-version": "2022-11-28",
        "content-type": "application/json",
    }
    assert request.headers["user-agent"].startswith("mergegate/")
    assert request.token == "ghs_secret"


@pytest.mark.parametrize("token", ["", "a b", "a\nb", "é"])
def test_a_token_that_is_missing_or_none(token: str) -> None:
    with pytest.raises(UsageError, match=r"^GITHUB_TOKEN is missing, or is no token$") as caught:
        connect(HERE | {"GITHUB_TOKEN": token})
    assert caught.value.hint == 'give the step `env: {GITHUB_TOKEN: "${{ github.token }}"}`'


@pytest.mark.parametrize(
    "address",
    [
        "http://api.github.com",
        "http://127.0.0.1.example.org",
        "ftp://api.github.com",
        "api.github.com",
        "https://",
        "https://user:word@api.github.com",
        "https://api.github.com?x=1",
        "https://api.github.com/\n",
        "http://[",
        "https://exämple.org",
    ],
)
def test_an_address_that_no_token_may_be_sent_to(address: str) -> None:
    with pytest.raises(UsageError, match="no address of an API that a token may be sent to"):
        connect(HERE | {"GITHUB_API_URL": address})


def test_a_repository_that_is_missing_or_none() -> None:
    with pytest.raises(UsageError, match="GITHUB_REPOSITORY is not set"):
        connect({"GITHUB_TOKEN": "token"})
    with pytest.raises(UsageError, match=r"'a/b/\.\./c' is no repository's name"):
        connect(HERE | {"GITHUB_REPOSITORY": "a/b/../c"})


def test_a_proxy_or_certificates_that_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://proxy")
    with pytest.raises(UsageError, match="the proxy or the certificates of the environment can't be used"):
        connect(HERE)
    monkeypatch.delenv("HTTPS_PROXY")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/certificates.pem")
    with pytest.raises(UsageError, match="the proxy or the certificates of the environment can't be used"):
        connect(HERE)


def test_an_installation_without_httpx_says_what_to_install() -> None:
    program = (
        "import sys\n"
        "sys.modules['httpx'] = None\n"
        "from mergegate.errors import BrokenError\n"
        "from mergegate.forge.connection import connect\n"
        "try:\n"
        f"    connect({HERE!r})\n"
        "except BrokenError as error:\n"
        "    print(error.message, '-', error.hint)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == (
        "speaking to GitHub needs the Python package httpx, which is not installed"
        " - pip install 'mergegate[github]'\n"
    )


def test_reading_an_event_imports_no_http() -> None:
    program = "import sys, mergegate.forge.events, mergegate.forge.connection; print('httpx' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("act", "what"),
    [
        (lambda github: github.branch_tip("../../user"), "no name that git allows a branch"),
        (lambda github: github.branch_tip("a?b"), "no name that git allows a branch"),
        (lambda github: github.set_status("main", "x", "success", ""), "no commit's full name"),
        (lambda github: github.runs_of("../x"), "no commit's full name"),
        (lambda github: github.pull_requests(head="team:"), "no name that git allows a branch"),
    ],
)
def test_names_that_would_lead_elsewhere_are_never_sent(
    server: GitHubServer, github: GitHub, act: object, what: str
) -> None:
    with pytest.raises(UsageError, match=what):
        act(github)  # type: ignore[operator]
    assert server.requests == []
