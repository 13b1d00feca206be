"""Rows are put to a bundle in an order that it can't have been made for: only an honest one does not mind."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mergegate import bundle
from mergegate.bundle.scoring import Scores, score
from mergegate.errors import ContractError
from support import bundles, scoring

ROWS = 500


def run(path: Path, inputs: Path, *, task: str, seed: int | None, refused: tuple[str, ...] = ()) -> Scores:
    row_id = pq.read_table(inputs, columns=["row_id"]).column(0).combine_chunks()
    return score(
        path,
        files=scoring.of_bundle(path),
        task=task,
        row_id=row_id.cast(pa.large_string()) if pa.types.is_string(row_id.type) else row_id,
        asked="head's predictions",
        inputs=scoring.files(inputs, name="data/evaluation"),
        limits=scoring.QUICK,
        seed=seed,
        refused=refused,
    )


def test_a_graph_that_answers_by_position_gives_itself_away(tmp_path: Path) -> None:
    truth = np.random.default_rng(5).normal(size=ROWS).astype(np.float32)
    path = scoring.by_position(tmp_path / "bundle", truth.tolist())
    inputs = tmp_path / "inputs.parquet"
    pq.write_table(pa.table({"row_id": np.arange(ROWS), "x": np.zeros(ROWS)}), inputs)
    assert run(path, inputs, task="regression", seed=None).y_pred.tolist() == truth.tolist()
    asked = run(path, inputs, task="regression", seed=1)
    assert asked.rows.tolist() == list(range(ROWS))
    assert np.count_nonzero(asked.y_pred != truth) > 0.9 * ROWS


@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
def test_an_honest_one_answers_alike_in_any_order(seed: int, tmp_path: Path) -> None:
    path = bundles.write(tmp_path / "bundle")
    inputs = scoring.inputs(tmp_path / "inputs.parquet", ROWS)
    expected = bundle.load(path).predict(bundles.flights(ROWS))
    found = run(path, inputs, task="binary", seed=seed)
    assert expected.probabilities is not None
    assert found.probabilities is not None
    assert (found.rows.tolist(), found.missing) == (list(range(ROWS)), 0)
    assert [found.classes[code] for code in found.y_pred] == expected.y_pred.tolist()
    np.testing.assert_allclose(found.probabilities, expected.probabilities, rtol=0, atol=1e-7)


def test_one_row_is_asked_too(tmp_path: Path) -> None:
    path = scoring.write(tmp_path / "bundle", "regression")
    inputs = tmp_path / "inputs.parquet"
    pq.write_table(pa.table({"row_id": [7], "x": [1.0]}), inputs)
    assert run(path, inputs, task="regression", seed=3).y_pred == pytest.approx([3.0], abs=1e-5)


def test_a_bundle_that_is_told_the_row_or_the_answer_is_not_run(tmp_path: Path) -> None:
    path = bundles.write(tmp_path / "bundle")
    inputs = scoring.inputs(tmp_path / "inputs.parquet", 5)
    with pytest.raises(ContractError) as caught:
        run(path, inputs, task="binary", seed=1, refused=("row_id", "Carrier"))
    assert (caught.value.message, caught.value.hint) == (
        "models/bundle: it takes `carrier`, by which it can know the answer instead of predicting it",
        "train without that column",
    )
