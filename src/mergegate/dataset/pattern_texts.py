"""Texts that changed alike: in case only, in the spaces around them, in how they write a number."""

from collections.abc import Iterator, Mapping, Sequence

import ibis
import ibis.expr.types as ir

from mergegate.dataset.cells import Changed, present
from mergegate.dataset.samples import show

_LONGEST = 40


def find(changed: Changed, places: Sequence[int]) -> dict[int, str]:
    """The pattern of each column that has one."""
    found = changed.fetch_one(**dict(_aggregates(changed, places)))
    named = {place: _name(changed, found, place) for place in places}
    return {place: words for place, words in named.items() if words}


def _exceptions(old: ir.StringValue, new: ir.StringValue) -> dict[str, ir.BooleanValue]:
    """For each pattern, whether a cell does not keep to it; the most telling first."""
    before, after = (side.strip() for side in (old, new))
    return {
        "trimming spaces": new != before,
        "adding spaces": old != after,
        "a change of case": old.lower() != new.lower(),
        "a change of spaces": before != after,
        "a change of case and spaces": before.lower() != after.lower(),
        "losing leading zeros": new != old.re_replace("^0+", ""),
        "adding leading zeros": old != new.re_replace("^0+", ""),
        "writing numbers differently": (old.try_cast("float64") != new.try_cast("float64")).fill_null(True),
    }


def _aggregates(changed: Changed, places: Sequence[int]) -> Iterator[tuple[str, ir.Scalar]]:
    for place in places:
        old, new = (changed.rows[f"{side}{place}"] for side in "on")
        both = present(changed.rows, place)
        for at, exception in enumerate(_exceptions(old, new).values()):
            yield f"left{at}_{place}", changed.rows.count(where=both & exception)
        for side, value in (("o", old), ("n", new)):
            cells = both.ifelse(value, ibis.null("string"))
            yield f"one_{side}{place}", cells.min() == cells.max()
            yield f"value_{side}{place}", cells.min().left(_LONGEST + 1)


def _name(changed: Changed, found: Mapping[str, object], place: int) -> str:
    old, new = (changed.rows[f"{side}{place}"] for side in "on")
    for at, words in enumerate(_exceptions(old, new)):
        if found[f"left{at}_{place}"] == 0:
            return words
    if changed.hides(place) or not found[f"one_n{place}"]:
        return ""
    value = _quoted(found[f"value_n{place}"])
    if found[f"one_o{place}"]:
        return f"{_quoted(found[f'value_o{place}'])} → {value}"
    return f"setting to {value}"


def _quoted(value: object) -> str:
    told = show(value) or ""
    return f"“{told if len(told) <= _LONGEST else told[: _LONGEST - 1] + '…'}”"
