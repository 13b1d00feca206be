"""What started the workflow: the event file of GitHub Actions, read as a stranger's words."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from stat import S_ISREG
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from mergegate.errors import UsageError
from mergegate.forge.event_kinds import KINDS, Event, EventPull, Inputs, MergeGroup, Push, WorkflowRun
from mergegate.forge.names import check_branch, check_repository, check_sha, shown
from mergegate.forge.payloads import Payload, Pull, RunPayload

LARGEST_EVENT = 25 * 2**20
"""Bytes of an event file that are read: GitHub sends no larger payload."""

_Value = TypeVar("_Value")

_NEXT = "run this in a workflow of GitHub Actions, or name an event file with --event"


def read_event(environment: Mapping[str, str], *, file: Path | None = None) -> Event:
    """Read what started the workflow from the variables of GitHub Actions; `file` replaces the event's file.

    Raises UsageError for a missing or unreadable file, for an event of another kind, and for one whose names
    are none: a branch with a line end, a SHA that is not hexadecimal, a number that is a text.
    """
    name = environment.get("GITHUB_EVENT_NAME", "")
    if not name:
        raise UsageError(
            "GITHUB_EVENT_NAME is not set, so nobody knows what started this", hint=_NEXT, code="no-event"
        )
    if name not in KINDS:
        raise UsageError(
            f"the event '{shown(name)}' is none that is understood here",
            hint=f"start this by one of {', '.join(KINDS)}",
            code="no-event",
        )
    if file is None:
        path = environment.get("GITHUB_EVENT_PATH", "")
        if not path:
            raise UsageError(
                "GITHUB_EVENT_PATH is not set, so there is no event to read", hint=_NEXT, code="no-event"
            )
        file = Path(path)
    payload = _decode(_read(file), file)
    repository = _repository(environment.get("GITHUB_REPOSITORY", ""), payload, file)
    try:
        return _event(name, repository, payload)
    except msgspec.ValidationError as error:
        raise _not_an_event(file, str(error)) from error


def _read(file: Path) -> bytes:
    try:
        # A named pipe would be waited for.
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as stream:
            if not S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise UsageError(f"the event {_shown(file)} is no file", hint=_NEXT, code="no-event")
            content = stream.read(LARGEST_EVENT + 1)
    except OSError as error:
        raise UsageError(
            f"the event {_shown(file)} can't be read: {error.strerror}", hint=_NEXT, code="no-event"
        ) from error
    except ValueError as error:
        raise UsageError(f"the event {_shown(file)} is no path", hint=_NEXT, code="no-event") from error
    if len(content) > LARGEST_EVENT:
        raise UsageError(
            f"the event {_shown(file)} is over {LARGEST_EVENT:,} bytes", hint=_NEXT, code="no-event"
        )
    return content


def _decode(content: bytes, file: Path) -> Payload:
    try:
        return msgspec.json.decode(content, type=Payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _not_an_event(file, str(error)) from error


def _not_an_event(file: Path, reason: str) -> UsageError:
    return UsageError(f"{_shown(file)} is no event of GitHub's: {shown(reason)}", hint=_NEXT, code="no-event")


def _shown(file: Path) -> str:
    return shown(str(file))


def _repository(told: str, payload: Payload, file: Path) -> str:
    """The repository, that the environment and the event agree on."""
    found = payload.repository.full_name if payload.repository else ""
    if told and found and told.lower() != found.lower():
        raise UsageError(
            f"{_shown(file)} is an event of {shown(found)}, but GITHUB_REPOSITORY is {shown(told)}",
            hint="take the event of this repository",
            code="no-event",
        )
    if not (told or found):
        raise UsageError(
            "GITHUB_REPOSITORY is not set, and the event names no repository", hint=_NEXT, code="no-event"
        )
    return check_repository(told or found)


def _event(name: str, repository: str, payload: Payload) -> Event:
    default = payload.repository.default_branch if payload.repository else None
    event = Event(
        name=name,
        repository=repository,
        default_branch=None if default is None else check_branch(default),
        action=payload.action,
    )
    if name == "workflow_run":
        return replace(event, run=_run(payload))
    if name == "pull_request":
        return replace(event, pull_request=_pull(payload))
    if name == "merge_group":
        return replace(event, merge_group=_group(payload))
    if name == "push":
        return replace(event, push=_push(payload))
    if name == "workflow_dispatch":
        return replace(event, inputs=_inputs(payload.inputs or {}))
    return event


def _run(payload: Payload) -> WorkflowRun:
    run: RunPayload = _required(payload.workflow_run, "workflow_run")
    owner = run.head_repository.owner if run.head_repository else None
    return WorkflowRun(
        id=run.id,
        attempt=run.run_attempt,
        number=run.run_number,
        path=run.file,
        event=run.event,
        head_sha=check_sha(run.head_sha),
        head_branch=_head_branch(run.head_branch),
        head_owner=owner.login if owner else None,
        head_repository=check_repository(run.head_repository.full_name) if run.head_repository else None,
        status=run.status or "",
        conclusion=run.conclusion,
        action=_required(payload.action, "action"),
        html_url=run.html_url,
        pull_requests=tuple(pull.number for pull in run.pull_requests or ()),
    )


def _head_branch(name: str | None) -> str:
    """The name of a branch that anybody may have pushed to a fork: one that begins with a dash, too."""
    if name:
        check_branch(f"refs/heads/{name}")
    return name or ""


def _pull(payload: Payload) -> EventPull:
    pull: Pull = _required(payload.pull_request, "pull_request")
    repository = pull.head.repo
    return EventPull(
        number=pull.number,
        action=_required(payload.action, "action"),
        state=pull.state,
        draft=pull.draft,
        head_sha=check_sha(pull.head.sha),
        head_ref=check_branch(pull.head.ref),
        head_repository=check_repository(repository.full_name) if repository else None,
        base_sha=check_sha(pull.base.sha),
        base_ref=check_branch(pull.base.ref),
    )


def _group(payload: Payload) -> MergeGroup:
    group = _required(payload.merge_group, "merge_group")
    return MergeGroup(
        head_sha=check_sha(group.head_sha),
        head_ref=check_branch(group.head_ref),
        base_sha=check_sha(group.base_sha) if group.base_sha else None,
        base_ref=check_branch(group.base_ref),
    )


def _push(payload: Payload) -> Push:
    before, after = (
        check_sha(_required(value, name))
        for name, value in (("before", payload.before), ("after", payload.after))
    )
    return Push(
        ref=check_branch(_required(payload.ref, "ref")),
        before=before if before.strip("0") else None,
        after=after if after.strip("0") else None,
    )


def _inputs(typed: Mapping[str, object]) -> Inputs:
    """The inputs, whose values GitHub sends as texts, blanks around them included."""
    number, sha = (_typed(typed, name) for name in ("pr", "sha"))
    if number and not re.fullmatch(r"[1-9][0-9]{0,9}", number):
        raise UsageError(
            f"the input pr is no number of a pull request: '{shown(number)}'",
            hint="type the digits alone, without #",
            code="no-event",
        )
    return Inputs(pr=int(number) if number else None, sha=check_sha(sha) if sha else None)


def _typed(typed: Mapping[str, object], name: str) -> str:
    value = typed.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UsageError(
            f"the input {name} is no text", hint="start the workflow from GitHub's page", code="no-event"
        )
    return value.strip()


def _required(value: _Value | None, name: str) -> _Value:
    if value is None:
        raise msgspec.ValidationError(f"Object missing required field `{name}`")
    return value
