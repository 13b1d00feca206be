import datetime
import decimal
import gzip
import math
from collections.abc import Iterator
from pathlib import Path

import ibis.expr.datatypes as dt
import pyarrow as pa
import pytest

from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.kinds import told_kind
from mergegate.dataset.reading import read, read_pair
from mergegate.dataset.source import Source, find_source
from support.tables import open_pair, open_table, rows_of, write_lines, write_parquet, write_text

DAY = datetime.date(2013, 4, 1)
UTC = datetime.UTC


@pytest.fixture
def engine() -> Iterator[Engine]:
    with DuckDB(memory_gb=0.5) as engine:
        yield engine


def types(table: object) -> dict[str, str]:
    return {name: told_kind(kind) for name, kind in table.schema().items()}  # type: ignore[attr-defined]


def test_parquet_keeps_its_types_and_every_value(engine: Engine, tmp_path: Path) -> None:
    columns = pa.table(
        {
            "whole": pa.array([1, None], pa.int16()),
            "unsigned": pa.array([2**64 - 1, None], pa.uint64()),
            "float": [math.inf, None],
            "money": pa.array([decimal.Decimal("0.10"), None], pa.decimal128(10, 2)),
            "truth": [True, None],
            "day": [DAY, None],
            "berlin": pa.array([0, None], pa.timestamp("us", "Europe/Berlin")),
            "local": pa.array([0, None], pa.timestamp("ms")),
            "carrier": pa.array(["AA", None]).dictionary_encode(),
            "bytes": [b"\xff", None],
            "nothing": pa.nulls(2),
        }
    )
    table = open_table(engine, write_parquet(tmp_path / "a.parquet", columns))

    assert types(table) == {
        "whole": "int16",
        "unsigned": "decimal(20, 0)",
        "float": "float64",
        "money": "decimal(10, 2)",
        "truth": "boolean",
        "day": "date",
        "berlin": "timestamp (UTC)",
        "local": "timestamp",
        "carrier": "text",
        "bytes": "binary",
        "nothing": "text",
    }
    first, second = rows_of(engine, table)
    assert first == {
        "whole": 1,
        "unsigned": decimal.Decimal(2**64 - 1),
        "float": math.inf,
        "money": decimal.Decimal("0.10"),
        "truth": True,
        "day": DAY,
        "berlin": datetime.datetime(1970, 1, 1, tzinfo=UTC),
        "local": datetime.datetime(1970, 1, 1),
        "carrier": "AA",
        "bytes": b"\xff",
        "nothing": None,
    }
    assert set(second.values()) == {None}


def test_nested_cells_are_json_text(engine: Engine, tmp_path: Path) -> None:
    columns = {"s": [{"x": 1, "y": ["a", None]}, None], "l": [[1.5], []]}
    table = open_table(engine, write_parquet(tmp_path / "a.parquet", columns))

    assert rows_of(engine, table) == [
        {"s": '{"x":1,"y":["a",null]}', "l": "[1.5]"},
        {"s": None, "l": "[]"},
    ]


def test_columns_whose_names_differ_only_by_case_stay_apart(engine: Engine, tmp_path: Path) -> None:
    old = write_parquet(tmp_path / "old.parquet", {"Qty": [1], "qty": ["one"]})
    new = write_parquet(tmp_path / "new.parquet", {"qty": ["two"], "QTY": [2.5], "qty~2": [0]})
    pair = open_pair(engine, old, new)

    assert [pair.naming.inside(name) for name in ("QTY", "Qty", "qty", "qty~2")] == [
        "QTY",
        "Qty~3",
        "qty~4",
        "qty~2",
    ]
    assert [pair.naming.outside(name) for name in ("QTY", "Qty~3", "qty~4", "qty~2", "other")] == [
        "QTY",
        "Qty",
        "qty",
        "qty~2",
        "other",
    ]
    assert pair.old is not None
    assert pair.new is not None
    assert rows_of(engine, pair.old) == [{"Qty~3": 1, "qty~4": "one"}]
    assert rows_of(engine, pair.new) == [{"qty~4": "two", "QTY": 2.5, "qty~2": 0}]
    assert pair.old_schema is not None
    assert pair.old_schema.names == ("Qty", "qty")


def test_folders_say_columns_whatever_the_files_are_called(engine: Engine, tmp_path: Path) -> None:
    cached = write_parquet(tmp_path / "cache/d41d8cd98f", {"x": [1]})
    files = {
        "month=4/carrier=A%2FA/p[1]*.parquet": cached,
        "month=5/carrier=__HIVE_DEFAULT_PARTITION__/p.parquet": cached,
    }
    table = read(engine, Source.of("flights", files))

    assert rows_of(engine, table) == [
        {"x": 1, "month": 4, "carrier": "A/A"},
        {"x": 1, "month": 5, "carrier": None},
    ]


def test_a_column_of_the_files_stands_above_the_folders_word_for_it(engine: Engine, tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "data/month=4/a.parquet", {"month": [7]}).parents[1]
    pair = read_pair(engine, None, find_source(path))

    assert pair.new is not None
    assert rows_of(engine, pair.new) == [{"month": 7}]
    assert pair.notes_new == ("`month` is in the files and in their folders' names; the files' own is read",)


def test_partitions_of_different_schemas_are_put_together_by_name(engine: Engine, tmp_path: Path) -> None:
    write_parquet(tmp_path / "data/1.parquet", {"id": [1], "x": pa.nulls(1), "y": [1]})
    write_parquet(tmp_path / "data/2.parquet", {"x": [2.5], "id": pa.array([2], pa.int32()), "y": ["b"]})
    write_parquet(tmp_path / "data/3.parquet", {"id": [3], "x": [3], "y": [3], "z": [True]})
    pair = read_pair(engine, None, find_source(tmp_path / "data"))

    assert pair.new is not None
    assert rows_of(engine, pair.new) == [
        {"id": 1, "x": None, "y": "1", "z": None},
        {"id": 2, "x": 2.5, "y": "b", "z": None},
        {"id": 3, "x": 3.0, "y": "3", "z": True},
    ]
    assert pair.notes_new == (
        "`id` is int32 and int64 in different files; read as int64",
        "`x` is float64 and int64 in different files; read as float64",
        "`y` is int64 and text in different files; read as text",
        "`z` is missing from 2 of 3 files; it is empty there",
    )


CSV = """id,code,price,share,day,at,zoned,ok,empty,text
1,007,1.50,1,2013-04-01,2013-04-01,2013-04-01 10:00:00+02:00,true,,a
2,12,2,nan,2013-04-02,2013-04-01T10:30:00,2013-04-01T10:00:00Z,FALSE,"","x, ""y""
z"
3,,,-1e3,,,,,,
"""


def test_csv_cells_become_what_all_of_a_column_are(engine: Engine, tmp_path: Path) -> None:
    table = open_table(engine, write_text(tmp_path / "a.csv", CSV))

    assert types(table) == {
        "id": "int64",
        "code": "text",
        "price": "float64",
        "share": "float64",
        "day": "date",
        "at": "timestamp",
        "zoned": "timestamp (UTC)",
        "ok": "boolean",
        "empty": "text",
        "text": "text",
    }
    rows = {row["id"]: tuple(row.values())[1:] for row in rows_of(engine, table)}
    assert rows[1] == (
        "007",
        1.5,
        1.0,
        DAY,
        datetime.datetime(2013, 4, 1),
        datetime.datetime(2013, 4, 1, 8, tzinfo=UTC),
        True,
        None,
        "a",
    )
    assert math.isnan(rows[2][2])
    assert (*rows[2][:2], *rows[2][3:]) == (
        "12",
        2.0,
        datetime.date(2013, 4, 2),
        datetime.datetime(2013, 4, 1, 10, 30),
        datetime.datetime(2013, 4, 1, 10, tzinfo=UTC),
        False,
        None,
        'x, "y"\nz',
    )
    assert rows[3] == (None, None, -1000.0, None, None, None, None, None, None)


@pytest.mark.parametrize(
    ("late", "kind", "note"),
    [
        ("2.5", "float64", ()),
        (
            "12345678901234567890123",
            "text",
            ("`x` is read as text: 1 of 30,001 cells is no number, such as `12345678901234567890123`",),
        ),
        ("n/a", "text", ("`x` is read as text: 1 of 30,001 cells is no number, such as `n/a`",)),
        ("007", "text", ("`x` is read as text: 1 of 30,001 cells is no number, such as `007`",)),
        (" 5", "text", ("`x` is read as text: 1 of 30,001 cells is no number, such as ` 5`",)),
    ],
)
def test_one_late_cell_settles_the_type_of_its_column(
    engine: Engine, tmp_path: Path, late: str, kind: str, note: tuple[str, ...]
) -> None:
    path = write_text(tmp_path / "a.csv", "x,y\n" + "1,2\n" * 30_000 + f"{late},3\n")
    pair = read_pair(engine, None, find_source(path))

    assert pair.new is not None
    assert types(pair.new) == {"x": kind, "y": "int64"}
    assert pair.notes_new == note
    last = engine.fetch(pair.new.filter(pair.new.y == 3)).to_pylist()
    assert [str(row["x"]) for row in last] == [late]


def test_a_private_cell_is_in_no_note(engine: Engine, tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.csv", "name\n" + "1\n" * 99 + "Ada\n")

    assert read_pair(engine, None, find_source(path), private=("name",)).notes_new == (
        "`name` is read as text: 1 of 100 cells is no number",
    )


def test_text_beside_numbers_is_compared_as_it_was_written(engine: Engine, tmp_path: Path) -> None:
    old = write_text(tmp_path / "old.csv", "x,day\n1.50,2013-04-01\n")
    new = write_text(tmp_path / "new.csv", "x,day\nn/a,2013-04-01 10:00\n1.50,2013-04-01\n")
    pair = open_pair(engine, old, new)

    assert pair.old is not None
    assert pair.new is not None
    midnight, ten = datetime.datetime(2013, 4, 1), datetime.datetime(2013, 4, 1, 10)
    assert rows_of(engine, pair.old) == [{"x": "1.50", "day": midnight}]
    assert rows_of(engine, pair.new) == [{"x": "1.50", "day": midnight}, {"x": "n/a", "day": ten}]
    assert pair.old_schema is not None
    assert pair.new_schema is not None
    assert {name: told_kind(kind) for name, kind in pair.old_schema.items()} == {
        "x": "float64",
        "day": "date",
    }
    assert {name: told_kind(kind) for name, kind in pair.new_schema.items()} == {
        "x": "text",
        "day": "timestamp",
    }


def test_a_column_without_values_takes_the_other_sides_type(engine: Engine, tmp_path: Path) -> None:
    old = write_text(tmp_path / "old.csv", "id,x\n1,\n")
    new = write_parquet(tmp_path / "new.parquet", {"id": pa.array([1], pa.int8()), "x": [2.5]})
    pair = open_pair(engine, old, new)

    assert types(pair.old) == types(pair.new) == {"id": "int64", "x": "float64"}
    assert pair.old_schema is not None
    assert pair.old_schema["x"] == dt.null


def test_whole_numbers_beside_floats_stay_whole(engine: Engine, tmp_path: Path) -> None:
    old = write_parquet(tmp_path / "old.parquet", {"id": [2**53 + 1]})
    new = write_parquet(tmp_path / "new.parquet", {"id": [float(2**53)]})
    pair = open_pair(engine, old, new)

    assert (types(pair.old), types(pair.new)) == ({"id": "int64"}, {"id": "float64"})


def test_a_third_table_is_read_alongside(engine: Engine, tmp_path: Path) -> None:
    one, two, three = (
        find_source(write_text(tmp_path / f"{name}.csv", f"x,X\n{cell},1\n"))
        for name, cell in (("old", "1"), ("new", "2"), ("reference", "n/a"))
    )
    pair = read_pair(engine, one, two, reference=three)

    assert types(pair.old) == types(pair.new) == types(pair.reference) == {"X": "int64", "x~2": "text"}


def test_a_pair_unpacks_and_may_lack_a_side(engine: Engine, tmp_path: Path) -> None:
    new = find_source(write_text(tmp_path / "a.csv", "x\n1\n"))
    before, after = read_pair(engine, None, new)

    assert before is None
    assert after is not None
    assert rows_of(engine, after) == [{"x": 1}]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a.csv", b"a;b\n1;x,y\n"),
        ("a.csv", b"a|b\n1|x,y\n"),
        ("a.tsv", b"a\tb\n1\tx,y\n"),
        ("a.csv", b'\xef\xbb\xbf"a",b\r\n1,"x,y"\r\n'),
        ("a.csv", b'a,b\r1,"x,y"\r'),
        ("a.csv.gz", gzip.compress(b'a,b\n1,"x,y"\n', mtime=0)),
        ("packed.csv", gzip.compress(b'a,b\n1,"x,y"\n', mtime=0)),
        ("a.jsonl", b'{"a": 1, "b": "x,y"}\n\n'),
        ("a.ndjson.gz", gzip.compress(b'{"a": 1, "b": "x,y"}', mtime=0)),
        ("a.json", b'[\n  {"a": 1,\n   "b": "x,y"}\n]'),
    ],
)
def test_one_table_in_many_spellings(engine: Engine, tmp_path: Path, name: str, written: bytes) -> None:
    assert rows_of(engine, open_table(engine, write_text(tmp_path / name, written))) == [{"a": 1, "b": "x,y"}]


def test_names_in_a_header_are_taken_as_they_are(engine: Engine, tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.csv", '," x","a\nb","q""; drop table t; --",c0\n1,2,3,4,5\n')

    assert rows_of(engine, open_table(engine, path)) == [
        {"column 1": 1, " x": 2, "a\nb": 3, 'q"; drop table t; --': 4, "c0": 5}
    ]


@pytest.mark.parametrize("inside", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_newline_in_a_name_says_nothing_of_where_lines_end(
    engine: Engine, tmp_path: Path, end: str, inside: str
) -> None:
    lines = (f'id,"delay{inside}(min)"', "1,5", f'2,"6{inside}7"', "")
    # A file whose lines end as they like is no reason to read another so.
    write_text(tmp_path / "data/a.csv", end.join(lines).encode())
    write_text(tmp_path / "data/b.csv", f'id,"delay{inside}(min)"\n3,8\n'.encode())

    assert rows_of(engine, open_table(engine, tmp_path / "data")) == [
        {"id": 1, f"delay{inside}(min)": "5"},
        {"id": 2, f"delay{inside}(min)": f"6{inside}7"},
        {"id": 3, f"delay{inside}(min)": "8"},
    ]


def test_csv_files_of_a_folder_settle_together(engine: Engine, tmp_path: Path) -> None:
    write_text(tmp_path / "data/m=1/a.csv", "id,x\n1,1\n")
    write_text(tmp_path / "data/m=2/a.csv", "x;id\nn/a;2\n")
    write_text(tmp_path / "data/m=2/b.csv", "id,x,y\n3,3,2013-04-01\n")

    assert rows_of(engine, open_table(engine, tmp_path / "data")) == [
        {"id": 1, "x": "1", "y": None, "m": 1},
        {"id": 2, "x": "n/a", "y": None, "m": 2},
        {"id": 3, "x": "3", "y": DAY, "m": 2},
    ]


def test_json_lines_tell_text_from_numbers(engine: Engine, tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "a.jsonl",
        [
            {"id": 1, "code": "7", "day": "2013-04-01", "n": {"k": [1, 2.5]}, "mixed": 1, "big": 0.5},
            {"id": 2, "code": "8", "day": None, "mixed": "one", "x'\"{}:": True, "big": math.nan},
        ],
    )
    table = open_table(engine, path)

    assert types(table) == {
        "id": "int64",
        "code": "text",
        "day": "date",
        "n": "text",
        "mixed": "text",
        "x'\"{}:": "boolean",
        "big": "float64",
    }
    first, second = rows_of(engine, table)
    assert (first["code"], first["day"], first["n"], first["mixed"]) == ("7", DAY, '{"k":[1,2.5]}', "1")
    assert (second["mixed"], second["x'\"{}:"], second["day"]) == ("one", True, None)
    assert math.isnan(second["big"])


def test_columns_that_files_say_are_never_missing_are_known(engine: Engine, tmp_path: Path) -> None:
    schema = pa.schema([pa.field("id", pa.int64(), nullable=False), pa.field("x", pa.int64())])
    table = pa.table({"id": [1], "x": [1]}, schema=schema)
    write_parquet(tmp_path / "data/1.parquet", table)
    strict = read_pair(engine, None, find_source(tmp_path / "data"))
    write_parquet(tmp_path / "data/2.parquet", {"id": [2], "x": [2]})
    loose = read_pair(engine, None, find_source(tmp_path / "data"))

    assert strict.new_schema is not None
    assert loose.new_schema is not None
    assert [kind.nullable for kind in strict.new_schema.types] == [False, True]
    assert [kind.nullable for kind in loose.new_schema.types] == [True, True]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-2", "0"], "int64"),
        (["9223372036854775807", "-9223372036854775808"], "int64"),
        (["1", "1e3", "-.5", "5.", "+7", "NaN", "-inf", "Infinity", "1E-300"], "float64"),
        (["1", "9223372036854775808"], "text"),
        (["1", "-0"], "float64"),
        (["1.0", "007.5"], "text"),
        (["1.0", "1_000.0"], "text"),
        (["1.0", "1,5"], "text"),
        (["1.0", "1e400"], "text"),
        (["1.0", "0x1F"], "text"),
        (["true", "False"], "boolean"),
        (["true", "yes"], "text"),
        (["2013-02-28", "2013-02-29"], "text"),
        (["2013-02-28", "2013-02-28 24:61"], "text"),
        (["2013-02-28 10:00", "2013-02-28 10:00Z"], "text"),
        (["2013-02-28 10:00:00.1234567"], "text"),
        (["10:00"], "text"),
    ],
)
def test_a_number_is_what_no_name_is_written_as(
    engine: Engine, tmp_path: Path, cells: list[str], kind: str
) -> None:
    path = write_text(tmp_path / "a.csv", "x\n" + "".join(f'"{cell}"\n' for cell in cells))

    assert types(open_table(engine, path)) == {"x": kind}
