"""What is wrong with a workflow beside holes, each brought about in our own, which have none of it."""

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
from mergegate.doctor.check import Check, name
from mergegate.doctor.facts import Facts
from support.doctor import broken, shown

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
