"""What a change must run again, what that needs, and what it will likely cost: `mergegate plan`."""

from typing import Literal

from mergegate.records.record import Record
from mergegate.records.review import Problem, Revision

SCHEMA = 1
"""Version of the plan; raised when a reader of the old one would misread the new."""

Cause = Literal[
    "code",
    "data",
    "params",
    "command",
    "definition",
    "helper",
    "merged",
    "broken-link",
    "never-ran",
    "missing",
    "output",
    "lock",
]
"""Why a stage must run.

`helper`: code that it runs and does not declare; `merged`: its block joins two runs that never met;
`broken-link`: what it read is not what the producer wrote; `never-ran`: dvc.lock has no block of it;
`missing`: what it reads is not there, or an output of it can't be had anywhere; `output`: an output in git is
not what it wrote; `lock`: head's lock block is not base's, so it is a claim.
"""


class Why(Record, frozen=True, kw_only=True):
    """One reason; `what` names the file, key, command or stage."""

    cause: Cause
    what: str


class PlannedStage(Record, frozen=True, kw_only=True):
    """One stage of the plan, in the order of running.

    `will`: `run`, it must; `if-changed`, only if a stage before it writes other outputs than the lock has;
    `skip`, its lock block stands; `frozen`, what it reads changed and DVC passes it by. `stale`: files
    disagree with dvc.lock, so that `dvc repro` would run it too; a stage that must run and is not stale needs
    `--force --no-run-cache`. `after` are the stages it waits for. `seconds`: how long earlier runs took,
    None where none is recorded.
    """

    name: str
    will: Literal["run", "if-changed", "skip", "frozen"]
    stale: bool = False
    reasons: tuple[Why, ...] = ()
    after: tuple[str, ...] = ()
    seconds: float | None = None


class Needed(Record, frozen=True, kw_only=True):
    """A path whose objects the stages that may run must read.

    `objects` counts files (a folder's list not among them), None where its list is not at hand; `missing` and
    `bytes_missing` are what this machine's cache lacks; bytes are None where nobody recorded them.
    """

    path: str
    md5: str
    by: tuple[str, ...]
    objects: int | None
    bytes: int | None
    missing: int | None
    bytes_missing: int | None


class Plan(Record, frozen=True, kw_only=True):
    """The whole plan. Totals are None where a part is unknown; `notes` say which and why.

    `problems` are what stages that may run would fail on at once: while there are any, nothing need be tried.

    `seconds` adds up the stages that run for sure, `seconds_at_most` those that may run too.
    """

    schema: int = SCHEMA
    base: Revision | None
    head: Revision
    stages: tuple[PlannedStage, ...]
    needed: tuple[Needed, ...]
    objects_missing: int | None
    bytes_missing: int | None
    seconds: float | None
    seconds_at_most: float | None
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
