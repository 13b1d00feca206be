"""Added rows that are not new: an unchanged file has their key, or a removed row had everything else."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import ibis.expr.types as ir
import msgspec
from msgspec import structs

from mergegate.amounts import amount
from mergegate.dataset.engine import Engine
from mergegate.dataset.matching import HASH, count, hashed, matching
from mergegate.dataset.reading import read_pair
from mergegate.dataset.rows import RowDiff
from mergegate.dataset.source import Source
from mergegate.records.data import Fact, RowChanges

_CONTENT = "mergegate_content"
_LABEL = "mergegate_label"


class Twice(msgspec.Struct, frozen=True):
    """How many added rows are there already, and how many of these have another label than there."""

    rows: int = 0
    relabelled: int = 0


def read_columns(engine: Engine, source: Source, columns: Mapping[str, str]) -> ir.Table | None:
    """Columns of a source by their names in queries: {in queries: in the files}; without those that it lacks.

    Raises ContractError for a file that can't be read.
    """
    pair = read_pair(engine, None, source)
    assert pair.new is not None  # noqa: S101  the side was asked for
    names = {name: pair.naming.inside(outside) for name, outside in columns.items()}
    there = {name: pair.new[own] for name, own in names.items() if own in pair.new.columns}
    return pair.new.select(**there) if there else None


def find_repeats(
    engine: Engine, rows: RowDiff, alike: ir.Table | None, *, files: int, label: str | None
) -> RowChanges:
    """The changes with how many added rows have a key of `alike`: rows of `files` that both sides have."""
    key, changes = rows.changes.key, rows.changes
    if alike is None or any(name not in alike.columns for name in key):
        return changes
    known = label if label in alike.columns and label in rows.added.columns else None
    found = _count_keys(engine, rows.added, alike, key, known)
    return structs.replace(changes, repeated=found.rows, relabelled=found.relabelled, alike_read=files)


def _count_keys(
    engine: Engine, added: ir.Table, alike: ir.Table, key: Sequence[str], label: str | None
) -> Twice:
    """Rows without a key, or with a part of it missing, repeat none."""
    apart = [*key, *([label] if label is not None and label not in key else [])]
    there = alike.select(*apart)
    # The rows are asked twice, and the first answer is small wherever all is well.
    found = engine.keep(matching(engine, added.select(*apart), there, key, missing=False))
    rows = count(engine, found)
    if not rows or label is None:
        return Twice(rows)
    same = matching(engine, found, there, apart, missing=True)
    return Twice(rows, rows - count(engine, same))


def count_rekeyed(engine: Engine, rows: RowDiff, *, inputs: Collection[str], label: str | None) -> Twice:
    """Added rows that equal a removed one in `inputs`, by default in all but key and label.

    Only where one added row and one removed row have these values, so that it is clear which became which.
    """
    added, removed = rows.added, rows.removed
    apart = {*rows.changes.key, label}
    columns = [
        name
        for name in added.columns
        if name in removed.columns and name not in apart and (not inputs or name in inputs)
    ]
    if not columns or not rows.changes.added or not rows.changes.removed:
        return Twice()
    known = [label] if label in added.columns and label in removed.columns else []
    new, old = (
        side.select(*known, **{_CONTENT: side[HASH]})
        for side in hashed(engine, added, removed, columns, missing=True)
    )
    new, old = (
        side.select(_CONTENT, **{_LABEL: side[HASH]})
        for side in hashed(engine, new, old, [str(label)] if known else [_CONTENT], missing=True)
    )
    new, old = _alone(new), _alone(old)
    both = new.join(old.select(_CONTENT, old=old[_LABEL]), _CONTENT)
    counted = both.aggregate(rows=both.count(), relabelled=both.count(where=both[_LABEL] != both["old"]))
    return Twice(**engine.fetch(counted).to_pylist()[0])


def _alone(rows: ir.Table) -> ir.Table:
    """Rows whose content no other of them has."""
    groups = rows.group_by(_CONTENT).aggregate(rows=rows.count(), **{_LABEL: rows[_LABEL].min()})
    return groups.filter(groups.rows == 1).select(_CONTENT, _LABEL)


def tell_twice(changes: RowChanges, rekeyed: Twice) -> Iterator[Fact]:
    """What a reader must know of added rows that are there already."""
    if changes.repeated:
        have = "has" if changes.repeated == 1 else "have"
        rows = amount(changes.repeated, "added row")
        sentence = f"{rows} {have} a key that base has already, in files that are alike on both sides"
        yield Fact(
            kind="repeated_keys",
            sentence=f"{sentence}{_others(changes.repeated, changes.relabelled)}.",
            loud=True,
        )
    if rekeyed.rows:
        seem = "seems" if rekeyed.rows == 1 else "seem"
        sentence = (
            f"{amount(rekeyed.rows, 'row')} {seem} to be re-keyed: removed, and added again under another key"
        )
        others = _others(rekeyed.rows, rekeyed.relabelled)
        yield Fact(kind="rekeyed", sentence=f"{sentence}{others}.", loud=True)


def _others(rows: int, relabelled: int) -> str:
    if not relabelled:
        return ""
    return (
        ", with another label" if rows == relabelled == 1 else f", {relabelled:,} of them with another label"
    )
