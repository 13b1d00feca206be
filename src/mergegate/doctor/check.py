"""What a check is, and how many of them are made without one hiding another.

A check is a module: its file's name is the check's, `LOOKS_FOR` says in a few words what it looks for,
`FINDS_HOLES` whether it can tell that the gate can be skipped, and `check(facts)` yields what ails. A check
that could not look raises BlindError, mostly by `seen`.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

import msgspec

from mergegate.records.doctor import Ailment, Checked

Facts_contra = TypeVar("Facts_contra", contravariant=True)
Part = TypeVar("Part")


class Unseen(msgspec.Struct, frozen=True):
    """Stands for a part of the facts that could not be gathered, and says why."""

    why: str


class BlindError(Exception):
    """A check could not look; its text says why, and what would let it."""


class Check(Protocol[Facts_contra]):
    """A module that looks for one kind of ailment in some facts."""

    __name__: str
    LOOKS_FOR: str
    FINDS_HOLES: bool

    def check(self, facts: Facts_contra, /) -> Iterator[Ailment]:
        """What ails; raises BlindError where it could not look."""


class Examination(msgspec.Struct, frozen=True):
    """The checks that were made, and what they found; `blind` when one that finds holes could not look."""

    checks: tuple[Checked, ...] = ()
    ailments: tuple[Ailment, ...] = ()
    blind: bool = False


def seen(part: Part | Unseen) -> Part:
    """The part of the facts itself. Raises BlindError for one that could not be gathered."""
    if isinstance(part, Unseen):
        raise BlindError(part.why)
    return part


def name(check: Check[Facts_contra]) -> str:
    """The check's name: that of its file, in kebab-case."""
    return check.__name__.rpartition(".")[2].replace("_", "-")


def examine(checks: Iterable[Check[Facts_contra]], facts: Facts_contra) -> Examination:
    """Make every check; one that could not look, or breaks, keeps what it found and says why it ended."""
    made: list[Checked] = []
    found: list[Ailment] = []
    blind = False
    for check in checks:
        unseen = ""
        try:
            for ailment in check.check(facts):
                found.append(ailment)
        except BlindError as error:
            unseen = str(error)
        except Exception as error:  # a fault of ours in one check must not hide what the others find
            unseen = f"this check broke, which is a fault of mergegate: {type(error).__name__}: {error}"[:300]
        blind = blind or (bool(unseen) and check.FINDS_HOLES)
        made.append(Checked(check=name(check), looks_for=check.LOOKS_FOR, unseen=unseen))
    blind = blind or any(each.level == "unseen" for each in found)
    return Examination(tuple(made), tuple(found), blind)


def overlook(checks: Iterable[Check[Facts_contra]], why: str) -> Examination:
    """The examination of checks that have no facts at all to look at."""
    listed = tuple(checks)
    made = tuple(Checked(check=name(each), looks_for=each.LOOKS_FOR, unseen=why) for each in listed)
    return Examination(made, (), any(each.FINDS_HOLES for each in listed))
