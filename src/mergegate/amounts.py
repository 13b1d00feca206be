"""How many of something, as people read it."""


def amount(number: int, one: str, many: str = "") -> str:
    """`1 row`, `2,000 rows`; `many` where an s does not make the plural."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
