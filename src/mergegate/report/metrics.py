"""A model's metrics in the columns that its rows can fill."""

from mergegate.records.comparison import MetricComparison
from mergegate.records.review import ModelReview
from mergegate.report import numbers, wording

_COLUMNS = {
    "paired": ["base", "head", "difference"],
    "unpaired": ["base, its rows", "head, its rows"],
    "head": ["head"],
}


def columns(model: ModelReview) -> list[str]:
    """Headings after the metric's name; all of head's rows, which gates judge, only where they differ."""
    return _COLUMNS[wording.layout(model)] + (["head, all its rows"] if _own_rows_differ(model) else [])


def cells(model: ModelReview) -> list[list[str]]:
    """For each metric, the numbers under `columns`."""
    own = _own_rows_differ(model)
    return [_row(metric, wording.layout(model), own) for metric in model.metrics]


def _row(metric: MetricComparison, layout: wording.Layout, own: bool) -> list[str]:
    """One metric's numbers, all with the same decimals."""
    sides = (metric.base, metric.head, metric.base_all, metric.head_all)
    (base, head, base_all, head_all), difference = numbers.compared(sides, metric.difference)
    if layout == "paired":
        moved = f"{difference} {wording.moved(metric.difference)}".strip()
        return [base, head, "no change" if metric.difference == 0 else moved, *([head_all] if own else [])]
    return [base_all, head_all] if layout == "unpaired" else [head_all]


def _own_rows_differ(model: ModelReview) -> bool:
    """Whether a metric on all of head's rows says something else than on the shared ones."""
    return wording.layout(model) == "paired" and any(
        metric.head_all is not None and metric.head_all != metric.head for metric in model.metrics
    )
