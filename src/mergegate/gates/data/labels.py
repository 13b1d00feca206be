"""Labels of rows that both sides have: how many differ, and whether somebody answers for it."""

from collections import Counter
from collections.abc import Iterator

from mergegate.gates.case import rows
from mergegate.gates.data import shares
from mergegate.gates.data.held import Asked, Held, Kind, allowed_by
from mergegate.records.data import LabelChanges
from mergegate.records.verdict import GateResult

_CHANGED, _APPROVERS = "max_label_change_share", "approvers"
_MOST_OF_A_CLASS = 0.5
"""Share of any one label's rows that may be edited where the bar is lower."""
_NONE = "no row that base and head share stands in a file that differs, so no label does"


def ask(held: Held) -> Iterator[Asked]:
    """Where the dataset has a label: the share that has a bar, and the approval that is wanted."""
    if held.dataset.label and held.gates.max_label_change_share is not None:
        yield Asked(_CHANGED)
    if held.dataset.label and held.dataset.approvers:
        yield Asked(_APPROVERS)


def judge(held: Held, asked: Asked) -> Iterator[GateResult]:
    """Judge the edits, or who approved them."""
    bar = held.gates.max_label_change_share if asked.word == _CHANGED else None
    if held.review.labels is not None:
        labels = held.review.labels
        yield _share(held, asked, labels, bar or 0.0) if bar is not None else _approval(held, asked, labels)
    elif _none_shared(held):
        yield held.judged(asked, True, f"{_NONE}.", value=None if bar is None else 0.0, bar=bar)
    else:
        yield held.result(asked, "fail", "base's labels and head's were not compared.", bar=bar)


def _none_shared(held: Held) -> bool:
    """Whether the files that differ have no row in common: only some came, or only some went."""
    found = held.review.rows
    if found is None:
        return False
    return not found.old or not found.new or (bool(found.key) and found.removed == found.old)


def _share(held: Held, asked: Asked, found: LabelChanges, bar: float) -> GateResult:
    share = shares.share_of(found.changed, found.compared, held)
    shared = f"{share.told} that base and head share"
    fact = f"{found.column} differs in {found.changed:,} of the {shared}"
    if not found.changed:
        fact = f"{found.column} of the {shared} is the same" if share.whole else _NONE
    advice = f"restore the labels, or {allowed_by(_CHANGED)}"
    # A share of all rows says nothing of a class that is rare.
    for label, edited, of in _emptied(found, bar) if share.value <= bar else ():
        sentence = f"{fact}, and these are {edited:,} of base's {of:,} rows of {label}; {advice}."
        return held.judged(asked, False, sentence, value=edited / of, bar=max(bar, _MOST_OF_A_CLASS))
    return shares.judge(held, asked, share, bar, fact=fact, advice=advice)


def _emptied(found: LabelChanges, bar: float) -> Iterator[tuple[str, int, int]]:
    """Labels that lost more than half of their rows to edits: the label, rows edited, and of how many."""
    counts = {each.label: each.old for each in found.shares}
    edited: Counter[str | None] = Counter()
    for edit in found.edits:
        edited[edit.old] += edit.rows
    for label, rows_edited in edited.most_common():
        of = counts.get(label, 0)
        if of and rows_edited / of > max(bar, _MOST_OF_A_CLASS):
            yield "a missing label" if label is None else label, rows_edited, of


def _approval(held: Held, asked: Asked, found: LabelChanges) -> GateResult:
    wanted = held.dataset.approvers
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
