"""Where head lost more than elsewhere, and how far groups lie apart."""

from collections.abc import Sequence

from mergegate.records.explain import Gap, Segment, SegmentSearch
from mergegate.report import numbers
from mergegate.report.data.amounts import chance, figure, listed
from mergegate.report.data.parts import Line, Part, Table
from mergegate.report.data.voice import Voice
from mergegate.report.numbers import UNKNOWN, count, plural

_LOUD = 3
_COLUMNS = 8
_CONDITIONS = 4
HEADS = ("Where", "Rows:", "Change of loss there:", "Elsewhere:", "More than elsewhere:")
NONE_WEAK = "in none did head lose more than elsewhere, beyond chance"


def find_weak(found: SegmentSearch, voice: Voice) -> list[Line]:
    """A sentence that a person can act on for each of the worst segments."""
    measure = voice.name(found.measure)
    lines = [Line("Weak segment", _sentence(segment, measure, voice)) for segment in found.found[:_LOUD]]
    more = max(found.found_total, len(found.found)) - len(lines)
    if more > 0:
        lines.append(Line("Weak segments", f"{count(more)} more, below.", loud=False))
    return lines


def tell_segments(found: SegmentSearch, voice: Voice) -> Part:
    """The search: what it found, and how it looked."""
    if found.problem:
        return Part("segments", "Weak segments: none searched", (voice.sentence(found.problem),))
    searched = how_searched(found, voice)
    skipped = [voice.text(each) for each in found.skipped]
    left = (f"Left out: {listed(skipped, 5)}.",) if skipped else ()
    if not found.found:
        return Part("segments", f"Weak segments: {NONE_WEAK}", (searched, *left))
    rows = tuple(_row(segment, voice) for segment in found.found)
    total = max(found.found_total, len(found.found))
    table = Table("", (*HEADS, "p, corrected:"), rows, "segment", total)
    return Part("segments", f"Weak segments: {count(total)}", (searched, *left), (table,))


def how_searched(found: SegmentSearch, voice: Voice) -> str:
    """What was tried, against what, and how it was measured."""
    columns = listed([voice.name(band.column) for band in found.bands], _COLUMNS) or "each column"
    were = "was" if found.tried == 1 else "were"
    return (
        f"{plural(found.tried, 'segment')} of at least {plural(found.min_rows, 'row')} {were} tried: the "
        f"values of {columns}, alone and in pairs, each against all other rows. Lost is "
        f"{voice.name(found.measure)}, row by row: higher is worse. p is corrected for all of them (Holm)."
    )


def where(segment: Segment, voice: Voice) -> str:
    """`carrier` = `EV` and `hour` = `18 to 23`."""
    return " and ".join(
        f"{voice.name(each.column)} = {voice.name(each.level)}" for each in segment.conditions[:_CONDITIONS]
    )


def _sentence(segment: Segment, measure: str, voice: Voice) -> str:
    here, there = (
        f"{'rose' if loss >= 0 else 'fell'} by {figure(_short(abs(loss)))}"
        for loss in (segment.loss, segment.rest)
    )
    return (
        f"where {where(segment, voice)} ({plural(segment.rows, 'row')}) {measure} {here}; on all other rows "
        f"it {there}."
    )


def _short(loss: float) -> float:
    """Two significant digits: what a sentence needs."""
    return float(f"{loss:.2g}")


def _row(segment: Segment, voice: Voice) -> tuple[str, ...]:
    common = numbers.scale((segment.loss, segment.rest), segment.excess, segment.low, segment.high)
    known = (segment.low, segment.high) != (None, None)
    interval = f" ({common.interval(segment.low, segment.high)})" if known else ""
    return (
        where(segment, voice),
        count(segment.rows),
        common.signed(segment.loss),
        common.signed(segment.rest),
        f"{common.signed(segment.excess)}{interval}",
        chance(segment.p_adjusted),
    )


def tell_gaps(found: Sequence[Gap], voice: Voice) -> Part:
    """The distance between the best and the worst group."""
    heads = ("Metric", "By", "Gap in base:", "Gap in head:", "Worst and best in head")
    table = Table("", heads, tuple(_gap(gap, voice) for gap in found), "gap")
    return Part("gaps", f"Gaps between groups: {count(len(found))}", (), (table,))


def _gap(gap: Gap, voice: Voice) -> tuple[str, ...]:
    moved = None if gap.base is None or gap.head is None else gap.head - gap.base
    common = numbers.scale((gap.base, gap.head), moved)
    ends = f"{voice.name(gap.head_worst)} and {voice.name(gap.head_best)} of {plural(gap.levels, 'group')}"
    return (
        voice.name(gap.metric),
        voice.name(gap.column),
        common.number(gap.base),
        common.number(gap.head),
        voice.text(gap.problem) if gap.problem else ends if gap.head is not None else UNKNOWN,
    )
