"""A golden row is appended, and what stood there stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergegate import golden
from mergegate.errors import ContractError
from mergegate.golden import Row
from mergegate.golden.adding import append
from support.golden_rows import row

CSV, YAML = "golden/rows.csv", "golden/rows.yaml"


def written(path: str, *rows: Row, start: bytes = b"") -> str:
    data = start
    for each in rows:
        data = append(data, each, path=path)
    return data.decode()


def test_a_new_csv_file_has_the_columns_that_are_used() -> None:
    assert written(CSV, row()) == "name,expected,reason,author,hour,carrier\na,late,Because.,Ada,19,EV\n"


def test_a_row_is_appended_below_the_others_whose_bytes_stay() -> None:
    start = '\ufeffcarrier,hour,author,reason,expected,name\r\n"DL", 7,x,"y, z",on_time,first'.encode()
    assert written(CSV, row(reason='"Wet",\nand dark'), start=start) == (
        start.decode() + '\r\nEV,19,Ada,"""Wet"",\nand dark",late,a\r\n'
    )


def test_a_column_that_the_others_do_not_have_is_added_to_all() -> None:
    assert written(
        CSV, row(), row("b", inputs={"hour": 7, "carrier": None, "seats": 55.5}, not_worse=True)
    ) == (
        "name,expected,reason,author,hour,carrier,not_worse,seats\n"
        "a,late,Because.,Ada,19,EV,,\n"
        "b,late,Because.,Ada,7,,true,55.5\n"
    )


def test_a_yaml_list_grows_by_an_item_and_keeps_its_comments() -> None:
    start = '# Ours\n- name: "first"\n  {{}}\n'.replace("{{}}", "expected: late\n  reason: r\n  author: x")
    start += "  inputs: {hour: 1, carrier: DL}  # early\n"
    added = row(
        inputs={"hour": 1e-05, "carrier": "yes", "wind speed": None, "wet": True}, min_probability=0.4
    )
    assert written(YAML, added, start=start.encode()) == (
        f"{start}"
        '- name: "a"\n'
        '  expected: "late"\n'
        "  min_probability: 0.4\n"
        '  reason: "Because."\n'
        '  author: "Ada"\n'
        "  inputs:\n"
        '    "hour": 1e-05\n'
        '    "carrier": "yes"\n'
        '    "wind speed": null\n'
        '    "wet": true\n'
    )


def test_an_indented_yaml_list_stays_one() -> None:
    start = "  - name: b\n    expected: late\n    reason: r\n    author: x\n    inputs: {hour: 1}"
    text = written(YAML, row(), start=start.encode())
    assert text.startswith(f'{start}\n  - name: "a"\n    expected: "late"\n')
    assert len(golden.read(text.encode(), path=YAML, file=YAML)) == 2


def test_a_yaml_list_in_one_line_is_left_to_people() -> None:
    start = b"[{name: b, expected: late, reason: r, author: x, inputs: {hour: 1}}]\n"
    with pytest.raises(ContractError) as caught:
        append(start, row(), path=YAML)
    assert caught.value.message == f"{YAML}: the row can't be appended to it"
    assert caught.value.hint == "write the row by hand, in the way of those that stand there"


def test_a_file_that_is_broken_is_not_appended_to() -> None:
    with pytest.raises(ContractError, match="line 1 is no list of golden rows"):
        append(b"a: b\n", row(), path=YAML)


def test_parquet_is_not_appended_to() -> None:
    with pytest.raises(ContractError) as caught:
        append(b"", row(), path="golden/rows.parquet")
    assert caught.value.message == "golden/rows.parquet: can't be appended to"


def test_an_input_that_is_named_like_a_key_has_room_in_yaml_alone() -> None:
    odd = row(inputs={"name": "x"})
    with pytest.raises(ContractError) as caught:
        append(b"", odd, path=CSV)
    assert caught.value.reason == "the model has the input `name`, which is a key of golden rows too"
    assert golden.read(append(b"", odd, path=YAML), path=YAML, file=YAML)[0].inputs == {"name": "x"}


cells = st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(min_size=1, max_size=20)
numbers = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e200, max_value=1e200)


@given(
    st.lists(st.dictionaries(st.sampled_from("pqrs"), cells | numbers, min_size=1), min_size=1, max_size=4)
)
def test_whatever_is_appended_is_read_again_as_yaml(inputs: list[dict[str, object]]) -> None:
    rows = [
        row(str(place), inputs={**each, "place": place})  # type: ignore[dict-item]
        for place, each in enumerate(inputs)
    ]
    found = golden.read(written(YAML, *rows).encode(), path=YAML, file=YAML)
    assert [(each.name, each.inputs) for each in found] == [(each.name, each.inputs) for each in rows]
