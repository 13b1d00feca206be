"""Further columns of a predictions file, each read when a policy first asks for it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any


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

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
