"""How well one column alone tells the label: a column that knows too much is a leak.

Two classes: ROC AUC, the better of two readings. By rank: the column's values as scores, in whichever
direction, with missing values at whichever end ranks better. By value: each value is scored by the share of
positives among *other* rows that have it, for every pair of a positive and a negative row without that pair
(leave-pair-out, Airola et al. 2011, doi:10.1016/j.csda.2010.11.023). Scored by its own row, an identifier
would look perfect; without it such a column scores exactly 0.5, and so does a constant.

More classes, or a number: eta², the share of the label's variance that the column explains, each row foretold
by the mean of the other rows with its value, shrunk by one row of the overall mean: an identifier explains
nothing. Numbers are read by value and in bins of equal size; for a number as label, by a straight line too.

All of it follows from counts per value, which the engine makes. A missing value is a value of its own. Text
is read as number and by its order too, nested cells by their parts (readings.py).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import ibis
import ibis.expr.types as ir
import msgspec

from mergegate.dataset.engine import Engine
from mergegate.dataset.matching import present
from mergegate.dataset.normalise import finite
from mergegate.dataset.readings import read_columns

Measure = Literal["AUC", "eta²"]

CLASSES = 20
"""A number with more distinct values is a quantity; rarer classes than these count as one."""
FEWEST_ROWS = 50
FEWEST_OF_CLASS = 10
"""With fewer rows, or fewer of the rarer class, any column may look strong."""
MOST_ROWS = 500_000
"""Beyond, one row in 2, 4, 8 … by its hash: with balanced classes an AUC's standard error is about 0.001."""
_BINS = 50
_MOST_CELLS = 8_000_000
_MOST_AT_ONCE = 100
_MOST_MADE = 20
_ROUNDING = 1e-9


class Target(msgspec.Struct, frozen=True):
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
    table = table.filter(present(table[label]))
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


def strengths(engine: Engine, target: Target, columns: Sequence[str]) -> dict[str, float | None]:
    """AUC (0.5 to 1) or eta² (0 to 1) of each column alone, in the strongest way to read it.

    None for a column that can't be read; nothing where the target has no rows to measure.
    """
    if target.reason or not columns:
        return {}
    measure = _auc if target.measure == "AUC" else _eta
    read = read_columns(engine, target.table, columns)
    step = min(_MOST_AT_ONCE, max(1, _MOST_CELLS // target.rows))
    found: dict[str, float | None] = dict.fromkeys(read.unread)
    plain = [way for way in read.columns if way not in read.values]
    for some in (*_turns(plain, step), *_turns(read.values, min(step, _MOST_MADE))):
        ready = msgspec.structs.replace(target, table=read.with_columns(some))
        for way, value in measure(engine, ready, some).items():
            found[read.columns[way]] = max(found.get(read.columns[way]) or 0.0, value)
    return found


def _turns(names: Iterable[str], size: int) -> Iterator[list[str]]:
    """The names in turns of `size`."""
    every = list(names)
    for start in range(0, len(every), size):
        yield every[start : start + size]


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


def _cells(engine: Engine, target: Target, columns: Sequence[str], sums: dict[str, ir.Value]) -> ir.Table:
    """One row per cell: `place` of its column, `value` of what has an order, `hash` of what has none; `sums`.

    All columns in one query: to put a query into words takes longer than to run it on a small table.
    """
    parts = []
    for place, name in enumerate(columns):
        cells = target.table[name]
        kind = cells.type()
        value, hash = ibis.null("float64"), ibis.null("int64")
        if kind.is_date() or kind.is_timestamp():
            value = cells.cast("timestamp").epoch_seconds().cast("float64")
        elif kind.is_numeric() and not kind.is_boolean():
            number = cells.cast("float64")
            value = number.isnan().ifelse(ibis.null("float64"), number)
        else:
            hash = engine.row_hash(target.table, [name])
        parts.append(
            target.table.select(place=ibis.literal(place, type="int64"), value=value, hash=hash, **sums)
        )
    cells = ibis.union(*parts, distinct=False) if len(parts) > 1 else parts[0]
    totals = {name: cells[name].sum().cast("float64") for name in sums}
    return cells.group_by(["place", "value", "hash"]).aggregate(n=cells.count().cast("float64"), **totals)


def _auc(engine: Engine, target: Target, columns: Sequence[str]) -> dict[str, float]:
    positive = (target.table["__class"] == target.codes[1]).cast("int64")
    counted = _cells(engine, target, columns, {"pos": positive})
    pos, neg = counted.pos, counted.n - counted.pos
    positives, negatives = target.counts[1], target.counts[0]
    prior = (positives - 1) / (target.rows - 2)
    zero = ibis.literal(0.0)
    parts = (
        # A pair inside a value ranks as lost, for the positive's score is without itself: it is a tie.
        {"way": 0, "score": (pos - 1 + prior) / counted.n, "pos": pos, "neg": zero, "tied": pos * neg / 2},
        {"way": 0, "score": (pos + prior) / counted.n, "pos": zero, "neg": neg, "tied": zero},
        {"way": 1, "score": counted.value, "pos": pos, "neg": neg, "tied": zero},
    )
    scored = ibis.union(*(counted.select("place", **part) for part in parts), distinct=False)
    by_score = scored.filter(scored.score.notnull()).group_by(["place", "way", "score"])
    ranked = by_score.aggregate(**{name: scored[name].sum() for name in ("pos", "neg", "tied")})
    window = ibis.cumulative_window(group_by=["place", "way"], order_by="score")
    ranked = ranked.mutate(below=ranked.neg.sum().over(window) - ranked.neg / 2)
    asked = ranked.group_by(["place", "way"]).aggregate(
        wins=(ranked.pos * ranked.below + ranked.tied).sum(), pos=ranked.pos.sum(), neg=ranked.neg.sum()
    )
    found = dict.fromkeys(columns, 0.5)
    for row in engine.fetch(asked).to_pylist():
        name, wins = columns[row["place"]], row["wins"]
        ways = [wins]
        if row["way"] == 1:
            lost_pos, lost_neg = positives - row["pos"], negatives - row["neg"]
            wins += lost_pos * lost_neg / 2
            ends = wins + row["pos"] * lost_neg, wins + lost_pos * row["neg"]
            ways = [turned for end in ends for turned in (end, positives * negatives - end)]
        found[name] = min(1.0, max(found[name], *(way / (positives * negatives) for way in ways)))
    return found


def _eta(engine: Engine, target: Target, columns: Sequence[str]) -> dict[str, float]:
    table = target.table
    if target.codes:
        sums = {f"s{at}": (table["__class"] == code).cast("int64") for at, code in enumerate(target.codes)}
    else:
        sums = {"s0": table["__number"], "squares": table["__number"] * table["__number"]}
    counted = _cells(engine, target, columns, sums)
    window = ibis.cumulative_window(group_by=["place", counted.value.isnull()], order_by="value")
    before = counted.n.sum().over(window) - counted.n
    binned = counted.mutate(
        value=counted.value.isnull().ifelse(-1.0, (before * (_BINS / target.rows)).floor())
    )
    both = ibis.union(
        counted.mutate(way=ibis.literal(0)), binned.filter(binned.hash.isnull()).mutate(way=ibis.literal(1))
    )
    groups = both.group_by(["place", "way", "value", "hash"]).aggregate(
        **{name: both[name].sum() for name in ("n", *sums)}
    )
    groups = groups.mutate(missed=_missed(groups, [count / target.rows for count in target.counts]))
    asked = groups.group_by(["place", "way"]).aggregate(missed=groups.missed.sum())
    found = {} if target.codes else _lines(engine, target, columns)
    for row in engine.fetch(asked).to_pylist():
        name = columns[row["place"]]
        found[name] = max(found.get(name, 0.0), 1 - row["missed"] / target.spread)
    return {name: min(1.0, value) for name, value in found.items()}


def _missed(groups: ir.Table, shares: Sequence[float]) -> ir.Value:
    """Squared errors when each row is foretold by the other rows of its group and one of the overall mean."""
    n = groups.n
    if shares:
        counts = [groups[f"s{at}"] for at in range(len(shares))]
        counts, shares = [*counts, n - sum(counts)], [*shares, 1 - sum(shares)]
        pairs = list(zip(counts, shares, strict=True))
        between = sum((count - n * share) * (count - n * share) for count, share in pairs)
        within = n * (1 + sum(share * share for share in shares)) - 2 * sum(
            count * share for count, share in pairs
        )
    else:
        between, within = groups.s0 * groups.s0, groups.squares
    return ((n + 1) * (n + 1) * within - (n + 2) * between) / (n * n)


def _lines(engine: Engine, target: Target, columns: Sequence[str]) -> dict[str, float]:
    """What a straight line, and being missing, explain of a number; of columns that have an order."""
    numbers = [name for name in columns if target.table[name].type().is_numeric()]
    asked: dict[str, ir.Value] = {}
    for place, name in enumerate(numbers):
        cells = target.table[name].cast("float64")
        known = finite(cells)
        value, number = (
            known.ifelse(each, ibis.null("float64")) for each in (cells, target.table["__number"])
        )
        asked |= {
            f"n{place}": number.count(),
            f"mean{place}": number.mean(),
            f"var{place}": number.var(how="pop"),
            f"r{place}": value.corr(number, how="pop"),
        }
    if not asked:
        return {}
    row = engine.fetch(target.table.aggregate(**asked)).to_pylist()[0]
    found = {}
    for place, name in enumerate(numbers):
        n, mean, var, r = (row[f"{part}{place}"] for part in ("n", "mean", "var", "r"))
        # A column of one value has no line; an engine says None or NaN.
        if n >= FEWEST_ROWS and r is not None and abs(r) <= 1.0 + _ROUNDING:
            missing = target.rows - n
            apart = n * mean * mean * (1 + (n / missing if missing else 0.0))
            found[name] = (r * r * var * n + apart) / target.spread
    return found
