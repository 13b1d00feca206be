"""Comparing an estimator with a graph, row by row."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from mergegate.bundle import parity
from mergegate.bundle.parity import Comparison
from mergegate.bundle.session import Predicted
from mergegate.errors import ContractError

Model = Callable[[pd.DataFrame], Predicted]


def values(*numbers: float) -> Model:
    """A regressor that answers row i with the i-th number."""
    return lambda rows: Predicted(np.array(numbers)[rows["at"].to_numpy()], None)


def chances(*numbers: float) -> Model:
    """A classifier whose probability of "late" for row i is the i-th number."""

    def answer(rows: pd.DataFrame) -> Predicted:
        late = np.array(numbers)[rows["at"].to_numpy()]
        return Predicted(
            np.where(late >= 0.5, "late", "on_time").astype(object), np.column_stack([late, 1 - late])
        )

    return answer


def compare(estimator: Model, graph: Model, count: int, *, classes: bool, scale: float = 0.0) -> Comparison:
    return parity.compare(
        pd.DataFrame({"at": np.arange(count)}),
        estimator,
        graph,
        classes=("late", "on_time") if classes else (),
        tolerance=1e-5,
        scale=scale,
    )


def test_probabilities_are_compared_absolutely() -> None:
    found = compare(chances(0.9, 0.9, 0.9), chances(0.9, 0.900009, 0.90002), 3, classes=True)
    assert found.wrong(1e-5).tolist() == [2]
    assert round(found.largest, 8) == 2e-5


def test_a_tie_may_fall_either_way_but_another_label_may_not() -> None:
    near, far = (
        compare(chances(0.5), chances(0.499999), 1, classes=True),
        compare(chances(0.5001), chances(0.4999), 1, classes=True),
    )
    assert near.wrong(1e-5).tolist() == []
    assert far.labels_differ.tolist() == [True]


def test_values_are_compared_relatively_and_small_ones_with_the_spread() -> None:
    estimator, graph = values(1e6, 0.0, 1.0), values(1e6 + 1, 1e-4, 1.1)
    assert compare(estimator, graph, 3, classes=False).wrong(1e-5).tolist() == [1, 2]
    assert compare(estimator, graph, 3, classes=False, scale=100.0).wrong(1e-5).tolist() == [2]


def test_nan_is_equal_to_nan_and_to_nothing_else() -> None:
    nan, infinity = float("nan"), float("inf")
    found = compare(
        values(nan, nan, 1.0, infinity), values(nan, 1.0, nan, infinity), 4, classes=False, scale=1.0
    )
    assert found.wrong(1e-5).tolist() == [1, 2]
    assert found.difference.tolist() == [0.0, np.inf, np.inf, 0.0]


def refusing(model: Model, rows_refused: set[int], error: type[Exception], asked: list[int]) -> Model:
    """A model that fails for a table with any of the rows."""

    def answer(rows: pd.DataFrame) -> Predicted:
        asked.append(len(rows))
        if rows_refused & set(rows["at"]):
            raise error("no") if error is not ContractError else ContractError("no", file="model.onnx")
        return model(rows)

    return answer


def test_rows_that_the_estimator_refuses_are_no_case_and_others_still_are() -> None:
    asked: list[int] = []
    estimator = refusing(chances(*[0.9] * 100), {7, 93}, ValueError, asked)
    found = compare(estimator, chances(*[0.9] * 50, *[0.8] * 50), 100, classes=True)
    assert np.flatnonzero(~found.accepted).tolist() == [7, 93]
    assert found.wrong(1e-5).tolist() == [row for row in range(50, 100) if row != 93]
    assert len(asked) < 40


def test_rows_that_only_the_graph_refuses_are_wrong() -> None:
    graph = refusing(chances(*[0.9] * 100), {3}, ContractError, [])
    found = compare(chances(*[0.9] * 100), graph, 100, classes=True)
    assert found.wrong(1e-5).tolist() == [3]
    assert (found.largest, found.error) == (np.inf, "model.onnx: no")


def test_a_graph_that_refuses_everything_is_not_asked_for_ever() -> None:
    asked: list[int] = []
    graph = refusing(chances(*[0.9] * 50_000), set(range(50_000)), ContractError, asked)
    found = compare(chances(*[0.9] * 50_000), graph, 50_000, classes=True)
    assert len(found.wrong(1e-5)) == 50_000
    assert len(asked) <= 2 * parity.MAX_QUESTIONS + 1
