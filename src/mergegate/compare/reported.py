"""The pipeline's own metrics file: shown, held against what the predictions give, never judged."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from mergegate.compare.quantities import show_quantity
from mergegate.errors import ContractError
from mergegate.records.comparison import MetricComparison
from mergegate.records.review import Point, ReportedMetric

MOST_VALUES = 1_000
MOST_DEPTH = 20
LONGEST_TEXT = 200
LARGEST_BITS = 1_000
"""Integers beyond what a float can hold."""
AGREEMENT = 1e-6
"""Reported and recomputed values further apart than this (relative above 1) disagree."""

Value = float | int | bool | str | None


def read(data: bytes, *, name: str) -> dict[str, Value]:
    """Flatten a metrics file to {dotted key: value}; lists are numbered (`folds.0`).

    Raises ContractError for anything but JSON, for NaN and infinity (which JSON does not have), for a
    document that is no object, too deep or too large.
    """
    try:
        document = json.loads(data, parse_constant=lambda text: _refuse_constant(text, name))
    except (ValueError, RecursionError) as error:
        hint = "run `dvc repro` to write it again; it must be one JSON object of names and numbers"
        raise ContractError(
            f"is not valid JSON: {error}", file=name, hint=hint, code="metrics-invalid"
        ) from error
    if not isinstance(document, dict):
        raise ContractError(
            "is not a JSON object of names and numbers",
            file=name,
            hint='write `{"roc_auc": 0.9}`',
            code="metrics-invalid",
        )
    flat: dict[str, Value] = {}
    for key, value in _flatten(document, "", 0, name):
        if len(flat) == MOST_VALUES:
            raise ContractError(
                f"holds more than {MOST_VALUES} values",
                file=name,
                hint="keep long tables in a plots file",
                code="metrics-invalid",
            )
        flat[key[:LONGEST_TEXT]] = value
    return flat


def _flatten(node: Any, key: str, depth: int, name: str) -> Iterator[tuple[str, Value]]:
    if depth > MOST_DEPTH:
        raise ContractError(
            f"is nested deeper than {MOST_DEPTH} levels",
            file=name,
            hint="write a flatter file",
            code="metrics-invalid",
        )
    if isinstance(node, dict | list):
        children = (
            node.items() if isinstance(node, dict) else ((str(i), child) for i, child in enumerate(node))
        )
        for part, child in children:
            yield from _flatten(child, f"{key}.{part}" if key else part, depth + 1, name)
    elif isinstance(node, float) and not math.isfinite(node):
        _refuse_constant(str(node), name, key)
    elif isinstance(node, int) and node.bit_length() > LARGEST_BITS:
        _refuse_constant("a number too large to compare", name, key)
    else:
        yield key, node


def _refuse_constant(text: str, name: str, key: str = "") -> NoReturn:
    """A metric that is no number can't be better or worse than another."""
    where = f" at {key}" if key else ""
    hint = "find out why the pipeline could not compute it; leave out a metric that is undefined"
    raise ContractError(
        f"holds {text}{where}, which is no number", file=name, hint=hint, code="metrics-invalid"
    )


def compare_points(base: Mapping[str, Value], head: Mapping[str, Value]) -> tuple[Point, ...]:
    """Base beside head with their differences, in head's order: first what differs."""
    rows = [
        Point(
            name=row.name,
            base=row.base,
            head=row.head,
            difference=_difference(row.name, base.get(row.name), head.get(row.name)),
        )
        for row in compare(base, head, ())
    ]
    return tuple(sorted(rows, key=lambda row: row.base == row.head))


def _difference(key: str, old: Value, new: Value) -> str | None:
    """Head less base of two numbers; None of anything else, and of what does not differ."""
    if isinstance(old, bool | str | None) or isinstance(new, bool | str | None):
        return None
    apart = new - old
    if not apart or not math.isfinite(apart):
        return None
    unit = show_quantity(key, abs(apart))
    sign = "+" if apart > 0 else "\N{MINUS SIGN}"
    return sign + (unit or f"{abs(apart):.3g}")


def compare(
    base: Mapping[str, Value], head: Mapping[str, Value], recomputed: tuple[MetricComparison, ...]
) -> tuple[ReportedMetric, ...]:
    """What the files report beyond the recomputed metrics, base beside head, in head's order."""
    known = {metric.name for metric in recomputed}
    keys = [key for key in dict.fromkeys((*head, *base)) if key not in known]
    return tuple(
        ReportedMetric(
            name=key,
            base=_text(key, base[key]) if key in base else None,
            head=_text(key, head[key]) if key in head else None,
        )
        for key in keys
    )


def disagreements(
    head: Mapping[str, Value], recomputed: tuple[MetricComparison, ...], *, name: str
) -> tuple[str, ...]:
    """Sentences on metrics where the file says one thing and head's predictions give another."""
    sentences = []
    for metric in recomputed:
        claimed = head.get(metric.name)
        if metric.head_all is None or isinstance(claimed, bool | str | None):
            continue
        if abs(claimed - metric.head_all) > AGREEMENT * max(1.0, abs(metric.head_all)):
            sentences.append(
                f"{name} reports {metric.name} {claimed:.6g}, head's predictions give {metric.head_all:.6g}: "
                "the review trusts the predictions"
            )
    return tuple(sentences)


def _text(key: str, value: Value) -> str:
    """A value as people read it: with its unit where the key ends in one, else six digits of a number."""
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and (shown := show_quantity(key, value))
    ):
        return shown
    if isinstance(value, float):
        return f"{value:.6g}"
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
