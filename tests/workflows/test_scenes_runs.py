"""What happens while a pull request is reviewed: pushes, re-runs, limits, and runs that end badly."""

from collections.abc import Callable

import pytest

from mergegate.forge.mark import build_mark
from support.actions.runs import Run
from support.loop import REVIEW, Scene

pytestmark = pytest.mark.needs("node")

Scenes = Callable[..., Scene]

COMMENT = ".github/workflows/comment.yml"


def test_a_rerun_counts_and_what_is_told_late_of_the_older_attempt_does_not(scene: Scenes) -> None:
    stage = scene(begins=False)
    pull = stage.propose("better")
    (run, of_first) = stage.runner.runs
    stage.runner.rerun(run)
    assert stage.history(pull.head_sha) == [("mergegate", "success"), ("mergegate", "success")]
    assert str(stage.status(pull).target_url).endswith(f"/actions/runs/{run.id}/attempts/2")
    (comment,) = stage.comments(pull)
    before = comment.body
    stage.runner.rerun(of_first)
    assert of_first.conclusion == "success"
    assert f"attempt 2 of run {run.id} takes the place of attempt 1" in of_first.log
    assert len(stage.history(pull.head_sha)) == 2
    assert [each.body for each in stage.comments(pull)] == [before]


def test_of_two_pushes_in_quick_succession_the_first_says_nothing_any_more(scene: Scenes) -> None:
    stage = scene()
    stage.runner.held.add(REVIEW)
    pull = stage.propose("bad")
    first = pull.head_sha
    stage.runner.held.clear()
    stage.project.git("switch", "--quiet", "--force-create", "change", "better")
    stage.push("change")
    assert stage.runs() == [
        ("review.yml", "opened", "cancelled"),
        ("comment.yml", "requested", "success"),
        ("review.yml", "synchronize", "success"),
        ("comment.yml", "requested", "success"),
        ("comment.yml", "completed", "success"),
        ("comment.yml", "completed", "success"),
    ]
    assert stage.history(first) == [("mergegate", "pending")]
    assert stage.history(pull.head_sha) == [("mergegate", "pending"), ("mergegate", "success")]
    (comment,) = stage.comments(pull)
    assert f"For commit `{pull.head_sha[:10]}`" in comment.body


def test_among_forty_comments_and_a_strangers_copy_ours_is_edited_in_place(scene: Scenes) -> None:
    stage = scene(begins=False)
    stage.runner.held.add(REVIEW)
    pull = stage.propose("bad")
    copied = f"## Passed: all is well\n\n{build_mark('mergegate', pull.head_sha)}"
    stage.server.add_comment(pull.number, copied, author="mallory")
    for number in range(39):
        stage.server.add_comment(pull.number, f"Comment {number}")
    stage.runner.held.clear()
    stage.runner.proceed(stage.runner.runs[0])
    ours = stage.comments(pull)[-1]
    assert (len(stage.comments(pull)), ours.author) == (41, "github-actions[bot]")
    assert ours.body.startswith("## ❌ Failed: roc_auc")
    stage.project.git("switch", "--quiet", "--force-create", "change", "better")
    stage.push("change")
    assert len(stage.comments(pull)) == 41
    assert stage.comments(pull)[-1] is ours
    assert ours.body.startswith("## ✅ Passed")
    assert stage.comments(pull)[0].body == copied


def test_what_moved_on_or_closed_between_judging_and_posting_gets_nothing(scene: Scenes) -> None:
    stage = scene(begins=False)
    stage.runner.held.add(REVIEW)
    pull = stage.propose("better")

    def move_on(of_first: Run) -> None:
        del stage.runner.before[COMMENT, "post"]
        stage.project.write("README.md", "# Later\n")
        stage.project.commit("Say more")
        stage.push("change")

    def close(of_second: Run) -> None:
        stage.hosting.close(pull)

    first = pull.head_sha
    stage.runner.before[COMMENT, "post"] = move_on
    stage.runner.proceed(stage.runner.runs[0])
    assert f"pull request 1 has moved on to {pull.head_sha[:10]}, which another run judges" in stage.log()
    second = stage.runner.by_path("review.yml")[-1]
    stage.runner.before[COMMENT, "post"] = close
    stage.runner.end(second, "success", like=stage.runner.runs[0])
    assert "pull request 1 is closed" in stage.runner.runs[-1].job("post").log
    assert [(each["sha"], each["judged"][0]["state"]) for each in stage.judgements()] == [
        (first, "success"),
        (pull.head_sha, "success"),
    ]
    assert (stage.server.statuses, stage.server.comments) == ([], [])


def test_limits_are_waited_for_and_a_spent_budget_leaves_the_status_unset(scene: Scenes) -> None:
    stage = scene(begins=False)
    stage.runner.held.add(REVIEW)
    pull = stage.propose("better")
    stage.server.budget = 0
    stage.runner.proceed(stage.runner.runs[0])
    told = stage.runner.runs[-1]
    assert told.results() == {
        "pending": "skipped",
        "judge": "failure",
        "post": "failure",
        "conflicts": "skipped",
    }
    assert "the token's requests of this hour are used up" in told.job("judge").log
    assert (stage.server.statuses, stage.server.comments) == ([], [])
    stage.server.budget = None
    stage.server.limit("GET", "/pulls", retry_after=0)
    stage.server.limit("GET", "/artifacts", status=429, retry_after=0, times=2)
    stage.server.limit("POST", "/statuses/", retry_after=0)
    stage.server.limit("POST", "/comments", retry_after=0)
    stage.runner.rerun(told)
    assert told.conclusion == "success"
    assert stage.history(pull.head_sha) == [("mergegate", "success")]
    assert len(stage.comments(pull)) == 1
    assert [failure.times for failure in stage.server.failures] == [0, 0, 0, 0]


def test_a_judge_that_breaks_is_an_error_that_a_rerun_heals(scene: Scenes) -> None:
    stage = scene(begins=False)
    stage.runner.held.add(REVIEW)
    pull = stage.propose("better")
    stage.server.fail("GET", "/actions/runs/", 404, body=b'{"message": "Not Found"}')
    stage.runner.proceed(stage.runner.runs[0])
    assert (stage.status(pull).state, stage.status(pull).description) == (
        "error",
        "the job that judges ended without a judgement",
    )
    stage.runner.rerun(stage.runner.runs[-1])
    assert stage.status(pull).state == "success"
    assert len(stage.comments(pull)) == 1


def test_evidence_that_expired_before_it_was_judged_is_told(scene: Scenes) -> None:
    stage = scene(begins=False)

    def expire(run: Run) -> None:
        for artifact in stage.server.artifacts.values():
            artifact.expired = True

    stage.runner.after[REVIEW] = expire
    pull = stage.propose("better")
    said = stage.status(pull)
    assert (said.state, said.description) == ("error", "the artifact mergegate-evidence has expired")
    (comment,) = stage.comments(pull)
    assert "The artifact mergegate-evidence has expired. Next: run its workflow again." in comment.body


def test_a_skipped_change_has_no_run_and_no_status_until_it_is_pushed_without_the_word(scene: Scenes) -> None:
    stage = scene(begins=False)
    stage.project.git("switch", "--quiet", "--create", "change", "better")
    stage.project.git("commit", "--quiet", "--amend", "--message", "Train it [skip ci]")
    stage.push("change")
    pull = stage.open("change")
    stage.hosting.close(pull)
    stage.hosting.reopen(pull)
    assert (stage.runs(), stage.server.statuses, stage.server.comments) == ([], [], [])
    stage.project.git("reset", "--quiet", "--hard", "better")
    stage.push("change")
    assert stage.runs() == [("review.yml", "synchronize", "success"), ("comment.yml", "completed", "success")]
    assert stage.status(pull).state == "success"


def test_a_conflict_is_an_error_with_the_command_to_type_as_long_as_it_lasts(scene: Scenes) -> None:
    stage = scene(begins=False)
    stage.runner.held.add(REVIEW)
    pull = stage.propose("better")
    start = stage.project.git("rev-parse", "main").strip()
    stage.project.git("switch", "--quiet", "--detach", "bad")
    stage.push("main")
    said = stage.status(pull)
    assert (said.state, said.description) == (
        "error",
        "conflicts with main: git fetch origin && git merge origin/main, then push",
    )
    stage.project.git("switch", "--quiet", "change")
    stage.project.write("README.md", "# Later\n")
    stage.project.commit("Say more")
    stage.push("change")
    assert len(stage.runner.by_path("review.yml")) == 1
    stage.project.git("merge", "--quiet", "--strategy-option", "ours", "bad")
    stage.push("change")
    assert len(stage.runner.by_path("review.yml")) == 2
    assert stage.server.comments == []
    # Another one, whose conflict goes away on the other side.
    stage.project.git("switch", "--quiet", "--create", "other", "better")
    stage.push("other")
    other = stage.open("other")
    stage.project.git("switch", "--quiet", "--detach", "bad")
    stage.project.commit("Move on")
    stage.push("main")
    assert stage.status(other).state == "error"
    stage.project.git("switch", "--quiet", "--detach", start)
    stage.push("main")
    assert (stage.status(other).state, stage.status(other).description) == (
        "pending",
        "the conflict is gone; close and reopen the pull request to start its review",
    )


def test_a_run_that_nobody_lets_end_is_an_error_with_the_next_step(scene: Scenes) -> None:
    stage = scene(begins=False)
    stage.runner.held.add(REVIEW)
    pull = stage.propose("better")
    stage.runner.cancel(stage.runner.runs[0])
    told = stage.status(pull)
    assert (told.state, told.description) == ("error", "the run was cancelled")
    assert "Next: run it again from the page of the run." in stage.comments(pull)[0].body
    stage.hosting.close(pull)
    stage.hosting.reopen(pull)
    stage.runner.end(stage.runner.by_path("review.yml")[-1], "timed_out")
    told = stage.status(pull)
    assert (told.state, told.description) == ("error", "the run took longer than it may")
    (comment,) = stage.comments(pull)
    assert "Next: make the pipeline faster or raise 'timeout-minutes'" in comment.body.replace("`", "'")


def test_a_change_that_breaks_the_workflow_is_an_error_that_says_where_to_look(scene: Scenes) -> None:
    stage = scene(begins=False)
    stage.project.git("switch", "--quiet", "--create", "change")
    stage.project.write(REVIEW, "name: review\non: pull_request\njobs: {review: {}}\n")
    stage.project.commit("Break the workflow")
    stage.push("change")
    pull = stage.open("change")
    said = stage.status(pull)
    assert (said.state, said.description) == ("error", "the run could not start")
    (comment,) = stage.comments(pull)
    assert "look whether the change breaks" in comment.body
