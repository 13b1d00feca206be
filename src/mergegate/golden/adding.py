"""A golden row appended to the text of a CSV or YAML file, whose other rows stay as they are."""

import csv
import io
from collections.abc import Sequence

from mergegate.errors import ContractError
from mergegate.golden.reading import read
from mergegate.golden.row import KEYS, Cell, Row, canonical

WRITABLE = (".csv", ".yaml", ".yml")

_ALWAYS = ("name", "expected", "reason", "author")
_BY_HAND = "write the row by hand, in the way of those that stand there"


def append(data: bytes, row: Row, *, path: str) -> bytes:
    """The file `path` with the bytes `data`, b"" for a new one, and `row` as its last row.

    Raises ContractError for a file that can't be used or can't take the row, such as a YAML list in one line.
    """
    if not path.endswith(WRITABLE):
        raise ContractError(
            "can't be appended to", file=path, hint=f"name a file that ends with {', '.join(WRITABLE)}"
        )
    clashing = sorted(set(row.inputs) & set(KEYS))
    if path.endswith(".csv") and clashing:
        raise ContractError(
            f"the model has the input `{clashing[0]}`, which is a key of golden rows too",
            file=path,
            hint="name a .yaml file, whose `inputs:` has room for it",
        )
    before = read(data, path=path, file=path) if data else ()
    text = data.decode()
    written = (_to_csv if path.endswith(".csv") else _to_yaml)(text, row).encode()
    # What was appended must be read as what was meant, and nothing else may have moved.
    try:
        after = read(written, path=path, file=path)
    except ContractError as error:
        raise ContractError("the row can't be appended to it", file=path, hint=_BY_HAND) from error
    if [_said(each) for each in after] != [_said(each) for each in (*before, row)]:
        raise ContractError("the row can't be appended to it", file=path, hint=_BY_HAND)
    return written


def _said(row: Row) -> tuple[object, ...]:
    """All that a row says, whichever way it is written; an input without a value is no input in a table."""
    inputs = {name: value for name, cell in row.inputs.items() if (value := canonical(cell)) is not None}
    return row.name, row.owed, row.reason, row.author, inputs


def _keys(row: Row) -> dict[str, Cell]:
    """The keys of a row that say something, in the order that they are written in."""
    found: dict[str, Cell] = {
        "name": row.name,
        "expected": row.expected,
        "tolerance": row.tolerance,
        "min_probability": row.min_probability,
        "not_worse": row.not_worse or None,
        "reason": row.reason,
        "author": row.author,
    }
    return {key: cell for key, cell in found.items() if cell is not None or key in _ALWAYS}


def _to_csv(text: str, row: Row) -> str:
    """One line more; the whole file anew where its header lacks a column."""
    end = "\r\n" if "\r\n" in text else "\n"
    cells = {name: _cell(cell) for name, cell in {**_keys(row), **row.inputs}.items()}
    lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    header = lines[0] if lines else []
    more = [name for name in cells if name not in header]
    if not more:
        kept = text if text.endswith(("\n", "\r")) else text + end
        return kept + _line([cells.get(name, "") for name in header], end)
    whole = [*header, *more]
    # A blank line is no row.
    older = (_line([*line, *("" for _ in more)], end) for line in lines[1:] if line)
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    return mark + _line(whole, end) + "".join(older) + _line([cells.get(name, "") for name in whole], end)


def _line(cells: Sequence[str], end: str) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator=end).writerow(cells)
    return written.getvalue()


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _to_yaml(text: str, row: Row) -> str:
    """One more item of the list, with the indentation of the others."""
    indent = next(
        (
            line[: len(line) - len(line.lstrip())]
            for line in text.splitlines()
            if line.lstrip().startswith("- ")
        ),
        "",
    )
    lines = [f"{key}: {_scalar(cell)}" for key, cell in _keys(row).items() if cell is not None]
    lines += ["inputs:", *(f"  {_quoted(name)}: {_scalar(cell)}" for name, cell in row.inputs.items())]
    item = "".join(f"{indent}{'- ' if not number else '  '}{line}\n" for number, line in enumerate(lines))
    kept = text if not text or text.endswith("\n") else text + "\n"
    return kept + item


def _scalar(cell: Cell) -> str:
    if cell is None:
        return "null"
    if isinstance(cell, bool):
        return str(cell).lower()
    return _quoted(cell) if isinstance(cell, str) else repr(cell)


def _quoted(text: str) -> str:
    """Text in double quotes, which every YAML reader takes for text."""
    signs = (
        f"\\{sign}" if sign in '"\\' else sign if sign.isprintable() else f"\\U{ord(sign):08x}"
        for sign in text
    )
    return f'"{"".join(signs)}"'
