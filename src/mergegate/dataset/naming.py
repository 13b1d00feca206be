"""Column names inside a query: engines take `Qty` and `qty` for one column, files don't."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Naming:
    """What each column is called inside a query; a name that has no twin but for case is itself."""

    aliases: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Iterable[str]) -> "Naming":
        """Names for all columns of both sides: the first of its kind keeps its own, in order of the text."""
        every = sorted(set(names))
        taken = {name.casefold() for name in every}
        aliases: dict[str, str] = {}
        seen: set[str] = set()
        for name in every:
            if name.casefold() not in seen:
                seen.add(name.casefold())
                continue
            place = 2
            while (alias := f"{name}~{place}").casefold() in taken:
                place += 1
            taken.add(alias.casefold())
            aliases[name] = alias
        return cls(aliases)

    def inside(self, name: str) -> str:
        """The name in queries of a file's column."""
        return self.aliases.get(name, name)

    def outside(self, name: str) -> str:
        """The file's name of a column in queries."""
        return next((own for own, alias in self.aliases.items() if alias == name), name)
