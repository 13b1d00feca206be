"""Numbers that changed alike: new = a · old + b in every changed cell, exactly or but for rounding."""

import math
from collections.abc import Iterator, Mapping, Sequence

import ibis
import ibis.expr.types as ir
import msgspec

from mergegate.dataset.cells import Changed, present
from mergegate.dataset.samples import text

_EXACT = 1e-9
"""Of the numbers involved: what arithmetic with 64 bits may lose."""
_LEAST = 1e-300
_LARGEST_SINGLE = 3e38
_LARGEST = 1e150
"""Larger numbers' squares are beyond floats: a column with one has no pattern."""
_NOISE = 1e-12
_SMALL = 1e-3
"""Of the largest number: noise in what is smaller comes from sums with what is larger."""
_DECIMALS = range(4)
"""Decimals to which values may have been rounded."""
_ERRORS = 4.0
"""Standard errors within which a rounder coefficient is taken for the true one."""


class _Line(msgspec.Struct, frozen=True):
    """A candidate: new = slope · old + offset; `scale` is the largest number involved."""

    slope: float
    offset: float
    scale: float
    spread: float

    @property
    def words(self) -> str:
        """`× 1.8 + 32`; empty where it changes nothing."""
        inverse = 1 / self.slope
        if self.slope == 1:
            factor = ""
        elif abs(inverse) > 1 and abs(inverse - round(inverse)) <= _EXACT * abs(inverse):
            factor = f"÷ {_written(inverse)}"
        else:
            factor = f"× {_written(self.slope)}"
        sign = "+" if self.offset > 0 else "−"
        return f"{factor} {sign} {_written(abs(self.offset))}".strip() if self.offset else factor


def find(changed: Changed, places: Sequence[int]) -> dict[int, str]:
    """The pattern of each column that has one."""
    changed = msgspec.structs.replace(changed, rows=_cells(changed, places))
    found = changed.fetch_one(**dict(_moments(changed, places)))
    near = [place for place in places if not found[f"far{place}"]]
    told = {place: words for place in near if (words := _constant(found, place))}
    lines = {place: line for place in near if place not in told and (line := _fit(found, place))}
    if not lines:
        return told
    checked = changed.fetch_one(**dict(_residuals(changed, lines)))
    held = {place: _verdict(line, checked, place) for place, line in lines.items()}
    return told | {place: words for place, words in held.items() if words}


def _cells(changed: Changed, places: Sequence[int]) -> ir.Table:
    """Both sides' changed and finite cells as floats, missing for all others: `o0`, `n0`…"""
    cells: dict[str, ir.Value] = {}
    for place in places:
        both = present(changed.rows, place)
        for name in (f"o{place}", f"n{place}"):
            cells[name] = both.ifelse(changed.rows[name].cast("float64"), ibis.null("float64"))
    return changed.rows.select(**cells)


def _moments(changed: Changed, places: Sequence[int]) -> Iterator[tuple[str, ir.Scalar]]:
    for place in places:
        old, new = (changed.rows[f"{side}{place}"] for side in "on")
        yield f"rows{place}", old.count()
        far = (old.abs() > _LARGEST) | (new.abs() > _LARGEST)
        yield f"far{place}", changed.rows.count(where=far.fill_null(False))
        old, new = ((~far).ifelse(value, ibis.null("float64")) for value in (old, new))
        for side, value in (("o", old), ("n", new)):
            yield f"low_{side}{place}", value.min()
            yield f"high_{side}{place}", value.max()
            yield f"mean_{side}{place}", value.mean()
            yield f"var_{side}{place}", value.var(how="pop")
        yield f"cov{place}", old.cov(new, how="pop")


def _constant(found: Mapping[str, object], place: int) -> str:
    """One new value everywhere."""
    low, high = found[f"low_n{place}"], found[f"high_n{place}"]
    if low != high:
        return ""
    if found[f"low_o{place}"] == found[f"high_o{place}"]:
        return f"{text(found[f'low_o{place}'])} → {text(low)}"
    return f"setting to {text(low)}"


def _fit(found: Mapping[str, object], place: int) -> _Line | None:
    """The least-squares line, its coefficients as round as their standard errors let them be."""

    def number(name: str) -> float:
        value = found[f"{name}{place}"]
        return float(value) if isinstance(value, int | float) else math.nan

    rows, spread, cov = number("rows"), number("var_o"), number("cov")
    if not (spread > 0 and math.isfinite(cov) and cov != 0):
        return None
    slope = cov / spread
    left = math.sqrt(max(number("var_n") - slope * cov, 0.0))
    bounds = [abs(number(name)) for name in ("low_o", "high_o", "low_n", "high_n")]
    slope = _round(slope, max(_EXACT * abs(slope), _ERRORS * left / math.sqrt(spread * rows)))
    scale = max(*bounds[2:], abs(slope) * max(bounds[:2]))
    offset = number("mean_n") - slope * number("mean_o")
    offset = _round(offset, max(_EXACT * scale, _ERRORS * left / math.sqrt(rows)))
    return _Line(slope, offset, scale, math.sqrt(number("var_n"))) if slope else None


def _residuals(changed: Changed, lines: Mapping[int, _Line]) -> Iterator[tuple[str, ir.Scalar]]:
    for place, line in lines.items():
        old, new = (changed.rows[f"{side}{place}"] for side in "on")
        left = (new - (old * line.slope + line.offset)).abs()
        yield f"left{place}", left.max()
        # By each cell's own size: beside a large number, any small ones would seem to keep to the line.
        terms = ibis.greatest(new.abs(), (old * line.slope).abs(), max(abs(line.offset), _LEAST))
        yield f"exact{place}", (left / terms).max()
        size = ibis.greatest(old.abs(), new.abs(), _SMALL * line.scale)
        yield f"share{place}", ((new - old).abs() / size).max()
        small = (old.abs() < _LARGEST_SINGLE).ifelse(old, 0.0)
        yield f"single{place}", changed.rows.count(where=new != small.cast("float32").cast("float64"))
        for decimals in _DECIMALS:
            # Not by `round`, which makes whole numbers of 64 bits.
            beyond = (new * 10.0**decimals).abs() % 1.0
            yield f"digits{decimals}_{place}", ibis.least(beyond, 1.0 - beyond).max()


def _verdict(line: _Line, checked: Mapping[str, object], place: int) -> str:
    """The pattern, if every changed cell keeps to it."""
    values = {name: float(value) for name, value in checked.items() if isinstance(value, int | float)}
    left, share = values.get(f"left{place}", math.inf), values.get(f"share{place}", math.inf)
    if share <= _NOISE:
        return "noise in the last digits"
    if line.words and values.get(f"exact{place}", math.inf) <= _EXACT:
        return line.words
    if checked[f"single{place}"] == 0:
        return "rounding to 32 bits"
    for decimals in _DECIMALS:
        step = 10.0**-decimals
        whole = values.get(f"digits{decimals}_{place}", math.inf) <= 1e-6
        # Where values hardly spread beyond one step, rounding would explain anything.
        if whole and left <= step * (0.5 + 1e-6) and line.spread > 3 * step:
            to = f"{decimals} decimal{'s' * (decimals > 1)}" if decimals else "whole numbers"
            return f"{line.words}, rounded to {to}" if line.words else f"rounding to {to}"
    return ""


def _round(value: float, within: float) -> float:
    """The number with the fewest digits that is no further away."""
    if abs(value) <= within:
        return 0.0
    for digits in range(1, 13):
        rounder = float(f"{value:.{digits}g}")
        if abs(rounder - value) <= within:
            return rounder
    return value


def _written(value: float) -> str:
    return f"{float(f'{value:.12g}'):,.12g}"
