"""A bundle answers for tables of any kind as its estimator did, and refuses rows it was not fitted for."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pytest
from onnx import helper
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from mergegate import bundle
from mergegate.bundle import Bundle, columns, session
from mergegate.errors import ContractError, UsageError
from support import bundles

ROW: dict[str, list[Any]] = {"wind speed": [0.5], "pressure": [1000], "carrier": ["AA"], "dest": ["ORD"]}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return bundle.load(bundles.write(tmp_path_factory.mktemp("model") / "bundle"))


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A model that takes neither missing values nor unseen categories."""
    frame = bundles.flights()[["wind speed", "carrier"]]
    encoder = ColumnTransformer([("c", OneHotEncoder(), ["carrier"])], remainder="passthrough")
    estimator = make_pipeline(encoder, LogisticRegression()).fit(frame, bundles.late(bundles.flights()))
    path = tmp_path_factory.mktemp("strict") / "bundle"
    bundle.save(path, estimator, name="strict", task="binary", target="late", X=frame)
    return bundle.load(path)


def test_the_bundle_answers_as_the_estimator_did(model: Bundle) -> None:
    frame = bundles.flights()
    estimator = bundles.logistic().fit(frame, bundles.late(frame))
    predicted = model.predict(frame)
    assert predicted.y_pred.tolist() == estimator.predict(frame).tolist()
    assert predicted.probabilities is not None
    np.testing.assert_allclose(predicted.probabilities, estimator.predict_proba(frame), atol=1e-6)


def test_tables_of_every_kind_give_the_same_answer(model: Bundle) -> None:
    frame = bundles.flights(50)
    text = frame.assign(carrier=frame["carrier"].astype("category"), dest=frame["dest"].replace("", None))
    arrow = pa.Table.from_pandas(frame)
    dictionaries = arrow.set_column(2, "carrier", arrow["carrier"].dictionary_encode())
    tables = [
        text,
        arrow,
        dictionaries,
        frame.to_dict("list"),
        {name: frame[name].to_numpy() for name in frame},
    ]
    expected = model.predict(frame).probabilities
    for table in tables:
        np.testing.assert_array_equal(model.predict(table).probabilities, expected)


def test_columns_the_model_does_not_take_are_ignored(model: Bundle) -> None:
    assert model.predict({**ROW, "late": ["?"]}).y_pred.tolist() == model.predict(ROW).y_pred.tolist()


@pytest.mark.parametrize("missing", [None, float("nan"), np.nan])
def test_missing_is_none_or_nan_for_numbers_and_none_or_empty_for_text(model: Bundle, missing: Any) -> None:
    expected = model.predict({**ROW, "pressure": [np.nan], "dest": [""]}).probabilities
    found = model.predict({**ROW, "pressure": [missing], "dest": [missing]}).probabilities
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("chunks", [1, 2])
def test_what_is_missing_from_a_dictionary_is_none_of_its_values(model: Bundle, chunks: int) -> None:
    # pyarrow's own to_numpy gives the last value of the dictionary instead.
    rows = {name: values * 3 for name, values in ROW.items()}
    texts = pa.array(["ATL", None, "ORD"], pa.string())
    plain = pa.table({**rows, "dest": texts})
    encoded = pa.table({**rows, "dest": texts.dictionary_encode()})
    found = model.predict(pa.concat_tables([encoded] * chunks)).probabilities
    expected = model.predict(pa.concat_tables([plain] * chunks)).probabilities
    assert found is not None
    assert expected is not None
    assert found.tolist() == expected.tolist()


def test_numbers_may_be_booleans_decimals_or_whole(model: Bundle) -> None:
    expected = model.predict({**ROW, "wind speed": [1.0]}).probabilities
    for value in (1, True, Decimal("1.0"), np.int8(1)):
        np.testing.assert_array_equal(model.predict({**ROW, "wind speed": [value]}).probabilities, expected)


def test_whole_numbers_are_categories_without_decimals() -> None:
    # A column of integers in which one is missing reaches the model as floats.
    values = np.array(["7", 7, 7.0, np.float32(7), 7.5, None, np.nan, np.float32(np.nan)], dtype=object)
    assert columns.to_text(values).tolist() == ["7", "7", "7", "7", "7.5", "", "", ""]


def test_many_rows_are_answered_as_one_by_one(model: Bundle) -> None:
    frame = bundles.flights(session.BATCH + 10)
    whole = model.predict(frame).probabilities
    assert whole is not None
    np.testing.assert_array_equal(whole[-20:], model.predict(frame.iloc[-20:]).probabilities)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"wind speed": ["fast"]}, "`wind speed` must be numbers; found `fast`"),
        ({"wind speed": [np.inf]}, "`wind speed` has values that float32 can't hold: inf"),
        ({"wind speed": [1e300]}, "`wind speed` has values that float32 can't hold: 1e+300"),
        ({"wind speed": [1.0, 2.0]}, "the columns have different lengths: [1, 2]"),
        ({"wind speed": np.zeros((1, 2))}, "`wind speed` has the shape (1, 2); a column has one dimension"),
        ({name: [] for name in ROW}, "the table has no rows"),
    ],
)
def test_rows_that_are_none_are_refused_with_the_column(
    model: Bundle, change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UsageError) as error:
        model.predict({**ROW, **change})
    assert error.value.message == sentence


def test_missing_columns_are_named(model: Bundle) -> None:
    with pytest.raises(UsageError, match="the table lacks wind speed, carrier"):
        model.predict({"pressure": [1.0], "dest": ["ATL"]})


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (
            {"wind speed": [np.nan], "carrier": ["AA"]},
            "`wind speed` is missing in 1 row, and the model takes no missing values there",
        ),
        (
            {"wind speed": [0.0], "carrier": [""]},
            "`carrier` is missing in 1 row, and the model takes no missing values there",
        ),
        (
            {"wind speed": [0.0], "carrier": ["ZZ\n"]},
            "`carrier` has values that training did not show, `ZZ\N{REPLACEMENT CHARACTER}`, "
            "and the model takes none",
        ),
    ],
)
def test_what_the_estimator_would_refuse_the_bundle_refuses(
    strict: Bundle, row: dict[str, Any], sentence: str
) -> None:
    assert [(column.missing, column.unseen) for column in strict.manifest.inputs] == [(False, False)] * 2
    with pytest.raises(UsageError) as error:
        strict.predict(row)
    assert error.value.message == sentence


def edited(path: Path, change: Any) -> Path:
    """A bundle whose graph was changed and listed anew."""
    graph = onnx.load_model(path / "model.onnx")
    change(graph)
    bundles.replace_file(path, "model.onnx", graph.SerializeToString())
    return path


def test_an_input_of_another_type_is_refused(tmp_path: Path) -> None:
    path = bundles.write(tmp_path / "bundle")
    bundles.edit_manifest(path, lambda document: document["inputs"][0].update(kind="category"))
    with pytest.raises(
        ContractError, match=r"the input `wind_speed` is tensor\(float\), the manifest says tensor\(string\)"
    ):
        bundle.verify(path)


def test_an_input_that_the_manifest_does_not_know_is_refused(tmp_path: Path) -> None:
    def add(graph: Any) -> None:
        graph.graph.input.append(helper.make_tensor_value_info("spy", onnx.TensorProto.FLOAT, [None, 1]))

    path = edited(bundles.write(tmp_path / "bundle"), add)
    with pytest.raises(
        ContractError, match=r"the input `spy` is tensor\(float\), the manifest says nothing of it"
    ):
        bundle.verify(path)


def test_an_output_that_the_manifest_does_not_know_is_refused(tmp_path: Path) -> None:
    path = bundles.write(tmp_path / "bundle")
    bundles.edit_manifest(path, lambda document: document["outputs"].update(probabilities=None))
    with pytest.raises(ContractError, match="its outputs are label, probabilities, the manifest says label"):
        bundle.verify(path)


def test_a_graph_that_onnxruntime_can_not_open_is_refused(tmp_path: Path) -> None:
    def corrupt(graph: Any) -> None:
        graph.graph.node[0].op_type = "NoSuchOperator"

    path = edited(bundles.write(tmp_path / "bundle"), corrupt)
    with pytest.raises(ContractError, match="can't open it"):
        bundle.verify(path)


def test_answers_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    def poison(graph: Any) -> None:
        for node in graph.graph.node:
            for attribute in node.attribute:
                if attribute.name == "intercepts":
                    attribute.floats[:] = [np.nan] * len(attribute.floats)

    path = edited(bundles.write(tmp_path / "bundle"), poison)
    with pytest.raises(ContractError, match="it answers 1 of 1 rows with NaN or infinity, first row 0"):
        bundle.load(path).predict(ROW)
