"""`mergegate judge`: from a run's evidence to a judgement, and what is posted of it."""

from typing import Any

import pytest

from mergegate.flows.judging import judging
from mergegate.flows.review import Request, review_project
from mergegate.forge.connection import connect
from mergegate.forge.events import read_event
from mergegate.records.review import Review
from mergegate.repo import Project as Found
from support.evidence import pack
from support.github import payloads
from support.github.state import Run
from support.jobs import EVIDENCE, Jobs, briefly
from support.projects import POLICY, Project


@pytest.fixture(scope="module")
def evidence(built_change: Project, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What the run on `change` uploads."""
    home = tmp_path_factory.mktemp("evidence")
    project = built_change.copy(home / "home")
    options = ("--base", "main", "--head", "change", "--out", str(home / "out"))
    ended = project.mergegate("review", *options, "--evidence", str(home / "evidence"))
    assert ended.code == 0, ended.err
    return pack(home / "evidence", home / "evidence.zip").read_bytes()


GOOD = "no evidence of a difference between head and base on the 100 rows that both judged; 7 gates hold."


def test_a_good_change_becomes_a_green_status_and_one_comment(jobs: Jobs, head: str, evidence: bytes) -> None:
    jobs.github.add_pull(head_sha=head)
    run = jobs.add_run(head, evidence=evidence)
    ended, judgement = jobs.judge(run)
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == f"pull request 1 into 'main': success, {GOOD}\n"
    assert briefly(judgement) == [(1, "mergegate", "success", GOOD, True)]
    review = judgement["judged"][0]["review"]
    assert (review["base"]["name"], review["policy"]["origin"]) == ("origin/main", "target")
    assert review["strength"] == "consistent"
    del judgement["judged"]
    assert judgement == {
        "schema": 1,
        "mergegate": "0.1.0",
        "repository": "team/flights",
        "sha": head,
        "run_id": run.id,
        "run_attempt": 1,
        "run_url": f"https://github.example/team/flights/actions/runs/{run.id}",
        "sentence": "",
    }
    assert jobs.status(run).code == 0
    assert jobs.stands(head) == {"mergegate": ("success", GOOD)}
    assert jobs.comment(run).code == 0
    (comment,) = jobs.github.comments
    assert comment.body.startswith(f"## ✅ Passed: {GOOD}\n\nHead `{head}`")
    assert comment.body.endswith(
        f"<sub>For commit `{head[:10]}` · [the run, with the whole report among its artifacts]"
        f"(https://github.example/team/flights/actions/runs/{run.id}) · mergegate 0.1.0</sub>\n\n"
        f'![](https://cml.dev/watermark.png#{head} "CML watermark mergegate")'
    )
    assert jobs.comment(run).err.startswith("the comment on 1 is unchanged")


def test_no_work_tree_no_remote_and_no_token_is_left(jobs: Jobs, head: str, evidence: bytes) -> None:
    jobs.github.add_pull(head_sha=head)
    before = sorted(jobs.project.home.rglob("*"))
    jobs.judge(jobs.add_run(head, evidence=evidence))
    new = {path.name for path in jobs.project.home.rglob("*") if path not in before}
    assert new == {"event.json", "judgement.json"}


def test_a_failing_gate_exits_with_1_and_is_posted(jobs: Jobs, head: str, evidence: bytes) -> None:
    jobs.project.write("mergegate.yaml", POLICY.replace("min: 0.6", "min: 0.999"))
    jobs.project.commit("Ask for more")
    jobs.push("main")
    jobs.github.add_pull(head_sha=head)
    run = jobs.add_run(head, evidence=evidence)
    ended, judgement = jobs.judge(run)
    assert ended.code == 1
    assert briefly(judgement)[0][2] == "failure"
    assert jobs.status(run).code == 0
    assert jobs.stands(head)["mergegate"][0] == "failure"


@pytest.mark.parametrize(
    ("conclusion", "code", "state", "description"),
    [
        ("cancelled", 3, "error", "the run was cancelled"),
        ("timed_out", 3, "error", "the run took longer than it may"),
        ("startup_failure", 3, "error", "the run could not start"),
        ("action_required", 0, "pending", "waits for a maintainer to approve the run"),
        ("failure", 1, "failure", "the run failed before there was anything to judge"),
        (
            "success",
            3,
            "error",
            "the run left no artifact mergegate-evidence, so there is nothing to judge",
        ),
    ],
)
def test_every_other_end_of_a_run_is_a_state_and_a_sentence(
    jobs: Jobs, head: str, conclusion: str, code: int, state: str, description: str
) -> None:
    jobs.github.add_pull(head_sha=head)
    run = jobs.add_run(head, conclusion=conclusion)
    ended, judgement = jobs.judge(run)
    assert ended.code == code
    assert briefly(judgement) == [(1, "mergegate", state, description, False)]
    jobs.status(run)
    assert jobs.stands(head) == {"mergegate": (state, description)}
    jobs.comment(run)
    (comment,) = jobs.github.comments
    assert judgement["judged"][0]["sentence"].split(" ")[0] in comment.body
    assert f"For commit `{head[:10]}`" in comment.body


def test_who_gets_no_role_is_told_who_can_run_it_with_one(jobs: Jobs, head: str) -> None:
    jobs.github.add_pull(head_sha=head, head_ref="dependabot/pip/dvc-4")
    run = jobs.add_run(head, conclusion="failure")
    ended, judgement = jobs.judge(run)
    said = "the run failed before there was anything to judge; a fork's and Dependabot's runs get no role"
    assert (ended.code, briefly(judgement)) == (3, [(1, "mergegate", "error", said, False)])
    assert judgement["judged"][0]["sentence"] == (
        f"{said.capitalize().replace('dependabot', 'Dependabot')}. Next: look at its log; where it could not "
        "read the data, a maintainer who has read the change starts verify.yml."
    )


def test_a_failed_run_fails_even_where_the_gates_hold(jobs: Jobs, head: str, evidence: bytes) -> None:
    jobs.github.add_pull(head_sha=head)
    run = jobs.add_run(head, evidence=evidence, conclusion="failure")
    ended, judgement = jobs.judge(run)
    said = "the gates hold, but the run failed: tests or reproduction"
    assert (ended.code, briefly(judgement)) == (1, [(1, "mergegate", "failure", said, True)])
    jobs.comment(run)
    assert jobs.github.comments[0].body.startswith(
        "> ⚠️ The gates hold, but the run failed: its tests or the reproduction. Look at its log.\n\n"
        f"## ✅ Passed: {GOOD}\n"
    )


def test_advice_is_green_and_says_so(jobs: Jobs, head: str, evidence: bytes) -> None:
    policy = POLICY.replace("min: 0.6", "min: 0.999").replace("version: 1", "version: 1\nmode: advisory")
    jobs.project.write("mergegate.yaml", policy)
    jobs.project.commit("Only advise")
    jobs.push("main")
    jobs.github.add_pull(head_sha=head)
    ended, judgement = jobs.judge(jobs.add_run(head, evidence=evidence))
    assert ended.code == 0
    ((_, _, state, description, _),) = briefly(judgement)
    assert state == "success"
    assert description.startswith("advisory: would fail: roc_auc")


HOSTILE = {
    "no zip": (b"PK no", "it is no whole zip file"),
    "empty": (b"", "it is no whole zip file"),
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_evidence_is_an_error_and_a_sentence(jobs: Jobs, head: str, hostile: str) -> None:
    data, said = HOSTILE[hostile]
    jobs.github.add_pull(head_sha=head)
    ended, judgement = jobs.judge(jobs.add_run(head, evidence=data))
    assert ended.code == 3
    ((number, context, state, description, reviewed),) = briefly(judgement)
    assert (number, context, state, reviewed) == (1, "mergegate", "error", False)
    assert said in description


def test_evidence_that_has_expired_is_told(jobs: Jobs, head: str, evidence: bytes) -> None:
    jobs.github.add_pull(head_sha=head)
    run = jobs.add_run(head)
    jobs.github.add_artifact(run.id, EVIDENCE, evidence, expired=True)
    ended, judgement = jobs.judge(run)
    assert ended.code == 3
    assert briefly(judgement) == [
        (1, "mergegate", "error", "the artifact mergegate-evidence has expired", False)
    ]
    assert judgement["judged"][0]["sentence"] == (
        "The artifact mergegate-evidence has expired. Next: run its workflow again."
    )


def test_another_changes_evidence_proves_nothing(jobs: Jobs, head: str) -> None:
    jobs.github.add_pull(head_sha=head)
    main = jobs.project.git("rev-parse", "main").strip()
    own = jobs.pack_evidence(main)
    ended, judgement = jobs.judge(jobs.add_run(head, evidence=own))
    assert ended.code == 1
    assert briefly(judgement)[0][2] == "failure"


def nothing(jobs: Jobs, run: Run, sentence: str) -> None:
    """Nothing is judged, and nothing is posted."""
    ended, judgement = jobs.judge(run)
    assert (ended.code, ended.err) == (0, f"nothing to judge: {sentence}\n")
    assert (judgement["judged"], judgement["sentence"]) == ([], sentence)
    assert jobs.status(run).code == 0
    assert jobs.comment(run).code == 0
    assert (jobs.github.statuses, jobs.github.comments) == ([], [])


def test_a_run_without_an_open_pull_request_is_nothing_to_judge(jobs: Jobs, head: str) -> None:
    sentence = "no open pull request has this commit at its head: it is closed, or moved on"
    pull = jobs.github.add_pull(head_sha=head, state="closed")
    run = jobs.add_run(head, pull_requests=[pull.number])
    nothing(jobs, run, sentence)
    pull.state, pull.head_sha = "open", "f" * 40
    nothing(jobs, run, sentence)


def test_a_hint_is_checked(jobs: Jobs, head: str, evidence: bytes) -> None:
    jobs.github.add_pull(head_sha="f" * 40)
    jobs.github.add_pull(head_sha=head)
    # 1 is another change, 7 one of a fork.
    run = jobs.add_run(head, evidence=evidence, pull_requests=[1, 7])
    _, judgement = jobs.judge(run)
    assert [each["number"] for each in judgement["judged"]] == [2]


def test_a_run_of_another_workflow_or_event_is_nothing_to_judge(jobs: Jobs, head: str) -> None:
    jobs.github.add_pull(head_sha=head)
    others: tuple[dict[str, Any], ...] = (
        {"path": ".github/workflows/other.yml"},
        {"event": "push"},
        {"event": "pull_request_target"},
    )
    for said in others:
        run = jobs.add_run(head, **said)
        sentence = f"run {run.id} is none of .github/workflows/review.yml for a pull request or a merge queue"
        nothing(jobs, run, sentence)


@pytest.mark.parametrize("conclusion", ["success", "cancelled", "failure"])
def test_a_run_that_a_newer_one_replaced_is_nothing_to_judge(jobs: Jobs, head: str, conclusion: str) -> None:
    jobs.github.add_pull(head_sha=head)
    run = jobs.add_run(head, conclusion=conclusion)
    for status in ("queued", "completed"):
        newer = jobs.add_run(head, status=status, conclusion=None if status == "queued" else "success")
        nothing(jobs, run, f"the newer run {newer.id} of this commit takes the place of run {run.id}")


def test_an_attempt_that_a_newer_one_replaced_is_nothing_to_judge(jobs: Jobs, head: str) -> None:
    jobs.github.add_pull(head_sha=head)
    run = jobs.add_run(head)
    payload = payloads.workflow_run(jobs.github, run)
    run.attempt, run.status, run.conclusion = 2, "queued", None
    ended, judgement = jobs.judge_event("workflow_run", payload)
    assert ended.code == 0
    assert judgement["sentence"] == f"attempt 2 of run {run.id} takes the place of attempt 1"


def test_a_deleted_fork_is_judged_all_the_same(jobs: Jobs, head: str, evidence: bytes) -> None:
    jobs.github.add_pull(head_sha=head, head_repository=None, head_owner=None)
    run = jobs.add_run(head, evidence=evidence, head_repository=None)
    ended, judgement = jobs.judge(run)
    assert (ended.code, briefly(judgement)) == (0, [(1, "mergegate", "success", GOOD, True)])


def test_each_target_has_its_own_status_and_policy(jobs: Jobs, head: str, evidence: bytes) -> None:
    # One commit, three pull requests: into main, into a protected branch that asks for more, into a lax one.
    project = jobs.project
    project.write("mergegate.yaml", POLICY.replace("version: 1", 'version: 1\nprotected: ["release/*"]'))
    project.commit("Protect releases")
    for branch, bar in (("release/1", "min: 0.999"), ("Lax$(x)", "min: 0.0")):
        project.git("switch", "--quiet", "--create", branch, "main")
        project.write("mergegate.yaml", POLICY.replace("min: 0.6", bar))
        project.commit(bar)
    jobs.push("main", "release/1", "Lax$(x)")
    for number, base in enumerate(("main", "release/1", "Lax$(x)"), 1):
        jobs.github.add_pull(head_sha=head, base_ref=base, number=number)
    older = jobs.add_run(head, evidence=evidence)
    run = jobs.add_run(head)
    ended, judgement = jobs.judge(run)
    assert ended.code == 1
    lax = "mergegate/lax--x-~"
    found = [(number, context[:18], state) for number, context, state, _, _ in briefly(judgement)]
    assert found == [
        (1, "mergegate", "success"),
        (2, "mergegate", "failure"),
        (3, lax, "success"),
    ]
    jobs.status(run)
    assert {context[:18]: state for context, (state, _) in jobs.stands(head).items()} == {
        "mergegate": "failure",
        lax: "success",
    }
    assert jobs.stands(head)["mergegate"][1].startswith("#2: roc_auc")
    jobs.comment(run)
    assert [comment.number for comment in jobs.github.comments] == [1, 2, 3]
    older.status, older.conclusion = "in_progress", None
    _, judgement = jobs.judge(run)
    assert {each["state"] for each in judgement["judged"]} == {"pending"}
    older.status, older.conclusion = "completed", "failure"
    _, judgement = jobs.judge(run)
    assert {each["state"] for each in judgement["judged"]} == {"failure"}


def test_a_queues_group_is_judged_against_its_first_parent(jobs: Jobs, head: str, evidence: bytes) -> None:
    project = jobs.project
    project.git("switch", "--quiet", "--create", "queue", "main")
    project.git("merge", "--quiet", "--no-ff", "--message", "Group", "change")
    group = project.git("rev-parse", "HEAD").strip()
    main = project.git("rev-parse", "main").strip()
    branch = f"gh-readonly-queue/main/pr-1-{main}"
    project.git("push", "--quiet", "origin", f"queue:{branch}")
    jobs.github.add_pull(head_sha=head)
    run = jobs.add_run(group, branch, evidence=evidence, event="merge_group")
    ended, judgement = jobs.judge(run)
    assert (ended.code, briefly(judgement)) == (0, [(None, "mergegate", "success", GOOD, True)])
    assert judgement["judged"][0]["base"] == "main"
    assert judgement["judged"][0]["review"]["base"]["sha"] == main
    jobs.status(run)
    assert jobs.stands(group) == {"mergegate": ("success", GOOD)}
    jobs.comment(run)
    assert jobs.github.comments == []


def test_the_first_pull_request_ever_is_judged_by_its_own_policy(
    jobs: Jobs,
) -> None:
    project = jobs.project
    project.git("switch", "--quiet", "--orphan", "empty")
    project.write("README.md", "Nothing yet\n")
    project.git("add", "README.md")
    project.git("commit", "--quiet", "--message", "Begin")
    project.git("branch", "--force", "main", "empty")
    jobs.push("main")
    project.git("switch", "--quiet", "--create", "first", "main")
    project.git("checkout", "--quiet", "change", "--", ".")
    first = project.commit("Bring everything")
    jobs.push("first")
    jobs.github.add_pull(head_sha=first, head_ref="first")
    ended, judgement = jobs.judge(jobs.add_run(first, "first", evidence=jobs.pack_evidence(first)))
    assert ended.code == 0, ended.err
    review = judgement["judged"][0]["review"]
    assert review["policy"]["origin"] == "head"
    assert "The target has no mergegate.yaml yet: this change was judged by its own." in review["notes"]


def test_a_server_that_refuses_is_an_error_in_the_judgement(jobs: Jobs, head: str, evidence: bytes) -> None:
    jobs.github.add_pull(head_sha=head)
    run = jobs.add_run(head, evidence=evidence)
    ended, judgement = jobs.judge(run, MERGEGATE_REMOTE=f"{jobs.remote.as_uri()}-gone")
    assert ended.code == 3
    ((_, context, state, description, _),) = briefly(judgement)
    assert (context, state) == ("mergegate", "error")
    assert description.startswith("the change can't be fetched: ")


def test_a_token_without_actions_read_is_told_what_it_lacks(jobs: Jobs, head: str) -> None:
    jobs.github.add_pull(head_sha=head)
    run = jobs.add_run(head)
    jobs.github.tokens.clear()
    jobs.github.add_token("ghs_4pZ0secretOfTheJob", {"contents": "read", "pull-requests": "read"})
    ended, judgement = jobs.judge(run)
    assert (ended.code, judgement) == (3, None)
    assert "actions: read" in ended.err


def test_an_older_judgement_does_not_outlive_a_judge_that_breaks_off(jobs: Jobs, head: str) -> None:
    jobs.github.add_pull(head_sha=head)
    jobs.judgement.write_text("{}")
    ended, judgement = jobs.judge(jobs.add_run(head), GITHUB_TOKEN="")
    assert (ended.code, judgement) == (2, None)


def test_two_that_want_to_enter_one_branch_are_one_change(jobs: Jobs, head: str, evidence: bytes) -> None:
    jobs.github.add_pull(head_sha=head)
    jobs.github.add_pull(head_sha=head, head_ref="copy", head_repository="mallory/flights", author="mallory")
    run = jobs.add_run(head, evidence=evidence)
    _, judgement = jobs.judge(run)
    assert briefly(judgement) == [(number, "mergegate", "success", GOOD, True) for number in (1, 2)]
    jobs.status(run)
    assert jobs.stands(head) == {"mergegate": ("success", f"#1: {GOOD}"[:140])}


def test_a_commit_with_too_many_pull_requests_passes_nowhere(jobs: Jobs, head: str, evidence: bytes) -> None:
    for number in range(1, 22):
        jobs.github.add_pull(head_sha=head, base_ref=f"b{number}", head_ref="change")
    ended, judgement = jobs.judge(jobs.add_run(head, evidence=evidence))
    assert ended.code == 3
    assert {each[1:] for each in briefly(judgement)} == {
        (
            "mergegate",
            "error",
            "21 open pull requests have this commit, and they are too many to judge",
            False,
        )
    }


def test_a_fault_in_the_review_is_an_error_for_that_target_alone(
    jobs: Jobs, head: str, evidence: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.project.git("branch", "release", "main")
    jobs.push("release")
    jobs.github.add_pull(head_sha=head)
    jobs.github.add_pull(head_sha=head, base_ref="release")
    run = jobs.add_run(head, evidence=evidence)

    def break_off(project: Found, request: Request, **others: Any) -> Review:
        if request.target == "origin/release":
            raise ZeroDivisionError("\x1b[31m@team")
        return review_project(project, request, **others)

    monkeypatch.setattr(judging, "review_project", break_off)
    payload = payloads.workflow_run(jobs.github, run)
    environment = payloads.environment(jobs.github, "workflow_run", payload, jobs.folder / "event.json")
    with connect(environment) as github:
        found = judging.judge(
            github,
            read_event(environment),
            judging.Source(url=jobs.remote.as_uri(), local=True),
            environment,
            tell=lambda step: None,
        )
    assert [(each.number, each.state) for each in found.judged] == [(1, "success"), (2, "error")]
    assert found.judged[1].description.startswith(
        "the review broke off by a fault of its own: ZeroDivisionError at test_judge.py:"
    )
