"""Whether two ONNX files are the same graph: every field equal, but for numbers within a tolerance.

Read from their protobuf bytes side by side; neither is run. Field numbers: onnx.proto3 of ONNX.
"""

import struct
from typing import Any

import numpy as np

from mergegate.bundle.graph import (
    CHILDREN,
    FIXED32,
    FLOATS,
    LENGTH,
    MAX_DEPTH,
    RUN,
    MalformedError,
    fields,
)

_MODEL_PRODUCER = (2, 3)
_ATTRIBUTE_FLOAT = 2
_TENSOR_TYPE, _TENSOR_FLOATS, _TENSOR_RAW, _TENSOR_DOUBLES = 2, 4, 9, 10
_FLOAT, _DOUBLE = 1, 11
_KEYED = 5
"""Bytes of one float that has its key before it."""


def distance(old: bytes, new: bytes, tolerance: float) -> float | None:
    """The largest distance between two numbers of the same graph, as far as any is `tolerance` apart at most.

    None for other graphs: another node, name, shape, text or whole number, or a float further apart.
    """
    try:
        walk = _Walk(tolerance)
        return walk.largest if walk.alike(memoryview(old), memoryview(new), "model", 0) else None
    except (MalformedError, struct.error, ValueError):
        return None


class _Walk:
    """A walk over two graphs at once."""

    def __init__(self, tolerance: float) -> None:
        self.tolerance = tolerance
        self.largest = 0.0

    def alike(self, old: memoryview, new: memoryview, kind: str, depth: int) -> bool:
        """Whether two messages are the same."""
        if old == new:
            return True
        if depth > MAX_DEPTH:
            return False
        before, after = (list(fields(each, runs=kind == "attribute")) for each in (old, new))
        if kind == "model":
            before, after = (
                [each for each in side if each[0] not in _MODEL_PRODUCER] for side in (before, after)
            )
        if [each[:2] for each in before] != [each[:2] for each in after]:
            return False
        types = tuple({each[2] for each in side if each[0] == _TENSOR_TYPE} for side in (before, after))
        if kind == "tensor" and types[0] != types[1]:
            return False
        return all(
            self._field(kind, number, wire, (was, now), depth, types[0])
            for (number, wire, was), (_, _, now) in zip(before, after, strict=True)
        )

    def _field(
        self, kind: str, number: int, wire: int, pair: tuple[Any, Any], depth: int, types: set[Any]
    ) -> bool:
        was, now = pair
        if was == now:
            return True
        child = CHILDREN.get(kind, {}).get(number)
        if child is not None and wire == LENGTH:
            return self.alike(was, now, child, depth + 1)
        numbers = _numbers(kind, number, wire, pair, types)
        return numbers is not None and self._near(*numbers)

    def _near(self, old: Any, new: Any) -> bool:
        if old.shape != new.shape or (np.isnan(old) != np.isnan(new)).any():
            return False
        apart = np.where((old == new) | np.isnan(old), 0.0, np.abs(old - new))
        if np.isinf(apart).any():
            return False
        self.largest = max(self.largest, float(apart.max(initial=0.0)))
        return bool((apart <= self.tolerance * np.maximum(1.0, np.maximum(np.abs(old), np.abs(new)))).all())


def _numbers(kind: str, number: int, wire: int, pair: tuple[Any, Any], types: set[Any]) -> Any:
    """The floats of a field on both sides, None for one that holds none."""
    if kind == "attribute" and number == _ATTRIBUTE_FLOAT and wire == FIXED32:
        return [np.frombuffer(each, "<f4").astype(float) for each in pair]
    if kind == "attribute" and number == FLOATS and wire == RUN:
        parts = [np.frombuffer(each, np.uint8).reshape(-1, _KEYED)[:, 1:] for each in pair]
        return [np.ascontiguousarray(each).view("<f4").ravel().astype(float) for each in parts]
    if kind == "attribute" and number == FLOATS and wire in (LENGTH, FIXED32):
        return [np.frombuffer(each, "<f4").astype(float) for each in pair]
    if kind == "tensor" and number == _TENSOR_FLOATS and types == {_FLOAT} and wire in (LENGTH, FIXED32):
        return [np.frombuffer(each, "<f4").astype(float) for each in pair]
    if kind == "tensor" and number == _TENSOR_DOUBLES and types == {_DOUBLE} and wire == LENGTH:
        return [np.frombuffer(each, "<f8") for each in pair]
    if kind == "tensor" and number == _TENSOR_RAW and types in ({_FLOAT}, {_DOUBLE}):
        layout = "<f4" if types == {_FLOAT} else "<f8"
        return [np.frombuffer(each, layout).astype(float) for each in pair]
    return None
