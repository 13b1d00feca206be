"""Where head lost more than elsewhere, and how far groups are apart."""

from collections.abc import Sequence

from mergegate.records.explain import Band, Gap, Segment, SegmentSearch
from mergegate.report import numbers
from mergegate.report.data.amounts import chance
from mergegate.report.data.markup import VOICE
from mergegate.report.data.parts import Cell
from mergegate.report.explain.segments import HEADS, NONE_WEAK, find_weak, how_searched, where
from mergegate.report.html.bounds import Bounds
from mergegate.report.html.datasets import draw_findings
from mergegate.report.html.intervals import Stretch, draw_interval, gains, reach
from mergegate.report.html.markup import Markup, between, folded, join, listed, paragraph
from mergegate.report.html.tables import PICTURE, draw_rows, stacked

_NAMED = 12


def draw_segments(found: SegmentSearch, bounds: Bounds) -> Markup:
    """Each weak segment with what it lost there and elsewhere; how it was looked for."""
    if found.problem:
        return paragraph("Nothing was searched: ", VOICE.text(found.problem))
    tried = paragraph(Markup(how_searched(found, VOICE)), kind="note")
    how = folded("How the columns were cut", _bands(found))
    if not found.found:
        return join(paragraph(f"{NONE_WEAK.capitalize()}."), tried, how)
    shown = found.found[: bounds.rows]
    within = reach(map(_seen, shown))
    table = draw_rows(
        found.found,
        lambda segment: _row(segment, within),
        (*HEADS, f"lost more | less{PICTURE}", "p, corrected:"),
        "segment",
        bounds,
        total=found.found_total,
        label="Weak segments",
        sortable=True,
    )
    return join(
        draw_findings([line for line in find_weak(found, VOICE) if line.loud], bounds.rows, bounds.where),
        table,
        tried,
        how,
    )


def _row(segment: Segment, within: float) -> tuple[Cell, ...]:
    common = _scale(segment)
    known = (segment.low, segment.high) != (None, None)
    interval = common.interval(segment.low, segment.high) if known else numbers.UNKNOWN
    label = f"{common.signed(segment.excess)} more than elsewhere, interval {interval}"
    return (
        Markup(where(segment, VOICE)),
        numbers.count(segment.rows),
        common.signed(segment.loss),
        common.signed(segment.rest),
        stacked(common.signed(segment.excess), interval if known else ""),
        draw_interval(_seen(segment), label, within=within),
        chance(segment.p_adjusted),
    )


def _seen(segment: Segment) -> Stretch | None:
    return gains(segment.excess, segment.low, segment.high, upward=False, kind="worse")


def _scale(segment: Segment) -> numbers.Scale:
    return numbers.scale((), segment.excess, segment.low, segment.high)


def _bands(found: SegmentSearch) -> Markup:
    """How columns became levels, and which were left out."""
    cut = [_band(band) for band in found.bands[: _NAMED * 4]]
    left = [VOICE.text(column) for column in found.skipped[:_NAMED]]
    more = len(found.skipped) - len(left)
    skipped = (
        join(
            "Left out: ",
            between(", ", left),
            f" and {more:,} more." if more > 0 else ".",
        )
        if left
        else Markup()
    )
    return join(listed(cut), paragraph(skipped)) if cut or left else Markup()


def _band(band: Band) -> Markup:
    how = {"values": "each of its values", "bins": "bins of equal size", "time": "parts of its time"}[
        band.kind
    ]
    edges = between(", ", map(VOICE.value, band.edges[:_NAMED]))
    return join(VOICE.name(band.column), f": {how}", *([", between them ", edges] if band.edges else []))


def draw_gaps(found: Sequence[Gap], bounds: Bounds) -> Markup:
    """The distance between the best and the worst group, in base and in head."""
    heads = ("Metric", "By", "Gap in base:", "Gap in head:", "Change:", "Worst → best in head", "Groups:")
    return draw_rows(found, _gap, heads, "gap", bounds, label="Gaps between groups")


def _gap(gap: Gap) -> tuple[Cell, ...]:
    moved = None if gap.base is None or gap.head is None else gap.head - gap.base
    common = numbers.scale((gap.base, gap.head), moved)
    ends: str = join(VOICE.name(gap.head_worst), " → ", VOICE.name(gap.head_best))
    if gap.problem:
        ends = VOICE.text(gap.problem)
    elif (gap.base_worst, gap.base_best) != (gap.head_worst, gap.head_best) and gap.base is not None:
        ends = join(ends, "; in base ", VOICE.name(gap.base_worst), " → ", VOICE.name(gap.base_best))
    return (
        VOICE.name(gap.metric),
        VOICE.name(gap.column),
        common.number(gap.base),
        common.number(gap.head),
        common.signed(moved),
        ends,
        f"{numbers.count(gap.levels)} with {gap.min_rows:,} rows or more" if gap.levels else numbers.UNKNOWN,
    )
