"""Run a bundle: onnxruntime on one thread, inputs and outputs as the manifest says."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from mergegate.bundle import columns, contents
from mergegate.bundle.contents import Contents
from mergegate.bundle.folder import printable
from mergegate.errors import ContractError, UsageError
from mergegate.records.manifest import Manifest
from mergegate.records.reference import Reference

BATCH = 16_384
"""Rows given to the graph at once: bounds memory, and makes no difference to the answers."""

_QUIET = 4
_TENSOR_TYPES = {"number": "tensor(float)", "category": "tensor(string)"}


class Predicted(msgspec.Struct, frozen=True, eq=False):
    """What a model says of n rows.

    `y_pred` (n,): labels as the training data had them (text, int64 or bool), or float64 for regression.
    `probabilities` (n, k) float64 in the order of the manifest's classes, None when the model gives none.
    """

    y_pred: NDArray[Any]
    probabilities: NDArray[np.float64] | None


class Bundle:
    """A loaded bundle."""

    def __init__(self, files: Contents, session: Any) -> None:
        self.contents = files
        self.session = session

    @property
    def manifest(self) -> Manifest:
        """What the model is called, takes and gives."""
        return self.contents.manifest

    @property
    def reference(self) -> Reference:
        """What the training data looked like."""
        return self.contents.reference

    def predict(self, table: Any) -> Predicted:
        """Predict n rows.

        `table` is a pyarrow Table, a pandas DataFrame or a dict of columns; columns the model does not take
        are ignored. Missing is NaN or None for numbers, None or "" for text. Raises UsageError for rows the
        model was not fitted to take, ContractError when the graph can't answer or answers with NaN.
        """
        feed = columns.tensors(table, self.manifest.inputs)
        predicted = run_batches(self.session, self.manifest, feed)
        self.refuse_nan(predicted)
        return predicted

    def refuse_nan(self, predicted: Predicted) -> None:
        """Raise ContractError for answers that are NaN or infinite."""
        numbers = predicted.y_pred if self.manifest.task == "regression" else predicted.probabilities
        if numbers is not None and not np.isfinite(numbers).all():
            bad = np.flatnonzero(~np.isfinite(numbers.reshape(len(numbers), -1)).all(axis=1))
            raise ContractError(
                f"it answers {len(bad):,} of {len(numbers):,} rows with NaN or infinity, first row {bad[0]}",
                file=self.contents.path,
                hint="look for missing or extreme values that training did not have",
            )


def load(path: str | Path) -> Bundle:
    """Read, check and open the bundle at `path`.

    Raises UsageError when there is none, ContractError when its files, schema or graph are not what they must
    be.
    """
    files = contents.read(path)
    return Bundle(files, open_session(files.model, files.path / contents.MODEL, files.manifest))


def verify(path: str | Path) -> Contents:
    """Check everything about the bundle at `path` that can be checked without data; its contents.

    Raises as `load` does. The graph is opened without optimising it, so that nothing of it is computed.
    """
    files = contents.read(path)
    open_session(files.model, files.path / contents.MODEL, files.manifest, optimise=False)
    return files


def open_session(model: bytes, file: Path, manifest: Manifest, *, optimise: bool = True) -> Any:
    """An onnxruntime session whose inputs and outputs are the manifest's; ContractError otherwise."""
    options = ort.SessionOptions()
    # One thread: the same answers on every machine, and a server runs many sessions side by side.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _QUIET
    options.add_session_config_entry("session.load_model_format", "ONNX")
    level = ort.GraphOptimizationLevel
    options.graph_optimization_level = level.ORT_ENABLE_BASIC if optimise else level.ORT_DISABLE_ALL
    try:
        session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    # onnxruntime raises a class of its own per status code, all of them plain exceptions.
    except Exception as error:
        raise ContractError(
            f"onnxruntime {ort.__version__} can't open it: {_first_line(error)}",
            file=file,
            hint="export it again with the versions in the manifest",
        ) from error
    _check_signature(session, file, manifest)
    return session


def run_batches(session: Any, manifest: Manifest, feed: dict[str, NDArray[Any]]) -> Predicted:
    """Call the graph for all rows of `feed`, BATCH at a time; UsageError when there is none."""
    rows = len(next(iter(feed.values())))
    if rows == 0:
        raise UsageError("the table has no rows")
    parts = [
        run(session, manifest, {name: values[at : at + BATCH] for name, values in feed.items()})
        for at in range(0, rows, BATCH)
    ]
    probabilities = [part.probabilities for part in parts if part.probabilities is not None]
    return Predicted(
        np.concatenate([part.y_pred for part in parts]),
        np.concatenate(probabilities) if probabilities else None,
    )


def run(session: Any, manifest: Manifest, feed: dict[str, NDArray[Any]]) -> Predicted:
    """One call of the graph; ContractError when it fails."""
    outputs = [name for name in (manifest.outputs.prediction, manifest.outputs.probabilities) if name]
    try:
        answers = session.run(outputs, feed)
    except Exception as error:
        raise ContractError(
            f"the graph fails on a row: {_first_line(error)}",
            file=contents.MODEL,
            hint="see the export's parity check",
        ) from error
    y_pred = labels(np.asarray(answers[0]).reshape(-1), manifest)
    return Predicted(y_pred, np.asarray(answers[1], dtype=np.float64) if len(answers) > 1 else None)


def labels(raw: NDArray[Any], manifest: Manifest) -> NDArray[Any]:
    """The graph's predictions (n,) in the type that the training data had."""
    kinds: dict[str, type] = {"text": object, "integer": np.int64, "boolean": np.bool_, "none": np.float64}
    return raw.astype(kinds[manifest.labels])


def _check_signature(session: Any, file: Path, manifest: Manifest) -> None:
    given = {tensor.name: tensor.type for tensor in session.get_inputs()}
    wanted = {column.tensor: _TENSOR_TYPES[column.kind] for column in manifest.inputs}
    if given != wanted:
        name = sorted(name for name in given.keys() | wanted.keys() if given.get(name) != wanted.get(name))[0]
        raise ContractError(
            f"the input `{printable(name)}` is {given.get(name, 'not there')}, "
            f"the manifest says {wanted.get(name, 'nothing of it')}",
            file=file,
        )
    outputs = {tensor.name for tensor in session.get_outputs()}
    named = {manifest.outputs.prediction} | ({manifest.outputs.probabilities} - {None})
    if outputs != named:
        raise ContractError(
            f"its outputs are {printable(', '.join(sorted(outputs)))}, "
            f"the manifest says {printable(', '.join(sorted(map(str, named))))}",
            file=file,
        )


def _first_line(error: Exception) -> str:
    return "".join(char if char.isprintable() else " " for char in str(error)[:300]).strip()
