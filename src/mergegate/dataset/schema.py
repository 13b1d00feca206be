"""What changed in a dataset's columns: gone, new, renamed, of another type, order or set of categories."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher

import ibis.expr.datatypes as dt
import ibis.expr.schema as sch

from mergegate.amounts import amount, list_some
from mergegate.dataset.kinds import settle, told_kind
from mergegate.dataset.samples import cut
from mergegate.records.data import ColumnProfile, SchemaChange

MOST = 50
"""Changes of one kind that are told one by one."""
_SHOWN = 5

Categories = Mapping[str, tuple[Sequence[str], Sequence[str]]]


def diff_schema(
    old: sch.Schema,
    new: sch.Schema,
    *,
    profiles: Sequence[ColumnProfile] = (),
    categories: Categories | None = None,
    same_content: Callable[[str, str], bool] | None = None,
    lacking: Collection[str] = (),
) -> tuple[SchemaChange, ...]:
    """Changes from base's columns to head's, losses first, at most 50 of a kind.

    `profiles` tell which columns miss cells for the first time; `categories` are (gone, new) by column;
    `same_content(old, new)` whether a column that is gone holds what a new one holds: then it was renamed.
    `lacking` are columns gone from the files that differ alone.
    """
    renamed = _renames(old, new, same_content)
    gone = [name for name in old.names if name not in new and name not in renamed]
    added = [name for name in new.names if name not in old and name not in renamed.values()]
    both = {**{name: name for name in old.names if name in new}, **renamed}
    told = {name: cut(name) for name in (*old.names, *new.names)}
    parts: list[Iterable[SchemaChange | None]] = [
        (_removed(told[name], old[name], partly=name in lacking) for name in gone),
        (_renamed(told[name], told[now]) for name, now in renamed.items()),
        (_retyped(told[now], old[name], new[now]) for name, now in both.items()),
        _nullability({name: now for name, now in both.items() if name == now}, old, new, profiles),
        (_categories(told[name], *sets) for name, sets in (categories or {}).items()),
        (_added(told[name], new[name]) for name in added),
        (_moved(told[name]) for name in _moves(list(both.values()), new.names)),
    ]
    return tuple(change for part in parts for change in _bounded(part))


def _bounded(changes: Iterable[SchemaChange | None]) -> Sequence[SchemaChange]:
    """At most 50; the last stands for all that are left out, and is additive only if they are."""
    found = [change for change in changes if change]
    if len(found) <= MOST:
        return found
    rest = found[MOST - 1 :]
    more = SchemaChange(
        kind=rest[0].kind,
        column=rest[0].column,
        additive=all(change.additive for change in rest),
        sentence=f"{rest[0].column} and {len(rest) - 1:,} more columns are {rest[0].kind}",
    )
    return [*found[: MOST - 1], more]


def _removed(name: str, kind: dt.DataType, *, partly: bool) -> SchemaChange:
    told = told_kind(kind)
    how = "is missing from the files that differ; those alike have it" if partly else "is gone"
    return SchemaChange(kind="removed", column=name, old=told, sentence=f"{name} ({told}) {how}")


def _added(name: str, kind: dt.DataType) -> SchemaChange:
    told = told_kind(kind)
    return SchemaChange(
        kind="added", column=name, new=told, additive=True, sentence=f"{name} ({told}) is new"
    )


def _renamed(old: str, new: str) -> SchemaChange:
    sentence = f"{old} seems to be renamed to {new}: it holds the same"
    return SchemaChange(kind="renamed", column=new, old=old, new=new, sentence=sentence)


def _retyped(name: str, old: dt.DataType, new: dt.DataType) -> SchemaChange | None:
    before, after = old.copy(nullable=True), new.copy(nullable=True)
    if before == after:
        return None
    was, now = told_kind(before), told_kind(after)
    if before.is_null():
        sentence = f"{name} had no value, and is {now} now"
    elif after.is_null():
        sentence = f"{name} was {was}, and has no value any more"
    else:
        sentence = f"{name} was {was}, and is {now} now"
    additive = before.is_null() or _widens(before, after)
    return SchemaChange(kind="retyped", column=name, old=was, new=now, additive=additive, sentence=sentence)


def _widens(before: dt.DataType, after: dt.DataType) -> bool:
    """Whether the new type holds every value of the old as it was; text holds all, and is read otherwise."""
    if after.is_string() or after.is_null() or settle(before, after) != after:
        return False
    return not (before.is_integer() and after.is_floating())


def _nullability(
    both: Mapping[str, str], old: sch.Schema, new: sch.Schema, profiles: Sequence[ColumnProfile]
) -> Iterator[SchemaChange]:
    """Columns that may miss cells where they might not, by the files' own word, or now do where none did."""
    counts = {each.column: (each.missing_old, each.missing_new) for each in profiles}
    for name, now in both.items():
        before, after = counts.get(name, (None, None))
        column = cut(now)
        if not old[name].nullable and new[now].nullable:
            told = f"{column} may have missing cells now, which its files ruled out"
            yield _null(column, "never missing", "may be missing", told, additive=False)
        elif old[name].nullable and not new[now].nullable:
            told = f"{column} has no missing cells any more, by its files' own rule"
            yield _null(column, "may be missing", "never missing", told, additive=True)
        elif before == 0 and after and not new[now].is_null():
            cells = amount(after, "missing cell")
            told = f"{column} had no missing cell, and has {cells} now"
            yield _null(column, "none missing", cells, told, additive=True)


def _null(column: str, old: str, new: str, sentence: str, *, additive: bool) -> SchemaChange:
    return SchemaChange(
        kind="nullability", column=column, old=old, new=new, additive=additive, sentence=sentence
    )


def _categories(name: str, gone: Sequence[str], new: Sequence[str]) -> SchemaChange | None:
    if not gone and not new:
        return None
    parts = []
    if gone:
        parts.append(f"lost {_listed(gone)}")
    if new:
        parts.append(f"gained {_listed(new)}")
    return SchemaChange(
        kind="categories",
        column=name,
        old=_listed(gone),
        new=_listed(new),
        additive=not gone,
        sentence=f"{name} {' and '.join(parts)}",
    )


def _moved(name: str) -> SchemaChange:
    sentence = f"{name} stands elsewhere among the columns: who reads them by place reads another"
    return SchemaChange(kind="moved", column=name, additive=True, sentence=sentence)


def _moves(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The fewest of the shared columns that moved, in head's order."""
    places = {name: place for place, name in enumerate(before)}
    shared = [name for name in after if name in places]
    blocks = SequenceMatcher(None, before, shared, autojunk=False).get_matching_blocks()
    stayed = {name for block in blocks for name in before[block.a : block.a + block.size]}
    return [name for name in shared if name not in stayed]


def _renames(
    old: sch.Schema, new: sch.Schema, same_content: Callable[[str, str], bool] | None
) -> dict[str, str]:
    """Columns gone, each with the new column that holds the same; of several, the one named most alike."""
    gone = [name for name in old.names if name not in new][:MOST]
    added = [name for name in new.names if name not in old][:MOST]
    found: dict[str, str] = {}
    for name in gone if same_content else ():
        alike = sorted(
            (each for each in added if each not in found.values()),
            key=lambda each: -SequenceMatcher(None, name.casefold(), each.casefold()).ratio(),
        )
        now = next((each for each in alike if same_content and same_content(name, each)), None)
        if now is not None:
            found[name] = now
    return found


def _listed(values: Sequence[str]) -> str:
    return list_some(map(cut, values), _SHOWN)
