"""Rows added, removed and changed between two sides, by key or as multisets."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import ibis
import ibis.expr.types as ir

from mergegate.dataset.cells import Changed, count, first_of, measure, sample
from mergegate.dataset.engine import Engine
from mergegate.dataset.keyed import MOST_CELLS, Keyed
from mergegate.dataset.keys import Types, check_key
from mergegate.dataset.multisets import Multisets
from mergegate.dataset.patterns import find_patterns
from mergegate.dataset.samples import show_key
from mergegate.dataset.tally import ADDED, NEW, OLD, REMOVED, Pairing
from mergegate.errors import ContractError
from mergegate.records.data import ColumnChange, Fact, RowChanges

MOST_COLUMNS = 50
"""Changed columns that are told, those with the most changed cells."""


@dataclass(frozen=True, kw_only=True)
class RowDiff:
    """What happened to the rows, and the rows themselves as tables, put into words only when asked for.

    `facts` say where a key repeats or is missing, and that more columns changed than are told.
    """

    changes: RowChanges
    rows: Keyed | Multisets
    columns: tuple[ColumnChange, ...] = ()
    facts: tuple[Fact, ...] = ()

    @cached_property
    def added(self) -> ir.Table:
        """Head's rows that base has not."""
        return self.rows.alone(NEW)

    @cached_property
    def removed(self) -> ir.Table:
        """Base's rows that head has not."""
        return self.rows.alone(OLD)

    @cached_property
    def changed_keys(self) -> ir.Table | None:
        """Keys of rows that both sides have and that differ; None without a key."""
        if not isinstance(self.rows, Keyed):
            return None
        pairing = self.rows.pairing
        return self.rows.changed_keys.select(**dict(zip(pairing.key, pairing.slots, strict=True)))

    @cached_property
    def shared(self) -> ir.Table | None:
        """Every row of both sides: the key, and each common column as `<name>__old` and `<name>__new`.

        They go by head's names. None without a key.
        """
        return _shared(self.rows) if isinstance(self.rows, Keyed) else None


def diff_rows(
    engine: Engine,
    old: ir.Table | None,
    new: ir.Table | None,
    key: Sequence[str],
    *,
    private: Collection[str] = (),
    rename: Mapping[str, str] | None = None,
    schemas: tuple[Types | None, Types | None] = (None, None),
    guessed: bool = False,
    name: str = "data",
) -> RowDiff:
    """Compare two tables row by row; without a key, as multisets. One of them may be None: it has no rows.

    `rename` says which of base's columns is which of head's: {"temp": "temperature"}. `schemas` are the types
    that the sides have by themselves, where the tables were read as one type. `name` stands in errors.
    Raises ContractError for a key column that a side lacks, or whose types don't compare.
    """
    if old is None and new is None:
        raise ContractError("neither side has rows", file=name)
    before = old if old is not None else _none_of(new)
    after = new if new is not None else _none_of(old)
    own = {head: base for base, head in (rename or {}).items()}
    check_key(key, schemas[0] or before.schema(), schemas[1] or after.schema(), name=name)
    common = {
        column: own.get(column, column)
        for column in after.columns
        if column not in key and own.get(column, column) in before.columns
    }
    _refuse_twins(key, common, name)
    pairing = Pairing(engine, before, after, tuple(key), common)
    return _by_key(pairing, private, guessed=guessed) if key else _as_multisets(pairing)


def _by_key(pairing: Pairing, private: Collection[str], *, guessed: bool) -> RowDiff:
    keyed = Keyed(pairing)
    counts = keyed.counts
    changes = RowChanges(
        key=pairing.key,
        guessed=guessed,
        old=counts.old,
        new=counts.new,
        added=counts.added,
        removed=counts.removed,
        changed=counts.changed,
        same=counts.new - counts.added - counts.changed,
        duplicates_old=counts.duplicates_old,
        duplicates_new=counts.duplicates_new,
        keyless_old=counts.keyless_old,
        keyless_new=counts.keyless_new,
        added_keys=_keys(pairing, keyed.examples[ADDED], private),
        removed_keys=_keys(pairing, keyed.examples[REMOVED], private),
    )
    columns, facts = _columns(keyed, private) if counts.changed else ((), ())
    return RowDiff(changes=changes, rows=keyed, columns=columns, facts=(*_facts(keyed, private), *facts))


def _columns(keyed: Keyed, private: Collection[str]) -> tuple[tuple[ColumnChange, ...], tuple[Fact, ...]]:
    """Changes of each column, the most changed first, and whether some are left out."""
    changed = _changed(keyed, private)
    every = sorted(count(changed).items(), key=lambda each: -each[1])
    counts = dict(every[:MOST_COLUMNS])
    if keyed.counts.changed * len(counts) <= MOST_CELLS:
        changed = changed.held(counts)
        first = first_of(changed.rows, changed.slots)
    else:
        first = keyed.changed(keyed.pairing.engine.keep(first_of(keyed.changed_keys, changed.slots)))
    moves = measure(changed, counts)
    patterns = find_patterns(changed, moves)
    examples = sample(changed, moves, first)
    told = tuple(
        ColumnChange(
            column=changed.names[place],
            changed=move.changed,
            emptied=move.emptied,
            filled=move.filled,
            mean=None if changed.hides(place) else move.mean,
            largest=None if changed.hides(place) else move.largest,
            pattern=patterns.get(place, ""),
            examples=examples[place],
            private=changed.hides(place),
        )
        for place, move in moves.items()
    )
    if len(every) == len(counts):
        return told, ()
    left = f"{len(every):,} columns changed; only the {len(counts)} with the most changed cells are told."
    return told, (Fact(kind="columns", sentence=left),)


def _changed(keyed: Keyed, private: Collection[str]) -> Changed:
    """The rows that changed, held where they are not too many."""
    pairing, rows = keyed.pairing, keyed.changed()
    kept = keyed.counts.changed * len(pairing.columns) <= MOST_CELLS
    if kept:
        rows = pairing.engine.keep(rows)
    return Changed(pairing.engine, rows, pairing.key, tuple(pairing.columns), private, kept=kept)


def _refuse_twins(key: Sequence[str], common: Collection[str], name: str) -> None:
    """Raise ContractError where a column of `shared` would have another's name."""
    taken = {column.casefold(): column for column in key}
    for column in common:
        for side in ("old", "new"):
            beside = f"{column}__{side}".casefold()
            if beside in taken:
                message = f"the columns `{taken[beside]}` and `{column}` can't be told apart side by side"
                raise ContractError(message, file=name, hint=f"rename `{taken[beside]}`")
            taken[beside] = column


def _shared(keyed: Keyed) -> ir.Table:
    """Rows of both sides under the files' names."""
    pairing, rows = keyed.pairing, keyed.shared
    named = dict(zip(pairing.key, pairing.slots, strict=True))
    for place, name in enumerate(pairing.columns):
        named |= {f"{name}__old": f"o{place}", f"{name}__new": f"n{place}"}
    return rows.select(**named)


def _facts(keyed: Keyed, private: Collection[str]) -> Iterator[Fact]:
    """Where the key does not tell rows apart."""
    counts, pairing = keyed.counts, keyed.pairing
    key = " + ".join(f"`{name}`" for name in pairing.key)
    for side, where, twice, keyless in (
        (OLD, "base", counts.duplicates_old, counts.keyless_old),
        (NEW, "head", counts.duplicates_new, counts.keyless_new),
    ):
        if twice:
            shown = ", ".join(" + ".join(each) for each in _keys(pairing, keyed.repeated_on(side), private))
            rows = f"{twice:,} row{'s are' if twice > 1 else ' is'} beyond the first of their key"
            yield Fact(kind="duplicates", sentence=f"{key} is not unique in {where}: {rows} ({shown}).")
        if keyless:
            have, whole = (
                ("s have", "they are compared as whole rows")
                if keyless > 1
                else (" has", "it is compared as a whole row")
            )
            sentence = f"{keyless:,} row{have} no value in the key {key} in {where}; {whole}."
            yield Fact(kind="keyless", sentence=sentence)


def _keys(
    pairing: Pairing, rows: Sequence[Mapping[str, object]], private: Collection[str]
) -> tuple[tuple[str, ...], ...]:
    named = [{name: row[slot] for name, slot in zip(pairing.key, pairing.slots, strict=True)} for row in rows]
    return tuple(show_key(row, pairing.key, private) for row in named)


def _as_multisets(pairing: Pairing) -> RowDiff:
    rows = Multisets(pairing)
    counts = rows.counts
    changes = RowChanges(
        key=(),
        old=counts["old"],
        new=counts["new"],
        added=counts["added"],
        removed=counts["removed"],
        changed=0,
        same=counts["new"] - counts["added"],
        duplicates_old=counts["twice_old"],
        duplicates_new=counts["twice_new"],
    )
    return RowDiff(changes=changes, rows=rows)


def _none_of(table: ir.Table | None) -> ir.Table:
    """The table of a side that has no rows."""
    assert table is not None  # noqa: S101  one side has a table
    return table.filter(ibis.literal(False))
