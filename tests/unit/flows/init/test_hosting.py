import pytest

from mergegate.flows.init.hosting import find_host


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("git@github.com:team/flights.git", "github.com"),
        ("https://user:secret@GitHub.example.com:8443/team/flights", "github.example.com"),
        ("ssh://git@gitlab.example.com:2222/team/flights.git", "gitlab.example.com"),
        ("gitlab.com:team/flights", "gitlab.com"),
        ("/srv/git/flights.git", ""),
        ("C:/git/flights", ""),
        ("../github.com/flights", ""),
        ("https://[broken", ""),
        ("", ""),
    ],
)
def test_the_host_of_a_git_url_is_told_and_a_path_has_none(url: str, host: str) -> None:
    assert find_host(url) == host
