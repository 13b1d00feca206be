"""Labels between two sides: which were edited from what to what, and how those of new rows differ."""

from collections.abc import Collection, Iterator, Sequence

import ibis
import ibis.expr.types as ir
import msgspec
from msgspec import structs

from mergegate.dataset import samples
from mergegate.dataset.contradictions import count_contradictions
from mergegate.dataset.engine import Engine
from mergegate.dataset.label_shares import is_quantity, share_labels
from mergegate.dataset.normalise import align, differs, finite
from mergegate.dataset.rows import RowDiff
from mergegate.errors import ContractError
from mergegate.records.data import Cell, LabelChanges, LabelEdit, LabelMoves, LabelSlice

MOST_EDITS = 50
MOST_LEVELS = 20
MISSING = "(missing)"
_OLD, _NEW = "__old", "__new"


class Edits(msgspec.Struct, frozen=True):
    """Rows of both sides, their labels as `old` and `new`, and whether those differ."""

    engine: Engine
    rows: ir.Table
    label: str
    key: tuple[str, ...]
    private: Collection[str]

    @property
    def hidden(self) -> bool:
        """Whether the label's values must not be shown."""
        return self.label in self.private

    @property
    def edited(self) -> ir.Table:
        """The rows whose label differs."""
        return self.rows.filter(self.rows.mergegate_edited)


def diff_labels(
    engine: Engine,
    rows: RowDiff,
    old: ir.Table | None,
    new: ir.Table,
    *,
    label: str,
    inputs: Sequence[str] = (),
    slices: Sequence[str] = (),
    private: Collection[str] = (),
    reference: ir.Table | None = None,
    name: str = "labels",
) -> LabelChanges:
    """Label edits on shared rows, label shares of base and of added rows, contradictions on both sides.

    `inputs` are the columns that must be equal for labels to contradict; none: every column but key and
    label. `reference` are more rows of base, alike on both sides, for its shares alone. Raises ContractError,
    naming `name`, where head has no column `label`.
    """
    if label not in new.columns:
        _refuse(label, old, new, name)
    before = old if old is not None and label in old.columns else None
    quantity = is_quantity(engine, new, label)
    hidden = label in private
    edits = _edits(engine, rows, label, private)
    compared, changed = _count(edits) if edits else (0, 0)
    told: dict[str, object] = {}
    if edits and changed:
        told["examples"] = tuple(_examples(edits))
        told["slices"] = tuple(_slices(edits, slices))
        if quantity:
            told["moves"] = _moves(edits)
        else:
            told["edits"], told["edits_total"] = _matrix(edits)
    base = [each for each in (before, reference) if each is not None and label in each.columns]
    shares = share_labels(engine, base, rows.added, label, quantity=quantity)
    key = rows.changes.key
    found = LabelChanges(
        column=label,
        compared=compared,
        changed=changed,
        shares=() if hidden else shares.shares,
        old_rows=shares.old,
        added_rows=shares.added,
        contradictory_old=None if quantity else _contradictory(engine, before, key, label, inputs),
        contradictory_new=None if quantity else _contradictory(engine, new, key, label, inputs),
    )
    return structs.replace(found, **told)


def _refuse(label: str, old: ir.Table | None, new: ir.Table, name: str) -> None:
    shown = samples.cut(label)
    there = "; base has it" if old is not None and label in old.columns else ""
    close = [each for each in new.columns if each.casefold() == label.casefold()]
    hint = f"head has {samples.cut(close[0])}: " if close else ""
    raise ContractError(
        f"head has no label column {shown}{there}",
        file=name,
        hint=f"{hint}restore the column, or change `label` in the policy first",
    )


def _contradictory(
    engine: Engine, table: ir.Table | None, key: Sequence[str], label: str, inputs: Sequence[str]
) -> int | None:
    if table is None:
        return None
    named = inputs or [column for column in table.columns if column not in {*key, label}]
    there = [column for column in named if column in table.columns and column != label]
    return count_contradictions(engine, table, inputs=there, label=label)


def _edits(engine: Engine, rows: RowDiff, label: str, private: Collection[str]) -> Edits | None:
    shared = rows.shared
    if shared is None or label + _OLD not in shared.columns:
        return None
    old, new = shared[label + _OLD], shared[label + _NEW]
    marked = shared.mutate(mergegate_edited=differs(*align(old, new)))
    return Edits(engine, marked, label, rows.changes.key, private)


def _count(edits: Edits) -> tuple[int, int]:
    rows = edits.rows
    asked = rows.aggregate(rows=rows.count(), changed=rows.mergegate_edited.cast("int64").sum())
    found = edits.engine.fetch(asked).to_pylist()[0]
    return int(found["rows"]), int(found["changed"] or 0)


def _matrix(edits: Edits) -> tuple[tuple[LabelEdit, ...], int]:
    """The commonest edits, and how many different ones there are."""
    edited = edits.edited
    kinds = edited.select(old=edited[edits.label + _OLD], new=edited[edits.label + _NEW])
    counted = kinds.group_by(["old", "new"]).aggregate(rows=kinds.count())
    total = int(edits.engine.fetch(counted.aggregate(kinds=counted.count()))["kinds"][0].as_py())
    if edits.hidden:
        return (), total
    common = counted.order_by([ibis.desc("rows"), "old", "new"]).limit(MOST_EDITS)
    shown = tuple(
        LabelEdit(old=samples.show(row["old"]), new=samples.show(row["new"]), rows=row["rows"])
        for row in edits.engine.fetch(common).to_pylist()
    )
    return shown, total


def _moves(edits: Edits) -> LabelMoves:
    """Edits of a quantity, summed up."""
    edited = edits.edited
    old, new = edited[edits.label + _OLD], edited[edits.label + _NEW]
    both = finite(old) & finite(new)
    move = both.ifelse(new.cast("float64") - old.cast("float64"), ibis.null("float64"))
    asked = edited.aggregate(
        raised=(move > 0).cast("int64").sum(),
        lowered=(move < 0).cast("int64").sum(),
        emptied=(old.notnull() & new.isnull()).cast("int64").sum(),
        filled=(old.isnull() & new.notnull()).cast("int64").sum(),
        mean=move.mean(),
        low=move.min(),
        high=move.max(),
    )
    row = edits.engine.fetch(asked).to_pylist()[0]
    low, high, mean = row.pop("low"), row.pop("high"), row.pop("mean")
    counts = {name: int(number or 0) for name, number in row.items()}
    if edits.hidden or low is None:
        return LabelMoves(**counts)
    return LabelMoves(**counts, mean=mean, largest=low if -low > high else high)


def _examples(edits: Edits) -> Iterator[Cell]:
    """Some edits, the first by key."""
    names = {"mergegate_old": edits.label + _OLD, "mergegate_new": edits.label + _NEW}
    some = edits.edited.order_by(list(edits.key)).limit(samples.MOST)
    chosen = some.select(*edits.key, **{ours: some[own] for ours, own in names.items()})
    for row in edits.engine.fetch(chosen).to_pylist():
        yield Cell(
            key=samples.show_key(row, edits.key, edits.private),
            old=samples.show(row["mergegate_old"], private=edits.hidden),
            new=samples.show(row["mergegate_new"], private=edits.hidden),
        )


def _slices(edits: Edits, slices: Sequence[str]) -> Iterator[LabelSlice]:
    """Edits by the values of each slice column, as head has them: where most labels were edited first."""
    for column in slices:
        inside = column if column in edits.key else column + _NEW
        if column in edits.private or inside not in edits.rows.columns:
            continue
        rows = edits.rows.select(level=inside, edited="mergegate_edited")
        counted = rows.group_by("level").aggregate(rows=rows.count(), changed=rows.edited.cast("int64").sum())
        most = counted.order_by([ibis.desc("changed"), ibis.desc("rows"), "level"]).limit(MOST_LEVELS)
        for row in edits.engine.fetch(most).to_pylist():
            level = samples.show(row["level"])
            yield LabelSlice(
                column=samples.cut(column),
                level=MISSING if level is None else level,
                rows=row["rows"],
                changed=int(row["changed"]),
            )
