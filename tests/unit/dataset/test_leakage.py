"""Whether an exam is honest: each way in which it may not be, and the sentence that tells it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from mergegate.dataset.duck import DuckDB
from mergegate.dataset.engine import Engine
from mergegate.dataset.leakage import find_leaks
from mergegate.records.data import Leak, LeakKind
from support.tables import table_of

Columns = Mapping[str, Any]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with DuckDB() as engine:
        yield engine


class Exams:
    """Finds leaks between tables that are told as {column: values}."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.folder = engine, folder

    def look(
        self,
        evaluation: Columns,
        train: Columns | None = None,
        base_evaluation: Columns | None = None,
        base_train: Columns | None = None,
        **options: Any,
    ) -> tuple[Leak, ...]:
        sides = {
            "evaluation": evaluation,
            "train": train,
            "base_evaluation": base_evaluation,
            "base_train": base_train,
        }
        tables: dict[str, Any] = {
            name: None if columns is None else table_of(self.engine, self.folder, columns, name=name)
            for name, columns in sides.items()
        }
        asked = {"key": ("id",), "label": None, "group": None, "time": None, "known_later": (), "inputs": ()}
        return find_leaks(self.engine, **tables, **{**asked, **options})

    def one(self, kind: LeakKind, *sides: Columns | None, **options: Any) -> Leak:
        """The only leak of a kind."""
        tables = dict(zip(("train", "base_evaluation", "base_train"), sides[1:], strict=False))
        assert sides[0] is not None
        (found,) = [leak for leak in self.look(sides[0], **tables, **options) if leak.kind == kind]
        return found


@pytest.fixture
def exams(engine: Engine, tmp_path: Path) -> Exams:
    return Exams(engine, tmp_path)


def rows(start: int, stop: int, **columns: Any) -> dict[str, Any]:
    """Rows by id, each with an `x` of its own."""
    ids = list(range(start, stop))
    return {"id": ids, "x": [number * 1.5 for number in ids], **columns}


def test_an_honest_exam_is_told_as_such(exams: Exams) -> None:
    old, new = rows(0, 100), rows(100, 140)

    found = exams.look(new, old, new, old)

    assert [leak.sentence for leak in found] == [
        "No evaluation row is a training row too, by id (base: 0).",
        "No evaluation row equals a training row in x (base: 0).",
        "No evaluation row was a training row of base (base: 0).",
        "Whether one column tells the label alone can't be told: no label is named.",
        "None of base's 40 evaluation rows is gone.",
    ]
    assert [leak.found for leak in found] == [0, 0, 0, None, 0]


def test_training_rows_in_the_evaluation_are_found_by_key(exams: Exams) -> None:
    found = exams.one("key", rows(90, 140), rows(0, 100), rows(99, 140), rows(0, 100))

    assert found == Leak(
        kind="key",
        sentence="10 of 50 evaluation rows are training rows too, by id (base: 1).",
        found=10,
        of=50,
        found_old=1,
        examples=("90", "91", "92", "93", "94"),
    )


def test_keys_of_several_columns_match_as_a_whole_and_by_value_whatever_their_type(exams: Exams) -> None:
    evaluation = {"a": [1, 1, None, 2], "b": ["x", "y", "x", None]}
    train = {"a": pa.array([1.0, 2.0, None]), "b": ["x", "y", "x"]}

    found = exams.one("key", evaluation, train, key=("a", "b"))

    assert (found.found, found.of, found.found_old) == (1, 4, None)
    assert found.examples == ("1 / x",)
    assert found.sentence == "1 of 4 evaluation rows is a training row too, by a, b."


def test_a_private_key_is_shown_as_a_salted_hash(exams: Exams) -> None:
    found = exams.one("key", rows(0, 2), rows(0, 2), private=("id",))

    assert [len(example) for example in found.examples] == [8, 8]
    assert not {"0", "1"} & set(found.examples)


def test_training_rows_in_the_evaluation_are_found_by_content_beside_what_chance_gives(exams: Exams) -> None:
    nan = float("nan")
    train = {"id": list("abcdef"), "x": [1.0, 1.0, None, nan, -0.0, 7.0], "y": ["k"] * 6}
    evaluation = {"id": list("ghijk"), "x": [1.0, None, nan, 0.0, 8.0], "y": ["k"] * 5}

    found = exams.one("content", evaluation, train, evaluation, {**train, "x": [5.0] * 6})

    assert found == Leak(
        kind="content",
        sentence="4 of 5 evaluation rows (80.0%) equal a training row in all 2 inputs, to 6 digits "
        "(base: 0), far more than chance gives; 33.3% of training rows have such a twin among themselves.",
        found=4,
        of=5,
        found_old=0,
        examples=("g", "h", "i", "j"),
    )


def test_whole_numbers_match_floats_among_which_some_are_not_a_number(exams: Exams) -> None:
    train, evaluation = {"id": [1, 2, 3]}, {"id": [1.0, float("nan"), 2.5]}

    found = exams.one("content", evaluation, train, key=())

    assert (found.found, found.of) == (1, 3)


def test_the_label_is_no_content_and_named_inputs_alone_are(exams: Exams) -> None:
    train = {"id": [1], "x": [1], "note": ["a"], "y": ["late"]}
    evaluation = {"id": [2], "x": [1], "note": ["b"], "y": ["on time"]}

    assert exams.one("content", evaluation, train, label="y").found == 0
    assert exams.one("content", evaluation, train, label="y", inputs=("x",)).found == 1


def test_a_group_on_both_sides_is_found_and_rows_without_a_group_belong_to_none(exams: Exams) -> None:
    train = rows(0, 4, patient=["ann", "bob", None, "cy"])
    evaluation = rows(4, 8, patient=["ann", "ann", None, "dee"])

    found = exams.one("group", evaluation, train, group="patient")

    assert found == Leak(
        kind="group",
        sentence="2 of 4 evaluation rows belong to a patient that training rows belong to too.",
        column="patient",
        found=2,
        of=4,
        examples=("ann",),
    )


@pytest.mark.parametrize(
    ("train", "evaluation", "last"),
    [
        ([date(2013, 2, 27), date(2013, 2, 28)], [date(2013, 2, 27), date(2013, 3, 1)], "2013-02-28"),
        (["2013-02-27", "2013-02-28"], ["2013-02-27", "2013-02-28"], "2013-02-28"),
        (["2013-02-28 07:30"], ["2013-02-28 07:29:59", "2013-02-28 07:30:00"], "2013-02-28 07:30:00"),
        ([datetime(2013, 2, 28)], [date(2013, 2, 27), date(2013, 2, 28)], "2013-02-28"),
        (
            [datetime(2013, 2, 28, 7, tzinfo=UTC)],
            [datetime(2013, 2, 28, 6, tzinfo=UTC), None],
            "2013-02-28 07:00:00",
        ),
        ([2011, 2012], [2011, 2013], "2012"),
        ([2011.0, float("nan"), 2012.0], [2011.5, 2013.0], "2012"),
    ],
)
def test_evaluation_before_the_last_training_time_is_found(
    exams: Exams, train: list[Any], evaluation: list[Any], last: str
) -> None:
    found = exams.one("time", {"when": evaluation}, {"when": train}, key=(), time="when")

    assert found == Leak(
        kind="time",
        sentence=f"1 of 2 evaluation rows is before the last when of training, {last}.",
        column="when",
        found=1,
        of=2,
    )


@pytest.mark.parametrize(
    ("train", "why"),
    [
        (["2013-02-28", "soon", "later"], "2 cells of when can't be read as a time"),
        ([True, False, True], "when is of a type that has no order in time"),
        (pa.nulls(3, pa.date32()), "no training row has a when"),
    ],
)
def test_a_time_that_can_not_be_read_is_not_judged(exams: Exams, train: Any, why: str) -> None:
    found = exams.one("time", {"when": [date(2013, 3, 1)]}, {"when": train}, key=(), time="when")

    assert found == Leak(
        kind="time",
        sentence=f"Whether evaluation is after training can't be told: {why}.",
        column="when",
        judged=False,
    )


def test_rows_that_taught_base_are_found_in_heads_exam(exams: Exams) -> None:
    found = exams.one("base_training", rows(98, 140), rows(0, 90), rows(100, 140), rows(0, 100))

    assert found == Leak(
        kind="base_training",
        sentence="2 of 42 evaluation rows were training rows of base, whose model has seen them (base: 0).",
        found=2,
        of=42,
        found_old=0,
        examples=("98", "99"),
    )


def test_evaluation_rows_that_are_gone_are_counted(exams: Exams) -> None:
    found = exams.one("rows_gone", rows(103, 150), rows(0, 90), rows(100, 140))

    assert found == Leak(
        kind="rows_gone",
        sentence="3 of base's 40 evaluation rows are gone.",
        found=3,
        of=40,
        examples=("100", "101", "102"),
    )


def test_what_can_not_be_looked_for_says_why(exams: Exams) -> None:
    found = exams.look(rows(0, 3), None, key=(), label="late", group="patient", time="when")

    assert {leak.judged for leak in found} == {False}
    assert [(leak.kind, leak.sentence) for leak in found] == [
        ("key", "Whether training rows are in the evaluation set can't be told: no key is named."),
        (
            "content",
            "Whether training rows are in the evaluation set by content can't be told: there are no training "
            "rows.",
        ),
        (
            "group",
            "Whether a patient is on both sides can't be told: the evaluation rows have no column patient.",
        ),
        (
            "time",
            "Whether evaluation is after training can't be told: the evaluation rows have no column when.",
        ),
        (
            "single_feature",
            "Whether one column tells the label alone can't be told: no rows have the label late.",
        ),
    ]


def flights(rows: int, seed: int, *, delay: str | None = None) -> dict[str, Any]:
    """Flights with what is known when they are scheduled; with `delay`, also what departure told."""
    rng = np.random.default_rng(seed)
    hour = rng.integers(5, 23, rows)
    departed = rng.exponential(12 + hour, rows) - 12
    late = departed + rng.normal(scale=16, size=rows) - 4 >= 15
    told = {} if delay is None else {delay: np.round(departed)}
    return {
        "id": np.arange(rows) + seed * 100_000,
        "hour": hour,
        "carrier": rng.choice(["UA", "B6", "AA"], rows),
        "late": np.where(late, "late", "on_time"),
        **told,
    }


LATER = ("dep_time", "dep_delay", "arr_delay")


def columns_told(leaks: tuple[Leak, ...]) -> dict[tuple[str, str], str]:
    """Sentences on columns that were caught."""
    return {
        (leak.kind, leak.column): leak.sentence
        for leak in leaks
        if leak.kind in ("known_later", "single_feature") and leak.found != 0
    }


def test_departure_delay_as_a_feature_is_caught_by_name_and_by_strength(exams: Exams) -> None:
    base = flights(3_000, 1), flights(3_000, 2)
    head = flights(3_000, 1, delay="dep_delay"), flights(3_000, 2, delay="dep_delay")

    found = exams.look(*head, *base, label="late", known_later=LATER)

    strength = next(leak.strength for leak in found if leak.kind == "single_feature")
    assert strength is not None
    assert strength > 0.85
    assert columns_told(found) == {
        ("known_later", "dep_delay"): "dep_delay is known only after the outcome, and is an input "
        "(base: not there).",
        ("single_feature", "dep_delay"): f"dep_delay alone ranks late with AUC {strength:.2f} "
        "(base: not there).",
    }


def test_without_the_delay_nothing_is_caught_and_the_strongest_column_is_named(exams: Exams) -> None:
    sides = flights(3_000, 1), flights(3_000, 2)

    found = exams.look(*sides, *sides, label="late", known_later=LATER)

    assert columns_told(found) == {}
    (strongest,) = [leak for leak in found if leak.kind == "single_feature"]
    assert (strongest.column, strongest.found, strongest.measure) == ("hour", 0, "AUC")
    assert strongest.strength == strongest.strength_old
    assert strongest.sentence == (
        "No column tells the label too well alone; the strongest: hour alone ranks late with AUC "
        f"{strongest.strength:.2f} (base: {strongest.strength:.2f})."
    )


def test_a_late_column_is_known_by_its_name_in_any_spelling(exams: Exams) -> None:
    sides = [flights(200, seed, delay="Dep Delay") for seed in (1, 2)]

    (found,) = [leak for leak in exams.look(*sides, known_later=LATER) if leak.kind == "known_later"]

    assert found.sentence == "Dep Delay is known only after the outcome, as dep_delay, and is an input."
    assert (found.column, found.found, found.of) == ("Dep Delay", 200, 200)


def test_a_late_column_under_another_name_is_known_by_its_cells_in_base(exams: Exams) -> None:
    base = [flights(400, seed, delay="dep_delay") for seed in (1, 2)]
    head = [flights(400, seed, delay="signal_7") for seed in (1, 2)]

    found = [leak for leak in exams.look(*head, *base, known_later=LATER) if leak.kind == "known_later"]

    assert [leak.sentence for leak in found] == [
        "signal_7 holds what dep_delay held in base, known only later, and is an input (base: not there)."
    ]


def test_a_late_column_that_is_no_input_is_no_leak(exams: Exams) -> None:
    sides = [flights(400, seed, delay="dep_delay") for seed in (1, 2)]

    found = exams.look(*sides, label="late", known_later=LATER, inputs=("hour", "carrier"))

    assert columns_told(found) == {}
    assert (
        Leak(
            kind="known_later",
            sentence="None of the 3 columns known only after the outcome is an input.",
            found=0,
        )
        in found
    )


def test_a_hostile_name_is_cut_in_the_sentence_and_runs_nothing(exams: Exams) -> None:
    name = "x'); DROP TABLE evaluation; --" + "|" * 200
    sides = [{**flights(400, seed), name: flights(400, seed)["late"]} for seed in (1, 2)]

    (found,) = [leak for leak in exams.look(*sides, label="late") if leak.kind == "single_feature"]

    assert (found.column, found.strength) == (name, 1.0)
    assert found.sentence == f"{name[:99]}… alone ranks late with AUC 1.00."


def test_rows_copied_with_a_nudge_or_beside_a_column_of_noise_are_found_by_content(exams: Exams) -> None:
    train, evaluation = rows(1, 101), rows(200, 300)
    copied = {"id": evaluation["id"], "x": [x + 1e-9 for x in train["x"][:10]] + evaluation["x"][10:]}
    noisy = [{**side, "noise": [at + n / 7 for n in range(100)]} for at, side in ((0, copied), (500, train))]

    nudged = exams.one("content", copied, train, evaluation, train)
    beside = exams.one("content", *noisy, evaluation, train)

    assert nudged.sentence == (
        "10 of 100 evaluation rows (10.0%) equal a training row in x, to 6 digits (base: 0), far more than "
        "chance gives; 0.0% of training rows have such a twin among themselves."
    )
    assert beside.sentence == nudged.sentence.replace("in x", "in 1 input that base has too")


def test_large_whole_numbers_stay_apart_by_content(exams: Exams) -> None:
    train = {"id": [1, 2], "x": [1_365_000_001.0, float("inf")]}
    evaluation = {"id": [3, 4, 5], "x": [1_365_000_002.0, 1_365_000_001.0, float("inf")]}

    assert exams.one("content", evaluation, train).found == 2


def test_a_new_column_and_group_and_time_are_measured_whatever_the_inputs_are(exams: Exams) -> None:
    late = np.random.default_rng(13).random(400) < 0.3
    base = rows(0, 400, late=late, kept=late, plane=["p"] * 400, day=[1] * 400)
    head = {**base, "new": late, "plane": np.where(late, "a", "b"), "day": late.astype(int)}
    head["x"] = base["x"]

    found = exams.look(head, None, base, label="late", group="plane", time="day", inputs=("x",))

    caught = [leak.column for leak in found if leak.kind == "single_feature" and leak.found != 0]
    assert caught == ["day", "new", "plane"]


def test_a_column_that_can_not_be_measured_is_not_judged_beside_one_that_is(exams: Exams) -> None:
    late = np.random.default_rng(14).random(400) < 0.3
    exam = rows(0, 400, late=late, vec=[number.tobytes() for number in np.arange(400.0)])

    found = [leak for leak in exams.look(exam, label="late") if leak.kind == "single_feature"]

    assert found[0] == Leak(
        kind="single_feature",
        sentence="vec (binary) can't be measured: whether it tells late alone, nobody knows.",
        column="vec",
        judged=False,
    )
    assert [(leak.column, leak.found, leak.judged) for leak in found[1:]] == [("x", 0, True)]
