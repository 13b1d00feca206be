"""Rows that head lacks, and rows that it adds, as shares of base's."""

from collections.abc import Iterator

from mergegate.gates.case import rows
from mergegate.gates.data import shares
from mergegate.gates.data.held import Asked, Held, Kind, allowed_by
from mergegate.records.verdict import GateResult

_REMOVED, _ADDED = "max_removed_share", "max_added_share"


def ask(held: Held) -> Iterator[Asked]:
    """Each share that has a bar."""
    for word in (_REMOVED, _ADDED):
        if getattr(held.gates, word) is not None:
            yield Asked(word)


def judge(held: Held, asked: Asked) -> Iterator[GateResult]:
    """By key, or where there is none by equal rows."""
    found = held.review.rows
    bar: float = getattr(held.gates, asked.word)
    if found is None:
        yield held.result(asked, "fail", "base's rows and head's were not compared.", bar=bar)
        return
    share = shares.share_of(found.removed if asked.word == _REMOVED else found.added, found.old, held)
    if asked.word == _REMOVED:
        base = f"base's {share.told}" if found.removed else "base's rows"
        fact = f"{_many(found.removed)} of {base} {_be(found.removed)} gone from head{_lost(held)}"
        advice = f"restore them, or {allowed_by(_REMOVED)}"
    else:
        fact = f"head adds {rows(found.added)}" if found.added else "head adds no row"
        fact += f" to base's {share.told}" if found.added else ""
        advice = f"look where they come from, or {allowed_by(_ADDED)}"
    yield shares.judge(held, asked, share, bar, fact=fact, advice=advice)


def _lost(held: Held) -> str:
    """Files that a folder lost: DVC does it silently."""
    lost = next((fact.sentence for fact in held.review.facts if fact.kind == "files_lost"), "")
    return f" ({lost.rstrip('.')})" if lost else ""


def _many(number: int) -> str:
    return f"{number:,}" if number else "none"


def _be(number: int) -> str:
    return "is" if number < 2 else "are"


ROWS = Kind(ask, judge)
