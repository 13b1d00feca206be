"""Workflows as they come: missing, not merged, of others, of several versions, of adopters."""

import pytest

from mergegate.doctor import (
    following,
    pinned_actions,
    status_name,
    triggers,
    trusted_jobs,
    untrusted_jobs,
    workflows,
)
from mergegate.doctor.check import examine
from mergegate.doctor.facts import Place, Workflows
from support import doctor
from support.doctor import OURS, facts, shown, told
from support.workflow_files import shown as papers

BORROWED = """\
name: label
on: {event}
jobs:
  label:
    runs-on: ubuntu-24.04
    permissions: {{}}
    steps:
      - {step}
"""


@pytest.mark.parametrize(
    ("event", "step", "said"),
    [
        (
            "pull_request_target",
            '{uses: actions/checkout@v7, with: {ref: "${{ github.event.pull_request.head.sha }}"}}',
            "checks out the change by pull_request_target",
        ),
        (
            "[issue_comment, push]",
            '{uses: actions/checkout@v7, with: {repository: "${{ github.event.pull_request.head.repo }}"}}',
            "checks out the change by issue_comment",
        ),
        ("issue_comment", "{run: gh pr checkout 5}", "checks out the change by issue_comment"),
        (
            "pull_request_target",
            "{run: 'echo ${{ github.event.pull_request.title }}'}",
            "writes `github.event.pull_request.title` into a script",
        ),
    ],
)
def test_any_workflow_that_lends_its_rights_to_a_stranger_is_a_hole(event: str, step: str, said: str) -> None:
    text = BORROWED.format(event=event, step=step)
    assert shown(triggers, facts(workflows=doctor.workflows({"label.yml": text}))) == [
        f"hole: the job label of .github/workflows/label.yml at origin/main {said}"
    ]


@pytest.mark.parametrize(
    ("event", "step"),
    [
        ("pull_request", "{run: 'echo ${{ github.head_ref }}'}"),
        ("pull_request_target", "{uses: actions/checkout@v7}"),
        ("pull_request_target", "{run: 'echo ${{ github.event.number }}'}"),
    ],
)
def test_a_workflow_without_a_strangers_code_or_without_rights_is_none(event: str, step: str) -> None:
    text = BORROWED.format(event=event, step=step)
    assert shown(triggers, facts(workflows=doctor.workflows({"label.yml": text}))) == []


def test_a_job_of_the_statuss_name_is_told() -> None:
    text = OURS["ci.yml"].replace("    name: checks\n", "    name: Mergegate\n")
    found = shown(status_name, facts(workflows=doctor.workflows(OURS | {"ci.yml": text})))
    assert found == [
        "fault: the job checks of .github/workflows/ci.yml at origin/main is called Mergegate, as the "
        "required status is"
    ]


def test_a_job_that_says_nothing_gets_whatever_the_repository_gives() -> None:
    text = OURS["review.yml"].replace("permissions: {}\n", "")
    text = text.replace(
        "    permissions:\n      contents: read # the change, and what it is compared with\n", ""
    )
    found = shown(untrusted_jobs, facts(workflows=doctor.workflows(OURS | {"review.yml": text})))
    assert found == [
        "hole: the job review of .github/workflows/review.yml at origin/main does not say what its token "
        "may do"
    ]


def test_what_papers_show_to_adopters_has_none_of_it() -> None:
    texts = papers()
    texts["review.yml"] = texts.pop("review-with-role.yml")
    found = facts(workflows=doctor.workflows(texts), commit="1" * 40)
    checks = (workflows, following, triggers, untrusted_jobs, trusted_jobs, pinned_actions, status_name)
    assert [shown(each, found) for each in checks] == [[]] * len(checks)


def test_without_workflows_nothing_holds_a_change_back() -> None:
    assert shown(workflows, facts(workflows=Workflows((), ()))) == [
        "hole: neither review.yml nor comment.yml is there on origin/main: no pull request is reviewed, "
        "and no "
        "status set"
    ]


def test_workflows_that_are_not_merged_yet_are_to_be_merged() -> None:
    here = doctor.workflows(OURS).here
    (hole,) = told(workflows, facts(workflows=Workflows(here, ())))
    assert (hole.level, hole.mend) == ("hole", "merge .github/workflows into main")


def test_one_of_the_two_alone_is_a_fault() -> None:
    alone = {"review.yml": OURS["review.yml"]}
    assert shown(workflows, facts(workflows=doctor.workflows(alone))) == [
        "fault: .github/workflows/comment.yml is not there on origin/main: nothing judges a review or sets "
        "the "
        "status"
    ]


def test_what_only_this_clone_has_is_told_of_this_clone() -> None:
    text = OURS["review.yml"].replace("contents: read", "contents: write")
    target, here = doctor.workflows(OURS).target, doctor.workflows(OURS | {"review.yml": text}).here
    (found,) = told(untrusted_jobs, facts(workflows=Workflows(here, target)))
    assert found.where == ".github/workflows/review.yml"


def test_another_forge_is_not_told_of_github() -> None:
    elsewhere = facts(
        place=Place("/team", "/team", default="origin/main", elsewhere=".gitlab-ci.yml"),
        workflows=Workflows((), ()),
    )
    examined = examine((workflows,), elsewhere)
    assert examined.blind
    assert examined.checks[0].unseen == (
        "this repository is not on GitHub, but has .gitlab-ci.yml: see docs/gitlab.md"
    )


def test_two_versions_of_mergegate_and_another_here() -> None:
    texts = papers()
    del texts["review-with-role.yml"]
    texts["review.yml"] = texts["review.yml"].replace("1" * 40, "2" * 40)
    assert shown(pinned_actions, facts(workflows=doctor.workflows(texts), commit="3" * 40)) == [
        "warning: the workflows use several versions of mergegate: 2222222222 in "
        ".github/workflows/review.yml "
        "at origin/main; 1111111111 in .github/workflows/comment.yml at origin/main",
        "note: the mergegate installed here is 3333333333, and the workflows use 2222222222, 1111111111",
    ]


def test_a_project_that_the_workflows_do_not_look_at_is_not_gated() -> None:
    inner = Place("/team", "/team/models/late", prefix="models/late", default="origin/main")
    assert shown(following, facts(place=inner)) == [
        "hole: .github/workflows/review.yml at origin/main looks at . and not at models/late",
        "hole: .github/workflows/comment.yml at origin/main looks at . and not at models/late",
    ]
    told_where = {
        name: text.replace("run: review", "run: review\n          project: ./models/late/").replace(
            "run: judge", "run: judge\n          project: ${{ vars.PROJECT }}"
        )
        for name, text in OURS.items()
    }
    assert shown(following, facts(place=inner, workflows=doctor.workflows(told_where))) == []


def test_jobs_that_another_repository_keeps_are_not_seen() -> None:
    job = "jobs: {all: {uses: ./.github/workflows/all.yml}}\n"
    theirs = job.replace("./", "a/b/").replace(".yml", ".yml@v1")
    texts = {
        "review.yml": f"name: review\non: pull_request\n{theirs}",
        "comment.yml": f"on: {{workflow_run: {{workflows: [review]}}}}\n{job}",
    }
    found = facts(workflows=doctor.workflows(texts))
    assert shown(workflows, found) == [
        "unseen: the job all of .github/workflows/review.yml at origin/main is the workflow "
        "a/b/.github/workflows/all.yml@v1, which was not read"
    ]
    assert examine((workflows,), found).blind
