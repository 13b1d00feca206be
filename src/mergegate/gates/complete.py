"""The evidence is whole: a run that leaves out what head is held against is not spared the comparison."""

from collections.abc import Iterator

from mergegate.amounts import list_some
from mergegate.gates.case import Case
from mergegate.records.verdict import GateResult

KIND = "contract"
ID = "evidence/complete"
BASE = "base/readable"
_SHOWN = 3


def judge(case: Case) -> Iterator[GateResult]:
    """Gates of the trusted job alone: what it asked for is there, and base can be read.

    Elsewhere a base that can't be read is no reason to stop the change that mends it. Here whoever made the
    change chose what to upload and which commit to begin at, and base left out is a comparison left out.
    """
    if not case.judging:
        return
    if case.unreadable:
        sentence = (
            f"the commit that this change began at is none to compare with: {case.unreadable.rstrip('.')}"
        )
        yield GateResult(
            id=BASE,
            kind=KIND,
            outcome="fail",
            sentence=f"{sentence}; merge the target into the branch, then run `dvc repro`.",
        )
    if case.lacking:
        yield _lacking(case.lacking)


def _lacking(names: tuple[str, ...]) -> GateResult:
    named = list_some(names, _SHOWN)
    return GateResult(
        id=ID,
        kind=KIND,
        outcome="fail",
        sentence=(
            f"the evidence lacks {named}, which base or head names, so that not all was compared; push it by "
            "`mergegate push` and run the review workflow again, or, where it is lost for good, waive "
            f"{ID} first, in the target's policy."
        ),
        mend="mergegate push",
    )
