"""One comment, by CML or by GitHub's API, against the stand-ins of both."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mergegate.errors import ForgeError
from mergegate.flows.posting import comment
from mergegate.flows.posting.comment import Posted, Via, post_comment
from mergegate.forge.cml import Post, find_cml
from mergegate.forge.github import GitHub
from mergegate.forge.mark import build_mark
from support import cml
from support.github.server import GitHubServer

TOKEN = "ghs_4pZ0secretOfTheJob"
SHA = "0a2bfe20c6eb1c7376d726a21e686f52c88c6a1d"
NEXT_SHA = "1" + SHA[1:]
MARK = build_mark("mergegate", SHA)
ME = "github-actions[bot]"


class Desk:
    """A pull request, and a `cml` on PATH where one was installed."""

    def __init__(self, server: GitHubServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.record = folder / "cml.jsonl"
        self.environment = {"PATH": os.environ["PATH"], "GITHUB_TOKEN": TOKEN, "SECRET": "s3cret"}

    def install(self, *, mode: str = "", version: str = cml.VERSION) -> None:
        tools = cml.install(self.folder / "bin", self.server.url, self.record, mode=mode, version=version)
        self.environment["PATH"] = f"{tools}:{os.environ['PATH']}"

    def post(
        self, text: str = "A review", *, via: Via = "auto", sha: str = SHA, images: bool = False
    ) -> Posted:
        url = f"https://github.com/{self.server.repository}"
        post = Post(driver="github", url=url, number=1, sha=sha, title="mergegate", body=text, images=images)
        with GitHub(self.server.url, self.server.repository, TOKEN, sleep=lambda seconds: None) as github:
            return post_comment(github, post, via=via, token=TOKEN, environment=self.environment)

    def others(self, count: int) -> None:
        for number in range(count):
            self.server.add_comment(1, f"Comment {number}")

    def written(self) -> list[tuple[str, str]]:
        """Author and text of what is not only talk."""
        return [
            (each.author, each.body) for each in self.server.comments if not each.body.startswith("Comment ")
        ]

    def calls(self) -> int:
        return len(cml.calls(self.record))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with GitHubServer() as server:
        server.add_token(TOKEN, {"pull-requests": "write"})
        server.add_pull(head_sha=SHA)
        yield Desk(server, tmp_path)


def test_cml_posts_with_the_flags_that_avoid_its_defects(desk: Desk) -> None:
    desk.install()
    desk.others(3)
    assert desk.post() == Posted(
        number=1,
        action="created",
        by="cml",
        url=f"https://github.example/team/flights/pull/1#issuecomment-{desk.server.comments[-1].id}",
    )
    assert desk.written() == [(ME, f"A review\n\n{MARK}")]
    (call,) = cml.calls(desk.record)
    *arguments, file = call["arguments"]
    assert arguments == [
        "comment",
        "update",
        "--target=pr/1",
        "--publish=false",
        "--watermark-title=mergegate",
        "--driver",
        "github",
        "--repo",
        "https://github.com/team/flights",
    ]
    home = str(Path(file).parent)
    assert call["environment"] == {
        "PATH": desk.environment["PATH"],
        "HOME": home,
        "XDG_CONFIG_HOME": home,
        "TMPDIR": home,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "ITERATIVE_DO_NOT_TRACK": "1",
        "GITHUB_SHA": SHA,
        "CI_COMMIT_SHA": SHA,
        "REPO_TOKEN": TOKEN,
        "PWD": home,
    }
    assert not Path(home).exists()
    assert not (Path.home() / ".gitconfig").exists()


def test_the_token_stays_at_home_while_cml_is_asked_for_its_version(desk: Desk) -> None:
    desk.install()
    desk.post()
    first = desk.record.read_text().splitlines()[0]
    assert '"--version"' in first
    assert TOKEN not in first


def test_a_text_that_stands_is_not_sent_again(desk: Desk) -> None:
    desk.install()
    desk.post()
    before = len(desk.server.requests)
    assert desk.post().action == "unchanged"
    assert {request.method for request in desk.server.requests[before:] if "graphql" not in request.path} == {
        "GET"
    }
    assert desk.calls() == 1


def test_both_ways_agree_for_ever(desk: Desk) -> None:
    assert desk.post("one", via="github").by == "github"
    desk.install()
    assert (found := desk.post("two", sha=NEXT_SHA)).by == "cml"
    assert found.action == "updated"
    assert desk.written() == [(ME, f"two\n\n{build_mark('mergegate', NEXT_SHA)}")]
    assert desk.post("two", via="github", sha=NEXT_SHA).action == "unchanged"
    assert desk.post("three", via="github").action == "updated"
    assert desk.written() == [(ME, f"three\n\n{MARK}")]


def test_never_a_second_one_among_forty_others(desk: Desk) -> None:
    desk.install()
    desk.others(40)
    assert (desk.post("one").by, desk.calls()) == ("cml", 1)
    # It is the 41st now, which CML does not see.
    found = desk.post("two")
    assert (found.action, found.by, desk.calls()) == ("updated", "github", 1)
    assert found.notes == (
        "CML reads the first 30 comments of any author and would take another one: posted by GitHub's API",
    )
    assert desk.written() == [(ME, f"two\n\n{MARK}")]
    assert desk.post("three", via="cml").by == "github"
    assert desk.written() == [(ME, f"three\n\n{MARK}")]


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_strangers_copy_of_the_mark_is_ignored(desk: Desk, place: str) -> None:
    desk.install()
    copied = f"All is well!\n\n{MARK}"
    if place == "after":
        desk.post("one")
    desk.server.add_comment(1, copied, author="mallory")
    assert desk.post("two").by == "github"
    # The last one with the mark is CML's pick: ours, or the copy.
    assert desk.post("three", sha=NEXT_SHA).by == ("cml" if place == "before" else "github")
    assert sorted(desk.written()) == sorted(
        [("mallory", copied), (ME, f"three\n\n{build_mark('mergegate', NEXT_SHA)}")]
    )


def test_another_title_is_another_comment(desk: Desk) -> None:
    desk.install()
    other = f"Mine\n\n{build_mark('mergegate-b', SHA)}"
    desk.server.add_comment(1, other, author=ME)
    desk.post()
    assert desk.written() == [(ME, other), (ME, f"A review\n\n{MARK}")]


def test_older_ones_of_our_own_are_left_and_told(desk: Desk) -> None:
    for text in ("old", "older"):
        desk.server.add_comment(1, f"{text}\n\n{MARK}", author=ME)
    found = desk.post("new", via="github")
    assert desk.written() == [(ME, f"old\n\n{MARK}"), (ME, f"new\n\n{MARK}")]
    assert found.notes == (
        "an older comment of ours is there too, as from before: delete what is no longer needed",
    )


def test_a_comment_that_was_deleted_meanwhile_is_written_anew(desk: Desk) -> None:
    desk.server.add_comment(1, f"old\n\n{MARK}", author=ME)
    desk.server.fail("PATCH", "/issues/comments/", 404, body=b'{"message": "Not Found"}')
    assert desk.post("new", via="github").action == "created"


def test_an_answer_that_was_lost_doubles_nothing(desk: Desk) -> None:
    desk.server.fail("POST", "/issues/1/comments", 502, carried_out=True)
    assert desk.post(via="github").action == "created"
    assert desk.written() == [(ME, f"A review\n\n{MARK}")]


WRONG = {
    "missing": (None, "", "`cml` is not on PATH"),
    "old": ("0.20.5", "", "`cml` is of version 0.20.5, and 0.20.6 is needed"),
    "new": ("1.0.0", "", "`cml` is of version 1.0.0, and 0.20.6 is needed"),
    "odd": ("a\x1b[31m\nb", "", "`cml` is of version b, and 0.20.6 is needed"),
    "fails": (
        cml.VERSION,
        "fails",
        '`cml comment` ended with 1: {"level": "error", "message": "HttpError: Resource not accessible"}',
    ),
    "hangs": (cml.VERSION, "hangs", "`cml comment` did not end within 1 s"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_without_a_cml_that_works_the_api_posts_and_says_why(
    desk: Desk, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    version, mode, message = WRONG[wrong]
    _shorten(monkeypatch)
    if version is not None:
        desk.install(mode=mode, version=version)
    with pytest.raises(ForgeError) as error:
        desk.post(via="cml")
    assert error.value.message == message
    assert "--via github" in error.value.hint
    assert TOKEN not in str(error.value) + error.value.hint
    assert desk.written() == []
    found = desk.post()
    assert found == Posted(
        number=1, action="created", by="github", url=found.url, notes=(f"{message}: posted by GitHub's API",)
    )
    assert desk.written() == [(ME, f"A review\n\n{MARK}")]


@pytest.mark.parametrize("mode", ["posts-then-fails", "posts-then-hangs"])
def test_what_cml_posted_before_it_failed_is_not_posted_again(
    desk: Desk, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _shorten(monkeypatch)
    desk.install(mode=mode)
    found = desk.post()
    assert found.by == "cml"
    assert found.notes[0].endswith("; the comment is there all the same")
    assert desk.written() == [(ME, f"A review\n\n{MARK}")]


def test_a_token_that_may_not_comment_is_told_what_it_lacks(desk: Desk) -> None:
    desk.server.add_token(TOKEN, {"pull-requests": "read"})
    desk.install()
    with pytest.raises(ForgeError) as by_cml:
        desk.post(via="cml")
    assert "Resource not accessible by integration" in by_cml.value.message
    with pytest.raises(ForgeError) as by_github:
        desk.post()
    assert "pull-requests: write" in by_github.value.message
    assert TOKEN not in "".join((str(by_cml.value), str(by_github.value)))


def test_images_are_published_only_when_asked_for(desk: Desk) -> None:
    desk.install()
    desk.post(images=True)
    assert "--publish=true" in cml.calls(desk.record)[0]["arguments"]


def _shorten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give CML a second."""
    monkeypatch.setattr(
        comment, "find_cml", lambda token, environment: find_cml(token, environment, timeout=1.0)
    )
