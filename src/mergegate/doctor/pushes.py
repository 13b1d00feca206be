"""Does the remote hold every object that the lock and the .dvc files name?"""

from collections.abc import Iterator

from mergegate.doctor.check import BlindError, seen
from mergegate.doctor.facts import Facts
from mergegate.records.doctor import Ailment, Level

LOOKS_FOR = "objects that were never pushed, or went missing on the remote"
FINDS_HOLES = False

CHECK = "pushes"

MOST = 10
"""Findings that are told one by one."""

_OF_REMOTE = frozenset({"no-remote", "remote-unreadable"})


def check(facts: Facts) -> Iterator[Ailment]:
    """Say what `mergegate verify --remote` says of the workspace's objects."""
    if not facts.place.dvc:
        return
    presence = seen(facts.presence)
    if presence.slow:
        raise BlindError(presence.slow)
    found = [each for each in presence.findings if each.kind not in _OF_REMOTE]
    for finding in found[:MOST]:
        # What can't be asked hides no hole in the gate: it is no `unseen`.
        broken: Level = "fault" if finding.blocking else "note"
        yield Ailment(
            check=CHECK,
            level=broken if finding.known else "warning",
            what=finding.message,
            why=finding.why,
            mend=finding.mend,
            where=finding.path,
        )
    if len(found) > MOST:
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"{len(found) - MOST:,} more paths whose objects are not as they should be",
            why="`dvc pull` fails for everybody else",
            mend="mergegate verify --remote",
        )
    if not found and any(each.kind in _OF_REMOTE for each in presence.findings):
        raise BlindError("a remote could not be asked")
