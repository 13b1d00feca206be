"""Golden rows as the model takes them; a misfit is a problem of its own row and hides no other."""

import math

import pytest

from mergegate import golden
from mergegate.errors import ContractError
from mergegate.golden.row import Cell
from mergegate.records.manifest import InputColumn
from support.golden_rows import category, manifest, number, row

OPEN = manifest(number("hour", missing=True), category("carrier", "EV", missing=True, unseen=True))


def problem(inputs: dict[str, Cell], *columns: InputColumn, typed: bool = True, private: str = "") -> str:
    fitted = golden.fit([row(inputs=inputs, typed=typed)], manifest(*columns), private={private})
    assert (fitted.asked, list(fitted.problems)) == ((), [0])
    return fitted.problems[0]


def test_rows_of_any_format_become_the_same_columns() -> None:
    rows = [
        row("csv", inputs={"hour": "1e1", "carrier": "7", "unused": "x"}, typed=False),
        row("yaml", inputs={"hour": 10, "carrier": 7}),
        row("pandas", inputs={"hour": 10.0, "carrier": 7.0}),
        row("boolean", inputs={"hour": True, "carrier": True}),
        row("missing in CSV", inputs={"hour": "", "carrier": ""}, typed=False),
        row("missing", inputs={"hour": None, "carrier": None}),
    ]
    fitted = golden.fit(rows, OPEN)
    assert (fitted.asked, fitted.problems) == ((0, 1, 2, 3, 4, 5), {})
    assert fitted.texts == {"carrier": ["7", "7", "7", "True", "", ""]}
    assert [math.isnan(value) for value in fitted.numbers["hour"]] == [False] * 4 + [True] * 2
    assert fitted.numbers["hour"][:4] == [10.0, 10.0, 10.0, 1.0]


def test_a_row_that_can_not_be_asked_leaves_the_others_their_places() -> None:
    rows = [row("a"), row("b", inputs={"hour": 1}), row("c", inputs={"hour": 7, "carrier": "DL"})]
    fitted = golden.fit(rows, manifest())
    assert fitted.asked == (0, 2)
    assert fitted.numbers == {"hour": [19.0, 7.0]}
    assert fitted.texts == {"carrier": ["EV", "DL"]}
    assert fitted.problems == {1: "it lacks the input `carrier`, which the model takes"}


@pytest.mark.parametrize(
    ("hour", "typed", "message"),
    [
        ("19", True, "`hour` must be a finite number, and is `19`"),
        ("nineteen", False, "`hour` must be a finite number, and is `nineteen`"),
        ("nan", False, "`hour` must be a finite number, and is `nan`"),
        ("1_000", False, "`hour` must be a finite number, and is `1_000`"),
        (math.nan, True, "`hour` must be a finite number, and is `nan`"),
        (math.inf, True, "`hour` must be a finite number, and is `inf`"),
        (10**400, True, f"`hour` must be a finite number, and is `1{'0' * 79}…`"),
        (1e39, True, f"`hour` must be a number that float32 can hold, and is `{int(1e39)}`"),
    ],
)
def test_a_number_is_one_that_the_model_can_take(hour: Cell, typed: bool, message: str) -> None:
    assert problem({"hour": hour, "carrier": "EV"}, typed=typed) == message


def test_what_the_model_was_not_fitted_to_take_is_said() -> None:
    assert problem({"hour": 1, "carrier": "XX"}) == (
        "`carrier` has the value `XX` that training did not show, and the model takes none"
    )
    assert problem({"hour": 1, "carrier": ""}) == (
        "`carrier` is missing, and the model takes no missing values there"
    )
    assert problem({"x": None}, number("x")) == (
        "`x` is missing, and the model takes no missing values there"
    )
    assert problem({"x": math.inf}, category("x", unseen=True)) == (
        "`x` is not finite; leave it out if it is missing"
    )


def test_a_private_value_is_in_no_problem() -> None:
    said = [
        problem({"hour": "secret", "carrier": "EV"}, private="hour"),
        problem({"hour": 1e39, "carrier": "EV"}, private="hour"),
        problem({"hour": 1, "carrier": "secret"}, private="carrier"),
    ]
    assert said == [
        "`hour` must be a finite number",
        "`hour` must be a number that float32 can hold",
        "`carrier` has a value that training did not show, and the model takes none",
    ]


def test_many_missing_inputs_are_counted() -> None:
    columns = [number(f"x{place}") for place in range(8)]
    assert problem({"y": 1}, *columns) == (
        "it lacks the input `x0`, `x1`, `x2`, `x3`, `x4` and 3 more, which the model takes"
    )


def test_an_input_that_is_named_like_a_key_asks_for_yaml() -> None:
    assert problem({"hour": 1}, number("hour"), category("author")) == (
        "it lacks the input `author`, which the model takes; write the row as YAML, whose `inputs:` has room "
        "for such names"
    )


def test_a_column_that_the_model_does_not_take_may_be_a_misspelt_key() -> None:
    golden.refuse_unknown([row()], manifest())
    with pytest.raises(ContractError) as caught:
        golden.refuse_unknown([row("a", inputs={"hour": 1, "min_probabilty": "0.4"})], manifest())
    assert caught.value.message == (
        "golden/rows.csv: line 2 (`a`) has `min_probabilty`, which is no input of the model and no key of a "
        "golden row"
    )
    assert caught.value.hint == (
        "remove it, or mend its name; the keys are name, expected, tolerance, min_probability, not_worse, "
        "reason, author"
    )
