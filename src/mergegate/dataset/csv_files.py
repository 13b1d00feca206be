"""CSV as tables of text: comma, semicolon, tab or bar, UTF-8; the first line names the columns."""

import csv
import io
import zlib
from collections import defaultdict

import pyarrow as pa

from mergegate.dataset.duck import DuckDB
from mergegate.dataset.faults import endless_line
from mergegate.dataset.naming import check_names
from mergegate.dataset.source import Source, SourceFile
from mergegate.dataset.text_group import TextGroup
from mergegate.errors import ContractError

_GZIP = b"\x1f\x8b"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_HEADER = 1_000_000
_LONGEST_LINE = 2_000_000
_UNWATCHED = 16_000_000
"""Bytes up to which DuckDB refuses every line that is too long; past its buffer it drops the last unsaid."""
_BLOCK = 1_000_000
_DELIMITERS = ",;\t|"


def open_csv(engine: DuckDB, source: Source) -> tuple[TextGroup, ...]:
    """The files of a source, those of the same header and folders together.

    Raises ContractError for a file that is empty, not UTF-8, has an endless line, or names two columns alike.
    """
    groups = defaultdict(list)
    for file in source.files:
        called = source.called(file)
        text, packed = _beginning(file, called)
        delimiter, names, end = _header(text, called, tab=".tsv" in file.name.lower())
        if packed or file.path.stat().st_size > _UNWATCHED:
            _check_lines(file, called, packed=packed, end=end[-1:].encode() or b"\n")
        groups[delimiter, names, end, packed, tuple(file.partition.items())].append(file)
    return tuple(
        _open(engine, source, files, names, delimiter, end, packed=packed)
        for (delimiter, names, end, packed, _), files in groups.items()
    )


def _open(
    engine: DuckDB,
    source: Source,
    files: list[SourceFile],
    names: tuple[str, ...],
    delimiter: str,
    end: str,
    *,
    packed: bool,
) -> TextGroup:
    called = tuple((file.path, source.called(file)) for file in files)
    # Left to guess, DuckDB takes a newline inside a quoted name for the end of all lines, and reads no row.
    ends = {"new_line": end.replace("\r", r"\r").replace("\n", r"\n")} if end else {}
    links = engine.link_all(called, ".csv")
    table = engine.run(
        lambda: engine.backend.read_csv(
            links,
            columns={f"c{place}": "VARCHAR" for place in range(len(names))},
            header=True,
            delim=delimiter,
            quote='"',
            escape='"',
            nullstr="",
            compression="gzip" if packed else "none",
            **ends,
        )
    )
    return TextGroup(names, called, table, files[0].partition)


def _beginning(file: SourceFile, called: str) -> tuple[str, bool]:
    """The first bytes as text, and whether the file is packed by gzip, whatever its name."""
    with file.path.open("rb") as stream:
        packed = stream.read(2) == _GZIP
    try:
        with pa.input_stream(str(file.path), compression="gzip" if packed else None) as stream:
            start = stream.read(_LONGEST_HEADER)
    except (OSError, pa.ArrowException, zlib.error) as error:
        hint = "it may be cut short: write or fetch it again"
        raise ContractError("is no whole gzip file", file=called, hint=hint) from error
    if start.startswith(_UTF16) or b"\0" in start[:4]:
        raise ContractError("is UTF-16, not UTF-8", file=called, hint="save the file as UTF-8")
    ends = [start.rfind(sign) for sign in (b"\n", b"\r")]
    head = start[: next((end for end in ends if end > 0), len(start)) + 1]
    if not start.strip():
        raise ContractError("the file is empty", file=called, hint="write at least a line of column names")
    try:
        return head.decode("utf-8-sig"), packed
    except UnicodeDecodeError as error:
        line = head.count(b"\n", 0, error.start) + 1
        hint = "save the file as UTF-8"
        raise ContractError(f"line {line:,} is not UTF-8", file=called, hint=hint) from error


def _check_lines(file: SourceFile, called: str, *, packed: bool, end: bytes) -> None:
    """Raise ContractError for the first line of more than 2 MB, by its number."""
    line, length = 1, 0
    try:
        with pa.input_stream(str(file.path), compression="gzip" if packed else None) as stream:
            while block := stream.read(_BLOCK):
                first = block.find(end)
                length += len(block) if first < 0 else first
                if length > _LONGEST_LINE:
                    raise endless_line(f"line {line:,}", file=called)
                if first >= 0:
                    line += block.count(end)
                    length = len(block) - block.rfind(end) - 1
    except (OSError, pa.ArrowException, zlib.error) as error:
        hint = "it may be cut short: write or fetch it again"
        raise ContractError("is no whole gzip file", file=called, hint=hint) from error


def _header(text: str, called: str, *, tab: bool) -> tuple[str, tuple[str, ...], str]:
    """The delimiter that cuts the first line into most names, those, and how the line ends.

    An unnamed column goes by its place.
    """
    rows = {delimiter: _first_row(text, delimiter) for delimiter in ("\t" if tab else _DELIMITERS)}
    delimiter = max(rows, key=lambda each: len(rows[each][0]))
    found, end = rows[delimiter]
    if not found:
        hint = "close its quotes" if text.strip() and text.lstrip("\r\n") == text else "remove the empty line"
        raise ContractError("line 1 names no columns", file=called, hint=hint)
    names = tuple(name or f"column {place}" for place, name in enumerate(found, start=1))
    check_names(names, file=called)
    return delimiter, names, end


def _first_row(text: str, delimiter: str) -> tuple[list[str], str]:
    lines = io.StringIO(text, newline="")
    try:
        row = next(csv.reader(iter(lines.readline, ""), delimiter=delimiter, strict=True), [])
    except csv.Error:
        return [], ""
    read = text[: lines.tell()]
    return row, read[len(read.rstrip("\r\n")) :] if row else ""
