"""How many numbers a model's graph holds, read from its protobuf bytes without a runtime."""

import numpy as np

from mergegate.bundle.graph import (
    CHILDREN,
    FLOATS,
    INTEGERS,
    LENGTH,
    MAX_DEPTH,
    RUN,
    MalformedError,
    fields,
)

MOST_FIELDS = 1_000_000
"""Fields of a graph that are looked at, in about a second; each node of a forest has one."""

_VALUES_ALONE = {1: "tensor"}
_BYTES_OF_RUN = 5
_LAST_OF_VARINT = 0x80
_TYPE, _RAW = 2, 9
# Field of a tensor → bytes of one number; 0 where each takes as many as it needs.
_NUMBERS = {4: 4, 5: 0, 7: 0, 10: 8, 11: 0}
# ONNX's element type → bytes of one number in raw data; strings are none.
_SIZES = {
    **dict.fromkeys((2, 3, 9, 17, 18, 19, 20), 1),
    **dict.fromkeys((4, 5, 10, 16), 2),
    **dict.fromkeys((1, 6, 12), 4),
    **dict.fromkeys((7, 11, 13, 14), 8),
    15: 16,
}


class _TooLargeError(Exception):
    """More fields than are looked at."""


def count_parameters(model: bytes) -> int | None:
    """Numbers in the initializers of an ONNX graph and in its attributes' lists and tensors.

    Weights, thresholds and the indices that hold trees together; no texts, and no single settings such as an
    axis. None for what is no protobuf, nested too deeply, or of more fields than are looked at.
    """
    try:
        return _Count().of(memoryview(model), "model", 0)
    except (MalformedError, _TooLargeError):
        return None


class _Count:
    """A walk over one graph, bounded over all its messages together."""

    def __init__(self) -> None:
        self.left = MOST_FIELDS

    def of(self, message: memoryview, kind: str, depth: int) -> int:
        """Numbers in a message."""
        if depth > MAX_DEPTH:
            raise _TooLargeError
        if kind == "tensor":
            return self.of_tensor(message)
        children = _VALUES_ALONE if kind == "sparse" else CHILDREN.get(kind, {})
        found = 0
        for number, wire, value in fields(message, runs=kind == "attribute"):
            self.step()
            if kind == "attribute" and number in (FLOATS, INTEGERS):
                found += _count_listed(number, wire, value)
            elif number in children and wire == LENGTH and isinstance(value, memoryview):
                found += self.of(value, children[number], depth + 1)
        return found

    def of_tensor(self, message: memoryview) -> int:
        """Numbers in a tensor, by the data that is there and not by the shape it claims."""
        found = raw = 0
        size = 0
        for number, wire, value in fields(message, runs=False):
            self.step()
            if number == _TYPE and isinstance(value, int):
                size = _SIZES.get(value, 0)
            elif number == _RAW and isinstance(value, memoryview):
                raw += len(value)
            elif number in _NUMBERS and isinstance(value, memoryview) and wire == LENGTH:
                each = _NUMBERS[number]
                found += len(value) // each if each else _count_varints(value)
            elif number in _NUMBERS:
                found += 1
        return found + (raw // size if size else 0)

    def step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise _TooLargeError


def _count_listed(number: int, wire: int, value: memoryview | int) -> int:
    """Numbers of an attribute's list: one, packed ones, or a run of them."""
    if wire not in (LENGTH, RUN) or isinstance(value, int):
        return 1
    if wire == RUN:
        # In a run of integers each has a key of one byte and ends with a byte of its own.
        return len(value) // _BYTES_OF_RUN if number == FLOATS else _count_varints(value) // 2
    return len(value) // 4 if number == FLOATS else _count_varints(value)


def _count_varints(packed: memoryview) -> int:
    return int(np.count_nonzero(np.frombuffer(packed, np.uint8) < _LAST_OF_VARINT))
