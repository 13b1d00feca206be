import datetime as dt
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.parquet import Piece, gather
from mergegate.dataset.reading import read_pair
from mergegate.dataset.source import find_source
from mergegate.errors import BrokenError, ContractError
from support.tables import open_table, rows_of, write_parquet, write_text

ROWS = b"1,2\n" * 30_000
QUOTES = 'close it, and write a quote inside a quoted cell twice: ""'
UTF8 = "save the file as UTF-8"
AGAIN = "it may be cut short: write or fetch it again"


@pytest.fixture
def engine() -> Iterator[Engine]:
    with DuckDB(memory_gb=0.5) as engine:
        yield engine


CSV = {
    "empty": (b"", "the file is empty", "write at least a line of column names"),
    "only an end of line": (b"\n\n", "the file is empty", "write at least a line of column names"),
    "an empty first line": (b"\na,b\n1,2\n", "line 1 names no columns", "remove the empty line"),
    "an open quote in the header": (b'"a,b\n1,2\n', "line 1 names no columns", "close its quotes"),
    "names twice": (b"a,b,a\n1,2,3\n", "columns 1 and 3 have the same name", "name each column once"),
    "a cell too many": (
        b"a,b\n" + ROWS + b"1,2,3\n" + ROWS,
        "line 30,002 has 3 cells where the header has 2",
        "a cell that holds the delimiter must be quoted",
    ),
    "a cell too few": (
        b"a,b\n" + ROWS + b"1\n",
        "line 30,002 has 1 cell where the header has 2",
        "write every cell, empty or not",
    ),
    "latin-1": (b"a,b\n" + ROWS + "é,2\n".encode("latin-1") + ROWS, "line 30,002 is not UTF-8", UTF8),
    "latin-1 in the header": ("a,é\n1,2\n".encode("latin-1"), "line 1 is not UTF-8", UTF8),
    "utf-16": ("a,b\n1,2\n".encode("utf-16"), "is UTF-16, not UTF-8", UTF8),
    "utf-16 without a mark": ("a,b\n1,2\n".encode("utf-16-le"), "is UTF-16, not UTF-8", UTF8),
    "a quote that stays open": (
        b"a,b\n" + ROWS + b'"1,2\n' + ROWS,
        "line 30,002 opens a quote that is not closed, or goes on after it",
        QUOTES,
    ),
    "text after a quote": (
        b'a,b\n1,"x"y\n',
        "line 2 opens a quote that is not closed, or goes on after it",
        QUOTES,
    ),
    "two ends of line": (
        b"a,b\r\n1,2\n3,4\r\n",
        "its lines end in several ways, or a quote is broken",
        "write it again with one line end",
    ),
    "an endless line": (
        b"a,b\n1," + b"x" * 2_100_000 + b"\n",
        "line 2 is longer than 2 MB",
        "is a quote left open, or is it another format?",
    ),
    "a torn gzip": (gzip.compress(b"a,b\n" + ROWS, mtime=0)[:-20], "is no whole gzip file", AGAIN),
    "a transposed table": (
        b",".join(b"c%d" % place for place in range(5_001)) + b"\n",
        "it has 5,001 columns, more than 5,000",
        "is it transposed, or is its delimiter another?",
    ),
}


@pytest.mark.parametrize(("written", "message", "hint"), CSV.values(), ids=CSV)
def test_broken_csv_is_refused_by_line(
    engine: Engine, tmp_path: Path, written: bytes, message: str, hint: str
) -> None:
    with pytest.raises(ContractError) as caught:
        open_table(engine, write_text(tmp_path / "a.csv", written))

    assert (str(caught.value), caught.value.hint) == (f"a.csv: {message}", hint)


OBJECT = b'{"a": 1}\n'
ONE = "write one JSON object a line"

JSON = {
    "empty": (b" \n", "the file is empty", ONE),
    "a torn object": (OBJECT * 30_000 + b'{"a": 1,\n' + OBJECT, "line 30,001 is no JSON", ONE),
    "latin-1": (OBJECT * 5 + '{"a": "é"}\n'.encode("latin-1"), "line 6 is not UTF-8", UTF8),
    "a number first": (b"5\n" + OBJECT, "line 1 is no JSON object", ONE),
    "a list late": (OBJECT * 3 + b"[1]\n", "line 4 is no JSON object", ONE),
    "no keys": (b"{}\n", "no object has a key", ONE),
    "an empty key": (b'{"": 1}\n', "an object has an empty key", "name each key"),
    "an endless object": (
        OBJECT + b'{"a": "' + b"x" * 40_000_000 + b'"}\n',
        "a line is longer than 16 MB",
        "is it another format? write one JSON object a line",
    ),
    "a key twice": (b'{"a": 1, "a": 2}\n', "line 1 has a key twice", "name each key once in an object"),
    "keys alike but for case": (
        OBJECT + b'{"A": 2}\n',
        "the keys `A` and `a` differ only by case",
        "spell a key one way",
    ),
    "a byte order mark": (
        b"\xef\xbb\xbf" + OBJECT,
        "begins with a byte order mark, which JSON has not",
        "save the file as UTF-8 without a byte order mark",
    ),
}


@pytest.mark.parametrize(("written", "message", "hint"), JSON.values(), ids=JSON)
def test_broken_json_lines_are_refused_by_line(
    engine: Engine, tmp_path: Path, written: bytes, message: str, hint: str
) -> None:
    with pytest.raises(ContractError) as caught:
        open_table(engine, write_text(tmp_path / "a.jsonl", written))

    assert (str(caught.value), caught.value.hint) == (f"a.jsonl: {message}", hint)


def test_the_broken_file_of_a_folder_is_named_without_what_it_holds(engine: Engine, tmp_path: Path) -> None:
    write_text(tmp_path / "data/a.csv", b"a,b\n1,2\n")
    write_text(tmp_path / "data/m=1/b.csv", b"a,b\n1,2,private\n")

    with pytest.raises(ContractError) as caught:
        open_table(engine, tmp_path / "data")

    assert str(caught.value) == "data/m=1/b.csv: line 2 has 3 cells where the header has 2"


def test_parquet_that_is_cut_short_empty_or_another_thing_is_refused(engine: Engine, tmp_path: Path) -> None:
    whole = write_parquet(tmp_path / "whole.parquet", {"a": list(range(1_000))}).read_bytes()
    hint = "it may be cut short: write it again, or fetch it again"

    for name, written in (("cut", whole[:-100]), ("text", b"version https://git-lfs.github.com/spec/v1\n")):
        with pytest.raises(ContractError, match=rf"^{name}\.parquet: is no whole Parquet file$") as caught:
            open_table(engine, write_text(tmp_path / f"{name}.parquet", written))
        assert caught.value.hint == hint
    with pytest.raises(ContractError, match=r"^empty\.parquet: the file is empty$"):
        open_table(engine, write_text(tmp_path / "empty.parquet", b""))


def test_parquet_that_turns_out_damaged_is_named_when_it_is_read(engine: Engine, tmp_path: Path) -> None:
    write_parquet(tmp_path / "data/a.parquet", {"a": ["x"]})
    path = write_parquet(tmp_path / "data/b.parquet", {"a": [f"row {number}" for number in range(100_000)]})
    damaged = bytearray(path.read_bytes())
    damaged[100:200_000] = b"\xff" * 199_900
    path.write_bytes(damaged)
    table = open_table(engine, tmp_path / "data")

    with pytest.raises(ContractError, match=r"^data/b\.parquet: has bytes that can't be read$"):
        engine.fetch(table.filter(table.a.length() == 3))


def test_parquet_with_one_name_twice_is_refused(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["x", "x"]), path)

    with pytest.raises(ContractError, match=r"^a\.parquet: columns 1 and 2 have the same name$"):
        open_table(engine, path)


@pytest.mark.parametrize(
    ("name", "message", "in_json"),
    [
        ("", "column 2 has no name", "an object has an empty key"),
        ("a\0b", *["the name of column 2 holds a zero byte"] * 2),
    ],
)
def test_names_that_no_query_can_hold_are_refused(
    engine: Engine, tmp_path: Path, name: str, message: str, in_json: str
) -> None:
    for path, told in (
        (write_parquet(tmp_path / "data.parquet", {"id": [1], name: [1]}), message),
        (write_text(tmp_path / "data.jsonl", json.dumps({"_": 1, name: 1})), in_json),
    ):
        with pytest.raises(ContractError) as caught:
            open_table(engine, path)
        assert caught.value.reason == told


@pytest.mark.parametrize("packed", [False, True])
def test_a_last_line_past_every_buffer_is_refused_not_dropped(
    engine: Engine, tmp_path: Path, packed: bool
) -> None:
    written = b"a,b\n" + ROWS + b"1," + b"x" * 33_000_000
    path = write_text(tmp_path / "a.csv", gzip.compress(written, 1) if packed else written)

    with pytest.raises(ContractError, match=r"^a\.csv: line 30,002 is longer than 2 MB$"):
        open_table(engine, path)


def test_more_than_a_side_may_hold_is_refused_by_its_files_own_word() -> None:
    schema = pa.schema({"a": pa.int8()})
    small = Piece("a.parquet", Path("a.parquet"), schema, {}, 1, 1)
    for rows, size, message in (
        (2_000_000_000, 1, "the files that differ hold 2,000,000,001 rows, more than 2,000,000,000"),
        (1, 300_000_000_000, "the files that differ unpack to 300 GB, more than 200 GB"),
    ):
        with pytest.raises(ContractError) as caught:
            gather("data", [small, Piece("b.parquet", Path("b.parquet"), schema, {}, rows, size)])
        assert (caught.value.reason, caught.value.hint) == (
            message,
            "the largest file is b.parquet; split the dataset, or take what it repeats out",
        )


def test_files_that_name_too_many_columns_between_them_are_refused(engine: Engine, tmp_path: Path) -> None:
    for part in "xy":
        write_parquet(tmp_path / "a" / f"{part}.parquet", {f"{part}{place}": [1] for place in range(2_501)})

    with pytest.raises(ContractError, match=r"^a: it has 5,002 columns, more than 5,000$"):
        open_table(engine, tmp_path / "a")


NAMES = [
    'a"b',
    "x\ny",
    "*",
    "sum(1)",
    "é",
    "ſ",
    "s",
    "S",
    "İ",
    "i̇",
    "`",
    "\\",
    "$1",
    ":p",
    "?",
    "{x}",
    "%s",
    "x" * 999,
]


def test_any_other_name_is_a_name(engine: Engine, tmp_path: Path) -> None:
    row = {name: place for place, name in enumerate(NAMES)}
    for path in (
        write_parquet(tmp_path / "a.parquet", {name: [place] for name, place in row.items()}),
        write_text(
            tmp_path / "a.csv",
            ",".join('"' + n.replace('"', '""') + '"' for n in row)
            + "\n"
            + ",".join(map(str, row.values()))
            + "\n",
        ),
    ):
        pair = read_pair(engine, None, find_source(path))
        assert pair.new is not None
        (found,) = rows_of(engine, pair.new)
        assert {pair.naming.outside(name): value for name, value in found.items()} == row


def test_a_table_without_rows_is_no_error(engine: Engine, tmp_path: Path) -> None:
    for path in (
        write_text(tmp_path / "a.csv", "a,b\n"),
        write_parquet(tmp_path / "a.parquet", {"a": pa.array([], pa.int64())}),
    ):
        assert rows_of(engine, open_table(engine, path)) == []


def test_too_little_memory_is_said_so(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", {"a": [f"{number:0100}" for number in range(200_000)]})
    with DuckDB(memory_gb=0.01, threads=1) as engine:
        table = open_table(engine, path)
        with pytest.raises(BrokenError, match=re.escape("needs more than its 0.01 GB of memory")):
            engine.fetch(table.aggregate(a=table.a.collect().length()))


def test_a_time_that_nanoseconds_do_not_reach_is_named(engine: Engine, tmp_path: Path) -> None:
    old = write_parquet(tmp_path / "old.parquet", {"at": pa.array([0], pa.timestamp("ns"))})
    late = pa.array([dt.datetime(9999, 12, 31)], pa.timestamp("us"))
    new = write_parquet(tmp_path / "new.parquet", {"at": late})
    with pytest.raises(ContractError) as caught:
        read_pair(engine, find_source(old), find_source(new))
    assert caught.value.reason == (
        "in column `at` a time is before 1678 or after 2261, and others are nanoseconds, which end there"
    )
    assert caught.value.hint == "write the column in microseconds in all files"
