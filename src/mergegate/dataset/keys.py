"""The key: columns that tell which row of base is which row of head, as named or as guessed."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from mergegate.dataset.engine import Engine, unlike
from mergegate.dataset.kinds import settle
from mergegate.dataset.normalise import align
from mergegate.dataset.privacy import HEADERLESS, count_columns
from mergegate.errors import ContractError

Types = Mapping[str, dt.DataType]

_SAMPLE = 20_000
"""Rows of each side on which guesses are tried before whole columns are read."""
_TRIES = 6
"""Guesses that are tried on whole tables."""
_WIDEST = 200
"""Columns that are looked at, those named like a key first; `_BATCH` at a time, for the memory they take."""
_BATCH = 50
_COLUMNS = 24
"""Columns that a guess is made of, at most."""
_PAIRS = 28
_NAMES = ("id", "row_id", "uuid", "guid", "key", "pk", "index")


def check_key(key: Sequence[str], old: Types, new: Types, *, name: str) -> None:
    """Raise ContractError unless every key column is there on both sides, of types that compare.

    A whole number compares with a float, and a time with one of the same zone; a number not with text.
    """
    for column in key:
        for side, types in (("base", old), ("head", new)):
            if column not in types:
                hint = _tell_common(side, types, new if types is old else old)
                raise ContractError(f"key column `{column}` is missing in {side}", file=name, hint=hint)
        before, after = (types[column].copy(nullable=True) for types in (old, new))
        if not _comparable(before, after):
            raise ContractError(
                f"key column `{column}` is {before} in base and {after} in head",
                file=name,
                hint="write it with one type on both sides, or name another key",
            )


def _tell_common(side: str, types: Types, other: Types) -> str:
    """What a key may be of; a name that one side alone has may be a value, of a file without a header."""
    common = [f"`{column}`" for column in types if column in other][:10]
    if common:
        return f"name a key of columns that both sides have: {', '.join(common)}"
    return f"{count_columns(side, types, 'base' if side == 'head' else 'head')}: {HEADERLESS}"


def _comparable(old: dt.DataType, new: dt.DataType) -> bool:
    return old == new or old.is_null() or new.is_null() or not settle(old, new).is_string()


def form_key(column: ir.Column, other: ir.Column) -> ir.Value:
    """A key column as values of a type that both sides share: whole numbers beside floats are texts.

    In either's own type one of them would be rounded, and two keys be one.
    """
    (number, *more), _ = align(column, other)
    if not more:
        return number
    *big, fraction = more
    if big:
        upper = ibis.literal(Decimal(2**63), type="decimal(20, 0)")
        number = number.cast("decimal(20, 0)") + big[0].ifelse(upper, upper - upper)
    # Each engine has a word of its own for it.
    other_text = fraction.isnan().ifelse("NaN", fraction.cast("string"))
    return ibis.coalesce(number.cast("string"), other_text)


def find_key(engine: Engine, old: ir.Table | None, new: ir.Table | None) -> tuple[str, ...]:
    """A plausible key of both sides, () where there is none. Floats are measurements, never a key.

    It is unique and never missing on both sides and has as few columns as were found to do. Where both sides
    have rows, some have the same key: a number drawn anew on every run is none.
    """
    sides = [table for table in (old, new) if table is not None]
    columns = [name for name in _ordered(sides) if all(_may_identify(table[name]) for table in sides)]
    columns = columns[:_WIDEST]
    if not columns:
        return ()
    samples = [engine.keep(table.select(*columns).limit(_SAMPLE)) for table in sides]
    for candidate in itertools.islice(_candidates(engine, samples, columns), _TRIES):
        if all(_unique(engine, table, candidate) for table in sides) and _overlap(engine, sides, candidate):
            return tuple(candidate)
    return ()


def _ordered(sides: Sequence[ir.Table]) -> list[str]:
    """Columns of all sides: those named like a key first, then as the table has them."""
    names = sides[-1].columns if sides else ()
    return sorted((name for name in names if all(name in table.columns for table in sides)), key=_rank)


def _rank(name: str) -> int:
    low = name.casefold()
    if low in _NAMES:
        return _NAMES.index(low)
    return len(_NAMES) if low.endswith(("_id", "id", "_key", "_uuid")) else len(_NAMES) + 1


def _may_identify(column: ir.Column) -> bool:
    kind = column.type()
    return bool(kind.is_integer() or kind.is_string() or kind.is_temporal() or kind.is_uuid())


def _candidates(
    engine: Engine, samples: Sequence[ir.Table], columns: Sequence[str]
) -> Iterator[Sequence[str]]:
    """What tells the rows of the samples apart: one column, two, or all less what they can do without."""

    def unique(names: Sequence[str]) -> bool:
        return all(_unique(engine, table, names) for table in samples)

    whole, alone = _singles(engine, samples, columns)
    yield from ([name] for name in alone)
    rest = [name for name in whole if name not in alone]
    yield from filter(unique, itertools.islice(itertools.combinations(rest, 2), _PAIRS))
    if len(rest) > 2 and unique(rest):
        key = rest
        for name in reversed(rest):
            fewer = [other for other in key if other != name]
            key = fewer if fewer and unique(fewer) else key
        yield key


def _singles(
    engine: Engine, samples: Sequence[ir.Table], columns: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Columns that are never missing in the samples, the first of them, and those that are unique too."""
    whole, alone = list(columns), list(columns)
    for table, start in itertools.product(samples, range(0, len(columns), _BATCH)):
        some = columns[start : start + _BATCH]
        counts = {f"c{place}": table[name].count() for place, name in enumerate(some)}
        distinct = {f"d{place}": table[name].nunique() for place, name in enumerate(some)}
        found = engine.fetch(table.aggregate(rows=table.count(), **counts, **distinct)).to_pylist()[0]
        for place, name in enumerate(some):
            if found[f"c{place}"] < found["rows"] and name in whole:
                whole.remove(name)
            if found[f"d{place}"] < found["rows"] and name in alone:
                alone.remove(name)
    return whole[:_COLUMNS], alone


def _unique(engine: Engine, table: ir.Table, names: Sequence[str]) -> bool:
    """Whether no row lacks one of the columns and no two rows are alike in them."""
    rows = unlike(names, "rows")
    groups = table.group_by(list(names)).aggregate(**{rows: table.count()})
    gaps = ibis.or_(*(groups[name].isnull() for name in names))
    return not _any(engine, groups.filter((groups[rows] > 1) | gaps))


def _overlap(engine: Engine, sides: Sequence[ir.Table], names: Sequence[str]) -> bool:
    if len(sides) < 2 or not all(_any(engine, table) for table in sides):
        return True
    old, new = (table.select(*names) for table in sides)
    return _any(engine, old.semi_join(new.view(), list(names)))


def _any(engine: Engine, table: ir.Table) -> bool:
    first = table.limit(1)
    return bool(engine.fetch(first.aggregate(rows=first.count()))["rows"][0].as_py())
