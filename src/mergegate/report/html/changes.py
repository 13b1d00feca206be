"""What the change touches: params, stages, libraries, imports that no stage declares, other tracked data."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from mergegate.records.review import DataChange, FileChange, LockFinding, ParamChange, Review, StageChange
from mergegate.records.surroundings import PackageChange, UndeclaredImport
from mergegate.report import numbers, points, wording
from mergegate.report.data.markup import VOICE
from mergegate.report.data.parts import Cell
from mergegate.report.html.bounds import Bounds
from mergegate.report.html.frame import Section
from mergegate.report.html.markup import Markup, between, folded, join, paragraph, tag
from mergegate.report.html.tables import WORDS, draw_rows

Item = TypeVar("Item")

_NAMES = 8


def changes(review: Review, bounds: Bounds) -> Iterator[Section]:
    """A section for each kind of change that there is."""
    if review.params:
        total = wording.total(review.params, review.params_total)
        title = f"{numbers.plural(total, 'param')} changed"
        yield Section("params", "Params", title, _params(review.params, total, bounds))
    if review.stages:
        total = wording.total(review.stages, review.stages_total)
        title = f"{numbers.plural(total, 'stage')} changed"
        yield Section("pipeline", "Pipeline", title, _stages(review.stages, total, bounds))
    if review.undeclared:
        total = wording.total(review.undeclared, review.undeclared_total)
        title = f"{numbers.plural(total, 'import')} that no stage declares"
        yield Section(
            "undeclared",
            "Undeclared imports",
            title,
            _undeclared(review.undeclared, total, bounds),
            "how-undeclared",
        )
    if review.packages:
        total = wording.total(review.packages, review.packages_total)
        title = f"{numbers.plural(total, 'library')} changed".replace("librarys", "libraries")
        yield Section("packages", "Libraries", title, _packages(review.packages, total, bounds))


def lock(review: Review, bounds: Bounds) -> Iterator[Section]:
    """Breaks in the lock chain with the command that mends each."""
    if not review.lock:
        return
    heads = ("Side", "Stage", "Path", f"What, and what to do{WORDS}")
    found, total = wording.breaks(review.lock), review.lock_total
    table = draw_rows(found, _finding, heads, "finding", bounds, total=total, label="Lock chain")
    why = "Where what `dvc.lock` records doesn't fit together, the numbers may not come from these files."
    body = join(paragraph(VOICE.text(why)), table)
    yield Section("lock", "Lock chain", wording.lock_title(review.lock, review.lock_total), body)


def _finding(found: LockFinding) -> tuple[Cell, ...]:
    return (
        found.side if wording.blocks(found) else f"{found.side} (only noted)",
        VOICE.name(found.stage) if found.stage else numbers.UNKNOWN,
        VOICE.name(found.path) if found.path else numbers.UNKNOWN,
        join(
            VOICE.text(found.message),
            *([tag("div", "To mend: ", tag("code", VOICE.text(found.mend)))] if found.mend else []),
        ),
    )


def _params(found: Sequence[ParamChange], total: int, bounds: Bounds) -> Markup:
    heads = ("Param", "File", "Before", "After", "Feeds")
    return draw_rows(
        found, _param, heads, "param", bounds, total=total, label="Changed params", sortable=True
    )


def _param(each: ParamChange) -> tuple[Cell, ...]:
    feeds = _names(each.stages, each.stages_total) or "no stage"
    return VOICE.name(each.key), VOICE.name(each.file), _value(each.old), _value(each.new), feeds


def _value(text: str | None) -> Markup:
    return tag("span", "absent", class_="none") if text is None else join(VOICE.value(text))


def _names(found: Sequence[str], total: int = 0) -> Markup:
    """The first few names, and how many more."""
    rest = max(total, len(found)) - len(found[:_NAMES])
    shown = between(", ", map(VOICE.name, found[:_NAMES]))
    return join(shown, f" and {rest:,} more" if rest > 0 else "")


def _stages(found: Sequence[StageChange], total: int, bounds: Bounds) -> Markup:
    heads = ("Stage", "Change", f"Why{WORDS}")
    return draw_rows(found, _stage, heads, "stage", bounds, total=total, label="Changed stages")


def _stage(stage: StageChange) -> tuple[Cell, ...]:
    """A stage and why it changed."""
    reasons = [join(f"{why.kind} ", VOICE.name(why.what)) for why in stage.reasons[:_NAMES]]
    rest = max(stage.reasons_total, len(stage.reasons)) - len(reasons)
    why = join(between(", ", reasons), f" and {rest:,} more" if rest > 0 else "")
    return VOICE.name(stage.name), stage.change, why or numbers.UNKNOWN


def _undeclared(found: Sequence[UndeclaredImport], total: int, bounds: Bounds) -> Markup:
    """What stages run and do not declare; what changed first."""
    heads = ("Stage", "Its script", "Imports", "Between base and head")
    ordered = sorted(found, key=lambda each: not each.changed)
    words = (
        "A change to these files reproduces nothing: add them to the stage's `deps`, then run `dvc repro`."
    )
    table = draw_rows(ordered, _import, heads, "import", bounds, total=total, label="Undeclared imports")
    return join(paragraph(VOICE.text(words)), table)


def _import(each: UndeclaredImport) -> tuple[Cell, ...]:
    state = tag("strong", "changed") if each.changed else "the same"
    return VOICE.name(each.stage), VOICE.name(each.script), VOICE.name(each.imported), state


def _packages(found: Sequence[PackageChange], total: int, bounds: Bounds) -> Markup:
    """Libraries by version, those that touch the model first."""
    heads = ("Library", "Before", "After", "Model", "Written in")
    ordered = sorted(found, key=lambda each: not each.touches_model)
    return draw_rows(
        ordered, _package, heads, "library", bounds, total=total, label="Changed libraries", sortable=True
    )


def _package(each: PackageChange) -> tuple[Cell, ...]:
    touches = "touches the model" if each.touches_model else ""
    source = VOICE.name(each.source) if each.source else numbers.UNKNOWN
    return VOICE.name(each.name), _value(each.old), _value(each.new), touches, source


def reported(review: Review, bounds: Bounds) -> Iterator[Section]:
    """Metrics files of no model: single numbers, never judged."""
    if not review.reported:
        return
    heads = ("Metric", "File", "Base:", "Head:", "Difference:")
    total, said = points.total(review), points.remarks(review)[: bounds.rows]
    body = draw_rows(points.rows(review), _point, heads, "metric", bounds, total=total, label="Metrics files")
    yield Section(
        "points",
        "Reported",
        points.title(review),
        join(*(paragraph(VOICE.text(each)) for each in said), body),
    )


def _point(row: points.Row) -> tuple[Cell, ...]:
    file, metric = row
    moved = VOICE.value(metric.difference) if metric.difference else ""
    return VOICE.name(metric.name), VOICE.name(file.path), _value(metric.base), _value(metric.head), moved


def other_data(review: Review, bounds: Bounds) -> Iterator[Section]:
    """Tracked data that no dataset's review tells of, and the files inside."""
    found, total = wording.unreviewed(review)
    if not found:
        return
    listed = [(change, file) for change in found for file in change.files]
    counted = max(
        sum(each.files_added + each.files_removed + each.files_changed for each in found), len(listed)
    )
    noun = "other tracked dataset" if review.datasets else "tracked dataset"
    heads = ("Data", "Change", "Files:", "Rows:", "Size:")
    inside = ("File", "Change", "Rows:", "Size:")
    files = draw_rows(listed, _file, inside, "file", bounds, total=counted, label="Files of tracked data")
    body = join(
        draw_rows(found, _change, heads, noun, bounds, total=total, label="Tracked data"),
        folded(f"{numbers.plural(counted, 'file')} changed inside", files) if listed else "",
    )
    yield Section("tracked", "Tracked data", f"{numbers.plural(total, noun)} changed", body)


def _change(change: DataChange) -> tuple[Cell, ...]:
    counts = wording.file_counts(change)
    files = numbers.step(change.files_old, change.files_new, numbers.count)
    return (
        join(
            VOICE.name(change.path),
            *([tag("div", VOICE.text(change.note), class_="note")] if change.note else []),
        ),
        change.change,
        join(files, *([tag("div", counts, class_="note")] if counts else [])),
        *_sizes(change),
    )


def _file(pair: tuple[DataChange, FileChange]) -> tuple[Cell, ...]:
    change, file = pair
    return VOICE.name(wording.inside(change, file)), file.change, *_sizes(file)


def _sizes(change: DataChange | FileChange) -> tuple[Cell, Cell]:
    return (
        numbers.step(change.rows_old, change.rows_new, numbers.count),
        numbers.step(change.bytes_old, change.bytes_new, numbers.size),
    )
