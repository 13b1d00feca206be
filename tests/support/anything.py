"""Records of any shape, made from their types alone: no field is forgotten when one is added."""

from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from support.attacks import hints

Record = TypeVar("Record", bound=msgspec.Struct)
Write = Callable[[str], str]
"""The text of a field, by its address: `FlipRow.row_id`."""

_INTS = (0, 1, 2, 3, 20, 1_234, 2**53)
_FLOATS = (0.0, -0.0, 1.0, 0.25, -3.5, 1e-9, 0.0004, 0.96, 123_456.789, 1e15)
_PROBLEMS = frozenset({"problem"})
"""Fields that say why nothing else is there: half of the time they are empty."""


def anything(kind: type[Record], write: Write, *, seed: int) -> Record:
    """A record in which `write` says every free text; the same seed makes the same shape."""
    return _Maker(Random(seed), write).record(kind)


def addresses(kind: type[msgspec.Struct]) -> Iterator[str]:
    """Every field that holds a free text, of this record and all that it holds."""
    for struct in _structs(kind, set()):
        for field, hint in hints(struct).items():
            if str in _leaves(hint):
                yield f"{struct.__name__}.{field}"


def _structs(kind: type[msgspec.Struct], seen: set[type]) -> Iterator[type[msgspec.Struct]]:
    if kind in seen:
        return
    seen.add(kind)
    yield kind
    for hint in hints(kind).values():
        for leaf in _leaves(hint):
            if isinstance(leaf, type) and issubclass(leaf, msgspec.Struct):
                yield from _structs(leaf, seen)


def _leaves(hint: Any) -> list[Any]:
    """What a type is made of, but for the words of a fixed set."""
    if get_origin(hint) is Literal:
        return []
    inside = [leaf for each in get_args(hint) if each is not ... for leaf in _leaves(each)]
    return inside or [hint]


class _Maker:
    def __init__(self, draw: Random, write: Write) -> None:
        self.draw, self.write = draw, write

    def record(self, kind: type[Record]) -> Record:
        """A record with every field written out."""
        return kind(**{field: make(self) for field, make in _plan(kind)})


Make = Callable[[_Maker], Any]


@cache
def _plan(kind: type[msgspec.Struct]) -> tuple[tuple[str, Make], ...]:
    """How each field of a record is made."""
    return tuple((field, _making(kind, field, hint)) for field, hint in hints(kind).items())


def _making(kind: type[msgspec.Struct], field: str, hint: Any) -> Make:
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Literal:
        return lambda maker: maker.draw.choice(inside)
    if origin in {UnionType, Union}:
        some = [_making(kind, field, each) for each in inside if each is not NoneType]
        one: Make = lambda maker: maker.draw.choice(some)(maker)  # noqa: E731
        if NoneType not in inside:
            return one
        return lambda maker: None if maker.draw.random() < 0.2 else one(maker)
    if origin is tuple:
        each = _making(kind, field, inside[0])
        return lambda maker: tuple(each(maker) for _ in range(maker.draw.choice((0, 1, 2, 2, 3))))
    if hint is str:
        address = f"{kind.__name__}.{field}"
        if field in _PROBLEMS:
            return lambda maker: "" if maker.draw.random() < 0.5 else maker.write(address)
        return lambda maker: maker.write(address)
    if hint is bool:
        return lambda maker: maker.draw.random() < 0.5
    if hint is int:
        return lambda maker: maker.draw.choice(_INTS)
    if hint is float:
        return lambda maker: maker.draw.choice(_FLOATS)
    assert issubclass(hint, msgspec.Struct), hint
    return lambda maker: maker.record(hint)
