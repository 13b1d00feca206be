"""How many of something, as people read it."""

from collections.abc import Iterable


def amount(number: int, one: str, many: str = "") -> str:
    """`1 row`, `2,000 rows`; `many` where an s does not make the plural."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def list_some(names: Iterable[str], most: int) -> str:
    """The first `most` names of many: `a, b and 1,998 more`."""
    every = list(names)
    more = f" and {len(every) - most:,} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more
