"""`mergegate comment` as people and GitLab's jobs call it: a review by itself, titles, hostile texts."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mergegate.flows.posting.body import MOST, build_body
from mergegate.forge.comments import LONGEST_BODY
from mergegate.forge.mark import add_mark
from mergegate.records.judgement import Judged, Judgement
from mergegate.records.review import PolicySource, Review, Revision
from mergegate.records.verdict import Verdict
from support import cml
from support.github.server import GitHubServer
from support.projects import Ended, Project

TOKEN = "ghs_4pZ0secretOfTheJob"
SHA = "a" * 40


class Desk:
    """A folder with a review.json, and a pull request that it is of."""

    def __init__(self, folder: Path, server: GitHubServer) -> None:
        (folder / "project").mkdir()
        self.project = Project(folder / "project", folder)
        self.server = server
        self.record = folder / "cml.jsonl"
        self.file = folder / "review.json"
        self.write(review())

    def write(self, found: dict[str, Any]) -> None:
        self.file.write_text(json.dumps(found))

    def comment(self, *options: str, **variables: str) -> Ended:
        environment = {
            "GITHUB_API_URL": self.server.url,
            "GITHUB_REPOSITORY": self.server.repository,
            "GITHUB_TOKEN": TOKEN,
        }
        ended = self.project.mergegate(
            "comment", "--review", str(self.file), "--pr", "1", *options, env={**environment, **variables}
        )
        assert TOKEN not in ended.out + ended.err
        return ended

    def install(self) -> str:
        tools = cml.install(self.file.parent / "bin", self.server.url, self.record)
        return f"{tools}:{os.environ['PATH']}"


def review(**others: Any) -> dict[str, Any]:
    revision = {"name": "HEAD", "sha": SHA}
    return {
        "schema": 1,
        "mergegate": "0.1.0",
        "strength": "consistent",
        "base": revision,
        "head": revision,
        "policy": {"path": "mergegate.yaml", "origin": "target", "revision": revision, "sha256": "0"},
        "verdict": {"outcome": "passed", "enforced": True, "headline": "7 gates hold."},
        **others,
    }


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with GitHubServer() as server:
        server.add_token(TOKEN, {"pull-requests": "write"})
        server.add_pull(head_sha=SHA)
        yield Desk(tmp_path, server)


def test_a_review_by_itself_is_posted_on_its_pull_request(desk: Desk) -> None:
    ended = desk.comment("--via", "github", "--title", "late arrival", "--json")
    assert ended.code == 0, ended.err
    (comment,) = desk.server.comments
    assert comment.body.startswith("## ✅ Passed: 7 gates hold.\n")
    assert comment.body.endswith(
        "<sub>For commit `aaaaaaaaaa` · mergegate 0.1.0</sub>\n\n"
        f'![](https://cml.dev/watermark.png#{SHA} "CML watermark late arrival")'
    )
    url = f"https://github.example/team/flights/pull/1#issuecomment-{comment.id}"
    assert json.loads(ended.out) == [
        {"number": 1, "action": "created", "by": "github", "url": url, "notes": []}
    ]


def test_a_review_of_another_commit_is_not_posted(desk: Desk) -> None:
    desk.server.pulls[1].head_sha = "b" * 40
    ended = desk.comment()
    assert (ended.code, ended.err) == (
        2,
        "mergegate: the review is of aaaaaaaaaa, and pull request 1 is at bbbbbbbbbb\n"
        "  next: review its head as it is now\n",
    )


def test_a_workspaces_review_is_not_posted(desk: Desk) -> None:
    desk.write(review(head={"name": "workspace", "sha": SHA, "workspace": True}))
    ended = desk.comment()
    assert ended.code == 2
    assert "is of a workspace, which no pull request has" in ended.err


def test_images_go_to_a_public_host_and_that_is_said(desk: Desk) -> None:
    path = desk.install()
    ended = desk.comment("--images", PATH=path)
    assert ended.code == 0, ended.err
    assert ended.err.startswith("note: images: CML publishes every local file that the comment links to a")
    assert "--publish=true" in cml.calls(desk.record)[0]["arguments"]
    assert desk.comment("--images", "--via", "github").code == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--title", "a_b"), "can't be the title of a comment"),
        (("--judgement", "x.json"), "say what to post"),
        (("--driver", "gitlab", "--via", "github"), "GitHub's API is not GitLab's"),
        (("--driver", "gitlab"), "the project's address is not known"),
        (("--driver", "gitlab", "--repo", "https://gitlab.example/a/b"), "REPO_TOKEN is not set"),
        (("--repo", "https://github.com/a"), "is no address of a repository"),
    ],
)
def test_what_is_asked_wrongly_is_answered_with_the_next_step(
    desk: Desk, options: tuple[str, ...], said: str
) -> None:
    ended = desk.comment(*options)
    assert ended.code == 2
    assert said in ended.err
    assert "\n  next: " in ended.err


def test_gitlab_is_cmls_alone(desk: Desk, tmp_path: Path) -> None:
    job = {"CI_PROJECT_URL": "https://gitlab.example/team/flights", "REPO_TOKEN": "glpat-secret"}
    ended = desk.comment("--driver", "gitlab", **job)
    assert (ended.code, ended.err) == (
        3,
        "mergegate: `cml` is not on PATH\n"
        "  next: install CML 0.20.6 and put `cml` on PATH, or use --via github\n"
        "  more: mergegate explain cml-failed\n",
    )
    path = desk.install()
    ended = desk.comment("--driver", "gitlab", "--via", "cml", PATH=path, **job)
    # The stand-in knows GitHub alone; what it was asked is what CML is asked.
    assert ended.code == 3
    assert "glpat-secret" not in ended.out + ended.err
    (call,) = cml.calls(desk.record)
    assert call["arguments"][2:-1] == [
        "--target=pr/1",
        "--publish=false",
        "--watermark-title=mergegate",
        "--driver",
        "gitlab",
        "--repo",
        "https://gitlab.example/team/flights",
    ]
    assert call["environment"]["REPO_TOKEN"] == "glpat-secret"
    assert TOKEN not in json.dumps(call)


def huge() -> Review:
    revision = Revision(name="`x`|" * 10_000, sha=SHA, subject="@team <b> " * 10_000)
    return Review(
        schema=1,
        mergegate="1",
        strength="scored",
        base=revision,
        head=revision,
        policy=PolicySource(path="mergegate.yaml", origin="target", revision=revision, sha256="0"),
        verdict=Verdict(outcome="failed", enforced=True, headline="é@team\n" * 100_000),
        notes=tuple("note | " * 1000 for _ in range(500)),
    )


@pytest.mark.parametrize("found", [None, huge()], ids=["without a review", "with a huge one"])
def test_the_longest_comment_fits_with_its_mark(found: Review | None) -> None:
    judged = Judged(
        number=1,
        base="main",
        context="mergegate",
        state="error",
        description="<&@" * 1000,
        sentence="@team |`<&\n" * 100_000,
        review=found,
    )
    judgement = Judgement(
        schema=1,
        mergegate="1",
        repository="team/flights",
        sha=SHA,
        run_id=1,
        run_attempt=1,
        run_url="https://github.example/x) [@team](y",
        judged=(judged,),
    )
    body = build_body(judgement, judged)
    assert len(body.encode()) <= MOST
    assert len(add_mark(body, "x" * 60, SHA)) <= LONGEST_BODY
    assert "@team" not in body
    assert "](y" not in body
    assert f"For commit `{SHA[:10]}`" in body
