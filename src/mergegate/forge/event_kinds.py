"""The events of GitHub Actions that are understood, as values whose names were checked."""

import msgspec

KINDS = (
    "pull_request",
    "merge_group",
    "workflow_run",
    "push",
    "workflow_dispatch",
    "schedule",
)
"""The events that are understood."""


class WorkflowRun(msgspec.Struct, frozen=True, kw_only=True):
    """The run whose event this is; `head_owner` and `head_repository` are None for a deleted fork.

    `head_branch` is empty where there is none. `pull_requests` are numbers that GitHub believes belong to the
    run: a hint, empty for forks.
    """

    id: int
    attempt: int
    number: int
    path: str
    event: str
    head_sha: str
    head_branch: str
    head_owner: str | None
    head_repository: str | None
    status: str
    conclusion: str | None
    action: str
    html_url: str
    pull_requests: tuple[int, ...] = ()


class EventPull(msgspec.Struct, frozen=True, kw_only=True):
    """The pull request of a `pull_request` event; `head_repository` is None for a deleted fork."""

    number: int
    action: str
    state: str
    draft: bool
    head_sha: str
    head_ref: str
    head_repository: str | None
    base_sha: str
    base_ref: str


class MergeGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A group of a merge queue; the refs are full, `refs/heads/…`. Older servers don't tell `base_sha`."""

    head_sha: str
    head_ref: str
    base_sha: str | None
    base_ref: str


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """A push; `ref` is full. `after` is None where the ref was deleted, `before` where it was made."""

    ref: str
    before: str | None
    after: str | None


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """What a maintainer typed to start the workflow; None where nothing was."""

    pr: int | None = None
    sha: str | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event; of `run`, `pull_request`, `merge_group`, `push`, `inputs` that of its kind is there."""

    name: str
    repository: str
    default_branch: str | None = None
    action: str | None = None
    run: WorkflowRun | None = None
    pull_request: EventPull | None = None
    merge_group: MergeGroup | None = None
    push: Push | None = None
    inputs: Inputs | None = None
