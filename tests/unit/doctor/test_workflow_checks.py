"""What makes the workflows dangerous, each opened in turn in our own, which have none of it."""

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
from mergegate.doctor.check import Check, examine, name
from mergegate.doctor.facts import Facts, Place, Workflows
from support import doctor
from support.doctor import OURS, facts, shown, told
from support.workflow_files import shown as papers

JUDGE = "    permissions:\n      actions: read # the run and what it uploaded\n"


def broken(file: str, old: str, new: str) -> Facts:
    assert old in OURS[file]
    return facts(workflows=doctor.workflows(OURS | {file: OURS[file].replace(old, new, 1)}))


HOLES: list[tuple[Check[Facts], str, str, str, str]] = [
    (
        triggers,
        "comment.yml",
        "  push:\n",
        "  pull_request_target:\n  push:\n",
        "also starts by pull_request_target",
    ),
    (triggers, "comment.yml", "  push:\n", "  pull_request:\n  push:\n", "also starts by pull_request"),
    (
        triggers,
        "comment.yml",
        "persist-credentials: false",
        "ref: ${{ github.event.workflow_run.head_sha }}",
        "the job pending of .github/workflows/comment.yml at origin/main checks out the change by "
        "workflow_run",
    ),
    (
        triggers,
        "comment.yml",
        "        uses: ./\n        with:\n          run: judge",
        "        run: echo ${{ github.event.workflow_run.head_branch }} && mergegate judge",
        "writes `github.event.workflow_run.head_branch` into a script",
    ),
    (untrusted_jobs, "review.yml", "contents: read", "contents: write", "may write: contents"),
    (untrusted_jobs, "review.yml", "contents: read", "statuses: write", "may write: statuses"),
    (
        untrusted_jobs,
        "review.yml",
        "    permissions:\n      contents: read",
        "    permissions: write-all\n    env:\n      A: b",
        "may write: everything",
    ),
    (untrusted_jobs, "verify.yml", "contents: read", "actions: write", "may write: actions"),
    (
        untrusted_jobs,
        "review.yml",
        "    timeout-minutes: 60\n",
        "    continue-on-error: true\n",
        "is passed over by `continue-on-error`",
    ),
    (
        untrusted_jobs,
        "review.yml",
        "      - name: Review\n",
        "      - name: Review\n        continue-on-error: true\n",
        "is passed over by `continue-on-error`",
    ),
    (
        trusted_jobs,
        "comment.yml",
        JUDGE,
        JUDGE + "      statuses: write\n",
        "may write more than it needs: statuses",
    ),
    (
        trusted_jobs,
        "comment.yml",
        "          run: judge",
        "          run: judge\n      - uses: actions/cache@v4\n        with:\n          path: x",
        "the job judge of .github/workflows/comment.yml at origin/main restores a cache: actions/cache@v4",
    ),
    (
        trusted_jobs,
        "comment.yml",
        "          run: judge",
        "          run: judge\n      - uses: actions/setup-python@v7\n        with:\n          cache: pip",
        "restores a cache: actions/setup-python@v7",
    ),
    (
        trusted_jobs,
        "comment.yml",
        "          run: judge",
        "          run: judge\n          token: ${{ secrets.ADMIN }}",
        "which judges, is given secrets: ADMIN",
    ),
    (
        trusted_jobs,
        "comment.yml",
        "          run: judge",
        "          run: judge\n      - run: mergegate review",
        "runs the change's code and judges or posts",
    ),
    (
        pinned_actions,
        "comment.yml",
        "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1",
        "actions/checkout@v7",
        "the job pending of .github/workflows/comment.yml at origin/main uses actions/checkout@v7",
    ),
    (
        pinned_actions,
        "comment.yml",
        "uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1",
        "uses: docker://alpine:3",
        "uses docker://alpine:3",
    ),
]


@pytest.mark.parametrize(
    ("check", "file", "old", "new", "said"),
    HOLES,
    ids=[f"{name(each[0])}-{number}" for number, each in enumerate(HOLES)],
)
def test_each_hole_is_found_when_it_is_opened(
    check: Check[Facts], file: str, old: str, new: str, said: str
) -> None:
    found = told(check, broken(file, old, new))
    assert [each.level for each in found if said in each.what] == ["hole"]
    (hole,) = (each for each in found if said in each.what)
    assert hole.by
    assert hole.where == f".github/workflows/{file} at origin/main"


LAX: list[tuple[Check[Facts], str, str, str, str]] = [
    (
        triggers,
        "review.yml",
        "    types: [o",
        "    paths: [data/**]\n    types: [o",
        "fault: .github/workflows/review.yml at origin/main starts for some pull requests only, by `paths`",
    ),
    (
        triggers,
        "review.yml",
        "types: [opened, synchronize, reopened, ready_for_review, edited]",
        "types: [opened, synchronize, reopened, ready_for_review]",
        "warning: .github/workflows/review.yml at origin/main does not start when a pull request is edited",
    ),
    (
        triggers,
        "review.yml",
        "  pull_request:\n",
        "  push:\n",
        "fault: .github/workflows/review.yml at origin/main does not start for pull requests",
    ),
    (
        triggers,
        "comment.yml",
        "branches: [main]",
        "branches: [master]",
        "warning: .github/workflows/comment.yml at origin/main looks for conflicts after a push to master, "
        "not to main",
    ),
    (
        triggers,
        "comment.yml",
        "    branches: [main]\n",
        "",
        "warning: .github/workflows/comment.yml at origin/main starts for a push to any branch, as that "
        "branch "
        "has it",
    ),
    (
        untrusted_jobs,
        "review.yml",
        "          persist-credentials: false\n",
        "",
        "warning: the checkout of the job review of .github/workflows/review.yml at origin/main leaves its "
        "token in the clone",
    ),
    (
        untrusted_jobs,
        "review.yml",
        "          ref: ${{ github.event.pull_request.head.sha || github.sha }}\n",
        "",
        "fault: .github/workflows/review.yml at origin/main checks out GitHub's merge of the change, not the "
        "change",
    ),
    (
        untrusted_jobs,
        "review.yml",
        "          fetch-depth: 0\n",
        "",
        "fault: .github/workflows/review.yml at origin/main checks out the last commit without its history",
    ),
    (
        untrusted_jobs,
        "review.yml",
        "    timeout-minutes: 60\n",
        "    if: github.actor != 'ada'\n",
        "fault: the job review of .github/workflows/review.yml at origin/main runs under a condition: "
        "github.actor != 'ada'",
    ),
    (
        untrusted_jobs,
        "review.yml",
        "          run: review\n",
        "          run: review\n        env:\n          A: ${{ secrets.AWS }}\n",
        "fault: the job review of .github/workflows/review.yml at origin/main is given secrets: AWS",
    ),
    (
        untrusted_jobs,
        "review.yml",
        "contents: read",
        "packages: write",
        "warning: the token of the job review of .github/workflows/review.yml at origin/main may write: "
        "packages",
    ),
    (
        untrusted_jobs,
        "review.yml",
        "runs-on: ubuntu-24.04",
        "runs-on: self-hosted",
        "warning: the job review of .github/workflows/review.yml at origin/main runs on a machine of your "
        "own",
    ),
    (
        trusted_jobs,
        "comment.yml",
        "      statuses: write # the status `mergegate`\n",
        "",
        "fault: the token of the job pending of .github/workflows/comment.yml at origin/main lacks "
        "statuses: write",
    ),
    (
        trusted_jobs,
        "comment.yml",
        "if: ${{ always() && github.event_name == 'workflow_run'",
        "if: ${{ github.event_name == 'workflow_run'",
        "fault: the job post of .github/workflows/comment.yml at origin/main does not run where the judging "
        "broke",
    ),
    (
        trusted_jobs,
        "comment.yml",
        "if: ${{ always() && ",
        "if: ${{ always() && github.actor != 'dependabot[bot]' && ",
        "fault: the job post of .github/workflows/comment.yml at origin/main runs for some changes only: "
        "${{ always() && github.actor != 'dependabot[bot]' && github.event_name == 'workflow_run' && "
        "github.event.action == 'completed' }}",
    ),
    (
        trusted_jobs,
        "comment.yml",
        "      - name: Post\n",
        "      - name: Tell\n        run: make tell\n      - name: Post\n",
        "warning: the job post of .github/workflows/comment.yml at origin/main runs a script of its own: "
        "Tell",
    ),
    (
        pinned_actions,
        "review.yml",
        "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1",
        "actions/checkout@v7",
        "warning: the job review of .github/workflows/review.yml at origin/main uses actions/checkout@v7, "
        "which is no commit",
    ),
    (
        following,
        "review.yml",
        "name: review\n",
        "name: Review of changes\n",
        "fault: .github/workflows/comment.yml at origin/main waits for review, and review.yml is called "
        "Review of changes",
    ),
    (
        following,
        "comment.yml",
        "types: [requested, completed]",
        "types: [completed]",
        "warning: .github/workflows/comment.yml at origin/main does not start when a review begins",
    ),
    (
        following,
        "comment.yml",
        "types: [requested, completed]",
        "types: [requested]",
        "fault: .github/workflows/comment.yml at origin/main does not start when a review has ended",
    ),
    (
        following,
        "comment.yml",
        "types: [requested, completed]",
        "types: [requested, completed]\n    branches: [main]",
        "fault: .github/workflows/comment.yml at origin/main starts for some branches only",
    ),
    (
        following,
        "comment.yml",
        "cancel-in-progress: false",
        "cancel-in-progress: true",
        "fault: .github/workflows/comment.yml at origin/main cancels a run of its own when the next one "
        "starts",
    ),
    (
        status_name,
        "ci.yml",
        "name: ci\n",
        "name: review\n",
        "fault: .github/workflows/ci.yml and .github/workflows/review.yml are both called review",
    ),
    (
        workflows,
        "review.yml",
        "jobs:\n",
        "jobs: [\n",
        "fault: .github/workflows/review.yml at origin/main can't be read: it is not YAML",
    ),
]


@pytest.mark.parametrize(
    ("check", "file", "old", "new", "said"),
    LAX,
    ids=[f"{name(each[0])}-{number}" for number, each in enumerate(LAX)],
)
def test_each_other_weakness_is_told_for_what_it_is(
    check: Check[Facts], file: str, old: str, new: str, said: str
) -> None:
    (found,) = (each for each in shown(check, broken(file, old, new)) if each.startswith(said[:90]))
    assert found.startswith(said)


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
        place=Place("/work", "/work", default="origin/main", elsewhere=".gitlab-ci.yml"),
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
