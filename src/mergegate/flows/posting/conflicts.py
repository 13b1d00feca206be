"""Pull requests in conflict: GitHub starts no run for them, so their status says what to type."""

import shlex
from typing import TYPE_CHECKING

import msgspec

from mergegate.errors import ForgeError
from mergegate.flows.judging.conclusions import LONGEST_DESCRIPTION, describe
from mergegate.flows.judging.contexts import REQUIRED
from mergegate.flows.posting.statuses import Set
from mergegate.records.judgement import State

if TYPE_CHECKING:
    from mergegate.forge.github import GitHub, PullRequest, Status

MOST_LOOKED_AT = 100
"""Open pull requests that are asked about after one push: each takes a request or two of an hour's budget."""

_OPENING = "conflicts with "
_RUN_AGAIN = "the conflict is gone; close and reopen the pull request to start its review"


class Conflicts(msgspec.Struct, frozen=True):
    """What was set; `notes` say what could not be found out."""

    statuses: tuple[Set, ...]
    notes: tuple[str, ...]


def set_conflicts(github: "GitHub", branch: str) -> Conflicts:
    """Mark the open pull requests into `branch` that conflict with it; unmark those that no longer do.

    One that can't be looked at is noted, and the others are looked at still. Raises ForgeError where not even
    the list can be read.
    """
    pulls = github.pull_requests(base=branch)
    looked = pulls[:MOST_LOOKED_AT]
    notes = []
    if len(pulls) > len(looked):
        notes.append(f"{len(pulls)} pull requests are open; the newest {len(looked)} were looked at")
    # The first question makes GitHub work it out: all are asked before one is waited for.
    found: list[PullRequest] = []
    again: list[PullRequest] = []
    for pull in looked:
        seen = github.pull_request(pull.number)
        (again if seen.mergeable is None and seen.state == "open" else found).append(seen)
    found += [github.settled_pull_request(pull.number) for pull in again]
    statuses = []
    for pull in sorted(found, key=lambda pull: pull.number):
        if pull.state != "open" or pull.base_ref != branch:
            continue
        if pull.mergeable is None:
            notes.append(f"GitHub doesn't say yet whether pull request {pull.number} conflicts")
            continue
        try:
            changed = _mark(github, pull, branch) if not pull.mergeable else _unmark(github, pull)
        except ForgeError as error:
            notes.append(f"pull request {pull.number}: {error.message}")
            continue
        if changed is not None:
            statuses.append(changed)
    return Conflicts(tuple(statuses), tuple(notes))


def describe_conflict(branch: str) -> str:
    """The status's line: what to type, where the branch's name leaves room for it."""
    quoted = shlex.quote(branch)
    command = (
        f"{_OPENING}{branch}: git fetch origin && git merge {shlex.quote(f'origin/{branch}')}, then push"
    )
    if len(command) <= LONGEST_DESCRIPTION and quoted == branch:
        return describe(command)
    return describe(f"{_OPENING}its target: merge that branch into this one, then push")


def _mark(github: "GitHub", pull: "PullRequest", branch: str) -> Set:
    newest = next(iter(_ours(github, pull)), None)
    description = describe_conflict(branch)
    if newest is not None and newest.state == "error" and newest.description == description:
        return _set(pull, "error", description, "unchanged")
    github.set_status(pull.head_sha, REQUIRED, "error", description, pull.html_url)
    return _set(pull, "error", description, "set")


def _unmark(github: "GitHub", pull: "PullRequest") -> Set | None:
    """Give back what stood before, where our last word was of a conflict that is gone."""
    statuses = _ours(github, pull)
    if not statuses or not _is_conflict(statuses[0]):
        return None
    before = next((each for each in statuses if not _is_conflict(each)), None)
    if before is None:
        github.set_status(pull.head_sha, REQUIRED, "pending", _RUN_AGAIN, pull.html_url)
        return _set(pull, "pending", _RUN_AGAIN, "set")
    state, description = msgspec.convert(before.state, State), describe(before.description)
    github.set_status(pull.head_sha, REQUIRED, state, description, before.target_url)
    return _set(pull, state, description, "set", before.target_url)


def _ours(github: "GitHub", pull: "PullRequest") -> list["Status"]:
    return [each for each in github.statuses(pull.head_sha) if each.context == REQUIRED]


def _is_conflict(status: "Status") -> bool:
    return status.state == "error" and status.description.startswith(_OPENING)


def _set(pull: "PullRequest", state: State, description: str, action: str, url: str = "") -> Set:
    return Set(
        sha=pull.head_sha,
        context=REQUIRED,
        state=state,
        description=description,
        target_url=url or pull.html_url,
        action="set" if action == "set" else "unchanged",
    )
