"""What changed, as Markdown: params, stages, data."""

from collections.abc import Callable, Sequence

from mergegate.records.review import DataChange, FileChange, ParamChange, Reason, Review, StageChange
from mergegate.report import numbers, wording
from mergegate.report.blocks import SEE_REST, Bounds, Item, fold, joined, names, table, value, warn
from mergegate.report.escaping import code, prose


def losses(review: Review, bounds: Bounds) -> str:
    """What datasets lost, loud."""
    found = [change for change in review.data if wording.lost(change)]
    lines = [_loss(change, bounds) for change in found[: bounds.rows]]
    if len(found) > bounds.rows:
        lines.append(f"{len(found) - bounds.rows:,} more lost files, {SEE_REST}.")
    if found:
        lines.append(wording.LOST)
    alarms = wording.alarms(review)
    lines += [
        f"**{code(path, bounds.value)}**: {prose(said, bounds.sentence)}"
        for path, said in alarms[: bounds.rows]
    ]
    if len(alarms) > bounds.rows:
        lines.append(f"{len(alarms) - bounds.rows:,} more warnings, {SEE_REST}.")
    return warn(*lines) if lines else ""


def _loss(change: DataChange, bounds: Bounds) -> str:
    """What a dataset lost, with the names that fit."""
    gone = names([file.path for file in change.files if file.change == "removed"], bounds)
    what = f"**{code(change.path, bounds.value)} {wording.lost(change)}**"
    return f"{what}: {gone}." if gone else f"{what}."


def policy(review: Review, bounds: Bounds) -> str:
    """The change's own edit of the policy, loud: it did not judge, and would judge what comes after."""
    said = wording.policy_edit(review.policy)
    if not said:
        return ""

    def edit(change: ParamChange) -> str:
        moved = f"{value(change.old, bounds)} {numbers.ARROW} {value(change.new, bounds)}"
        return f"{code(change.key, bounds.value)}: {moved}"

    edits = joined(review.policy.changes, edit, bounds)
    return warn(f"**{said}.**", *([edits] if edits else []))


def params(review: Review, bounds: Bounds) -> str:
    """Changed params: file, key, old and new value, the stages they feed."""

    def cells(change: ParamChange) -> Sequence[str]:
        return (
            code(change.file, bounds.value),
            code(change.key, bounds.value),
            f"{value(change.old, bounds)} {numbers.ARROW} {value(change.new, bounds)}",
            names(change.stages, bounds, total=change.stages_total) or "no stage",
        )

    return _section(
        ("File", "Param", "Change", "Feeds"), review.params, cells, "param", bounds, review.params_total
    )


def stages(review: Review, bounds: Bounds) -> str:
    """Changed stages and why."""

    def reason(reason: Reason) -> str:
        return f"{reason.kind} {code(reason.what, bounds.value)}"

    def cells(stage: StageChange) -> Sequence[str]:
        why = joined(stage.reasons, reason, bounds, total=stage.reasons_total) or numbers.UNKNOWN
        return code(stage.name, bounds.value), stage.change, why

    return _section(("Stage", "Change", "Why"), review.stages, cells, "stage", bounds, review.stages_total)


def data(review: Review, bounds: Bounds) -> str:
    """Changed datasets, without those whose review tells it."""
    found, total = wording.unreviewed(review)

    def cells(change: DataChange) -> Sequence[str]:
        note = f"<br>{prose(change.note, bounds.sentence)}" if change.note else ""
        counts = wording.file_counts(change)
        files = numbers.step(change.files_old, change.files_new, numbers.count)
        return (
            code(change.path, bounds.value) + note,
            change.change,
            f"{files}<br>{counts}" if counts else files,
            numbers.step(change.rows_old, change.rows_new, numbers.count),
            numbers.step(change.bytes_old, change.bytes_new, numbers.size),
        )

    columns = ("Data", "Change", "Files:", "Rows:", "Size:")
    noun = "other tracked dataset" if review.datasets else "tracked dataset"
    return _section(columns, found, cells, noun, bounds, total)


def files(review: Review, bounds: Bounds) -> str:
    """Changed files inside those datasets, folded."""
    found, _ = wording.unreviewed(review)
    listed = [(change, file) for change in found for file in change.files]
    if not listed:
        return ""

    def cells(item: tuple[DataChange, FileChange]) -> Sequence[str]:
        change, file = item
        return (
            code(wording.inside(change, file), bounds.value),
            file.change,
            numbers.step(file.rows_old, file.rows_new, numbers.count),
            numbers.step(file.bytes_old, file.bytes_new, numbers.size),
        )

    counted = sum(change.files_added + change.files_removed + change.files_changed for change in found)
    total = max(counted, len(listed))
    columns = ("File", "Change", "Rows:", "Size:")
    body = table(columns, listed, cells, limit=bounds.folded, noun="file", total=total)
    return fold(f"{numbers.plural(total, 'file')} changed inside", body)


def _section(
    columns: Sequence[str],
    items: Sequence[Item],
    cells: Callable[[Item], Sequence[str]],
    noun: str,
    bounds: Bounds,
    total: int,
) -> str:
    """A table under its heading, folded when it is long; empty when nothing changed."""
    if not items:
        return ""
    title = f"{numbers.plural(wording.total(items, total), noun)} changed"
    open_ = len(items) <= bounds.open_rows
    limit = bounds.rows if open_ else bounds.folded
    body = table(columns, items, cells, limit=limit, noun=noun, total=total)
    return f"### {title}\n\n{body}" if open_ else fold(title, body)
