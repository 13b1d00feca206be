"""Golden rows in a CSV file: a header, then one row each; an empty cell is missing."""

import csv
import io
from collections.abc import Iterator

from mergegate.errors import ContractError
from mergegate.golden.row import KEYS, Record, shown


def records(text: str, *, file: str) -> Iterator[Record]:
    """The rows of a CSV text. Raises ContractError with the line of what is no CSV."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        check_header(header, file=file)
        for cells in reader:
            if not cells:
                continue
            place = f"line {reader.line_num:,}"
            if len(cells) != len(header):
                raise ContractError(
                    f"{place} has {len(cells):,} cells, the header {len(header):,}",
                    file=file,
                    hint='put a cell with a comma, a quote or a line break into "quotes"',
                )
            found = dict(zip(header, cells, strict=True))
            keys = {name: cell for name, cell in found.items() if name in KEYS}
            inputs = {name: cell for name, cell in found.items() if name not in KEYS}
            yield Record(place, keys, inputs, typed=False)
    except csv.Error as error:
        raise ContractError(
            f"line {reader.line_num:,} is no CSV: {error}", file=file, hint="close every quote"
        ) from error


def check_header(header: list[str], *, file: str) -> None:
    """Refuse columns without a name, and names that stand twice."""
    if not any(header):
        raise ContractError("the first line names no column", file=file, hint="begin with a header")
    seen: set[str] = set()
    for name in header:
        if not name.strip():
            raise ContractError("a column has no name", file=file, hint="name it, or remove it")
        if name in seen:
            raise ContractError(
                f"the column {shown(name)} stands twice in the header", file=file, hint="keep one of the two"
            )
        seen.add(name)
    if len(header) == 1 and ";" in header[0]:
        raise ContractError(
            "the header is one column with semicolons", file=file, hint="separate columns by commas"
        )
