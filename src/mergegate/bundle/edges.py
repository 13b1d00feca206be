"""Rows at a signature's edges, where a graph goes wrong unnoticed: unseen, missing, empty, extreme."""

from typing import Any, Literal

import msgspec
import numpy as np
import pandas as pd

from mergegate.records.manifest import InputColumn

Kind = Literal["seen", "missing", "unseen", "extreme", "combined"]

MAX_SEEN = 200
"""Categories of one column that are tried alone."""

SPANS = 10.0
"""How far beyond the training range extremes go, in widths of that range."""

COMBINATIONS = 128
UNSEEN = "never seen in training"


class Edges(msgspec.Struct, frozen=True, eq=False):
    """n rows as a prepared data frame; `kinds` and `columns` (n,) say what each tries ("": several)."""

    rows: pd.DataFrame
    kinds: tuple[Kind, ...]
    columns: tuple[str, ...]


def make(X: pd.DataFrame, inputs: tuple[InputColumn, ...]) -> Edges:
    """Edge rows for a prepared data frame of training rows: each column alone, then many columns at once.

    Columns that are not tried hold the training rows' median or commonest value. The same rows give the same
    edges.
    """
    usual = {column.name: _usual(X[column.name], column) for column in inputs}
    rows, kinds, names = [dict(usual)], ["seen"], [""]
    values = {column.name: _values(column) for column in inputs}
    for name, tried in values.items():
        for kind, value in tried:
            rows.append({**usual, name: value})
            kinds.append(kind)
            names.append(name)
    for row in _combinations(values):
        rows.append({**usual, **row})
        kinds.append("combined")
        names.append("")
    return Edges(_frame(rows, inputs), tuple(kinds), tuple(names))  # type: ignore[arg-type]


def _values(column: InputColumn) -> list[tuple[Kind, Any]]:
    """What one column is tried with."""
    if column.kind == "category":
        seen = column.categories[:MAX_SEEN]
        variants = {text for value in seen[:1] for text in (f" {value}", value.swapcase())} - set(
            column.categories
        )
        unseen = [UNSEEN, "\N{GREEK SMALL LETTER OMEGA}\N{SNOWMAN}", "x" * 1000, *sorted(variants - {""})]
        return [
            *(("seen", value) for value in seen),
            ("missing", ""),
            *(("unseen", value) for value in unseen),
        ]
    low, high = column.low or 0.0, column.high or 0.0
    span = max(high - low, abs(high), 1.0) * SPANS
    return [
        ("seen", low),
        ("seen", high),
        ("missing", np.nan),
        ("extreme", 0.0),
        ("extreme", low - span),
        ("extreme", high + span),
    ]


def _combinations(values: dict[str, list[tuple[Kind, Any]]]) -> list[dict[str, Any]]:
    """All columns at the same edge, then random mixtures from a fixed seed."""
    rows: list[dict[str, Any]] = []
    for kind in ("missing", "unseen", "extreme", "seen"):
        for pick in (0, -1):
            row = {}
            for name, tried in values.items():
                fitting = [value for found, value in tried if found == kind]
                if fitting:
                    row[name] = fitting[pick]
            rows.append(row)
    random = np.random.default_rng(0)
    for _ in range(COMBINATIONS):
        rows.append(
            {
                name: tried[int(random.integers(len(tried)))][1]
                for name, tried in values.items()
                if random.random() < 0.5
            }
        )
    return rows


def _usual(column: Any, description: InputColumn) -> Any:
    if description.kind == "number":
        known = column.dropna()
        return float(known.median()) if len(known) else 0.0
    counts = column[column != ""].value_counts()
    return min(counts[counts == counts.max()].index) if len(counts) else ""


def _frame(rows: list[dict[str, Any]], inputs: tuple[InputColumn, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            column.name: np.array(
                [row[column.name] for row in rows],
                dtype=np.float32 if column.kind == "number" else object,
            )
            for column in inputs
        }
    )
