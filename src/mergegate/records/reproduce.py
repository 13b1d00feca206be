"""Whether a commit's dvc.lock is what its pipeline gives: what `mergegate reproduce` says."""

from typing import Literal

from mergegate.records.plan import Why
from mergegate.records.record import Record
from mergegate.records.review import Revision

SCHEMA = 1

Equality = Literal["bytes", "predictions", "verdict"]

Kind = Literal[
    "missing",
    "bytes",
    "rows",
    "columns",
    "classes",
    "numbers",
    "unreadable",
    "input",
    "params",
    "command",
    "definition",
    "verdict",
]
"""What differs. `missing`: an output of one side alone; `rows`: other row ids; `input`, `params`, `command`
and `definition`: dvc.lock states another run than the one that this commit makes; `verdict`: what the review
says."""

Outcome = Literal["reproduced", "differs", "failed"]

Ran = Literal["reproduced", "drifted", "differs", "failed", "accepted", "frozen", "unchanged", "not-run"]
"""`reproduced`: as dvc.lock says, byte for byte; `drifted`: other bytes, and equal as the policy asks;
`differs`: not what dvc.lock says; `accepted`: taken from dvc.lock as the policy allows; `frozen`: it must run
and DVC passes it by; `unchanged`: base's lock block stands; `not-run`: not reached after a
failure, or not asked for."""


class Difference(Record, frozen=True, kw_only=True):
    """One way in which a run is not what dvc.lock says, or a second run not what the first was.

    `old` and `new` are checksums or short texts, None where there is nothing. `columns` are those of a table
    or keys of a metrics file that differ, `rows` how many rows, `largest` the largest distance between two
    numbers. `likely` is a guess at the cause, "" without one. Only a `blocking` one fails the run.
    """

    stage: str
    path: str
    kind: Kind
    message: str
    old: str | None = None
    new: str | None = None
    columns: tuple[str, ...] = ()
    rows: int | None = None
    largest: float | None = None
    likely: str = ""
    blocking: bool = True


class ReproducedStage(Record, frozen=True, kw_only=True):
    """One stage: why it had to run, what came of it, how long it took and was expected to take in seconds.

    `problem` says why it failed, `tail` is the end of its output then, `log` the file with all of it.
    `reads` are files of the repository that it was seen to read and does not declare, `writes` those it wrote
    outside of it.
    """

    name: str
    outcome: Ran
    reasons: tuple[Why, ...] = ()
    seconds: float | None = None
    expected: float | None = None
    problem: str = ""
    tail: tuple[str, ...] = ()
    log: str = ""
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


class Accepted(Record, frozen=True, kw_only=True):
    """A stage that the policy lets be taken from dvc.lock; an `expired` one ran."""

    stage: str
    reason: str
    by: str
    expires: str
    expired: bool = False


class Downloads(Record, frozen=True, kw_only=True):
    """Objects and bytes that were brought from a remote."""

    objects: int = 0
    bytes: int = 0


class Reproduction(Record, frozen=True, kw_only=True):
    """The whole result. `outcome`: `reproduced`, `differs`, or `failed` when a stage could not run.

    `again` are differences between two runs, None unless a second one was asked for. `mend` is the command
    that makes dvc.lock true. `pushed` counts objects that were sent, None unless asked for, `unpushed` says
    what the remote still lacks.
    """

    schema: int
    mergegate: str
    outcome: Outcome
    base: Revision | None
    head: Revision
    equal: Equality
    tolerance: float
    stages: tuple[ReproducedStage, ...]
    differences: tuple[Difference, ...] = ()
    again: tuple[Difference, ...] | None = None
    accepted: tuple[Accepted, ...] = ()
    downloaded: Downloads = Downloads()
    pushed: int | None = None
    unpushed: tuple[str, ...] = ()
    mend: str = ""
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 reproduced, twice alike and pushed if asked for; else 1."""
        return 0 if self.outcome == "reproduced" and not self.again and not self.unpushed else 1
