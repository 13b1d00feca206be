"""Each hole that a workflow can have, opened in turn in our own, which have none."""

import pytest

from mergegate.doctor import (
    pinned_actions,
    triggers,
    trusted_jobs,
    untrusted_jobs,
)
from mergegate.doctor.check import Check, name
from mergegate.doctor.facts import Facts
from support.doctor import broken, told

JUDGE = "    permissions:\n      actions: read # the run and what it uploaded\n"


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
    (
        pinned_actions,
        "comment.yml",
        "    name: judge\n",
        "    name: judge\n    container: {image: 'acme/python:3'}\n",
        "the job judge of .github/workflows/comment.yml at origin/main uses docker://acme/python:3",
    ),
    (
        triggers,
        "comment.yml",
        "persist-credentials: false",
        "ref: ${{ GitHub.Event['workflow_run']['head_sha'] }}",
        "checks out the change by workflow_run",
    ),
    (
        triggers,
        "comment.yml",
        "        uses: ./\n        with:\n          run: judge",
        "        run: git fetch origin && git checkout ${{ github.event.workflow_run.head_sha }}",
        "checks out the change by workflow_run",
    ),
    (
        triggers,
        "comment.yml",
        "        uses: ./\n        with:\n          run: judge",
        "        uses: actions/github-script@v8\n        with:\n"
        "          script: console.log('${{ GITHUB.event.workflow_run.display_title }}')",
        "writes `GITHUB.event.workflow_run.display_title` into a script",
    ),
    (
        triggers,
        "comment.yml",
        "        uses: ./\n        with:\n          run: judge",
        "        env: {TITLE: '${{ github.event.workflow_run.display_title }}'}\n"
        "        run: echo ${{ env.TITLE }}",
        "writes `env.TITLE` into a script",
    ),
    (
        triggers,
        "comment.yml",
        "        uses: ./\n        with:\n          run: judge",
        "        run: echo '${{ toJSON(github.event) }}'",
        "writes `toJSON(github.event)` into a script",
    ),
    (triggers, "comment.yml", "  push:\n", "  merge_group:\n  push:\n", "also starts by merge_group"),
    (
        triggers,
        "review.yml",
        "          run: review",
        "          run: judge",
        ".github/workflows/review.yml at origin/main also starts by pull_request",
    ),
    (
        untrusted_jobs,
        "review.yml",
        "        uses: ./\n        with:\n          run: review",
        "        run: mergegate reproduce || true\n        with:\n          run: review",
        "is passed over by `||`",
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
