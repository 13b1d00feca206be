"""Can the data remote be reached from here, and is there one at all?"""

import shlex
from collections.abc import Iterator

from mergegate.doctor.check import BlindError, seen
from mergegate.doctor.facts import Facts
from mergegate.records.doctor import Ailment

LOOKS_FOR = "a DVC remote that is there, can be read, and answers in time"
FINDS_HOLES = False

CHECK = "remote"

_CANT = frozenset({"no-remote", "remote-unreadable"})


def check(facts: Facts) -> Iterator[Ailment]:
    """Say why a remote can't be read."""
    if not facts.place.dvc:
        return
    presence = seen(facts.presence)
    if presence.outside:
        name, folder = presence.outside
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"the remote {name} is a folder of this machine: {folder}",
            why="no run elsewhere and no colleague reaches it: a review there has none of the data",
            mend=f"dvc remote modify {shlex.quote(name)} url s3://BUCKET/PATH, or any storage that all of "
            "you reach, and "
            "`mergegate push`",
            where=f"remote {name}",
        )
    if presence.slow:
        raise BlindError(presence.slow)
    for finding in presence.findings:
        if finding.kind in _CANT:
            yield Ailment(
                check=CHECK,
                level="fault" if finding.kind == "no-remote" else "warning",
                what=finding.message,
                why="a review elsewhere has none of the data: it can't compare, run or score anything"
                if finding.kind == "no-remote"
                else finding.why,
                mend=finding.mend,
                where=f"remote {finding.remote}" if finding.remote else "",
            )
