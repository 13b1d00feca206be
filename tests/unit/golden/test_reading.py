"""Golden files of each format say the same rows; what is no golden row is named with its place."""

import io
from contextlib import suppress
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergegate import golden
from mergegate.errors import ContractError
from mergegate.golden import Row
from mergegate.golden.reading import MOST_BYTES, MOST_ROWS

HEADER = "name,expected,reason,author,hour,carrier\n"
LINE = "a,late,Because.,Ada,19,EV\n"


def read(data: bytes | str, suffix: str = "csv") -> tuple[Row, ...]:
    content = data.encode() if isinstance(data, str) else data
    return golden.gather([golden.read(content, path=f"golden/rows.{suffix}", file=f"rows.{suffix} at main")])


def refused(data: bytes | str, suffix: str = "csv") -> tuple[str, str]:
    """What is wrong, without the file, and what to do."""
    with pytest.raises(ContractError) as caught:
        read(data, suffix)
    assert caught.value.file in (f"rows.{suffix} at main", f"golden/rows.{suffix}")
    return caught.value.reason, caught.value.hint


def parquet(**columns: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def wanted(place: str, inputs: dict[str, Any], *, typed: bool, suffix: str) -> Row:
    return Row(
        file=f"golden/rows.{suffix}",
        place=place,
        name="evening",
        inputs=inputs,
        typed=typed,
        expected="late",
        min_probability=0.4,
        reason='Wet, "cold"\nand dark.',
        author="Ada",
    )


def test_a_csv_file_is_read() -> None:
    text = (
        "\ufeffname,hour,carrier,seats,expected,min_probability,not_worse,reason,author\r\n"
        'evening,19,EV,,late,0.4,false,"Wet, ""cold""\nand dark.",Ada\r\n'
        "\r\n"
    )
    inputs = {"hour": "19", "carrier": "EV", "seats": ""}
    assert read(text) == (wanted("line 3", inputs, typed=False, suffix="csv"),)


def test_a_yaml_file_is_read_as_all_yaml_readers_would() -> None:
    text = (
        "# Evenings\n"
        "- name: evening\n"
        "  expected: late\n"
        "  min_probability: 4e-1\n"
        '  reason: "Wet, \\"cold\\"\\nand dark."\n'
        "  author: Ada\n"
        '  inputs: {hour: 19, carrier: "EV", seats: null, share: 1e-3}\n'
    )
    inputs = {"hour": 19, "carrier": "EV", "seats": None, "share": 0.001}
    assert read(text, "yaml") == (wanted("line 2", inputs, typed=True, suffix="yaml"),)
    assert read(text, "yml")[0].inputs == inputs


def test_a_parquet_file_is_read() -> None:
    data = parquet(
        name=["evening"],
        expected=pa.array(["late"]).dictionary_encode(),
        min_probability=[0.4],
        reason=['Wet, "cold"\nand dark.'],
        author=["Ada"],
        hour=pa.array([19], pa.int8()),
        carrier=["EV"],
        seats=[float("nan")],
    )
    inputs = {"hour": 19, "carrier": "EV", "seats": None}
    assert read(data, "parquet") == (wanted("row 1", inputs, typed=True, suffix="parquet"),)


def test_a_class_that_is_a_number_is_known_by_its_text() -> None:
    text = "- {name: a, expected: 1, reason: r, author: x, inputs: {x: 1}}\n"
    assert read(text, "yaml")[0].expected == "1"
    data = parquet(name=["a"], expected=[2.0], reason=["r"], author=["x"], x=[1])
    assert read(data, "parquet")[0].expected == "2"


def test_base_alone_may_be_the_bar() -> None:
    (row,) = read("name,not_worse,tolerance,reason,author,x\na,TRUE,0.1,r,x,1\n")
    assert (row.expected, row.not_worse, row.tolerance) == (None, True, 0.1)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "the file is empty", "write a golden row, or remove the file"),
        (" \n\n", "the file is empty", "write a golden row, or remove the file"),
        (HEADER, "it holds no row", "write a golden row, or remove the file"),
        (
            "a\0b\n",
            "line 1 holds a NUL byte",
            "save it as UTF-8 text (a file with NUL bytes is binary, or UTF-16)",
        ),
        (b"name\n\xff\xfe", "line 2 holds the byte 0xff, which is not UTF-8", "save the file as UTF-8"),
        (
            f"{HEADER}<<<<<<< HEAD\n{LINE}",
            "line 2 begins an unresolved merge conflict",
            "keep what you want of both sides, remove the marker lines, and `git add` the file",
        ),
        (
            f"{HEADER}a,late\n",
            "line 2 has 2 cells, the header 6",
            'put a cell with a comma, a quote or a line break into "quotes"',
        ),
        (f'{HEADER}"a,late\n', "line 2 is no CSV: unexpected end of data", "close every quote"),
        ("name,name\n", "the column `name` stands twice in the header", "keep one of the two"),
        ("name,\n", "a column has no name", "name it, or remove it"),
        (",\n", "the first line names no column", "begin with a header"),
        ("name;hour\na;1\n", "the header is one column with semicolons", "separate columns by commas"),
        (
            f"{HEADER},late,r,Ada,19,EV\n",
            "line 2 has no `name`",
            "give every golden row a short name of its own",
        ),
        (
            f"{HEADER}a,late, ,Ada,19,EV\n",
            "line 2 has no `reason`",
            "say why the model owes this answer: whoever breaks it reads that",
        ),
        (f"{HEADER}a,late,r,,19,EV\n", "line 2 has no `author`", "say who to ask about the row"),
        (
            f"{HEADER}{'n' * 201},late,r,Ada,19,EV\n",
            "line 2 has a `name` of 201 characters",
            "use at most 200",
        ),
        (
            f"{HEADER}a,,r,Ada,19,EV\n",
            "line 2 has no `expected`",
            "write what the model must answer, or `not_worse` for no worse than base",
        ),
        (
            f"{HEADER}{LINE}{LINE}",
            "line 3 has the name `a` of line 2",
            "give every golden row a name of its own, or remove one of the two",
        ),
        (
            f"{HEADER}{LINE}b,on_time,r,Ada,19.0,EV\n",
            "line 3 (`b`) expects `on_time` of the inputs for which line 2 (`a`) expects `late`",
            "keep the one that is right",
        ),
    ],
)
def test_what_is_no_golden_csv_is_named_with_its_line(text: str | bytes, message: str, hint: str) -> None:
    assert refused(text) == (message, hint)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("tolerance: .nan", "has the `tolerance` `nan`, which is no number"),
        ('tolerance: "1"', "has the `tolerance` `1`, which is no number"),
        ("tolerance: -1", "has a `tolerance` below 0"),
        ("min_probability: 0", "has the `min_probability` 0"),
        ("min_probability: 1.1", "has the `min_probability` 1.1"),
        ('not_worse: "true"', "has the `not_worse` `true`"),
        ("not_worse: 1", "has the `not_worse` `1`"),
        ("not_worse: true, min_probability: 0.5", "has both `min_probability` and `not_worse`"),
        ("expected: .inf", "expects a number that is not finite"),
    ],
)
def test_what_a_row_can_not_ask_is_named(keys: str, message: str) -> None:
    expected = "" if "expected" in keys else "expected: late, "
    text = f"- {{name: a, {expected}{keys}, reason: r, author: x, inputs: {{x: 1}}}}\n"
    assert refused(text, "yaml")[0] == f"line 1 {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# nothing\n", "line 1 holds no row"),
        ("name: a\n", "line 1 is no list of golden rows"),
        ("[]\n", "it holds no row"),
        ("- a\n", "line 1 is no golden row"),
        ("- {name: a}\n", "line 1 begins a row without `inputs`"),
        ("- {name: a, inputs: {}}\n", "line 1 begins a row without `inputs`"),
        ("- {name: a, inputs: 3}\n", "line 1 has `inputs` that are no mapping"),
        ("- {name: a, inputs: {x: [1]}}\n", "line 1 has a list or mapping in `x`"),
        ("- {name: a, inputs: {x: 1, x: 2}}\n", "line 1 has `x` a second time in one row"),
        ("- {name: a, name: b, inputs: {x: 1}}\n", "line 1 has `name` a second time in one row"),
        ("- {inputs: {x: 1}, inputs: {x: 1}}\n", "line 1 has `inputs` a second time in one row"),
        ("- {[a]: 1}\n", "line 1 has a key that is no text"),
        ("- name: a\n  expcted: late\n", "line 2 has the unknown key `expcted`"),
        ("- name: &a x\n  author: *a\n", "line 2 is an alias"),
        (
            "- name: !!python/name:os.system a\n",
            "line 1 has the tag `tag:yaml.org,2002:python/name:os.system`",
        ),
        (
            "- {name: a, inputs: {x: yes}}\n",
            "line 1: the bare word yes is true to some YAML readers and text to others",
        ),
        (
            "- {name: a, inputs: {x: 2013-03-08}}\n",
            "line 1: the bare word 2013-03-08 is a date to some YAML readers and something else to others",
        ),
        ("- {name: a\n", "line 2 is no valid YAML: did not find expected ',' or '}'"),
        (
            "- {name: a, inputs: {x: 1}, expected: l, reason: r, author: b}\n---\n- 1\n",
            "line 2 begins a second document",
        ),
    ],
)
def test_what_is_no_golden_yaml_is_named_with_its_line(text: str, message: str) -> None:
    assert refused(text, "yaml")[0] == message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"PAR1 is not enough PAR1", None),
        (parquet(name=["a"], when=[date(2013, 3, 8)]), "the column `when` is of type date32[day]"),
        (parquet(name=["a"], x=[[1]]), "the column `x` is of type list<element: int64>"),
        (parquet(name=pa.array([], pa.string())), "it holds no row"),
        (
            parquet(name=["a"], expected=[float("nan")], reason=["r"], author=["b"], x=[1]),
            "row 1 has no `expected`",
        ),
        (parquet(name=["a"] * (MOST_ROWS + 1)), None),
        (
            parquet(
                name=["a"] * MOST_ROWS,
                **{f"x{place}": pa.nulls(MOST_ROWS, pa.int8()) for place in range(500)},
            ),
            "it states 10,000 rows of 501 columns, more than the 5,000,000 cells that are read",
        ),
    ],
)
def test_what_is_no_golden_parquet_is_named(data: bytes, message: str | None) -> None:
    found = refused(data, "parquet")[0]
    if message is None:
        assert found.startswith(("it can't be read as Parquet: ", "it states 10,001 rows and "))
    else:
        assert found == message


def test_a_golden_set_is_bounded() -> None:
    assert refused(b"x" * (MOST_BYTES + 1)) == (
        "it has 4,000,001 bytes; at most 4,000,000 are read",
        "keep the rows that matter most, or split the file",
    )
    lines = "".join(f"n{number},late,r,Ada,{number},EV\n" for number in range(MOST_ROWS))
    rows = read(HEADER + lines)
    assert len(rows) == MOST_ROWS
    assert refused(f"{HEADER}{lines}a,late,r,Ada,1,EV\n")[0] == "the golden set has more than 10,000 rows"
    with pytest.raises(ContractError, match="more than 10,000 rows"):
        golden.gather([rows, read(HEADER + LINE)])


def test_rows_of_two_files_may_not_share_a_name() -> None:
    one = golden.read((HEADER + LINE).encode(), path="golden/1.csv", file="1.csv")
    two = golden.read((HEADER + LINE).encode(), path="golden/2.csv", file="2.csv")
    with pytest.raises(ContractError) as caught:
        golden.gather([one, two])
    assert caught.value.message == "golden/2.csv: line 2 has the name `a` of golden/1.csv, line 2"


def test_a_file_of_another_kind_is_none() -> None:
    with pytest.raises(ContractError) as caught:
        golden.read(b"{}", path="golden/rows.json", file="golden/rows.json")
    assert caught.value.reason == "is no golden file"
    assert caught.value.hint == "its name must end with .csv, .parquet, .yaml, .yml"


@given(st.sampled_from(["csv", "yaml", "parquet"]), st.binary(max_size=200) | st.text(max_size=200))
def test_whatever_bytes_a_file_holds_it_is_read_or_refused(suffix: str, data: bytes | str) -> None:
    with suppress(ContractError):
        assert read(data, suffix)


@given(st.text(alphabet="-[]{}:,*&!|>'\"# \nabx1", max_size=60))
def test_whatever_yaml_stands_there_it_is_read_or_refused(text: str) -> None:
    with suppress(ContractError):
        assert read(f"- name: a\n  inputs: {{x: 1}}\n{text}", "yaml")
