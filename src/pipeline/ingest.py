"""Stage ingest: read the sources, refuse duplicate keys, join, write one Parquet file per month.

Writes data/interim/rows (the main source's columns, those of the joined ones, `row_id`, the calendar) and
data/interim/sources.json (what came from where).
"""

import json
import logging
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pipeline import stage, tables
from pipeline.sources import AnySource, Extract
from pipeline.stage import Section, StageError

OUT = Path("data/interim/rows")
SOURCES = Path("data/interim/sources.json")
SCHEMA = 1
"""Version of sources.json."""
EXAMPLES = 3


class Join(Section, frozen=True):
    """Columns that another source adds by a key, unique there; `rename` maps its name of a column to ours."""

    source: str
    on: tuple[str, ...]
    columns: tuple[str, ...]
    rename: dict[str, str] = msgspec.field(default_factory=dict)


class Calendar(Section, frozen=True):
    """The local day, made of three whole-number columns: `date`, and `weekday` from 1, Monday, to 7."""

    year: str
    month: str
    day: str
    date: str = "date"
    weekday: str = "weekday"


class Ingest(Section, frozen=True):
    """`main` is the source whose rows count, `key` names one, `partition_by` names the files by date."""

    sources: dict[str, AnySource]
    main: str
    key: tuple[str, ...]
    joins: tuple[Join, ...] = ()
    calendar: Calendar | None = None
    partition_by: str | None = None


def ingest(params: Ingest, log: logging.Logger) -> str:
    """Write the joined rows and where they came from."""
    extracts = {}
    for name, source in params.sources.items():
        extract = extracts[name] = source.read()
        log.info(
            "%s: %s rows from %s", name, f"{extract.table.num_rows:,}", _count(len(extract.parts), "file")
        )
    table = add_row_id(_source(extracts, params.main).table, params.key)
    for join in params.joins:
        table = add_columns(table, _source(extracts, join.source).table, join)
    if params.calendar:
        table = add_calendar(table, params.calendar)
    # Sorted by key: a file's bytes depend neither on the order of its source nor on the join's threads.
    table = table.sort_by([(name, "ascending") for name in params.key])
    parts = partition(table, params.partition_by)
    tables.write_folder(parts, OUT)
    tables.write_text(provenance(params.sources, extracts), SOURCES)
    return f"{table.num_rows:,} rows, {table.num_columns} columns, {_count(len(parts), 'file')} in {OUT}"


def add_row_id(table: pa.Table, key: tuple[str, ...]) -> pa.Table:
    """The table with `row_id`, made from the key. StageError for a missing, absent or duplicate key."""
    if not key:
        raise StageError("params.yaml, ingest.key is empty", hint="name the columns that identify a row")
    tables.require(table, key, "ingest.key")
    texts = []
    for name in key:
        column = table[name]
        if column.null_count:
            raise StageError(
                f"key column {name} is missing in {_count(column.null_count, 'row')}",
                hint="mend the data, or choose another key",
            )
        if pa.types.is_floating(column.type):
            raise StageError(
                f"key column {name} is a fraction ({column.type})", hint="a key is whole numbers or text"
            )
        text = column.cast(pa.string())
        for sign in ("\\", "-"):
            text = pc.replace_substring(text, sign, f"\\{sign}")
        texts.append(text)
    row_id = texts[0] if len(texts) == 1 else pc.binary_join_element_wise(*texts, "-")
    refuse_duplicates(pa.table({"row_id": row_id}), ("row_id",), where="the main source")
    return table.append_column("row_id", row_id)


def refuse_duplicates(table: pa.Table, key: tuple[str, ...], *, where: str) -> None:
    """StageError that counts the keys which stand more than once, and names the first."""
    counts = table.group_by(list(key)).aggregate([([], "count_all")])
    twice = counts.filter(pc.greater(counts["count_all"], 1)).sort_by([(name, "ascending") for name in key])
    if twice.num_rows:
        shown = [
            f"{' '.join(str(row[name]) for name in key)} ({row['count_all']} times)"
            for row in twice.slice(0, EXAMPLES).to_pylist()
        ]
        raise StageError(
            f"{_count(twice.num_rows, 'duplicate key')} ({', '.join(key)}) in {where}, "
            f"first: {'; '.join(shown)}",
            hint="remove the rows that stand twice, or name the columns that tell them apart",
        )


def add_columns(table: pa.Table, other: pa.Table, join: Join) -> pa.Table:
    """Left join: every row stays, once; what the other source lacks is missing."""
    tables.require(table, join.on, f"ingest.joins, {join.source}, on")
    tables.require(other, (*join.on, *join.columns), f"ingest.joins, {join.source}")
    names = [join.rename.get(name, name) for name in join.columns]
    clash = sorted(set(names) & set(table.column_names))
    if clash:
        raise StageError(
            f"the join with {join.source} would bring a second column {', '.join(clash)}",
            hint=f"give it another name: ingest.joins, {join.source}, rename",
        )
    other = other.select([*join.on, *join.columns]).rename_columns([*join.on, *names])
    refuse_duplicates(other, join.on, where=join.source)
    try:
        return table.join(other, keys=list(join.on), join_type="left outer")
    except pa.ArrowException as error:
        raise StageError(
            f"the join with {join.source} on {', '.join(join.on)} failed: {error}",
            hint="give the columns one type in both sources",
        ) from error


def add_calendar(table: pa.Table, calendar: Calendar) -> pa.Table:
    """The table with the day and the day of the week. StageError for a day that no calendar has."""
    tables.require(table, (calendar.year, calendar.month, calendar.day), "ingest.calendar")
    numbers = [table[name].cast(pa.string()) for name in (calendar.year, calendar.month, calendar.day)]
    padded = [pc.utf8_lpad(text, width, "0") for text, width in zip(numbers, (4, 2, 2), strict=True)]
    text = pc.binary_join_element_wise(*padded, "-")
    try:
        date = text.cast(pa.date32())
    except pa.ArrowInvalid as error:
        raise StageError(f"not a day: {error}", hint="mend year, month and day in the source") from error
    weekday = pc.day_of_week(date, count_from_zero=False, week_start=1).cast(pa.int8())
    return table.append_column(calendar.date, date).append_column(calendar.weekday, weekday)


def partition(table: pa.Table, column: str | None) -> dict[str, pa.Table]:
    """The rows by month of a date column (`2013-01`), in the given order; without one all rows as `all`."""
    if column is None:
        return {"all": table}
    tables.require(table, (column,), "ingest.partition_by")
    if table[column].null_count:
        raise StageError(
            f"{column}, which names the files, is missing in {_count(table[column].null_count, 'row')}"
        )
    months = pc.strftime(table[column], "%Y-%m")
    return {name: table.filter(pc.equal(months, name)) for name in sorted(pc.unique(months).to_pylist())}


def provenance(sources: Mapping[str, AnySource], extracts: Mapping[str, Extract]) -> str:
    """sources.json: per source its kind, where it was told to read, and rows, bytes and md5 of each part."""
    described = {
        name: {
            "kind": sources[name].kind,
            "origins": list(sources[name].origins),
            "rows": extract.table.num_rows,
            "bytes": sum(part.bytes for part in extract.parts),
            "parts": [
                {"origin": part.origin, "rows": part.rows, "bytes": part.bytes, "md5": part.md5}
                for part in extract.parts
            ],
        }
        for name, extract in extracts.items()
    }
    return json.dumps({"schema": SCHEMA, "sources": described}, indent=2, ensure_ascii=False) + "\n"


def _source(extracts: Mapping[str, Extract], name: str) -> Extract:
    """A source by name; StageError when params.yaml does not define it."""
    if name not in extracts:
        raise StageError(
            f"params.yaml, ingest: no source is called {name}", hint=f"there are: {', '.join(extracts)}"
        )
    return extracts[name]


def _count(number: int, noun: str) -> str:
    """`1 file`, `3 files`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


if __name__ == "__main__":
    raise SystemExit(stage.run("ingest", Ingest, ingest))
