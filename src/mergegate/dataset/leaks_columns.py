"""Columns that know too much: known only after the outcome, by the policy; or telling the label alone."""

from collections.abc import Iterator, Sequence

import ibis.expr.types as ir

from mergegate.amounts import amount
from mergegate.dataset import samples
from mergegate.dataset.leaks import Search, lacking, unjudged
from mergegate.dataset.matching import HASH, count, hashed
from mergegate.dataset.normalise import align, differs
from mergegate.dataset.strength import Measure, Target, aim, strengths
from mergegate.records.data import Leak

STRONG: dict[Measure, float] = {"AUC": 0.85, "eta²": 0.75}
"""From here on a column is a suspect. In flights, departure delay has AUC 0.90, what is known before 0.70."""
MOST = 20
_COPY_SHARE = 0.99


def single_features(search: Search) -> Iterator[Leak]:
    """Each column that is strong alone, the strongest first; if none is, the strongest one, as not found.

    Before them those that can't be measured, not judged.
    """
    question = "Whether one column tells the label alone"
    label = search.label
    if label is None:
        yield unjudged("single_feature", question, "no label is named")
        return
    table, base = _labelled(search, label)
    if table is None:
        yield unjudged("single_feature", question, f"no rows have the label {label}")
        return
    target = aim(search.engine, table, label, key=search.key)
    if target.reason:
        yield unjudged("single_feature", question, target.reason)
        return
    measured = strengths(search.engine, target, _looked_at(search, table, base))
    known = {name: value for name, value in measured.items() if value is not None}
    blind = [name for name, value in measured.items() if value is None]
    yield from _unread(table, label, blind)
    ranked = sorted(((value, name) for name, value in known.items()), key=lambda each: (-each[0], each[1]))
    if not ranked:
        if not blind:
            yield unjudged("single_feature", question, "there is no input column to look at")
        return
    bar = STRONG[target.measure] if search.strong is None else search.strong
    strong = [each for each in ranked if each[0] >= bar]
    labelled = base is not None and label in base.columns
    before = aim(search.engine, base, label, key=search.key) if base is not None and labelled else None
    for value, name in strong[:MOST] or ranked[:1]:
        yield _tell(search, target, before, name, value, suspect=bool(strong))


def known_later(search: Search) -> Iterator[Leak]:
    """Each input that the policy says is known only after the outcome: by name, or a renamed copy."""
    if not search.known_later:
        return
    tables = [each for each in (search.evaluation, search.train) if each is not None]
    inputs = list(dict.fromkeys(name for table in tables for name in search.inputs_of(table)))
    late = {_plain(name): name for name in search.known_later}
    caught = [name for name in inputs if _plain(name) in late]
    for name in caught:
        said = late[_plain(name)]
        alias = "" if said == name else f", as {samples.cut(said)}"
        yield _late(search, name, f"is known only after the outcome{alias}")
    others = [name for name in inputs if name not in caught]
    copies = [(name, original) for name in others if (original := _copied(search, name))]
    for name, original in copies:
        yield _late(search, name, f"holds what {samples.cut(original)} held in base, known only later")
    if not caught and not copies:
        number = len(search.known_later)
        sentence = f"None of the {amount(number, 'column')} known only after the outcome is an input."
        if number == 1:
            sentence = f"{samples.cut(search.known_later[0])}, known only after the outcome, is no input."
        yield Leak(kind="known_later", sentence=sentence, found=0)


def _labelled(search: Search, label: str) -> tuple[ir.Table | None, ir.Table | None]:
    """The rows to measure on and base's of the same part: the evaluation, or training if it has no label."""
    for table, base in (
        (search.evaluation, search.base_evaluation),
        (search.train, search.base_train),
    ):
        if table is not None and label in table.columns:
            return table, base
    return None, None


def _looked_at(search: Search, table: ir.Table, base: ir.Table | None) -> list[str]:
    """The inputs, group and time, and what base has not: nobody has said yet that no model sees it."""
    known = table.columns if base is None else base.columns
    named = {*search.inputs_of(table), search.group, search.time}
    apart = {*search.key, search.label}
    return [name for name in table.columns if name not in apart and (name in named or name not in known)]


def _unread(table: ir.Table, label: str, names: Sequence[str]) -> Iterator[Leak]:
    """What can't be measured, by column, for each is to be allowed by itself."""
    doubt = f"can't be measured: whether it tells {samples.cut(label)} alone, nobody knows"
    for name in names[:MOST]:
        kind = table[name].type()
        # Lists and structs come as JSON text.
        what = "list" if kind.is_string() or kind.is_nested() else type(kind).__name__.lower()
        yield Leak(
            kind="single_feature",
            sentence=f"{samples.cut(name)} ({what}) {doubt}.",
            column=name,
            judged=False,
        )
    if len(names) > MOST:
        more = amount(len(names) - MOST, "more column")
        yield Leak(kind="single_feature", sentence=f"{more} {doubt}.", judged=False)


def _tell(
    search: Search, target: Target, before: Target | None, name: str, value: float, *, suspect: bool
) -> Leak:
    old, beside = None, ""
    if before is not None:
        beside = " (base: not there)"
        if name in before.table.columns:
            same = not before.reason and before.measure == target.measure
            old = strengths(search.engine, before, [name]).get(name) if same else None
            beside = f" (base: {old:.2f})" if old is not None else " (base: not measured)"
    verb = "ranks" if target.measure == "AUC" else "tells"
    some = f", on {target.rows:,} sampled rows" if target.sampled else ""
    sentence = f"{samples.cut(name)} alone {verb} {samples.cut(target.label)} with {target.measure} "
    sentence += f"{value:.2f}{beside}{some}."
    if not suspect:
        sentence = f"No column tells the label too well alone; the strongest: {sentence}"
    return Leak(
        kind="single_feature",
        sentence=sentence,
        column=name,
        # The strength is what is judged; 0 says that this one is named for comparison only.
        found=None if suspect else 0,
        measure=target.measure,
        strength=value,
        strength_old=old,
    )


def _late(search: Search, name: str, what: str) -> Leak:
    found, of = _filled(search, search.evaluation, name)
    old, beside = None, ""
    if search.base_evaluation is not None:
        there = name in search.inputs_of(search.base_evaluation)
        old = _filled(search, search.base_evaluation, name)[0] if there else 0
        beside = " (base: an input too)" if there else " (base: not there)"
    sentence = f"{samples.cut(name)} {what}, and is an input{beside}."
    return Leak(kind="known_later", sentence=sentence, column=name, found=found, of=of, found_old=old)


def _filled(search: Search, table: ir.Table, name: str) -> tuple[int | None, int]:
    """Rows that have a value in the column, of how many; None where only training has the column."""
    if name not in table.columns:
        return None, count(search.engine, table)
    row = search.engine.fetch(table.aggregate(found=table[name].count(), rows=table.count())).to_pylist()[0]
    return int(row["found"]) or None, int(row["rows"])


def _plain(name: str) -> str:
    """A name without case, spaces and signs: `Dep Delay` is `dep_delay`."""
    return "".join(sign for sign in name.casefold() if sign.isalnum()) or name


def _copied(search: Search, name: str) -> str:
    """The late column of base whose values, row by row, a new input repeats; empty for none."""
    for table in (search.evaluation, search.train):
        for base in (search.base_evaluation, search.base_train):
            if table is None or base is None or name not in table.columns or name in base.columns:
                continue
            late = [column for column in search.known_later if column in base.columns]
            keyed = search.key and not lacking(search.key, head=table, base=base)
            if late and keyed and (found := _repeated(search, table, name, base, late)):
                return found
    return ""


def _repeated(search: Search, table: ir.Table, name: str, base: ir.Table, late: Sequence[str]) -> str:
    """The late column with which 99 % of the cells of shared rows are the same, and not all one value."""
    left, right = hashed(search.engine, table, base, search.key, missing=False)
    old = {f"old_{place}": right[column] for place, column in enumerate(late)}
    joined = left.select(HASH, new=left[name]).inner_join(right.select(HASH, **old), HASH)
    asked = {"rows": joined.count()}
    for place in range(len(late)):
        then = joined[f"old_{place}"]
        asked[f"same_{place}"] = (~differs(*align(then, joined.new))).cast("int64").sum()
        asked[f"values_{place}"] = then.nunique()
    row = search.engine.fetch(joined.aggregate(**asked)).to_pylist()[0]
    for place, column in enumerate(late):
        if row[f"values_{place}"] > 1 and row[f"same_{place}"] >= _COPY_SHARE * row["rows"]:
            return column
    return ""
