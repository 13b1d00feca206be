"""Metrics files of no model, in words: single numbers, what differs first."""

from collections.abc import Sequence

from mergegate.records.review import Point, ReportedFile, Review
from mergegate.report import numbers
from mergegate.report.blocks import Bounds, bullets, fold, table, value
from mergegate.report.escaping import code, prose

WHY = "Single numbers, as the project writes them: nothing tells a difference from noise, and no gate judges."
NEXT = "Predictions, one row per evaluated example, would be judged with intervals."

MOST_NOTES = 5
"""Files that can't be shown and are named."""

Row = tuple[ReportedFile, Point]


def rows(review: Review) -> list[Row]:
    """Every metric with its file: what differs before what does not."""
    every = [(file, metric) for file in review.reported for metric in file.metrics]
    return sorted(every, key=lambda row: not differs(row[1]))


def differs(metric: Point) -> bool:
    """Whether base and head say anything else."""
    return metric.base != metric.head


def total(review: Review) -> int:
    """How many metrics there are, listed or not."""
    return sum(max(file.total, len(file.metrics)) for file in review.reported)


def title(review: Review) -> str:
    """How many there are, and how many of them differ."""
    moved = sum(differs(metric) for _, metric in rows(review))
    many = numbers.plural(total(review), "metric")
    said = (
        f"{moved:,} of {many} {'differs' if moved == 1 else 'differ'}" if moved else f"{many}, all the same"
    )
    return f"Reported, not judged: {said}"


def remarks(review: Review) -> list[str]:
    """What the numbers are worth, which files could not be shown, and how many files there are beside."""
    more = review.reported_total - len(review.reported)
    noted = [f"{file.path}: {file.note}." for file in review.reported if file.note]
    rest = len(noted) - MOST_NOTES
    return [
        *([f"{WHY} {NEXT}" if not review.models else WHY] if total(review) else []),
        *noted[:MOST_NOTES],
        *([f"{numbers.plural(rest, 'more metrics file')} can't be shown."] if rest > 0 else []),
        *([f"{numbers.plural(more, 'more metrics file')} not shown."] if more > 0 else []),
    ]


def points(review: Review, bounds: Bounds) -> str:
    """The section of the comment, folded where nothing differs."""
    if not review.reported:
        return ""
    found, said = rows(review), remarks(review)
    several = len({file.path for file, _ in found}) > 1

    def cells(row: Row) -> Sequence[str]:
        file, metric = row
        named = f"<br>{code(file.path, bounds.value)}" if several else ""
        return (
            code(metric.name, bounds.value) + named,
            value(metric.base, bounds),
            value(metric.head, bounds),
            prose(metric.difference or "", bounds.value),
        )

    columns = ("Metric", "Base:", "Head:", "Difference:")
    folded = not any(differs(metric) for _, metric in found)
    limit = bounds.folded if folded else bounds.rows
    body = table(columns, found, cells, limit=limit, noun="metric", total=total(review)) if found else ""
    body = "\n\n".join(filter(None, (bullets(said, bounds, "remark"), body)))
    return fold(title(review), body) if folded else f"### {title(review)}\n\n{body}"
