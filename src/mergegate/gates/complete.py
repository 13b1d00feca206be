"""The evidence is whole: a run that leaves out what head is held against is not spared the comparison."""

from collections.abc import Iterator

from mergegate.gates.case import Case
from mergegate.records.verdict import GateResult

KIND = "contract"
ID = "evidence/complete"
_SHOWN = 3


def judge(case: Case) -> Iterator[GateResult]:
    """One gate, in the trusted job alone, where an object that models or datasets asked for is not there.

    Elsewhere a base that can't be read is no reason to stop the change that mends it. Here whoever ran the
    review chose what to upload, and base's predictions left out would be a comparison left out.
    """
    if not case.judging or not case.lacking:
        return
    some = ", ".join(case.lacking[:_SHOWN])
    more = len(case.lacking) - _SHOWN
    some += f" and {more:,} more" if more > 0 else ""
    yield GateResult(
        id=ID,
        kind=KIND,
        outcome="fail",
        sentence=(
            f"the evidence lacks {some}, which base or head names, so that not all was compared; push it by "
            "`dvc push` and run the review workflow again, or, where it is lost for good, waive "
            f"{ID} first, in the target's policy."
        ),
        mend="dvc push",
    )
