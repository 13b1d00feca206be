"""Metrics as rows of a table: the cells that the compared rows can fill, whoever draws them."""

from collections.abc import Sequence

import msgspec

from mergegate.records.comparison import MetricComparison, Paired, RowCounts, SliceComparison
from mergegate.report import comparison, numbers
from mergegate.report.comparison import Layout
from mergegate.report.script import Script

IN_WORDS = "in words"
"""The heading of the one column that holds no numbers."""
_RANK = {"worse": 0, "no_evidence": 1, None: 2, "insufficient": 3, "better": 4}


class Columns(msgspec.Struct, frozen=True):
    """Which columns a table of metrics has. `names` are our own words for the two sides.

    `own`: head on all its rows beside the shared ones; `limits`: that number has an interval.
    """

    layout: Layout
    confidence: float
    own: bool = False
    limits: bool = False
    names: tuple[str, str] = ("base", "head")

    @property
    def heads(self) -> list[str]:
        """Headings after the metric's name."""
        base, head = self.names
        interval = f"{numbers.percent(self.confidence)} interval"
        limits = f" ({interval})" if self.limits else ""
        if self.layout == "head":
            return [f"{head}{limits}"]
        if self.layout == "unpaired":
            return [f"{base}, its rows", f"{head}, its rows{limits}"]
        paired = [base, head, "difference", interval, IN_WORDS]
        return paired + ([f"{head}, all its rows{limits}"] if self.own else [])

    @property
    def slice_heads(self) -> list[str]:
        """Headings after a slice's name."""
        return ["rows", *msgspec.structs.replace(self, layout="paired", own=False).heads]

    def cells(self, metric: MetricComparison, script: Script) -> list[str]:
        """One metric's cells under `heads`, all with the same decimals."""
        common = _scale(metric, script.unit(metric.unit), metric.base_all, metric.head_all)
        own = _on_all_rows(metric, common)
        if self.layout == "paired":
            return [*_paired(metric, common, script), *([own] if self.own else [])]
        return [common.number(metric.base_all), own] if self.layout == "unpaired" else [own]


def columns(
    metrics: Sequence[MetricComparison],
    rows: RowCounts,
    confidence: float,
    names: tuple[str, str] = ("base", "head"),
) -> Columns:
    """What these rows can fill; all of head's rows, which bars judge, only where they say something else."""
    layout = comparison.layout(rows)
    own = layout == "paired" and any(
        metric.head_all is not None and metric.head_all != metric.head for metric in metrics
    )
    limits = any((metric.head_low, metric.head_high) != (None, None) for metric in metrics)
    return Columns(layout, confidence, own, limits, names)


def slice_cells(part: SliceComparison, metric: MetricComparison, script: Script) -> list[str]:
    """One slice's cells under `Columns.slice_heads`."""
    common = _scale(part, script.unit(metric.unit))
    return [numbers.count(part.rows), *_paired(part, common, script)]


def worst_first(metric: MetricComparison) -> list[SliceComparison]:
    """The metric's slices: what is called worse, then by how much head lost."""

    def gain(part: SliceComparison) -> float:
        moved = part.difference
        if moved is None or moved != moved:
            return 0.0
        return moved if metric.greater_is_better else -moved

    return sorted(metric.slices, key=lambda part: (_RANK[part.outcome], gain(part)))


def slice_title(metric: MetricComparison) -> str:
    """`12 slices: 1 worse, 9 no evidence of a difference, 2 can't tell`."""
    outcomes = [part.outcome for part in metric.slices]
    told = {
        "worse": "worse",
        "no_evidence": "no evidence",
        "insufficient": "can't tell",
        "better": "better",
    }
    counts = [f"{outcomes.count(found):,} {word}" for found, word in told.items() if found in outcomes]
    return numbers.plural(len(outcomes), "slice") + (f": {', '.join(counts)}" if counts else "")


def _scale(paired: Paired, unit: str, *others: float | None) -> numbers.Scale:
    sides = (paired.base, paired.head, *others)
    return numbers.scale(sides, paired.difference, paired.low, paired.high, unit=unit)


def _paired(paired: Paired, common: numbers.Scale, script: Script) -> list[str]:
    """Both sides, their difference, its interval, and what that says."""
    known = (paired.low, paired.high) != (None, None) or paired.outcome in {"better", "worse"}
    known = known and not comparison.unmoved(paired)
    return [
        common.number(paired.base),
        common.number(paired.head),
        common.signed(paired.difference),
        common.interval(paired.low, paired.high) if known else numbers.UNKNOWN,
        comparison.words(paired, script),
    ]


def _on_all_rows(metric: MetricComparison, common: numbers.Scale) -> str:
    """Head on all its rows, with the interval that a bar asked for."""
    own = common.number(metric.head_all)
    if metric.head_low is None and metric.head_high is None:
        return own
    return f"{own} ({common.interval(metric.head_low, metric.head_high, signed=False)})"
