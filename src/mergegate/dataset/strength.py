"""How well one column alone tells the label: a column that knows too much is a leak.

Two classes: ROC AUC, the better of two readings. By rank: the column's values as scores, in whichever
direction, with missing values at whichever end ranks better. By value: each value is scored by the share of
positives among *other* rows that have it, for every pair of a positive and a negative row without that pair
(leave-pair-out, Airola et al. 2011, doi:10.1016/j.csda.2010.11.023). Scored by its own row, an identifier
would look perfect; without it such a column scores exactly 0.5, and so does a constant.

More classes, or a number: eta², the share of the label's variance that the column explains, each row foretold
by the mean of the other rows with its value, shrunk by one row of the overall mean: an identifier explains
nothing. Numbers are read by value and in bins of equal size; for a number as label, by a straight line too.

All of it follows from counts per value, which the engine makes. A missing value is a value of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import ibis
import ibis.expr.types as ir

from mergegate.dataset.engine import Engine

Measure = Literal["AUC", "eta²"]

CLASSES = 20
"""A number with more distinct values is a quantity; rarer classes than these count as one."""
FEWEST_ROWS = 50
FEWEST_OF_CLASS = 10
"""With fewer rows, or fewer of the rarer class, any column may look strong."""
MOST_ROWS = 2_000_000
"""Beyond, one row in 2, 4, 8 ... by its hash: the standard error of an AUC is then below 0.001."""
_BINS = 50


@dataclass(frozen=True)
class Target:
    """The label's rows, ready to be grouped: `rows` of `table`; `reason` says why none can be measured.

    `table` has the label as `codes` (class hashes), commonest first with `shares`, or centred, as `spread`
    (sum of squares) says.
    """

    table: ir.Table
    label: str
    measure: Measure = "AUC"
    rows: int = 0
    codes: tuple[int, ...] = ()
    counts: tuple[int, ...] = ()
    spread: float = 0.0
    sampled: bool = False
    reason: str = ""


def aim(engine: Engine, table: ir.Table, label: str, *, key: Sequence[str] = ()) -> Target:
    """What there is to tell in `label`: classes or a number. Rows without a label are left aside."""
    known = _present(table[label])
    table = table.filter(known)
    rows = int(engine.fetch(table.aggregate(rows=table.count()))["rows"][0].as_py())
    sampled = rows > MOST_ROWS
    if sampled:
        every = 1 << (-(-rows // MOST_ROWS) - 1).bit_length()
        table = table.filter((engine.row_hash(table, list(key) or table.columns) & (every - 1)) == 0)
    named = table.mutate(__class=engine.row_hash(table, [label]))
    counted = named.group_by("__class").aggregate(rows=named.count())
    common = engine.fetch(counted.order_by([ibis.desc("rows"), "__class"]).limit(CLASSES + 1)).to_pydict()
    codes, counts = common["__class"], common["rows"]
    if table[label].type().is_numeric() and len(codes) > CLASSES:
        return _quantity(engine, table, label, sampled)
    rows = int(engine.fetch(named.aggregate(rows=named.count()))["rows"][0].as_py()) if sampled else rows
    found = Target(
        named,
        label,
        "AUC" if len(codes) == 2 else "eta²",
        rows,
        tuple(codes[:CLASSES]),
        tuple(counts[:CLASSES]),
        _gini(rows, counts[:CLASSES]),
        sampled,
    )
    return _enough(found)


def strength(engine: Engine, target: Target, column: str) -> float | None:
    """AUC (0.5 to 1) or eta² (0 to 1) of `column` alone; None for a type that has no plain values."""
    kind = target.table[column].type()
    if kind.is_nested() or kind.is_binary() or kind.is_geospatial() or target.reason:
        return None
    if target.measure == "AUC":
        return _auc(engine, target, column)
    return _eta(engine, target, column)


def _present(column: ir.Column) -> ir.BooleanColumn:
    known = column.notnull()
    return known & ~column.isnan() if column.type().is_floating() else known


def _enough(target: Target) -> Target:
    reason = ""
    if target.rows < FEWEST_ROWS:
        reason = f"{target.rows:,} labelled rows are too few to tell"
    elif len(target.codes) == 1:
        reason = f"all rows have the same {target.label}"
    elif target.measure == "AUC" and min(target.counts) < FEWEST_OF_CLASS:
        reason = f"{min(target.counts):,} rows of the rarer class are too few to tell"
    return target if not reason else Target(target.table, target.label, target.measure, reason=reason)


def _gini(rows: int, counts: Sequence[int]) -> float:
    """Sum of squares of the classes as columns of 0 and 1; what is not counted is one class."""
    others = rows - sum(counts)
    return rows - sum(count * count for count in (*counts, others)) / rows if rows else 0.0


def _quantity(engine: Engine, table: ir.Table, label: str, sampled: bool) -> Target:
    number = table[label].cast("float64")
    facts = engine.fetch(table.aggregate(rows=table.count(), mean=number.mean(), var=number.var(how="pop")))
    rows, mean, var = (facts[name][0].as_py() for name in ("rows", "mean", "var"))
    if var is None or not 0 < var < float("inf"):
        return Target(table, label, "eta²", reason=f"{label} holds no finite spread")
    table = table.mutate(__number=number - mean)
    return _enough(Target(table, label, "eta²", rows, spread=var * rows, sampled=sampled))


def _values(engine: Engine, target: Target, column: str) -> tuple[ir.Column, bool]:
    """The column's values to group by, and whether they are ordered; texts by their hash."""
    values = target.table[column]
    kind = values.type()
    if kind.is_date() or kind.is_timestamp():
        return values.cast("timestamp").epoch_seconds().cast("float64"), True
    if kind.is_numeric() and not kind.is_boolean():
        number = values.cast("float64")
        return ibis.ifelse(number.isnan(), ibis.null("float64"), number), True
    return engine.row_hash(target.table, [column]), False


def _auc(engine: Engine, target: Target, column: str) -> float:
    values, ordered = _values(engine, target, column)
    positives, negatives = target.counts[1], target.counts[0]
    rows = target.table.select(
        value=values, positive=(target.table["__class"] == target.codes[1]).cast("int64")
    )
    counted = rows.group_by("value").aggregate(n=rows.count().cast("float64"), pos=rows.positive.sum())
    counted = counted.mutate(pos=counted.pos.cast("float64"))
    counted = counted.mutate(neg=counted.n - counted.pos)
    prior = (positives - 1) / (target.rows - 2)
    left_out = ibis.union(
        counted.select(score=(counted.pos - 1 + prior) / counted.n, pos="pos", neg=counted.neg * 0),
        counted.select(score=(counted.pos + prior) / counted.n, pos=counted.pos * 0, neg="neg"),
    )
    scored = left_out.group_by("score").aggregate(pos=left_out.pos.sum(), neg=left_out.neg.sum())
    # Pairs inside a value are lost above, for the positive's score is without itself: they are ties.
    ties = counted.aggregate(ties=(counted.pos * counted.neg).sum() / 2)
    asked = _wins(scored, "score").cross_join(ties)
    if ordered:
        known = counted.filter(counted.value.notnull())
        asked = asked.cross_join(_wins(known, "value").rename(lambda name: f"rank_{name}"))
    found = engine.fetch(asked).to_pylist()[0]
    pairs = positives * negatives
    best = (found["wins"] + found["ties"]) / pairs
    if ordered:
        pos, neg = found["rank_pos"] or 0.0, found["rank_neg"] or 0.0
        lost_pos, lost_neg = positives - pos, negatives - neg
        inside = (found["rank_wins"] or 0.0) + lost_pos * lost_neg / 2
        for ranked in (inside + pos * lost_neg, inside + lost_pos * neg):
            best = max(best, ranked / pairs, 1 - ranked / pairs)
    return float(max(best, 0.5))


def _wins(scored: ir.Table, by: str) -> ir.Table:
    """Pairs in which the positive ranks higher, ties as half; and how many of each there are."""
    below = scored.neg.sum().over(ibis.cumulative_window(order_by=by))
    ranked = scored.mutate(below=below - scored.neg / 2)
    return ranked.aggregate(
        wins=(ranked.pos * ranked.below).sum(), pos=ranked.pos.sum(), neg=ranked.neg.sum()
    )


def _eta(engine: Engine, target: Target, column: str) -> float:
    values, ordered = _values(engine, target, column)
    grouped, shares = _sums(target, values)
    ways = [_missed(grouped, shares)]
    if ordered:
        before = grouped.n.sum().over(
            ibis.cumulative_window(group_by=grouped.value.isnull(), order_by="value")
        )
        place = ((before - grouped.n) * (_BINS / target.rows)).floor()
        binned = grouped.mutate(value=ibis.ifelse(grouped.value.isnull(), -1.0, place))
        sums = {name: binned[name].sum() for name in binned.columns if name != "value"}
        ways.append(_missed(binned.group_by("value").aggregate(**sums), shares))
    missed = engine.fetch(ibis.union(*ways) if ordered else ways[0])["missed"].to_pylist()
    best = 1 - min(missed) / target.spread
    if ordered and not target.codes:
        best = max(best, _line(engine, target, values))
    return float(min(max(best, 0.0), 1.0))


def _sums(target: Target, values: ir.Column) -> tuple[ir.Table, list[float]]:
    """Per value: rows `n`, and sums of the centred number, or of each class; the classes' shares."""
    if not target.codes:
        rows = target.table.select(value=values, number="__number")
        sums = {"s0": rows.number.sum(), "squares": (rows.number * rows.number).sum()}
    else:
        chosen = {
            f"s{place}": (target.table["__class"] == code).cast("float64")
            for place, code in enumerate(target.codes)
        }
        rows = target.table.select(value=values, **chosen)
        sums = {name: rows[name].sum() for name in chosen}
    grouped = rows.group_by("value").aggregate(n=rows.count().cast("float64"), **sums)
    return grouped, [count / target.rows for count in target.counts]


def _missed(groups: ir.Table, shares: Sequence[float]) -> ir.Table:
    """Squared errors when each row is foretold by the other rows of its group and one of the overall mean."""
    n = groups.n
    if shares:
        centred = [groups[f"s{place}"] - n * share for place, share in enumerate(shares)]
        between = sum(each * each for each in centred)
        rest = n - sum(groups[f"s{place}"] for place in range(len(shares)))
        other = 1 - sum(shares)
        between += (rest - n * other) * (rest - n * other)
        within = n * (1 + sum(share * share for share in shares) + other * other) - 2 * (
            sum(groups[f"s{place}"] * share for place, share in enumerate(shares)) + rest * other
        )
    else:
        between, within = groups.s0 * groups.s0, groups.squares
    missed = ((n + 1) * (n + 1) * within - (n + 2) * between) / (n * n)
    return groups.aggregate(missed=missed.sum())


def _line(engine: Engine, target: Target, values: ir.Column) -> float:
    """What a straight line, and being missing, explain of the number."""
    rows = target.table.select(value=values, number="__number").filter(lambda each: each.value.notnull())
    asked = rows.aggregate(
        n=rows.count(),
        mean=rows.number.mean(),
        var=rows.number.var(how="pop"),
        r=rows.value.corr(rows.number, how="pop"),
    )
    n, mean, var, r = (engine.fetch(asked)[name][0].as_py() for name in ("n", "mean", "var", "r"))
    if n < FEWEST_ROWS or r is None or not abs(r) <= 1.0 + 1e-9:
        return 0.0
    missing = target.rows - n
    apart = n * mean * mean + (missing * (n * mean / missing) ** 2 if missing else 0.0)
    return float((r * r * var * n + apart) / target.spread)
