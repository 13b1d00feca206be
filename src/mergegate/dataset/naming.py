"""Column names inside a query: engines take `Qty` and `qty` for one column, files don't."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from mergegate.errors import ContractError

MOST_COLUMNS = 5_000


def check_names(names: Sequence[str], *, file: str) -> None:
    """Raise ContractError for columns without a name, with one that no query can hold, twice, or too many."""
    check_count(len(names), file=file)
    if "" in names:
        message = f"column {names.index('') + 1:,} has no name"
        raise ContractError(message, file=file, hint="name each column")
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        # By their places: without its header line, a file's names are its first row's values.
        places = [place for place, name in enumerate(names, 1) if name == twice[0]][:2]
        message = f"columns {places[0]:,} and {places[1]:,} have the same name"
        raise ContractError(message, file=file, hint="name each column once")
    broken = [name for name in names if "\0" in name]
    if broken:
        message = f"the name of column {names.index(broken[0]) + 1:,} holds a zero byte"
        raise ContractError(message, file=file, hint="name each column in letters")


def check_count(columns: int, *, file: str) -> None:
    """Raise ContractError for more columns than a file, or all of a dataset's together, may have."""
    if columns > MOST_COLUMNS:
        message = f"it has {columns:,} columns, more than {MOST_COLUMNS:,}"
        raise ContractError(message, file=file, hint="is it transposed, or is its delimiter another?")


class Naming(msgspec.Struct, frozen=True):
    """What each column is called inside a query; a name that has no twin but for case is itself."""

    aliases: Mapping[str, str] = msgspec.field(default_factory=dict)

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
