"""Further columns of a predictions file, each read when a policy first asks for it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

_NARROW = ((1 << 7, pa.int8()), (1 << 15, pa.int16()))
"""Up to how many values an index of a type can name."""


class LazyColumns(Mapping[str, Any]):
    """Names at once, values (an Arrow chunked array, n rows) when first asked for."""

    def __init__(self, names: tuple[str, ...], load: Callable[[str], Any]) -> None:
        self._names = dict.fromkeys(names)
        self._load = load
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names  # which a Mapping asks by reading the column

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Stream(msgspec.Struct, frozen=True):
    """A column of an Arrow type whose `chunks` (Arrow arrays) come one by one, once."""

    type: Any
    chunks: Iterator[Any]


def narrow(column: Any) -> Any:
    """A dictionary-encoded column (n rows) in as few bytes a row as its values need; others as they are.

    Raises ArrowException for an index outside the dictionary.
    """
    if not pa.types.is_dictionary(column.type):
        return column
    column = column.unify_dictionaries()
    size = max((len(chunk.dictionary) for chunk in column.chunks), default=0)
    kind = next((kind for most, kind in _NARROW if size <= most), column.type.index_type)
    if kind == column.type.index_type:
        return column
    chunks = [
        pa.DictionaryArray.from_arrays(pc.cast(chunk.indices, kind), chunk.dictionary)
        for chunk in column.chunks
    ]
    return pa.chunked_array(chunks, pa.dictionary(kind, column.type.value_type))
