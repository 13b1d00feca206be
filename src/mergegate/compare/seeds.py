"""Reported re-trainings: how much a metric moves when nothing but the seed does."""

import json
import math
from typing import Any, NoReturn

import numpy as np

from mergegate.errors import ContractError

FEWEST = 2
MOST = 1_000
MOST_METRICS = 200
LARGEST_FILE = 4_000_000
LONGEST_NAME = 200

_SHAPE = 'write `{"roc_auc": [0.70, 0.71, 0.69]}`: for each metric its values under other seeds'


def read(data: bytes, *, name: str) -> dict[str, tuple[float, int]]:
    """Standard deviation (n − 1 in the denominator) and number of each metric's re-trainings.

    `data` is a JSON object of metric → 2 to 1,000 finite numbers; `name` is what errors call the file. Raises
    ContractError for anything else.
    """
    if len(data) > LARGEST_FILE:
        _refuse(name, f"has {len(data):,} bytes, and {LARGEST_FILE:,} are read at most")
    try:
        document = json.loads(data, object_pairs_hook=lambda pairs: _unique(pairs, name))
    except (ValueError, RecursionError) as error:
        _refuse(name, f"is not valid JSON: {error}", error)
    if not isinstance(document, dict) or not document:
        _refuse(name, "is not a JSON object of metrics and their values")
    if len(document) > MOST_METRICS:
        _refuse(name, f"holds {len(document):,} metrics, and {MOST_METRICS} are read at most")
    return {metric: _spread(metric, values, name) for metric, values in document.items()}


def _spread(metric: str, values: Any, name: str) -> tuple[float, int]:
    """Standard deviation of one metric's values, and how many they are."""
    if len(metric) > LONGEST_NAME:
        _refuse(name, f"names a metric by more than {LONGEST_NAME} characters")
    shown = json.dumps(metric)
    if not isinstance(values, list):
        _refuse(name, f"has no list of values for {shown}")
    if not FEWEST <= len(values) <= MOST:
        _refuse(name, f"has {len(values):,} values for {shown}, and {FEWEST} to {MOST:,} are needed")
    numbers = np.array([_number(value, shown, name) for value in values])
    # By the largest, so that squares of numbers like 1e200 do not overflow.
    scale = float(np.abs(numbers).max()) or 1.0
    spread = float(np.std(numbers / scale, ddof=1)) * scale
    if not math.isfinite(spread):
        _refuse(name, f"holds values for {shown} that are too far apart")
    return spread, len(values)


def _number(value: Any, shown: str, name: str) -> float:
    """A finite number; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(name, f"holds {json.dumps(value)[:80]} for {shown}, which is no number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        _refuse(name, f"holds {number} for {shown}, which is no finite number")
    return number


def _unique(pairs: list[tuple[str, Any]], name: str) -> dict[str, Any]:
    """A JSON object, none of whose keys stands twice: which of the two would count?"""
    found = dict(pairs)
    if len(found) < len(pairs):
        _refuse(name, "names a metric twice")
    return found


def _refuse(name: str, message: str, cause: Exception | None = None) -> NoReturn:
    raise ContractError(message, file=name, hint=_SHAPE) from cause
