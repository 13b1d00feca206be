"""How far predictions may lie from a bundle's answers before they count as another model's."""

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from mergegate import predictions
from mergegate.flows.bundles import TOLERANCE, allowed
from mergegate.flows.scores import distances, other_labels
from mergegate.records.predictions import Predictions


def numbers(values: Any) -> Predictions:
    values = np.asarray(values, dtype=float)
    return predictions.build(
        row_id=np.arange(len(values)), y_true=values, y_pred=values, task="regression", name="p"
    )


def late(chances: Any) -> Predictions:
    yes = np.asarray(chances, dtype=float)
    return predictions.build(
        row_id=np.arange(len(yes)),
        y_true=np.where(yes > 0.3, "late", "on_time"),
        y_pred=np.where(yes >= 0.5, "late", "on_time"),
        task="binary",
        positive="late",
        probabilities={"late": yes, "on_time": 1 - yes},
        name="p",
    )


def test_each_rows_distance_is_the_largest_of_its_probabilities() -> None:
    apart = distances(late([0.9, 0.2, 0.6]), late([0.9, 0.45, 0.4]))
    assert apart == pytest.approx([0.0, 0.25, 0.2])
    assert other_labels(late([0.9, 0.2, 0.6]), late([0.9, 0.45, 0.4])).tolist() == [2]
    assert distances(numbers([1.0, -2.0]), numbers([1.5, -2.0])) == pytest.approx([0.5, 0.0])


def test_large_numbers_may_round_as_float32_does_and_small_ones_may_not_be_made_up() -> None:
    large = numbers([3e6, 1e6, 2e6])
    rounded = numbers(np.asarray([3e6, 1e6, 2e6], np.float32) * np.float32(1 + 2e-7))
    assert (distances(large, rounded) <= allowed(large, None)).all()
    small = numbers([3e-6, 1e-6, 2e-6])
    assert (distances(small, numbers([2e-6, 2e-6, 3e-6])) > allowed(small, None)).all()


def test_one_huge_prediction_makes_no_room_for_the_others() -> None:
    given = numbers([1.0, 2.0, 3.0, 1e12])
    assert allowed(given, None)[:3] == pytest.approx([2.5e-5, 2.5e-5, 3e-5])


def test_the_policys_parity_is_what_may_be() -> None:
    assert allowed(numbers([1e9]), 0.5) == 0.5
    assert allowed(late([0.5]), None) == TOLERANCE
    assert not np.isnan(distances(replace(late([0.5]), probabilities=None), late([0.5]))).any()
