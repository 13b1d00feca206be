"""What `mergegate doctor` answers: can the gate be skipped, by whom, and what mends it."""

from typing import Literal

import msgspec

from mergegate.records.record import Record

Level = Literal["hole", "fault", "warning", "unseen", "note"]
"""From worst to least, with `unseen` among them as what may hide a hole.

hole: the gate can be skipped. fault: something is broken, and the gate will say so or not work. warning: it
will soon, or is lax. unseen: we could not look. note: worth knowing.
"""


class Ailment(msgspec.Struct, frozen=True, kw_only=True):
    """One finding of a check: what is so, why it matters, and the exact command or setting that mends it.

    `check` is the name of the check, the file in mergegate/doctor. `by` says in words who can use a hole;
    `where` names a file, line or setting, empty where there is none.
    """

    check: str
    level: Level
    what: str
    why: str
    mend: str
    where: str = ""
    by: tuple[str, ...] = ()


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A check that was made: its name and what it looks for; `unseen` says why it could not look."""

    check: str
    looks_for: str
    unseen: str = ""


class DoctorAnswer(Record, frozen=True, kw_only=True):
    """The answer of `mergegate doctor`; `skippable` is `unknown` where a check that could tell saw nothing.

    `ailments` stand worst first; `requests` is how often GitHub was asked.
    """

    skippable: Literal["yes", "no", "unknown"]
    by: tuple[str, ...] = ()
    repository: str | None = None
    checks: tuple[Checked, ...] = ()
    ailments: tuple[Ailment, ...] = ()
    requests: int = 0
