"""Does dvc.lock say what a run of this dvc.yaml on these inputs gave?"""

from collections.abc import Iterator

from mergegate.doctor.check import seen
from mergegate.doctor.facts import Facts
from mergegate.records.doctor import Ailment

LOOKS_FOR = "what breaks the chain from data, params and code to the outputs that dvc.lock names"
FINDS_HOLES = False

CHECK = "lock-chain"

MOST = 10
"""Findings that are told one by one."""


def check(facts: Facts) -> Iterator[Ailment]:
    """Say what `mergegate verify` says of the workspace."""
    lock = seen(facts.lock)
    if lock.problem:
        yield Ailment(
            check=CHECK,
            level="fault",
            what=lock.problem,
            why="DVC refuses the file, and no change can be planned, reproduced or reviewed",
            mend=lock.hint or "mend the file, and run `mergegate verify`",
        )
        return
    if not facts.place.dvc and (lock.stages or lock.tracked):
        yield Ailment(
            check=CHECK,
            level="fault",
            what="there are DVC files here, and DVC was not initialised",
            why="its commands refuse to run, and there is no cache and no remote",
            mend="dvc init, and commit .dvc/config" if not facts.place.prefix else "dvc init --subdir",
        )
    elif not facts.place.dvc:
        yield Ailment(
            check=CHECK,
            level="note",
            what="there is no DVC here: neither a pipeline nor tracked data",
            why="what git holds is reviewed; nothing ties predictions to data, params and code",
            mend="dvc init, and `dvc stage add` for each step that writes what is reviewed",
        )
    elif not lock.stages:
        yield Ailment(
            check=CHECK,
            level="note",
            what="there is no pipeline here: no dvc.yaml has a stage",
            why="nothing can be reproduced, and nothing ties predictions to data, params and code",
            mend="`dvc stage add` for each step that writes what is reviewed",
        )
    for finding in lock.findings[:MOST]:
        yield Ailment(
            check=CHECK,
            level="fault" if finding.blocking and finding.known else "note",
            what=finding.message,
            why=finding.why,
            mend=finding.mend,
            where=finding.path or finding.stage,
        )
    if len(lock.findings) > MOST:
        yield Ailment(
            check=CHECK,
            level="fault" if any(each.blocking for each in lock.findings[MOST:]) else "note",
            what=f"{len(lock.findings) - MOST:,} more of the kind",
            why="each is a place where files disagree that must agree",
            mend="mergegate verify",
        )
