"""The features: learnt from training rows, the same in scikit-learn and in the graph."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from mergegate import bundle
from pipeline.features import CONVERTERS, OTHER, CategoryGrouper, Encoding, Features, QuantileClipper, build

NAN = float("nan")


def rows(count: int = 400) -> pd.DataFrame:
    """Two numbers, one with outliers and gaps, and a category with a rare value and gaps."""
    random = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "temp": random.normal(50, 10, count),
            "precip": random.exponential(1.0, count),
            "dest": random.choice(["ATL", "ORD", "SFO", ""], count, p=[0.5, 0.3, 0.1, 0.1]),
        }
    )
    frame.loc[0, "precip"] = 1e6
    frame.loc[::9, "precip"] = NAN
    frame.loc[5, "dest"] = "LEX"
    return bundle.prepare(frame)


def columns(**settings: Any) -> Features:
    defaults: dict[str, Any] = {"clip": (0.01, 0.99), "min_rows": 5}
    return Features(numbers=("temp", "precip"), categories=("dest",), **{**defaults, **settings})


def test_outliers_are_clipped_to_quantiles_of_the_training_rows_and_gaps_stay() -> None:
    clipper = QuantileClipper(0.25, 0.75).fit(np.array([[0.0], [1.0], [2.0], [3.0], [4.0], [NAN]]))
    assert (clipper.low_.tolist(), clipper.high_.tolist()) == ([1.0], [3.0])
    clipped = clipper.transform(np.array([[-100.0], [1.5], [100.0], [NAN]]))
    np.testing.assert_array_equal(clipped, np.array([[1.0], [1.5], [3.0], [NAN]], dtype=np.float32))


def test_a_column_without_values_is_not_clipped() -> None:
    clipper = QuantileClipper(0.1, 0.9).fit(np.full((3, 1), NAN))
    assert clipper.transform(np.array([[7.0]])).tolist() == [[7.0]]


def test_rare_unseen_and_missing_categories_share_one_bucket() -> None:
    train = np.array([["AA"]] * 3 + [["UA"]] * 2 + [["B6"]] + [[""]] * 3, dtype=object)
    grouper = CategoryGrouper(2).fit(train)
    assert grouper.kept_ == [["AA", "UA"]]
    found = grouper.transform(np.array([["AA"], ["UA"], ["B6"], [""], ["never"]], dtype=object))
    assert found.ravel().tolist() == ["AA", "UA", OTHER, OTHER, OTHER]


@pytest.mark.parametrize("encode", ["one_hot", "ordinal", "target"])
@pytest.mark.parametrize("settings", [{}, {"impute": "none"}, {"impute": "mean"}, {"min_rows": 1000}])
def test_the_graph_holds_the_features_exactly(
    tmp_path: Path, encode: Encoding, settings: dict[str, Any]
) -> None:
    frame = rows()
    y = np.where(frame["temp"] + 5 * (frame["dest"] == "ATL") > 52, "late", "on_time")
    boosted = settings.get("impute") == "none"
    model = HistGradientBoostingClassifier(max_iter=5) if boosted else LogisticRegression(max_iter=500)
    transformer = build(columns(**settings), scale=not boosted, encode=encode, seed=0)
    fitted = Pipeline([("features", transformer), ("model", model)]).fit(frame, y)
    saved = bundle.save(
        tmp_path / "b", fitted, name="m", task="binary", target="late", X=frame, converters=CONVERTERS
    )
    assert saved.rows == 400
    assert saved.refused_rows == 0
    assert saved.difference < 1e-5


def test_evaluation_rows_teach_the_features_nothing() -> None:
    transformer = build(columns(), scale=True, encode="one_hot", seed=0).fit(rows())
    before = transformer.transform(rows())
    transformer.transform(rows().assign(temp=np.float32(1e9), dest="LEX"))
    np.testing.assert_array_equal(transformer.transform(rows()), before)


def test_numbers_alone_or_categories_alone_will_do() -> None:
    for features in (Features(numbers=("temp",)), Features(categories=("dest",))):
        assert build(features, scale=True, encode="one_hot", seed=0).fit_transform(rows()).shape[0] == 400
