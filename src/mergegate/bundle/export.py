"""Write a bundle from a fitted scikit-learn estimator, once its graph is proven to answer as it does."""

import hashlib
import importlib.metadata
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import pandas as pd

from mergegate.bundle import (
    causes,
    contents,
    conversion,
    distributions,
    edges,
    folder,
    parity,
    session,
    signature,
    unlearnt,
)
from mergegate.bundle.columns import tensors
from mergegate.bundle.conversion import Converters
from mergegate.bundle.edges import Edges
from mergegate.bundle.parity import Comparison
from mergegate.bundle.session import Predicted
from mergegate.errors import UsageError
from mergegate.records import manifest as manifest_record
from mergegate.records.manifest import BundleFile, InputColumn, Manifest
from mergegate.records.predictions import Task

LIBRARIES = ("numpy", "onnx", "onnxruntime", "scikit-learn", "skl2onnx")
TOLERANCE = 1e-5
Labels = Literal["text", "integer", "boolean", "none"]


class Saved(msgspec.Struct, frozen=True):
    """A written bundle: its size in bytes, and what parity was proven on.

    `rows` of `check`, `edge_rows` made from the signature and `refused_rows` of them that the estimator
    itself, or the manifest, does not take; `difference` is the largest found.
    """

    path: Path
    size: int
    rows: int
    edge_rows: int
    refused_rows: int
    difference: float


def save(
    path: str | Path,
    estimator: Any,
    *,
    name: str,
    task: Task,
    target: str,
    X: pd.DataFrame,
    check: pd.DataFrame | None = None,
    tolerance: float = TOLERANCE,
    converters: Converters | None = None,
) -> Saved:
    """Export a fitted estimator to the folder `path`: model.onnx, manifest.json, reference.json.

    `X` are the training inputs, fitted as `prepare` gives them; `check` are more rows with the same columns,
    usually the evaluation's, on which estimator and graph must agree (probabilities within `tolerance`,
    regression's values relatively, labels exactly but for ties); default is `X`. They must also agree on rows
    at the edges of the signature: unseen, missing, empty, extreme. A column that `X` never lacks, and where
    they differ on missing values, may not be missing by the manifest. `converters` maps transformer classes
    of your own to skl2onnx's (shape calculator, converter). Raises UsageError, and writes nothing, when the
    estimator can't be converted or the graph does not answer as it does. The same estimator and rows give the
    same bytes.
    """
    _check_arguments(estimator, name, task)
    X = signature.prepare(X)
    check = X if check is None else _same_columns(signature.prepare(check), X)
    classes, labels = _classes(estimator, task)
    graph = conversion.convert(
        estimator,
        name,
        signature.describe(X),
        probabilities=bool(classes) and hasattr(estimator, "predict_proba"),
        converters=converters or {},
    )
    manifest = Manifest(
        schema=manifest_record.SCHEMA,
        name=name,
        task=task,
        target=target,
        inputs=graph.inputs,
        outputs=graph.outputs,
        classes=classes,
        labels=labels,
        files=(),
        versions={library: importlib.metadata.version(library) for library in LIBRARIES},
        parity=tolerance,
    )
    running = session.open_session(graph.model, Path(contents.MODEL), manifest)
    tried = edges.make(X, graph.inputs)
    compared, at_edges = _prove(estimator, running, manifest, X, check, tried, tolerance)
    manifest = msgspec.structs.replace(manifest, inputs=_limits(manifest.inputs, tried, at_edges))
    size = _write(Path(path), manifest, graph.model, X, running)
    return Saved(
        path=Path(path),
        size=size,
        rows=len(check),
        edge_rows=int(at_edges.accepted.sum()),
        refused_rows=int((~at_edges.accepted).sum()),
        difference=max(compared.largest, at_edges.largest),
    )


def _check_arguments(estimator: Any, name: str, task: Task) -> None:
    if not name.strip() or not name.isprintable():
        raise UsageError(f"{name!r} is no name for a model", hint="give it a short printable name")
    if task not in ("binary", "multiclass", "regression"):
        raise UsageError(f"`{task}` is no task", hint="binary, multiclass or regression")
    if not hasattr(estimator, "predict"):
        raise UsageError(f"{type(estimator).__name__} can't predict", hint="give `save` a fitted estimator")
    if (task == "regression") == hasattr(estimator, "classes_"):
        kind = "a fitted classifier" if task != "regression" else "a fitted regressor"
        raise UsageError(f"{type(estimator).__name__} is not {kind}", hint="fit it, or mend the task")


def _same_columns(check: pd.DataFrame, X: pd.DataFrame) -> pd.DataFrame:
    missing = [name for name in X.columns if name not in check.columns]
    if missing:
        raise UsageError(f"the check rows lack {', '.join(missing[:5])}")
    check = check[list(X.columns)]
    other = [name for name in X.columns if check[name].dtype != X[name].dtype]
    if other:
        raise UsageError(
            f"`{other[0]}` is a number in one of the training and check rows and text in the other"
        )
    return check


def _classes(estimator: Any, task: Task) -> tuple[tuple[str, ...], Labels]:
    """The labels as text in the order of the probability columns, and what they are outside."""
    if task == "regression":
        return (), "none"
    raw = np.asarray(estimator.classes_)
    labels: Labels
    if raw.dtype.kind == "b":
        labels = "boolean"
    elif raw.dtype.kind in "iu":
        labels = "integer"
    elif all(isinstance(label, str) for label in raw.tolist()):
        labels = "text"
    else:
        raise UsageError(f"labels must be text, integers or booleans; found {raw.tolist()[:3]}")
    if task == "binary" and len(raw) != 2:
        raise UsageError(f"a binary model has two classes, this one has {len(raw)}", hint="mend the task")
    return tuple(str(label) for label in raw.tolist()), labels


def _prove(
    estimator: Any,
    running: Any,
    manifest: Manifest,
    X: pd.DataFrame,
    check: pd.DataFrame,
    tried: Edges,
    tolerance: float,
) -> tuple[Comparison, Comparison]:
    """Compare on the check rows and the edges; UsageError where they disagree."""
    # Parity asks the graph everything that the estimator answers, whatever the manifest will refuse later.
    open_inputs = tuple(
        msgspec.structs.replace(column, missing=True, unseen=True) for column in manifest.inputs
    )

    def expected(rows: pd.DataFrame) -> Predicted:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            y_pred = np.asarray(estimator.predict(rows))
            if manifest.outputs.probabilities:
                return Predicted(y_pred, np.asarray(estimator.predict_proba(rows), dtype=np.float64))
            return Predicted(
                y_pred.reshape(-1) if manifest.classes else y_pred.reshape(-1).astype(np.float64), None
            )

    def found(rows: pd.DataFrame) -> Predicted:
        return session.run_batches(running, manifest, tensors(rows, open_inputs))

    answers = _answers(expected, check)
    # Regression's small values are held to the spread of the predictions.
    scale = 0.0 if manifest.classes else float(np.std(answers.y_pred))
    settings: dict[str, Any] = {"classes": manifest.classes, "tolerance": tolerance, "scale": scale}
    compared = parity.compare(check, expected, found, **settings)
    at_edges = parity.compare(tried.rows, expected, found, **settings)
    at_edges = unlearnt.leave_out(at_edges, tried, X, tolerance)
    error = causes.refuse(estimator, compared, at_edges, tried, tolerance=tolerance)
    if error is not None:
        raise error
    return compared, at_edges


def _answers(expected: Callable[[pd.DataFrame], Predicted], check: pd.DataFrame) -> Predicted:
    """The estimator's answers for the check rows; UsageError when it does not take them all."""
    try:
        return expected(check)
    except (ValueError, TypeError) as error:
        words = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UsageError(
            f"the estimator refuses the check rows: {words[:300]}",
            hint="let training handle missing values and categories that it has not seen",
        ) from error


def _limits(inputs: tuple[InputColumn, ...], tried: Edges, compared: Comparison) -> tuple[InputColumn, ...]:
    """The signature with what the estimator takes of missing and unseen values, column by column."""
    refused = {(tried.columns[row], tried.kinds[row]) for row in np.flatnonzero(~compared.accepted).tolist()}
    return tuple(
        msgspec.structs.replace(
            column,
            missing=(column.name, "missing") not in refused,
            unseen=column.kind == "category" and (column.name, "unseen") not in refused,
        )
        for column in inputs
    )


def _write(path: Path, manifest: Manifest, model: bytes, X: pd.DataFrame, running: Any) -> int:
    feed = tensors(X, manifest.inputs)
    reference = distributions.describe(X, session.run_batches(running, manifest, feed), manifest)
    files = {contents.MODEL: model, contents.REFERENCE: _json(reference)}
    listed = tuple(
        BundleFile(path=name, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
        for name, content in sorted(files.items())
    )
    files[contents.MANIFEST] = _json(msgspec.structs.replace(manifest, files=listed))
    folder.write(path, files)
    return sum(len(content) for content in files.values())


def _json(record: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"
