"""What changed, as Markdown: params, stages, data."""

from collections.abc import Iterator

from mergegate.records.review import DataChange, Review
from mergegate.report import numbers, wording
from mergegate.report.blocks import SEE_REST, Bounds, fold, joined, names, section, table, value, warn
from mergegate.report.escaping import code, prose


def losses(review: Review, bounds: Bounds) -> str:
    """Datasets that lost files, loud."""
    found = [change for change in review.data if wording.lost(change)]
    if not found:
        return ""
    lines = [_loss(change, bounds) for change in found[: bounds.rows]]
    if len(found) > bounds.rows:
        lines.append(f"{len(found) - bounds.rows:,} more lost files, {SEE_REST}.")
    return warn(*lines, wording.LOST)


def _loss(change: DataChange, bounds: Bounds) -> str:
    """What a dataset lost, with the names that fit."""
    gone = [code(file.path, bounds.value) for file in change.files if file.change == "removed"]
    which = f": {joined(gone, bounds)}" if gone else ""
    return f"**{code(change.path, bounds.value)} {wording.lost(change)}**{which}."


def params(review: Review, bounds: Bounds) -> str:
    """Changed params: file, key, old and new value, the stages they feed."""
    if not review.params:
        return ""
    rows = [
        (
            code(change.file, bounds.value),
            code(change.key, bounds.value),
            f"{value(change.old, bounds)} {numbers.ARROW} {value(change.new, bounds)}",
            names(change.stages, bounds) or "no stage",
        )
        for change in review.params
    ]
    body = table(("File", "Param", "Change", "Feeds"), rows, limit=bounds.rows, noun="param")
    return section(f"{numbers.plural(len(rows), 'param')} changed", body, len(rows), bounds)


def stages(review: Review, bounds: Bounds) -> str:
    """Changed stages and why."""
    if not review.stages:
        return ""
    rows = []
    for stage in review.stages:
        reasons = [f"{reason.kind} {code(reason.what, bounds.value)}" for reason in stage.reasons]
        rows.append(
            (code(stage.name, bounds.value), stage.change, joined(reasons, bounds) or numbers.UNKNOWN)
        )
    body = table(("Stage", "Change", "Why"), rows, limit=bounds.rows, noun="stage")
    return section(f"{numbers.plural(len(rows), 'stage')} changed", body, len(rows), bounds)


def data(review: Review, bounds: Bounds) -> Iterator[str]:
    """Changed datasets as one table, their files folded below it."""
    if not review.data:
        return
    rows = []
    for change in review.data:
        path = code(change.path, bounds.value)
        files = numbers.step(change.files_old, change.files_new, numbers.count)
        counts = wording.file_counts(change)
        rows.append(
            (
                path + (f"<br>{prose(change.note, bounds.sentence)}" if change.note else ""),
                change.change,
                files + (f"<br>{counts}" if counts else ""),
                numbers.step(change.rows_old, change.rows_new, numbers.count),
                numbers.step(change.bytes_old, change.bytes_new, numbers.size),
            )
        )
    body = table(
        ("Data", "Change", "Files:", "Rows:", "Size:"), rows, limit=bounds.rows, noun="tracked dataset"
    )
    yield section(f"{numbers.plural(len(rows), 'tracked dataset')} changed", body, len(rows), bounds)
    inside = [
        (
            code(wording.inside(change, file), bounds.value),
            file.change,
            numbers.step(file.rows_old, file.rows_new, numbers.count),
            numbers.step(file.bytes_old, file.bytes_new, numbers.size),
        )
        for change in review.data
        for file in change.files
    ]
    if inside:
        total = sum(
            change.files_added + change.files_removed + change.files_changed for change in review.data
        )
        shown = table(("File", "Change", "Rows:", "Size:"), inside, limit=bounds.rows, noun="file")
        yield fold(f"{numbers.plural(max(total, len(inside)), 'file')} changed inside", shown)
