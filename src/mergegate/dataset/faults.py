"""What an engine says of a broken text file, in a sentence with the file and the line."""

import re
from collections.abc import Callable, Mapping

import duckdb

from mergegate.amounts import amount
from mergegate.dataset.samples import cut
from mergegate.errors import BrokenError, ContractError, MergegateError

_LINE = re.compile(r"[Ll]ine:? ([0-9]+)")
_CELLS = re.compile(r"Expected Number of Columns: ([0-9]+) Found: ([0-9]+)")
_PATH = re.compile(r'/[^"\n]*?/[0-9]{6}\.[a-z]+')
_LONGEST = 200
_SHOWN = 3


def fault(error: duckdb.Error, files: Mapping[str, str], memory_gb: float) -> MergegateError:
    """What to raise for an error of DuckDB's; `files` are what messages call them, by path."""
    told = str(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        message = f"the query needs more than its {memory_gb:g} GB of memory, or more disk to spill to"
        return BrokenError(message, hint="free disk space, or run it on a larger machine")
    called = next((files[path] for path in _PATH.findall(told) if path in files), None)
    if called is None and "CSV Reader" in told:
        # DuckDB names no file where a row outgrows its buffer.
        texts = [name for path, name in files.items() if path.endswith(".csv")]
        return endless_line("a line", file=" or ".join(texts[:_SHOWN]) or "a CSV file")
    if called is None and "Timestamp to higher precision" in told:
        tables = [name for path, name in files.items() if path.endswith(".parquet")]
        return _outside_nanoseconds(" or ".join(tables[:_SHOWN]) or "a Parquet file", _first_line(told))
    if called is None:
        return BrokenError(f"the query failed: {_first_line(told)}", hint="report this")
    if isinstance(error, duckdb.PermissionException):
        hint = "name its folder among what may be read"
        return ContractError("is outside of what the engine may read", file=called, hint=hint)
    message, hint = _told(told)
    return ContractError(message, file=called, hint=hint)


def endless_line(line: str, *, file: str) -> ContractError:
    """What to raise for a line that is longer than a table's may be."""
    message, hint = _endless(line, "")
    return ContractError(message, file=file, hint=hint)


def _outside_nanoseconds(file: str, text: str) -> ContractError:
    _, _, column = text.partition("source column ")
    named = f"in column `{cut(column)}`" if column else "in a column"
    message = f"{named} a time is before 1678 or after 2261, and others are nanoseconds, which end there"
    return ContractError(message, file=file, hint="write the column in microseconds in all files")


def _told(text: str) -> tuple[str, str]:
    """A sentence and what to do; a line of the file itself is never in it: it may be private."""
    found = _LINE.search(text)
    # DuckDB counts lines from two where it can't parse one as JSON.
    number = int(found[1]) - ("Malformed JSON" in text) if found else 0
    line = f"line {number:,}" if found else "a line"
    for sign, tell in _FAULTS:
        if sign in text:
            return tell(line, text)
    return "has bytes that can't be read", "it may be damaged: write it again, or fetch it again"


def _first_line(text: str) -> str:
    return text.partition("\n")[0][:_LONGEST].strip()


def _ragged(line: str, text: str) -> tuple[str, str]:
    found = _CELLS.search(text)
    wanted, got = (int(found[1]), int(found[2])) if found else (0, 0)
    more = (
        "a cell that holds the delimiter must be quoted" if got > wanted else "write every cell, empty or not"
    )
    return f"{line} has {amount(got, 'cell')} where the header has {wanted:,}", more


def _endless(line: str, _: str) -> tuple[str, str]:
    return f"{line} is longer than 2 MB", "is a quote left open, or is it another format?"


_FAULTS: tuple[tuple[str, Callable[[str, str], tuple[str, str]]], ...] = (
    ("Expected Number of Columns", _ragged),
    ("UTF-8", lambda line, _: (f"{line} is not UTF-8", "save the file as UTF-8")),
    ("utf-8", lambda line, _: (f"{line} is not UTF-8", "save the file as UTF-8")),
    (
        "unterminated quote",
        lambda line, _: (
            f"{line} opens a quote that is not closed, or goes on after it",
            'close it, and write a quote inside a quoted cell twice: ""',
        ),
    ),
    ("Maximum line size", _endless),
    ("Parallel CSV Reader", _endless),
    (
        "maximum_object_size",
        lambda line, _: (
            f"{line} is longer than 16 MB",
            "is it another format? write one JSON object a line",
        ),
    ),
    (
        "invalid state",
        lambda *_: (
            "its lines end in several ways, or a quote is broken",
            "write it again with one line end",
        ),
    ),
    ("GZIP", lambda *_: ("is no whole gzip file", "it may be cut short: write or fetch it again")),
    ("Malformed JSON", lambda line, _: (f"{line} is no JSON", "write one JSON object a line")),
    ("Expected OBJECT", lambda line, _: (f"{line} is no JSON object", "write one JSON object a line")),
    ("duplicate key", lambda line, _: (f"{line} has a key twice", "name each key once in an object")),
    ("recursion depth", lambda line, _: (f"{line} is nested too deep", "write flatter objects")),
)
