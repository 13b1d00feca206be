"""Labels that were edited, who did it, and the labels of new rows."""

from collections.abc import Iterator

from mergegate.records.data import DatasetReview, LabelChanges
from mergegate.report.data.amounts import listed, none, of, share
from mergegate.report.data.parts import Bar, Line, Part, Table
from mergegate.report.data.voice import Voice
from mergegate.report.numbers import count, plural

_NAMED = 5
"""People that are named."""


def lines(dataset: DatasetReview, voice: Voice) -> Iterator[Line]:
    """Edits with who, guideline and approval; contradictions; how labels of new rows differ."""
    found = dataset.labels
    if found is None:
        return
    if found.changed:
        yield Line("Labels edited", " ".join(_edited(found, voice)))
    if found.contradictory_new:
        old = found.contradictory_old
        before = "" if old is None else f"; base has {none(old)}"
        rows = plural(found.contradictory_new, "row")
        said = f"{rows} of head have inputs equal to another row's and a different label{before}."
        yield Line("Contradictory labels", said, loud=found.contradictory_new > (old or 0))
    if found.added_rows and found.old_rows and found.shares:
        yield Line("Labels of new rows", f"{_rates(found, voice)}.", loud=False)


def _edited(found: LabelChanges, voice: Voice) -> Iterator[str]:
    edits = [f"{voice.step(edit.old, edit.new)} {count(edit.rows)}" for edit in found.edits]
    what = f": {listed(edits, total=found.edits_total)}" if edits else ""
    yield f"{voice.name(found.column)} in {of(found.changed, found.compared, 'shared rows')}{what}."
    if found.authors:
        who = [f"{voice.text(each.name)} ({plural(each.commits, 'commit')})" for each in found.authors]
        yield f"Committed by {listed(who, _NAMED)}."
    if found.guideline and found.guideline_changed is not None:
        moved = "changed too" if found.guideline_changed else "did not change"
        yield f"The guideline {voice.name(found.guideline)} {moved}."
    if found.approved_by:
        yield f"Approved by {listed(list(map(voice.text, found.approved_by)), _NAMED)}."
    elif found.approval_needed:
        yield voice.loud("Nobody has approved it") + ", and the policy wants an approval."


def _rates(found: LabelChanges, voice: Voice) -> str:
    """The labels whose share differs most between base and new rows."""
    new, old = found.added_rows, found.old_rows
    moves = sorted(found.shares, key=lambda each: -abs(each.added / new - each.old / old))
    said = [
        f"{voice.value(each.label)} in {share(each.added, new)} of them, in {share(each.old, old)} of base's"
        for each in moves[: 1 if len(moves) == 2 else 2]
    ]
    return f"{plural(new, 'new row')}: {'; '.join(said)}"


def part(dataset: DatasetReview, voice: Voice) -> Part | None:
    """Edits from label to label, where they were, examples, the labels of new rows."""
    found = dataset.labels
    if found is None:
        return None
    tables = [*_edit_tables(found, voice), *_share_tables(found, voice)]
    title = (
        f"Labels: {of(found.changed, found.compared, 'shared rows')} edited" if found.changed else "Labels"
    )
    return Part("labels", title, (), tuple(tables)) if tables else None


def _edit_tables(found: LabelChanges, voice: Voice) -> Iterator[Table]:
    if found.edits:
        rows = tuple(
            (
                voice.value(edit.old),
                voice.value(edit.new),
                count(edit.rows),
                Bar(share(edit.rows, found.changed), edit.rows / max(1, found.changed)),
            )
            for edit in found.edits
        )
        yield Table(
            "Edits", ("Base", "Head", "Rows:", "Of all edits:"), rows, "kind of edit", found.edits_total
        )
    if found.slices:
        worst = sorted(found.slices, key=lambda part: -part.changed / max(1, part.rows))
        rows = tuple(
            (
                f"{voice.name(part.column)} = {voice.value(part.level)}",
                count(part.changed),
                count(part.rows),
                Bar(share(part.changed, part.rows), part.changed / max(1, part.rows)),
            )
            for part in worst
        )
        yield Table("Where", ("Slice", "Edited:", "Shared rows:", "Share:"), rows, "slice")
    if found.examples:
        shown = tuple(
            (voice.key(each.key), voice.value(each.old), voice.value(each.new)) for each in found.examples
        )
        yield Table("Examples", ("Row", "Base", "Head"), shown, "example")


def _share_tables(found: LabelChanges, voice: Voice) -> Iterator[Table]:
    if not found.shares or not found.added_rows:
        return
    rows = tuple(
        (
            voice.value(each.label),
            Bar(share(each.old, found.old_rows), each.old / max(1, found.old_rows)),
            Bar(share(each.added, found.added_rows), each.added / found.added_rows),
        )
        for each in found.shares
    )
    heads = ("Label", "Share of base's rows:", "Share of new rows:")
    yield Table("Labels of base and of new rows", heads, rows, "label")
