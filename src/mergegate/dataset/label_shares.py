"""How labels are spread over base's rows and over the rows that head adds."""

from collections.abc import Sequence
from itertools import pairwise

import ibis
import ibis.expr.types as ir
import msgspec

from mergegate.dataset import samples
from mergegate.dataset.engine import Engine
from mergegate.dataset.matching import present
from mergegate.records.data import LabelShare

MOST = 20
"""Labels that are told apart; a number with more distinct values is a quantity."""
_PARTS = (0.2, 0.4, 0.6, 0.8)


class Shares(msgspec.Struct, frozen=True):
    """The commonest labels' rows, and how many rows there are in all."""

    shares: tuple[LabelShare, ...]
    old: int
    added: int


def is_quantity(engine: Engine, table: ir.Table, label: str) -> bool:
    """Whether a label is a number with more values than classes have."""
    kind = table[label].type()
    if not kind.is_numeric() or kind.is_boolean():
        return False
    values = table.filter(present(table[label])).select(label).distinct().limit(MOST + 1)
    return len(engine.fetch(values)) > MOST


def share_labels(
    engine: Engine, base: Sequence[ir.Table], added: ir.Table, label: str, *, quantity: bool
) -> Shares:
    """Rows by label, or by fifths of base where it is a quantity; labels that most rows have first."""
    kind = added[label].type().copy(nullable=True)
    values = [each.select(label=each[label].cast(kind), old=ibis.literal(1)) for each in base]
    values.append(added.select(label=added[label].cast(kind), old=ibis.literal(0)))
    rows = ibis.union(*values, distinct=False) if base else values[0]
    told: dict[float | int, str] = {}
    if quantity:
        edges = _edges(engine, rows)
        told = dict(enumerate(_ranges(edges)))
        rows = rows.mutate(label=_place(rows.label, edges))
    counted = rows.group_by("label").aggregate(
        old=(rows.old == 1).cast("int64").sum(), added=(rows.old == 0).cast("int64").sum()
    )
    sums = engine.fetch(counted.aggregate(old=counted.old.sum(), added=counted.added.sum())).to_pylist()[0]
    order = ["label"] if quantity else [ibis.desc(counted.old + counted.added), "label"]
    found = engine.fetch(counted.order_by(order).limit(MOST)).to_pylist()
    shares = tuple(
        LabelShare(
            label=told.get(row["label"]) if quantity else samples.show(row["label"]),
            old=int(row["old"]),
            added=int(row["added"]),
        )
        for row in found
    )
    return Shares(shares, int(sums["old"] or 0), int(sums["added"] or 0))


def _edges(engine: Engine, rows: ir.Table) -> list[float]:
    """Where base's labels fall into fifths; those of the added rows where there is no base."""
    number = rows.label.cast("float64")
    from_base = number.notnull() & ~number.isnan() & (rows.old == rows.old.max().as_scalar())
    known = rows.filter(from_base)
    asked = {f"q{place}": known.label.cast("float64").quantile(part) for place, part in enumerate(_PARTS)}
    row = engine.fetch(known.aggregate(**asked)).to_pylist()[0]
    return sorted({float(edge) for edge in row.values() if edge is not None})


def _ranges(edges: Sequence[float]) -> list[str]:
    """What the ranges between edges are called."""
    shown = [f"{edge:.4g}" for edge in edges]
    if not shown:
        return ["any number"]
    inner = [f"over {low} to {high}" for low, high in pairwise(shown)]
    return [f"up to {shown[0]}", *inner, f"over {shown[-1]}", "NaN"]


def _place(label: ir.Column, edges: Sequence[float]) -> ir.Value:
    """Which range a label falls into; missing stays missing."""
    number = label.cast("float64")
    places = [((number <= edge), place) for place, edge in enumerate(edges)]
    return ibis.cases(
        (number.isnull(), ibis.null("int64")),
        (number.isnan(), len(edges) + 1),
        *places,
        else_=len(edges),
    )
