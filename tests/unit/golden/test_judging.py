"""What a golden row says of two models' answers."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mergegate import golden
from mergegate.golden import Answer, Answers, Row
from mergegate.records.explain import FlipInput, Golden, GoldenRow
from support.golden_rows import FILE, row

CLASSES = ("late", "on_time")


def called(late: float) -> Answer:
    """A classifier's answer by its probability of `late`."""
    return Answer(label="late" if late >= 0.5 else "on_time", chances={"late": late, "on_time": 1 - late})


def answers(*given: Answer | None, classes: tuple[str, ...] = CLASSES) -> Answers:
    return Answers(given=given, classes=classes)


def fault(asked: Row, base: Answer | None, head: Answer) -> str:
    """What head owes, empty when it gives it."""
    classes = CLASSES if head.number is None else ()
    old = None if base is None else answers(base, classes=classes)
    found = golden.judge([asked], old, answers(head, classes=classes))
    assert found.rows == 1
    assert found.failed == len(found.failures)
    assert not any(each.problem for each in found.failures)
    return found.failures[0].fault if found.failures else ""


def problem(asked: Row, head: Answers, base: Answers | None = None, why: str = "") -> str:
    (found,) = golden.judge([asked], base, head, base_problem=why).failures
    assert found.fault == ""
    return found.problem


def test_a_failing_row_is_shown_whole_with_both_answers() -> None:
    asked = row("evening", inputs={"hour": 19.0, "tailnum": "N1", "seats": None}, min_probability=0.4)
    found = golden.judge([asked], answers(called(0.6)), answers(called(0.3)), private={"tailnum"})
    assert found == Golden(
        files=(FILE,),
        rows=1,
        failed=1,
        failures=(
            GoldenRow(
                file=FILE,
                name="evening",
                expected="late",
                min_probability=0.4,
                reason="Because.",
                author="Ada",
                base="late",
                head="on_time",
                base_score=0.6,
                head_score=0.3,
                inputs=(
                    FlipInput(name="hour", value="19"),
                    FlipInput(name="tailnum", value=None, hidden=True),
                    FlipInput(name="seats", value=None),
                ),
                fault="head gives `late` a probability of 0.3, where at least 0.4 is asked",
            ),
        ),
    )


def test_a_class_is_met_or_not() -> None:
    assert fault(row(), None, called(0.5)) == ""
    assert fault(row(), None, called(0.4)) == "head answers `on_time`, where `late` is expected"


def test_a_probability_may_be_asked_of_a_class_that_is_not_answered() -> None:
    asked = row(min_probability=0.4)
    assert fault(asked, None, called(0.4)) == ""
    # What float32 makes of 0.4 is 0.4.
    assert fault(asked, None, called(0.3999999)) == ""
    assert fault(asked, None, Answer(label="late")) == (
        "head gives no probabilities to hold against `min_probability`"
    )


def test_a_number_is_met_within_its_tolerance() -> None:
    asked = row(expected="10", tolerance=0.5)
    assert [fault(asked, None, Answer(number=value)) for value in (9.5, 10.5, 10.500001)] == ["", "", ""]
    assert fault(asked, None, Answer(number=10.51)) == (
        "head answers 10.51, where at most 0.5 away from 10 is expected"
    )
    assert fault(row(expected="3.1"), None, Answer(number=3.0999999)) == ""
    assert fault(row(expected="3.1"), None, Answer(number=3.2)) == "head answers 3.2, where 3.1 is expected"


def test_an_infinite_answer_meets_nothing() -> None:
    for asked, base in (
        (row(expected="10", tolerance=0.5), None),
        (row(expected="10", not_worse=True), 11.0),
    ):
        old = None if base is None else Answer(number=base)
        assert fault(asked, old, Answer(number=float("inf"))) != ""


def test_head_may_be_wrong_where_it_only_may_not_get_worse() -> None:
    asked = row(not_worse=True)
    assert fault(asked, called(0.2), called(0.2)) == ""
    assert fault(asked, called(0.2), called(0.3)) == ""
    assert fault(asked, called(0.3), called(0.2)) == (
        "head gives `late` a probability of 0.2, base 0.3: it may not fall"
    )
    assert fault(row(not_worse=True, tolerance=0.1), called(0.3), called(0.2)) == ""
    assert fault(row(not_worse=True, tolerance=0.1), called(0.3), called(0.19)) == (
        "head gives `late` a probability of 0.19, base 0.3: it may not fall by more than 0.1"
    )


def test_an_error_may_not_grow() -> None:
    asked = row(expected="10", not_worse=True)
    assert fault(asked, Answer(number=12.0), Answer(number=8.0)) == ""
    assert fault(asked, Answer(number=12.0), Answer(number=13.0)) == (
        "head is 3 away from 10, base 2: it may not grow"
    )
    assert (
        fault(row(expected="10", not_worse=True, tolerance=1.0), Answer(number=12.0), Answer(number=13.0))
        == ""
    )


def test_without_probabilities_a_class_is_right_or_wrong() -> None:
    late, on_time = Answer(label="late"), Answer(label="on_time")
    asked = row(not_worse=True)
    assert [fault(asked, *pair) for pair in ((late, late), (on_time, late), (on_time, on_time))] == [
        "",
        "",
        "",
    ]
    assert fault(asked, late, on_time) == "head answers `on_time`, base `late`: it may not change"


def test_without_an_expected_answer_bases_own_is_expected() -> None:
    asked = row(expected=None, not_worse=True)
    assert fault(asked, called(0.1), called(0.4)) == ""
    assert fault(asked, called(0.6), called(0.4)) == "head answers `on_time`, base `late`: it may not change"
    near = row(expected=None, tolerance=0.5, not_worse=True)
    assert fault(near, Answer(number=1.0), Answer(number=1.5)) == ""
    assert fault(near, Answer(number=1.0), Answer(number=1.6)) == (
        "head answers `1.6`, base `1`: it may not change by more than 0.5"
    )


def test_where_base_has_no_model_yet_nothing_is_worse_and_that_is_said() -> None:
    found = golden.judge([row(not_worse=True), row("b")], None, answers(called(0.1), called(0.9)))
    assert found == Golden(
        files=(FILE,),
        rows=2,
        notes=(
            "1 golden row asks head to be no worse than base, which has no bundle yet: nothing was held "
            "against it.",
        ),
    )


def test_where_base_can_not_be_asked_only_rows_that_need_it_fail() -> None:
    asked = row(not_worse=True)
    head = answers(called(0.9))
    assert problem(asked, head, why="it crashed") == "base's model can't be asked: it crashed"
    unasked = Answers(given=[None], classes=CLASSES, problems={0: "it lacks the input `x`"})
    assert problem(asked, head, unasked) == "base's model can't be asked: it lacks the input `x`"
    assert golden.judge([row()], None, head, base_problem="it crashed").failed == 0


def test_a_row_that_head_can_not_be_asked_fails() -> None:
    head = Answers(given=[None], classes=CLASSES, problems={0: "it lacks the input `x`"})
    assert problem(row(), head) == "it lacks the input `x`"
    assert golden.judge([row()], None, answers(None)).failures[0].fault == "head gives no answer"


@pytest.mark.parametrize(
    ("asked", "classes", "message"),
    [
        (
            row(expected="lat"),
            CLASSES,
            "it expects `lat`, which is no class of the model (`late`, `on_time`)",
        ),
        (
            row(tolerance=0.1),
            CLASSES,
            "`tolerance` is for numbers and for `not_worse`; of a class, ask for `min_probability`",
        ),
        (
            row(tolerance=0.1, expected=None, not_worse=True),
            CLASSES,
            "`tolerance` is for numbers and for `not_worse`; of a class, ask for `min_probability`",
        ),
        (row(), (), "it expects `late`, and the model answers with a number"),
        (row(expected="nan"), (), "it expects `nan`, and the model answers with a number"),
        (
            row(expected="1", min_probability=0.5),
            (),
            "`min_probability` is for classes, and the model answers with a number",
        ),
    ],
)
def test_what_the_model_can_not_owe_is_a_problem_of_the_row(
    asked: Row, classes: tuple[str, ...], message: str
) -> None:
    answer = called(0.9) if classes else Answer(number=1.0)
    assert problem(asked, answers(answer, classes=classes), answers(answer, classes=classes)) == message


def test_twenty_failing_rows_are_shown_and_all_are_counted() -> None:
    rows = [row(str(number)) for number in range(25)]
    found = golden.judge(rows, None, answers(*[called(0.1)] * 25))
    assert (found.rows, found.failed) == (25, 25)
    assert [each.name for each in found.failures] == [str(number) for number in range(20)]


def test_a_long_value_is_cut() -> None:
    found = golden.judge([row(inputs={"x": "y" * 300})], None, answers(called(0.1)))
    assert found.failures[0].inputs == (FlipInput(name="x", value="y" * 200 + "…"),)


chances = st.floats(0, 1)


@given(st.lists(st.tuples(chances, chances), min_size=1, max_size=8), st.floats(0, 1))
def test_a_larger_tolerance_never_fails_more_rows(pairs: Sequence[tuple[float, float]], slack: float) -> None:
    rows = [row(str(place), tolerance=0.0, not_worse=True) for place in range(len(pairs))]
    old, new = (answers(*(called(pair[side]) for pair in pairs)) for side in (0, 1))
    strict = golden.judge(rows, old, new).failed
    assert golden.judge([replace(each, tolerance=slack) for each in rows], old, new).failed <= strict
    assert golden.judge(rows, old, old).failed == 0
