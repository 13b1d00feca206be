"""What came of a reproduction, summed up: each stage, the outcome, the command that mends it."""

import shlex
from collections.abc import Iterator, Sequence

import msgspec

from mergegate import __version__
from mergegate.flows.reproduce.case import Case
from mergegate.flows.reproduce.running import Run
from mergegate.records.plan import PlannedStage
from mergegate.records.reproduce import (
    SCHEMA,
    Difference,
    Downloads,
    Outcome,
    Ran,
    ReproducedStage,
    Reproduction,
)


def conclude(
    case: Case,
    run: Run,
    differences: Sequence[Difference],
    *,
    again: Sequence[Difference] | None = None,
    downloads: Downloads,
) -> Reproduction:
    """The result as a record."""
    frozen = [each.name for each in case.planned if each.will == "frozen"]
    blocking = list(dict.fromkeys(each.stage for each in differences if each.blocking))
    named = [each.name for each in case.planned if each.name in blocking]
    outcome: Outcome = "failed" if run.failed else "differs" if blocking or frozen else "reproduced"
    return Reproduction(
        schema=SCHEMA,
        mergegate=__version__,
        outcome=outcome,
        base=case.plan.base,
        head=case.head,
        equal=case.policy.reproduce.equal,
        tolerance=case.policy.reproduce.tolerance,
        stages=tuple(_stage(each, case, run, differences) for each in case.planned),
        differences=tuple(differences),
        again=None if again is None else tuple(again),
        accepted=case.accepted,
        downloaded=downloads,
        mend=_mend(named, frozen) if outcome == "differs" else "",
        notes=(*case.notes, *_notes(case, run, differences)),
    )


def _stage(planned: PlannedStage, case: Case, run: Run, differences: Sequence[Difference]) -> ReproducedStage:
    """One stage of the plan, as it came out."""
    own = [each for each in differences if each.stage == planned.name]
    told = run.ran.get(planned.name)
    if told is not None:
        outcome: Ran = told.outcome
        if outcome == "reproduced" and own:
            outcome = "differs" if any(each.blocking for each in own) else "drifted"
        return msgspec.structs.replace(told, outcome=outcome)
    if planned.name in case.trusted:
        outcome = "accepted"
    elif planned.will == "frozen":
        outcome = "frozen"
    else:
        stands = planned.will == "skip" or run.failed is None
        outcome = "unchanged" if stands and planned.name not in case.left_out else "not-run"
    return ReproducedStage(
        name=planned.name, outcome=outcome, reasons=planned.reasons, expected=planned.seconds
    )


def _notes(case: Case, run: Run, differences: Sequence[Difference]) -> Iterator[str]:
    """Where trust in an accepted stage rests on something that came out otherwise."""
    others = {each.stage for each in differences}
    for each in case.planned:
        if each.name in case.trusted and others.intersection(each.after):
            yield f"{each.name} is taken from dvc.lock, and what it reads came out otherwise here."


def _mend(stages: Sequence[str], frozen: Sequence[str]) -> str:
    """The command that makes dvc.lock true, "" where none does."""
    if not stages and not frozen:
        return ""
    named = " ".join(shlex.quote(name) for name in dict.fromkeys((*stages, *frozen)))
    thaw = f"dvc unfreeze {' '.join(map(shlex.quote, frozen))} && " if frozen else ""
    return f"{thaw}dvc repro --force --no-run-cache {named} && mergegate push && git commit --all"
