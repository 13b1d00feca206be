"""A bundle of one side, run on head's evaluation inputs: its answers as predictions of head's rows."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec.structs import replace
from numpy.typing import NDArray

from mergegate import predictions, repo
from mergegate.arrays import to_arrow, to_numpy, to_texts
from mergegate.bundle.scoring import Limits, Scores, score
from mergegate.config.policy import Evaluation, Model
from mergegate.errors import BrokenError, ContractError, MergegateError
from mergegate.flows.evidence import Reading
from mergegate.flows.folders import parquet_files, place_bundle
from mergegate.predictions.columns import LazyColumns
from mergegate.predictions.contract import listing
from mergegate.records.predictions import Predictions

ASKED = "head's predictions"
TIE = 1e-3
"""Two labels whose probabilities are no further apart: rounding may decide between them."""


def run_bundle(
    model: Model,
    side: Reading,
    head: Reading,
    objects: repo.Objects,
    asked: Predictions,
    *,
    unseen: bool = False,
    limits: Limits | None = None,
    seed: int | None = None,
    refused: tuple[str, ...] = (),
) -> tuple[Scores, Predictions | None]:
    """Run the bundle of `side` on head's evaluation inputs: its answers for the rows of `asked`.

    The predictions have y_true and the further columns of `asked`, and are None where no row was answered.
    `unseen`: leave out the rows that `side` was trained on. `seed` and `refused` as `score` takes them.
    Raises ContractError and BrokenError.
    """
    evaluation, bundle = model.evaluation, model.bundle
    if bundle is None or evaluation.inputs is None:
        raise ValueError("the policy names no bundle or no inputs")
    try:
        with tempfile.TemporaryDirectory(prefix="mergegate-") as name:
            folder = Path(name).resolve()
            files = place_bundle(side, objects, bundle, folder / "bundle")
            inputs = _parquet(head, objects, evaluation.inputs, folder / "inputs")
            without = None
            if unseen and evaluation.training_rows is not None:
                without = _parquet(side, objects, evaluation.training_rows, folder / "training")
            scores = score(
                folder / "bundle",
                files=files,
                task=evaluation.task,
                row_id=asked.row_id,
                asked=ASKED,
                inputs=inputs,
                without=without,
                limits=limits,
                seed=seed,
                refused=refused,
            )
    except OSError as error:
        raise BrokenError(
            f"a temporary file can't be written: {error.strerror}", hint="free some space"
        ) from error
    if not len(scores.rows):
        return scores, None
    return scores, _predictions(scores, asked, evaluation, name=files.name)


def _parquet(reading: Reading, objects: repo.Objects, path: str, into: Path) -> Any:
    into.mkdir()
    return parquet_files(reading, objects, path, into)


def _predictions(scores: Scores, asked: Predictions, evaluation: Evaluation, *, name: str) -> Predictions:
    """The scores as predictions of the rows that were asked."""
    rows = scores.rows
    if evaluation.task == "binary":
        _check_classes(scores, asked, name)
    if evaluation.threshold is not None and scores.probabilities is None:
        raise ContractError(
            "it gives no probabilities to hold against the policy's threshold",
            file=name,
            hint="export a model with `predict_proba`, or take `threshold` from the policy",
        )
    built = predictions.build(
        row_id=asked.row_id.take(to_arrow(rows)),
        y_true=_labels(asked.y_true[rows], asked.classes),
        y_pred=_labels(scores.y_pred, scores.classes),
        task=evaluation.task,
        positive=evaluation.positive,
        probabilities=_by_class(scores, asked),
        name=name,
    )
    if evaluation.threshold is not None and built.probabilities is not None:
        built = replace(built, y_pred=(built.probabilities[:, -1] >= evaluation.threshold).astype(np.int32))
    # A loss was computed from the answers in the file, and these are others.
    losses = {loss.column for loss in evaluation.losses}
    shared = tuple(column for column in asked.columns if column not in losses)
    return replace(
        built, columns=LazyColumns(shared, lambda column: asked.columns[column].take(to_arrow(rows)))
    )


def _check_classes(scores: Scores, asked: Predictions, name: str) -> None:
    if len({*scores.classes, *asked.classes}) > 2:
        raise ContractError(
            f"its classes are {listing(scores.classes)}, those of {ASKED} {listing(asked.classes)}",
            file=name,
            hint="the two can't be compared: give the classes the same names in both",
        )


def _labels(values: NDArray[Any], classes: tuple[str, ...]) -> Any:
    """Codes as the labels they stand for; numbers as they are."""
    if not classes:
        return values
    return pa.DictionaryArray.from_arrays(to_arrow(values), to_texts(classes))


def _by_class(scores: Scores, asked: Predictions) -> Mapping[str, NDArray[np.float64]] | None:
    """Probabilities by class; to a class that the bundle does not know it gives no chance."""
    if scores.probabilities is None:
        return None
    columns = {text: scores.probabilities[:, place] for place, text in enumerate(scores.classes)}
    none = np.zeros(len(scores.rows))
    return columns | {text: none for text in asked.classes if text not in columns}


def furthest(one: Predictions, other: Predictions) -> float | None:
    """The largest distance of two sets of predictions on the rows both have, None when they share none.

    Of the predictions for regression, of the probabilities where both have them; else 1 for another label.
    """
    if one.row_id.type != other.row_id.type:
        return None
    index = pc.index_in(other.row_id, value_set=one.row_id)
    left, right = to_numpy(index.drop_null()), to_numpy(pc.indices_nonzero(index.is_valid()))
    if not len(left):
        return None
    if one.task == "regression":
        return float(np.abs(one.y_pred[left] - other.y_pred[right]).max())
    texts = sorted({*one.classes, *other.classes})
    if one.probabilities is None or other.probabilities is None:
        codes = {text: code for code, text in enumerate(texts)}
        return float((_codes(one, codes)[left] != _codes(other, codes)[right]).any())
    return max(
        float(np.abs(_of_class(one, text, left) - _of_class(other, text, right)).max()) for text in texts
    )


def distances(given: Predictions, found: Predictions) -> NDArray[np.float64]:
    """How far each of n rows of `given` lies from a bundle's `found`, the same rows in the same order (n,).

    Of the predictions for regression, of the probabilities where both have them; else 0.
    """
    if given.task == "regression":
        apart: NDArray[np.float64] = np.abs(given.y_pred - found.y_pred)
        return apart
    largest = np.zeros(given.rows)
    if given.probabilities is not None and found.probabilities is not None:
        every = slice(None)
        for text in sorted({*given.classes, *found.classes}):
            np.maximum(
                largest, np.abs(_of_class(given, text, every) - _of_class(found, text, every)), out=largest
            )
    return largest


def other_labels(given: Predictions, found: Predictions) -> NDArray[np.intp]:
    """The rows, of both and in the same order, where `given` has another label than a bundle's `found`.

    Where the bundle's probabilities of the two labels are a tie, either will do.
    """
    if found.task == "regression":
        return np.zeros(0, np.intp)
    codes = {text: code for code, text in enumerate(sorted({*given.classes, *found.classes}))}
    said, own = _codes(given, codes), _codes(found, codes)
    rows = np.flatnonzero(said != own)
    if found.probabilities is None or not len(rows):
        return rows
    chances = np.zeros((len(rows), len(codes)))
    chances[:, [codes[text] for text in found.classes]] = found.probabilities[rows]
    places = np.arange(len(rows))
    tied = np.abs(chances[places, own[rows]] - chances[places, said[rows]]) <= TIE
    return rows[~tied]


def _codes(given: Predictions, codes: Mapping[str, int]) -> NDArray[np.int32]:
    found: NDArray[np.int32] = np.array([codes[text] for text in given.classes], np.int32)[given.y_pred]
    return found


def _of_class(given: Predictions, text: str, rows: NDArray[Any] | slice) -> NDArray[np.float64]:
    if given.probabilities is None or text not in given.classes:
        return np.zeros(len(given.y_pred[rows]))
    found: NDArray[np.float64] = given.probabilities[rows, given.classes.index(text)]
    return found


def sentence(error: MergegateError) -> str:
    """What happened and what to do, as one sentence without its full stop."""
    return f"{error.message.rstrip('.')}; {error.hint}".removesuffix("; ").rstrip(".")
