"""Which branch a change wants to enter: its policy, its status, its queue, and a maintainer's own run."""

from collections.abc import Callable

import pytest

from support.loop import POLICY, REVIEW, Scene

pytestmark = pytest.mark.needs("node")

Scenes = Callable[..., Scene]

STRICT = POLICY.replace("min: 0.6", "min: 0.999")
LAX = POLICY.replace("min: 0.6, max_regression: 0.05", "min: 0.0, max_regression: 1.0")
GUARDED = POLICY.replace("version: 1", 'version: 1\nprotected: ["release/*"]')


def branch_off(stage: Scene, name: str, policy: str) -> None:
    """A branch of the repository that has a policy of its own; the clone is at it then."""
    stage.project.git("switch", "--quiet", "--create", name, "main")
    stage.project.write("mergegate.yaml", policy)
    stage.project.commit(f"Have a policy of {name}'s own")
    stage.push(name)


def states(stage: Scene) -> list[tuple[int | None, str, str]]:
    """Number, status and state of what each judgement judged, in order."""
    return [
        (each["number"], each["context"], each["state"])
        for judgement in stage.judgements()
        for each in judgement["judged"]
    ]


def test_a_change_off_an_old_commit_is_judged_by_the_policy_of_the_tip(scene: Scenes) -> None:
    stage = scene(begins=False)
    old = stage.hosting.tip("main")
    stage.runner.after[REVIEW] = lambda run: stage.revise(STRICT)
    pull = stage.propose("better")
    said = stage.status(pull)
    assert said.state == "failure"
    assert said.description is not None
    assert "0.999" in said.description
    (judgement,) = stage.judgements()
    review = judgement["judged"][0]["review"]
    assert (review["base"]["sha"], review["policy"]["origin"]) == (old, "target")
    assert review["policy"]["revision"]["sha"] == stage.hosting.tip("main") != old
    # main moved, and not the change's policy.
    assert "edits the policy" not in stage.comments(pull)[0].body


def test_a_green_of_a_lax_branch_opens_no_other_and_a_retarget_judges_again(scene: Scenes) -> None:
    stage = scene(begins=False)
    branch_off(stage, "lax", LAX)
    stage.runner.unheard.add("completed")
    pull = stage.propose("bad")
    stage.runner.unheard.remove("completed")
    main = stage.runner.runs[0]
    stage.runner.held.add(REVIEW)
    stage.hosting.retarget(pull, "lax")
    stage.runner.end(stage.runner.by_path("review.yml")[-1], "success", like=main)
    assert stage.hosting.statuses(pull.head_sha).keys() == {"mergegate/lax"}
    assert stage.comments(pull)[0].body.startswith("## ⚠️ Passed: head is worse than base")
    stage.hosting.retarget(pull, "main")
    stage.runner.end(stage.runner.by_path("review.yml")[-1], "failure", like=main)
    assert states(stage) == [(1, "mergegate/lax", "success"), (1, "mergegate", "failure")]
    assert stage.history(pull.head_sha) == [state[1:] for state in states(stage)]
    (comment,) = stage.comments(pull)
    assert comment.body.startswith("## ❌ Failed: roc_auc")


def test_of_one_commit_in_two_pull_requests_the_stricter_verdict_counts_for_protected_ones(
    scene: Scenes,
) -> None:
    stage = scene(begins=False)
    stage.runner.after[REVIEW] = lambda run: stage.revise(GUARDED)
    pull = stage.propose("better")
    first = stage.runner.runs[0]
    assert stage.history(pull.head_sha) == [("mergegate", "success")]
    branch_off(stage, "release/1", STRICT)
    branch_off(stage, "lax", LAX)
    stage.runner.held.add(REVIEW)
    into_release = stage.open("change", base="release/1")
    stage.runner.unheard.add("completed")
    stage.runner.end(stage.runner.runs[-1], "success", like=first)
    stage.runner.unheard.remove("completed")
    into_lax = stage.open("change", base="lax")
    stage.runner.end(stage.runner.runs[-1], "success", like=first)
    assert stage.history(pull.head_sha)[1:] == [("mergegate", "failure"), ("mergegate/lax", "success")]
    said = stage.status(pull).description
    assert said is not None
    assert said.startswith(f"#{into_release.number}: roc_auc")
    told = [stage.comments(each)[0].body.split(":")[0] for each in (pull, into_release, into_lax)]
    assert told == ["## ✅ Passed", "## ❌ Failed", "## ✅ Passed"]


def test_a_queues_groups_are_judged_one_on_the_other_and_nothing_is_said_below(scene: Scenes) -> None:
    stage = scene(begins=False)
    stage.runner.unheard.add("completed")
    better = stage.propose("better")
    reviewed = stage.runner.runs[0]
    stage.runner.unheard.remove("completed")
    stage.runner.held.add(REVIEW)
    stage.project.git("switch", "--quiet", "--create", "words", "main")
    stage.project.write("README.md", "# Later\n")
    stage.project.commit("Say more")
    stage.push("words")
    words = stage.open("words")
    stage.revise(LAX)
    main = stage.hosting.tip("main")
    first, second = stage.hosting.enqueue(better, words)
    of_first, of_second = stage.runner.by_path("review.yml")[-2:]
    stage.runner.end(of_first, "success", like=reviewed)
    stage.runner.proceed(of_second)
    assert [stage.history(group) for group in (first, second)] == [[("mergegate", "success")]] * 2
    judged = [judgement["judged"][0] for judgement in stage.judgements()[-2:]]
    assert [(each["number"], each["base"], each["review"]["base"]["sha"]) for each in judged] == [
        (None, "main", main),
        (None, "main", first),
    ]
    assert stage.server.comments == []


def test_advice_blocks_nothing_and_says_what_it_would(scene: Scenes) -> None:
    stage = scene(begins=False)
    stage.runner.unheard.add("completed")
    pull = stage.propose("bad")
    first = stage.runner.runs[0]
    stage.runner.unheard.remove("completed")
    stage.revise(POLICY.replace("version: 1", "version: 1\nmode: advisory"))
    stage.runner.held.add(REVIEW)
    stage.hosting.close(pull)
    stage.hosting.reopen(pull)
    stage.runner.end(stage.runner.runs[-1], "success", like=first)
    assert stage.history(pull.head_sha) == [("mergegate", "success")]
    said = stage.status(pull).description
    assert said is not None
    assert said.startswith("advisory: would fail: roc_auc")
    (comment,) = stage.comments(pull)
    assert comment.body.startswith("## ❌ Failed, but nothing is blocked (advisory mode): roc_auc")


def test_a_maintainers_run_makes_it_reproduced_for_the_commit_that_was_read(scene: Scenes) -> None:
    stage = scene(begins=False)
    asking = POLICY.replace("version: 1", "version: 1\nrequired_strength: reproduced")
    stage.runner.after[REVIEW] = lambda run: stage.revise(asking)
    pull = stage.propose("better")
    assert stage.history(pull.head_sha) == [("mergegate", "failure")]
    stage.hosting.start("verify.yml", pr=str(pull.number), sha="f" * 40)
    assert f"pull request 1 is closed, or its head is no longer {'f' * 40}" in stage.runner.runs[-1].log
    assert stage.history(pull.head_sha) == [("mergegate", "failure")]
    stage.hosting.start("verify.yml", pr=str(pull.number), sha=pull.head_sha)
    verify = stage.runner.runs[-1]
    assert verify.results() == {"reproduce": "success", "judge": "success", "post": "success"}, verify.log
    assert stage.history(pull.head_sha) == [("mergegate", "failure"), ("mergegate", "success")]
    (comment,) = stage.comments(pull)
    assert comment.body.startswith("## ✅ Passed")
    assert "reproduced" in comment.body
    assert stage.judgements()[-1]["judged"][0]["review"]["strength"] == "reproduced"
