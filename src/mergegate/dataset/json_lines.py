"""JSON lines as tables of text: an object a row, its keys the columns; nested values stay JSON."""

from collections import defaultdict

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from mergegate.dataset.duck import DuckDB
from mergegate.dataset.naming import check_names
from mergegate.dataset.source import Source, SourceFile
from mergegate.dataset.text_group import TextGroup
from mergegate.errors import ContractError

_GZIP = b"\x1f\x8b"
_BEGINNING = 10_000


def open_json(engine: DuckDB, source: Source) -> tuple[TextGroup, ...]:
    """The files of a source, those of the same folders together; a file that is one JSON array is read too.

    Raises ContractError, with the line, for what is no JSON object, and for keys that differ only by case.
    """
    groups = defaultdict(list)
    for file in source.files:
        packed, array = _shape(file, source.called(file))
        groups[packed, array, tuple(file.partition.items())].append(file)
    return tuple(
        _open(engine, source, files, packed=packed, array=array)
        for (packed, array, _), files in groups.items()
    )


def _open(engine: DuckDB, source: Source, files: list[SourceFile], *, packed: bool, array: bool) -> TextGroup:
    called = tuple((file.path, source.called(file)) for file in files)
    links = engine.link_all(called, ".json")
    shape = "array" if array else "newline_delimited"
    compression = "gzip" if packed else "none"
    names = engine.json_keys(links, shape=shape, compression=compression)
    _check(source, names)
    table = engine.run(
        lambda: engine.backend.read_json(
            links,
            columns=dict.fromkeys(names, "JSON"),
            auto_detect=False,
            format=shape,
            # Told to guess, DuckDB takes a number among the first lines for rows that have no columns.
            records="true",
            compression=compression,
        )
    )
    columns: dict[str, ir.Value] = {}
    for place, name in enumerate(names):
        written = table[name].cast("string")
        quoted = written.startswith('"')
        columns[f"c{place}"] = ibis.ifelse(quoted, table[name].unwrap_as("string"), written)
        columns[f"q{place}"] = quoted
    return TextGroup(names, called, table.select(**columns), files[0].partition)


def _check(source: Source, names: tuple[str, ...]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        twin = seen.setdefault(name.casefold(), name)
        if twin != name:
            message = f"the keys `{twin[:100]}` and `{name[:100]}` differ only by case"
            raise ContractError(message, file=source.name, hint="spell a key one way")
    if not names:
        raise ContractError("no object has a key", file=source.name, hint="write one JSON object a line")
    if "" in names:
        raise ContractError("an object has an empty key", file=source.name, hint="name each key")
    check_names(names, file=source.name)


def _shape(file: SourceFile, called: str) -> tuple[bool, bool]:
    """Whether a file is packed by gzip, and whether it is one array."""
    with file.path.open("rb") as stream:
        packed = stream.read(2) == _GZIP
    try:
        with pa.input_stream(str(file.path), compression="gzip" if packed else None) as stream:
            start: bytes = stream.read(_BEGINNING)
    except (OSError, pa.ArrowException) as error:
        hint = "it may be cut short: write or fetch it again"
        raise ContractError("is no whole gzip file", file=called, hint=hint) from error
    if not start.strip():
        raise ContractError("the file is empty", file=called, hint="write one JSON object a line")
    if start.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        hint = "save the file as UTF-8 without a byte order mark"
        raise ContractError("begins with a byte order mark, which JSON has not", file=called, hint=hint)
    return packed, start.lstrip().startswith(b"[")
