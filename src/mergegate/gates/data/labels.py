"""Labels of rows that both sides have: how many differ, and whether somebody answers for it."""

from collections.abc import Iterator

from mergegate.gates.case import rows
from mergegate.gates.data import shares
from mergegate.gates.data.held import Asked, Held, Kind, allowed_by
from mergegate.records.verdict import GateResult

_CHANGED, _APPROVERS = "max_label_change_share", "approvers"
_UNKNOWN = "base's labels and head's were not compared"


def ask(held: Held) -> Iterator[Asked]:
    """Where the dataset has a label: the share that has a bar, and the approval that is wanted."""
    if held.dataset.label and held.gates.max_label_change_share is not None:
        yield Asked(_CHANGED)
    if held.dataset.label and held.dataset.approvers:
        yield Asked(_APPROVERS)


def judge(held: Held, asked: Asked) -> Iterator[GateResult]:
    """Judge the edits, or who approved them."""
    yield _share(held, asked) if asked.word == _CHANGED else _approval(held, asked)


def _share(held: Held, asked: Asked) -> GateResult:
    found, bar = held.review.labels, held.gates.max_label_change_share or 0.0
    if found is None:
        return held.result(asked, "fail", f"{_UNKNOWN}.", bar=bar)
    share = shares.share_of(found.changed, found.compared, held)
    shared = f"{rows(share.whole)} that base and head share"
    fact = f"{found.column} differs in {found.changed:,} of the {shared}"
    if not found.changed:
        fact = f"{found.column} of the {shared} is the same"
    advice = f"restore the labels, or {allowed_by(_CHANGED)}"
    return shares.judge(held, asked, share, bar, fact=fact, advice=advice)


def _approval(held: Held, asked: Asked) -> GateResult:
    found, wanted = held.review.labels, held.dataset.approvers
    if found is None:
        return held.result(asked, "fail", f"{_UNKNOWN}.")
    if not found.changed:
        return held.result(asked, "pass", f"no {found.column} differs, so nobody need approve.")
    by = [approver for approver in wanted if any(names(approver, said) for said in found.approved_by)]
    edits = f"{found.column} differs in {rows(found.changed)}"
    if by:
        return held.result(asked, "pass", f"{edits}, approved by {', '.join(by)}.")
    others = ", ".join(found.approved_by)
    who = f"only {others} approved it" if others else "nobody approved it"
    sentence = (
        f"{edits}, and {who}: add the trailer `Labels-approved-by: {wanted[0]}` to a commit once "
        f"{_any_of(wanted)} agreed."
    )
    return held.result(asked, "fail", sentence)


def names(approver: str, said: str) -> bool:
    """Whether a trailer's value names the approver: the whole of it, its name, or its email address."""
    name, bracket, rest = said.partition("<")
    parts = {said, name, rest.partition(">")[0]} if bracket else {said}
    return approver.strip().casefold() in {part.strip().casefold() for part in parts} - {""}


def _any_of(people: tuple[str, ...]) -> str:
    return people[0] if len(people) == 1 else f"{', '.join(people[:-1])} or {people[-1]}"


LABELS = Kind(ask, judge)
