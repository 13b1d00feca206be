"""The task told from columns and answers: what is sure, what is a guess, what contradicts itself."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from mergegate.predictions.tasks import Clue, Guess, look, name_kind


def clue(truth: Any, answer: Any | None = None, *further: str) -> Clue:
    columns = {"y_true": pa.array(truth), "y_pred": pa.array(truth if answer is None else answer)}
    return look(["row_id", *columns, *further], lambda name: iter([columns[name]]))


def test_names_of_probabilities_settle_it_without_reading_a_row() -> None:
    def never(name: str) -> Iterator[Any]:
        raise AssertionError(f"{name} was read")

    assert look(["row_id", "y_true", "y_pred", "proba_no", "proba_yes"], never) == Clue(
        "probabilities", frozenset({"no", "yes"})
    )


def test_answers_are_read_no_further_than_needed() -> None:
    read: list[str] = []

    def chunks(name: str) -> Iterator[Any]:
        for start in range(3):
            read.append(f"{name} {start}")
            yield pa.array(range(100 * start, 100 * start + 100))

    found = look(["y_true", "y_pred"], chunks)
    assert (found.kind, found.sentence) == (
        "whole numbers",
        "has more than 20 different whole numbers in y_true and y_pred",
    )
    assert read == ["y_true 0", "y_pred 0"]


@pytest.mark.parametrize(
    ("truth", "expected"),
    [
        (["a", "b", None], Clue("labels", frozenset("ab"))),
        (pa.array(["a", "b", "a"]).dictionary_encode(), Clue("labels", frozenset("ab"))),
        ([True, False], Clue("labels", frozenset({"True", "False"}))),
        ([1.0, 2.0, float("nan")], Clue("whole numbers", frozenset("12"))),
        ([1.0, 2.5], Clue("fractions")),
        ([1e300], Clue("fractions")),
        ([None, None], Clue("unknown")),
        ([[1], [2]], Clue("unknown")),
    ],
)
def test_a_column_of_answers(truth: Any, expected: Clue) -> None:
    assert clue(truth) == expected


def test_texts_beside_numbers_are_labels() -> None:
    assert clue([0, 1], ["0", "1"]).kind == "labels"


def test_a_file_without_the_columns_says_nothing() -> None:
    assert look(["row_id", "y_true"], lambda name: iter([pa.array([1])])) == Clue("unknown")


LABELS = Clue("labels", frozenset({"a", "b"}))
FRACTIONS = Clue("fractions")
FEW = Clue("whole numbers", frozenset({"0", "1", "2"}))
MANY = Clue("whole numbers", frozenset(map(str, range(21))))
UNKNOWN = Clue("unknown")


@pytest.mark.parametrize(
    ("clues", "task", "contradiction"),
    [
        ((LABELS, LABELS), "binary", False),
        ((LABELS, Clue("labels", frozenset({"b", "c"}))), "multiclass", False),
        ((LABELS, MANY), "multiclass", False),
        ((FEW, FEW), "multiclass", False),
        ((FEW, MANY), "regression", False),
        ((FEW, FRACTIONS), "regression", False),
        ((FEW, UNKNOWN), "multiclass", False),
        ((LABELS, FRACTIONS), None, True),
        ((UNKNOWN, UNKNOWN), None, False),
    ],
)
def test_two_files_together(clues: tuple[Clue, Clue], task: str | None, contradiction: bool) -> None:
    for order in (clues, clues[::-1]):
        guess = Guess(order)
        assert (guess.task, guess.contradicts_itself) == (task, contradiction)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (pa.string(), "text"),
        (pa.dictionary(pa.int32(), pa.string()), "text"),
        (pa.bool_(), "booleans"),
        (pa.int8(), "whole numbers"),
        (pa.float64(), "whole numbers"),
        (pa.date32(), ""),
    ],
)
def test_types_of_labels_by_name(kind: Any, name: str) -> None:
    assert name_kind(kind) == name
