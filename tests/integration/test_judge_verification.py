"""A maintainer's own run of a change: what it is believed on, and what it is not."""

from typing import Any

import pytest

from support.github import payloads
from support.jobs import EVIDENCE, Jobs, briefly
from support.projects import POLICY


def verification(jobs: Jobs, number: int, sha: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The event of verify.yml, started by a maintainer, and what its job's environment says."""
    run = jobs.github.add_run(
        head_sha=jobs.github.branches["main"],
        path=".github/workflows/verify.yml",
        event="workflow_dispatch",
        head_branch="main",
        status="in_progress",
        conclusion=None,
    )
    payload = payloads.workflow_dispatch(jobs.github, {"pr": str(number), "sha": sha})
    variables = {
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_RUN_ID": str(run.id),
        "GITHUB_RUN_ATTEMPT": "1",
        "MERGEGATE_RUN_ENDED": "success",
    }
    return payload, variables


def claim(sha: str, outcome: str = "reproduced", *, base: str = "0" * 40) -> dict[str, Any]:
    return {
        "schema": 1,
        "mergegate": "0.1.0",
        "outcome": outcome,
        "base": {"name": "origin/main", "sha": base},
        "head": {"name": "HEAD", "sha": sha},
        "equal": "bytes",
        "tolerance": 0.0,
        "stages": [],
    }


def test_a_maintainers_verification_is_believed_on_the_reproduction(jobs: Jobs, head: str) -> None:
    policy = POLICY.replace("version: 1", "version: 1\nrequired_strength: reproduced")
    jobs.project.write("mergegate.yaml", policy)
    jobs.project.commit("Ask for a reproduction")
    jobs.push("main")
    jobs.github.add_pull(head_sha=head)
    jobs.project.git("fetch", "--quiet", "origin")
    base = jobs.project.git("merge-base", "origin/main", head).strip()
    evidence = jobs.pack_evidence(head, reproduction=claim(head, base=base))
    # What strangers' code says of itself is a claim.
    ended, judgement = jobs.judge(jobs.add_run(head, evidence=evidence))
    assert (ended.code, judgement["judged"][0]["review"]["strength"]) == (1, "consistent")
    payload, variables = verification(jobs, 1, head)
    jobs.github.add_artifact(int(variables["GITHUB_RUN_ID"]), EVIDENCE, evidence)
    ended, judgement = jobs.judge_event("workflow_dispatch", payload, **variables)
    assert ended.code == 0, ended.err
    assert judgement["judged"][0]["review"]["strength"] == "reproduced"
    for command in ("status", "comment"):
        options = ("--judgement", str(jobs.judgement))
        ended = jobs.run(command, "workflow_dispatch", payload, *options, **variables)
        assert ended.code == 0, ended.err
    assert jobs.stands(head)["mergegate"][0] == "success"
    assert len(jobs.github.comments) == 1


@pytest.mark.parametrize(
    ("record", "state", "description"),
    [
        (None, "error", "the verification left no word on the reproduction of this commit"),
        ("another", "error", "the verification left no word on the reproduction of this commit"),
        ("differs", "failure", "the gates hold, but the run failed: tests or reproduction"),
    ],
)
def test_a_verification_that_reproduced_nothing_does_not_pass(
    jobs: Jobs, head: str, record: str | None, state: str, description: str
) -> None:
    jobs.github.add_pull(head_sha=head)
    said = {None: None, "another": claim("f" * 40), "differs": claim(head, "differs")}[record]
    payload, variables = verification(jobs, 1, head)
    evidence = jobs.pack_evidence(head, reproduction=said)
    jobs.github.add_artifact(int(variables["GITHUB_RUN_ID"]), EVIDENCE, evidence)
    _, judgement = jobs.judge_event("workflow_dispatch", payload, **variables)
    assert [each[2:4] for each in briefly(judgement)] == [(state, description)]


def test_a_verification_against_another_base_reproduced_something_else(jobs: Jobs, head: str) -> None:
    jobs.github.add_pull(head_sha=head)
    payload, variables = verification(jobs, 1, head)
    evidence = jobs.pack_evidence(head, reproduction=claim(head))
    jobs.github.add_artifact(int(variables["GITHUB_RUN_ID"]), EVIDENCE, evidence)
    _, judgement = jobs.judge_event("workflow_dispatch", payload, **variables)
    assert judgement["judged"][0]["review"]["strength"] == "consistent"


def test_a_verification_ends_as_the_job_did_that_ran_the_change(jobs: Jobs, head: str) -> None:
    jobs.github.add_pull(head_sha=head)
    payload, variables = verification(jobs, 1, head)
    evidence = jobs.pack_evidence(head, reproduction=claim(head))
    jobs.github.add_artifact(int(variables["GITHUB_RUN_ID"]), EVIDENCE, evidence)
    for said, state, description in (
        ("failure", "failure", "the gates hold, but the run failed: tests or reproduction"),
        ("cancelled", "error", "the run was cancelled"),
    ):
        variables["MERGEGATE_RUN_ENDED"] = said
        _, judgement = jobs.judge_event("workflow_dispatch", payload, **variables)
        assert [each[2:4] for each in briefly(judgement)] == [(state, description)]
    del variables["MERGEGATE_RUN_ENDED"]
    ended, _ = jobs.judge_event("workflow_dispatch", payload, **variables)
    assert ended.code == 2
    assert "set it to `needs.reproduce.result` in the step that judges" in ended.err


def test_a_verification_counts_only_from_the_default_branch_and_for_the_head(jobs: Jobs, head: str) -> None:
    pull = jobs.github.add_pull(head_sha=head)
    payload, variables = verification(jobs, 1, head)
    elsewhere = variables | {"GITHUB_REF": "refs/heads/evil"}
    ended, judgement = jobs.judge_event("workflow_dispatch", payload, **elsewhere)
    assert (ended.code, judgement) == (2, None)
    assert "a verification is believed only when it is started on the branch main" in ended.err
    pull.head_sha = "f" * 40
    ended, judgement = jobs.judge_event("workflow_dispatch", payload, **variables)
    assert ended.code == 0
    assert judgement["sentence"] == f"pull request 1 is closed, or its head is no longer {head}"
