"""Which workflows an event starts, and for what commit."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

DEFAULT_TYPES = {"pull_request": ("opened", "synchronize", "reopened"), "merge_group": ("checks_requested",)}

SKIPPING = re.compile(r"\[(skip ci|ci skip|no ci|skip actions|actions skip)\]")

UNTRIED = ("FIRST_TIME_CONTRIBUTOR", "FIRST_TIMER", "NONE")
"""Authors of a fork's pull request whose runs wait for a maintainer's approval."""


class Place(msgspec.Struct, frozen=True):
    """Where an event's runs belong.

    `sha` and `ref` are the commit whose workflows run and whose tree is checked out by default; `branch` is
    what `branches:` is matched with; `head_…` is what the run is listed under.
    """

    sha: str
    ref: str
    branch: str
    head_sha: str
    head_branch: str
    head_repository: str | None
    base_ref: str = ""
    head_ref: str = ""


def locate(
    event: str, payload: Mapping[str, Any], *, tip: str, default: str, merge: str | None, repository: str
) -> Place | None:
    """The place of an event, None where it starts nothing.

    `tip` is the default branch's commit, `merge` the pull request's merge commit (None for conflicts).
    """
    if event == "pull_request":
        change = payload["pull_request"]
        if merge is None:
            return None
        head, base = change["head"], change["base"]["ref"]
        owner = head["repo"]["full_name"] if head["repo"] else None
        ref = f"refs/pull/{change['number']}/merge"
        return Place(merge, ref, base, head["sha"], head["ref"], owner, base, head["ref"])
    if event == "push":
        if set(payload["after"]) == {"0"}:
            return None
        ref, sha = payload["ref"], payload["after"]
        branch = ref.removeprefix("refs/heads/")
        return Place(sha, ref, branch, sha, branch, repository)
    if event == "merge_group":
        group = payload["merge_group"]
        sha, ref = group["head_sha"], group["head_ref"]
        base = group["base_ref"].removeprefix("refs/heads/")
        return Place(sha, ref, base, sha, ref.removeprefix("refs/heads/"), repository)
    branch = payload["workflow_run"]["head_branch"] if event == "workflow_run" else default
    return Place(tip, f"refs/heads/{default}", branch, tip, default, repository)


def starts(events: Mapping[str, Any], event: str, payload: Mapping[str, Any], place: Place) -> bool:
    """Whether a workflow with these triggers runs."""
    if event not in events:
        return False
    asked = events[event] or {}
    if event == "schedule":
        return any(each["cron"] == payload["schedule"] for each in asked)
    assert not asked.keys() & {"paths", "paths-ignore"}, (
        "a workflow that a check needs must have no path filter"
    )
    types = asked.get("types") or DEFAULT_TYPES.get(event)
    if types and payload.get("action") not in types:
        return False
    if event == "workflow_run" and payload["workflow_run"]["name"] not in asked.get("workflows", []):
        return False
    if event == "push" and place.ref.startswith("refs/tags/"):
        name = place.ref.removeprefix("refs/tags/")
        return "tags" in asked and _matches(name, asked["tags"])
    if event == "push" and "tags" in asked and "branches" not in asked:
        return False
    if "branches-ignore" in asked and _matches(place.branch, asked["branches-ignore"]):
        return False
    return "branches" not in asked or _matches(place.branch, asked["branches"])


def fill(asked: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a run by hand: what was given, and defaults. Fails the test as GitHub would refuse."""
    known = asked.get("inputs", {})
    assert given.keys() <= known.keys(), f"unknown inputs: {given.keys() - known.keys()}"
    missing = [name for name, told in known.items() if told.get("required") and not given.get(name)]
    assert not missing, f"missing inputs: {missing}"
    return {name: given.get(name, told.get("default", "")) for name, told in known.items()}


def _matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether the last pattern that fits isn't a negative one."""
    found = False
    for pattern in patterns:
        if re.fullmatch(_translate(pattern.removeprefix("!")), name):
            found = not pattern.startswith("!")
    return found


def _translate(pattern: str) -> str:
    known = {"**": ".*", "*": "[^/]*", "?": "?", "+": "+"}
    parts = re.split(r"(\*\*|\*|\?|\+|\[[^\]]*\])", pattern)
    return "".join(part if part.startswith("[") else known.get(part, re.escape(part)) for part in parts)


def is_fork(payload: Mapping[str, Any], repository: str) -> bool:
    """Whether a pull request's head is somewhere else, or gone."""
    head = payload["pull_request"]["head"]["repo"]
    return head is None or head["full_name"] != repository


def may_write(event: str, payload: Mapping[str, Any], repository: str) -> bool:
    """Whether the run's tokens bear what its jobs declare; not for forks and Dependabot."""
    if event != "pull_request":
        return True
    return not is_fork(payload, repository) and payload["sender"]["login"] != "dependabot[bot]"


def waits(event: str, payload: Mapping[str, Any], repository: str) -> bool:
    """Whether a maintainer has to approve the run first."""
    if event != "pull_request" or not is_fork(payload, repository):
        return False
    return payload["pull_request"].get("author_association") in UNTRIED
