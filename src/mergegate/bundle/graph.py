"""What an ONNX file would touch, read from its protobuf bytes before any runtime sees them.

A graph may name files beside it (external data), operators from a plug-in, or functions of its own. None of
that belongs in a bundle: the bytes with the listed sha256 must be the whole model. Field numbers: onnx.proto3
of ONNX.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from mergegate.bundle.folder import printable
from mergegate.errors import ContractError

DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml"})
"""Operators of the ONNX standard; a runtime's own and plug-ins' are refused."""

MAX_DEPTH = 16
VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
RUN = 8
"""Not protobuf's: fields of one number one after the other, keys included, as one value."""

FLOATS, INTEGERS = 7, 8
"""Fields of an attribute that hold its lists of numbers."""

# Message type → {field number → message type of the field}; fields that aren't here are skipped by length.
CHILDREN = {
    "model": {7: "graph", 8: "opset"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}
_MODEL_TRAINING, _MODEL_FUNCTIONS = 20, 25
_TENSOR_EXTERNAL, _TENSOR_LOCATION = 13, 14
# A forest's attributes are millions of floats and integers, one by one: the regex engine skips them.
_KEY_OF_FLOATS = 0x3D
_RUN_OF_FLOATS = re.compile(rb"(?:\x3d.{4})++", re.DOTALL)
_RUN_OF_INTEGERS = re.compile(rb"(?:\x40[\x80-\xff]{0,9}+[\x00-\x7f])++")


class MalformedError(Exception):
    """The bytes are not protobuf."""


def check(model: bytes, file: Path) -> None:
    """Refuse a graph with external data, operators outside the ONNX standard, functions or training parts.

    Raises ContractError naming `file`.
    """
    # onnxruntime looks here for a format of its own, which would be another model in the same bytes.
    if model[4:8] == b"ORTM":
        raise ContractError("it is in onnxruntime's own format, not ONNX", file=file, hint="export it again")
    try:
        reason = _refusal(memoryview(model), "model", 0)
    except (MalformedError, UnicodeDecodeError) as error:
        raise ContractError(f"it is not an ONNX model: {error}", file=file, hint="export it again") from error
    if reason:
        raise ContractError(
            reason,
            file=file,
            hint="export the model with `mergegate.bundle.save`, which writes one plain graph",
        )


def _refusal(message: memoryview, kind: str, depth: int) -> str:
    """Why a message is refused, "" when it isn't."""
    if depth > MAX_DEPTH:
        return f"its graphs are nested more than {MAX_DEPTH} deep"
    children = CHILDREN.get(kind, {})
    for number, wire, value in fields(message, runs=kind == "attribute"):
        reason = _own_refusal(kind, number, value)
        if reason:
            return reason
        if number in children:
            if wire != LENGTH or not isinstance(value, memoryview):
                raise MalformedError(f"field {number} of a {kind} is no message")
            reason = _refusal(value, children[number], depth + 1)
            if reason:
                return reason
    return ""


def _own_refusal(kind: str, number: int, value: memoryview | int) -> str:
    if kind == "model" and number == _MODEL_FUNCTIONS:
        return "it defines functions of its own"
    if kind == "model" and number == _MODEL_TRAINING:
        return "it carries training instructions"
    if kind == "tensor" and (number == _TENSOR_EXTERNAL or (number == _TENSOR_LOCATION and value != 0)):
        return "a tensor keeps its data in another file"
    if (kind, number) in (("node", 7), ("opset", 1)) and isinstance(value, memoryview):
        domain = bytes(value[:200]).decode("utf-8", "replace")
        if domain not in DOMAINS:
            return f"it uses operators of `{printable(domain)}`, which are not ONNX's own"
    return ""


def fields(message: memoryview, *, runs: bool) -> Iterator[tuple[int, int, memoryview | int]]:
    """Field number, wire type and value (bytes for length-delimited ones) of each field of a message.

    `runs`: an attribute's numbers written one by one come as one RUN. Raises MalformedError.
    """
    at, end = 0, len(message)
    while at < end:
        if runs and (run := _RUN_OF_FLOATS.match(message, at) or _RUN_OF_INTEGERS.match(message, at)):
            start, at = at, run.end()
            yield FLOATS if message[start] == _KEY_OF_FLOATS else INTEGERS, RUN, message[start:at]
            continue
        key, at = varint(message, at)
        number, wire = key >> 3, key & 7
        value: memoryview | int
        if wire == VARINT:
            value, at = varint(message, at)
        elif wire == LENGTH:
            size, at = varint(message, at)
            value, at = message[at : at + size], at + size
        elif wire in (FIXED32, FIXED64):
            size = 4 if wire == FIXED32 else 8
            value, at = message[at : at + size], at + size
        else:
            raise MalformedError(f"wire type {wire}")
        if at > end or number == 0:
            raise MalformedError("a field is cut off")
        yield number, wire, value


def varint(message: memoryview, at: int) -> tuple[int, int]:
    """An integer of 1 to 10 bytes and the position behind it."""
    value = 0
    for index in range(10):
        if at + index >= len(message):
            raise MalformedError("it is cut off")
        byte = message[at + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, at + index + 1
    raise MalformedError("an integer has more than ten bytes")
