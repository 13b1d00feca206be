"""Pull requests of strangers: forks, Dependabot, first-time contributors, and workflows of their own."""

from collections.abc import Callable

import pytest

from support.loop import REVIEW, Scene
from support.strangers import FORK, WORKFLOW, Stranger, assert_harmless, packed

pytestmark = pytest.mark.needs("node")

Scenes = Callable[..., Scene]

SECRETS = {"REMOTE_KEY": "k3y-of-the-data-remote"}

LOOKS_AROUND = """\
import os
import pathlib
import subprocess
import urllib.error
import urllib.request


def test_what_is_there_to_take() -> None:
    settings = subprocess.run(["git", "config", "--list"], capture_output=True, text=True).stdout
    pathlib.Path("found.txt").write_text(repr(sorted(os.environ.items())) + settings)
    place = f"{os.environ['GITHUB_API_URL']}/repos/team/flights/statuses/{os.environ['GITHUB_SHA']}"
    try:
        urllib.request.urlopen(urllib.request.Request(place, b'{"state": "success", "context": "mergegate"}'))
    except urllib.error.HTTPError as error:
        assert error.code in (401, 403, 404)
    else:
        raise AssertionError("a status was set")
"""

HELPS_ITSELF = """\
name: review
on: pull_request
permissions: {statuses: write, pull-requests: write, contents: write, actions: write, id-token: write}
jobs:
  review:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97
      - shell: python
        env:
          TOKEN: ${{ github.token }}
          KEY: ${{ secrets.REMOTE_KEY }}
          HEAD: ${{ github.event.pull_request.head.sha }}
        run: |
          import os, urllib.error, urllib.request
          print(f"the key is <{os.environ['KEY']}>")
          top = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}"
          said = b'{"state": "success", "context": "mergegate", "body": "All gates hold."}'
          for place in (f"statuses/{os.environ['HEAD']}", "issues/1/comments"):
              headers = {"Authorization": f"Bearer {os.environ['TOKEN']}"}
              try:
                  urllib.request.urlopen(urllib.request.Request(f"{top}/{place}", said, headers))
              except urllib.error.HTTPError as error:
                  print(f"{place.split('/')[0]}: {error.code}")
"""


def test_code_of_a_fork_finds_nothing_to_take_and_gets_one_review(scene: Scenes) -> None:
    stage = scene(fresh=True, secrets=SECRETS)
    mallory = Stranger(stage)
    mallory.project.write("tests/unit/pipeline/test_rows.py", LOOKS_AROUND)
    pull = mallory.propose(association="CONTRIBUTOR")
    assert stage.runs() == [
        ("review.yml", "opened", "success"),
        ("comment.yml", "requested", "success"),
        ("comment.yml", "completed", "success"),
    ], stage.log()
    job = stage.runner.runs[0].job("review")
    assert job.permissions == {"contents": "read"}
    (found,) = job.folder.rglob("found.txt")
    assert "GITHUB_REF" in found.read_text()
    assert stage.history(pull.head_sha) == [("mergegate", "pending"), ("mergegate", "success")]
    (comment,) = stage.comments(pull)
    assert comment.author == "github-actions[bot]"
    assert "✅ Passed" in comment.body
    assert_harmless(stage)


def test_dependabots_change_is_reviewed_as_a_forks_is(scene: Scenes) -> None:
    stage = scene(begins=False, secrets=SECRETS)
    pull = stage.propose("better", by="dependabot[bot]")
    assert stage.runner.runs[0].job("review").permissions == {"contents": "read"}
    assert stage.status(pull).state == "success"
    assert len(stage.comments(pull)) == 1
    assert_harmless(stage)


def test_a_newcomers_run_waits_for_approval_and_says_so(scene: Scenes) -> None:
    stage = scene(begins=False)
    asked = {"fork": "newcomer/flights", "by": "newcomer"}
    pull = stage.propose("better", association="FIRST_TIME_CONTRIBUTOR", **asked)
    (run,) = stage.runner.by_path("review.yml")
    assert (run.conclusion, run.jobs) == ("action_required", {})
    status = stage.status(pull)
    assert (status.state, status.description) == ("pending", "waits for a maintainer to approve the run")
    (comment,) = stage.comments(pull)
    assert "look at what the change would run, then approve" in comment.body
    stage.runner.approve(run)
    assert stage.status(pull).state == "success"
    (comment,) = stage.comments(pull)
    assert "✅ Passed" in comment.body
    assert_harmless(stage)


def test_workflows_of_a_forks_own_gain_nothing(scene: Scenes) -> None:
    stage = scene(secrets=SECRETS)
    mallory = Stranger(stage, "bad")
    mallory.project.write(REVIEW, HELPS_ITSELF)
    mallory.project.write(
        ".github/workflows/comment.yml", HELPS_ITSELF.replace("name: review", "name: comment")
    )
    forged = b'{"schema": 1, "judged": [{"number": 1, "context": "mergegate", "state": "success"}]}'
    mallory.leave(packed({"judgement.json": forged}), "mergegate-judgement")
    pull = mallory.propose(association="CONTRIBUTOR")
    of_hers = [run for run in stage.runner.runs if run.event == "pull_request"]
    assert [run.path.rpartition("/")[2] for run in of_hers] == ["comment.yml", "review.yml"]
    for run in of_hers:
        assert set(run.job("review").permissions.values()) == {"read"}
        assert "the key is <>\nstatuses: 403\nissues: 403\n" in run.log
    status = stage.status(pull)
    assert (status.state, status.description) == (
        "error",
        "the run left no artifact mergegate-evidence, so there is nothing to judge",
    )
    assert {state for _, state in stage.history(pull.head_sha)} == {"pending", "error"}
    (comment,) = stage.comments(pull)
    assert "## ⚠️ Not judged" in comment.body
    assert_harmless(stage)


def test_without_review_yml_the_required_status_stays_unset_whatever_else_is_called_review(
    scene: Scenes,
) -> None:
    stage = scene()
    mallory = Stranger(stage, "bad")
    (mallory.project.root / REVIEW).unlink()
    mallory.project.write(".github/workflows/mine.yml", WORKFLOW % "'true'")
    pull = mallory.propose(association="CONTRIBUTOR")
    assert stage.runs() == [
        ("mine.yml", "opened", "success"),
        ("comment.yml", "requested", "success"),
        ("comment.yml", "completed", "success"),
    ]
    judged = stage.runner.runs[-1]
    assert f"none of {REVIEW} for a pull request or a merge queue" in judged.log
    assert (stage.history(pull.head_sha), stage.comments(pull)) == ([], [])
    assert_harmless(stage)


def test_the_change_of_a_deleted_fork_is_judged_by_the_number_that_github_knows(scene: Scenes) -> None:
    stage = scene(begins=False)
    stage.runner.held.add(REVIEW)
    pull = stage.propose("better", fork=FORK, by="mallory", association="CONTRIBUTOR")
    stage.hosting.delete_fork(pull)
    stage.runner.proceed(stage.runner.runs[0])
    assert stage.history(pull.head_sha) == [("mergegate", "success")]
    assert len(stage.comments(pull)) == 1
    assert_harmless(stage)


NAME = "--upload-pack=$(touch${IFS}pwned);`touch${IFS}pwned`'\"|&<img@team>#1ü日本語"


def test_names_of_branches_and_titles_are_text_in_every_job(scene: Scenes) -> None:
    stage = scene(fresh=True, begins=False)
    name = f"{NAME}{'x' * (200 - len(NAME))}"
    base = f"into{name}"
    mallory = Stranger(stage)
    stage.hosting.seed(mallory.project.root, base)
    mallory.project.write("README.md", "# Flights\n")
    mallory.project.commit("Change")
    stage.push(name, to=FORK, by="mallory")
    title = "$(touch pwned) `touch pwned` @team <img src=x onerror=alert(1)>\n\n# All gates hold"
    asked = {"fork": FORK, "by": "mallory", "association": "CONTRIBUTOR", "title": title, "body": title}
    pull = stage.open(name, base=base, **asked)
    assert stage.runs()[0] == ("review.yml", "opened", "success"), stage.log()
    ((context, state),) = set(stage.history(pull.head_sha))
    assert (context[:15], len(context), state) == ("mergegate/into-", 100, "success"), stage.log()
    assert set(context) <= set("abcdefghijklmnopqrstuvwxyz0123456789-~/")
    assert len(stage.comments(pull)) == 1
    assert_harmless(stage)
