"""What `mergegate reproduce` found of this head on this machine: a break where the lock was not true, else a
note.

Its file is no evidence for anybody else, and a stage could have written it: so it fails a review, and never
lets one pass.
"""

import importlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from mergegate import repo
from mergegate.errors import BrokenError, UsageError
from mergegate.records.review import LockFinding, Revision

if TYPE_CHECKING:
    from mergegate.records.reproduce import Reproduction

RESULT = "reports/review/reproduce.json"
LARGEST = 8 * 1024 * 1024
"""Bytes of the largest result that is read."""

_MOST = 20
_LONGEST = 300


def find_reproduction(
    project: repo.Project,
    base: Revision,
    head: Revision,
    *,
    claimed: "Reproduction | None" = None,
) -> tuple[tuple[LockFinding, ...], tuple[str, ...]]:
    """Findings on the lock, and notes; none where nothing was reproduced, or another commit was.

    `claimed` is what came with the evidence; where nothing did, the workspace's file is read if there is one.
    """
    told, note = (claimed, ()) if claimed is not None or project.bare else _read(project)
    if told is None or told.head.sha != head.sha:
        return (), note
    where = "here" if claimed is None else "where the evidence comes from"
    notes = [*note, _sentence(told, base, where)]
    notes += (
        f"mergegate reproduce took {each.stage} from dvc.lock without a run, until {each.expires}: "
        f"{each.reason} ({each.by})."
        for each in told.accepted[:_MOST]
        if not each.expired
    )
    return tuple(_find(told)), tuple(notes)


def read_result(project: repo.Project, head: Revision) -> bytes | None:
    """What `mergegate reproduce` wrote in the workspace, None where it wrote nothing of this head."""
    told, _ = _read(project)
    if told is None or told.head.sha != head.sha:
        return None
    with repo.open_workspace(project) as files:
        return files.read(RESULT)


def _read(project: repo.Project) -> "tuple[Reproduction | None, tuple[str, ...]]":
    """The last result, and a note where it can't be read."""
    try:
        with repo.open_workspace(project) as files:
            data = files.read(RESULT)
    except (UsageError, BrokenError) as error:
        return None, (f"{RESULT} can't be read: {error.message}.",)
    if data is None:
        return None, ()
    # Only where there is one: a review of anything else need not know what it looks like.
    record: Any = importlib.import_module("mergegate.records.reproduce")
    try:
        if len(data) > LARGEST:
            raise ValueError(f"it has {len(data):,} bytes")
        told: Reproduction = msgspec.json.decode(data, type=record.Reproduction)
    except (ValueError, RecursionError) as error:
        return None, (f"{RESULT} is not what mergegate reproduce writes: {str(error)[:_LONGEST]}.",)
    return told, ()


def _sentence(told: "Reproduction", base: Revision, where: str) -> str:
    """What was run again, for people."""
    ran = sum(stage.outcome in ("reproduced", "drifted") for stage in told.stages)
    stages = f"{ran:,} {'stage' if ran == 1 else 'stages'}"
    if told.outcome != "reproduced":
        return f"mergegate reproduce ran this commit {where}, and it did not come out as dvc.lock says."
    against = told.base.sha if told.base else None
    other = "" if against == base.sha else ", against another base than this review's"
    if not ran:
        return f"mergegate reproduce had no stage of this commit to run {where}{other}."
    twice = (
        "" if told.again is None else ", twice alike" if not told.again else ", and not alike a second time"
    )
    return f"mergegate reproduce ran {stages} of this commit {where} as dvc.lock says{twice}{other}."


def _find(told: "Reproduction") -> Iterator[LockFinding]:
    """What was not reproduced, each with the command that mends it."""
    breaks = [
        (each.stage, each.path, each.message, each.likely) for each in told.differences if each.blocking
    ]
    breaks += [
        (stage.name, "", f"{stage.name} can't be run as it is: {stage.problem}", "")
        for stage in told.stages
        if stage.outcome == "failed"
    ]
    for stage, path, message, likely in breaks[:_MOST]:
        said = f"{message}; likely {likely}" if likely else message
        yield LockFinding(
            side="head",
            kind="not-reproduced",
            stage=stage,
            path=path,
            message=re.sub(r"\s+", " ", f"not reproduced: {said}").strip()[: 2 * _LONGEST],
            mend=told.mend or "mergegate reproduce",
        )
