"""Stage train: cross-validate, fit, export to ONNX, prove that the graph answers as the fitted model does.

Nothing fitted is kept but the bundle. The same rows and params give the same bytes.
"""

import logging
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mergegate import bundle
from mergegate.errors import MergegateError
from pipeline import cross_validation, estimators, features, stage, tables
from pipeline.cross_validation import CrossValidation, Search, Trial
from pipeline.features import CONVERTERS, Encoding, Features
from pipeline.scores import Task
from pipeline.stage import Section, StageError

TRAIN = Path("data/model/train")
EVALUATION = Path("data/model/evaluation")
BUNDLE = Path("models/bundle")
TRAINING = Path("reports/training.json")
ROW_ID = "row_id"


class Model(Section, frozen=True):
    """A model to choose by its name in `train.model`.

    `class_` is an import path, `arguments` what its constructor takes, `scale` whether numbers are
    standardised before it, `encode` how it takes categories, `search` the lists of arguments that
    `train.search` tries.
    """

    class_: str = msgspec.field(name="class")
    arguments: dict[str, Any] = msgspec.field(default_factory=dict)
    scale: bool = False
    encode: Encoding = "one_hot"
    search: dict[str, list[Any]] = msgspec.field(default_factory=dict)


class Train(Section, frozen=True):
    """`model` names the entry of `models` that is fitted; `packages` are those that models may come from.

    `positive` is the class that binary metrics are about. `tolerance` is the largest difference between the
    fitted model and its graph, absolute for probabilities, relative for regression.
    """

    name: str
    task: Task
    label: str
    model: str
    models: dict[str, Model]
    positive: str | int | bool | None = None
    packages: tuple[str, ...] = ("sklearn",)
    cross_validation: CrossValidation = CrossValidation()
    search: Search = Search()
    seed: int = 0
    tolerance: float = 1e-5


def train(params: Train, log: logging.Logger) -> str:
    """Write the bundle and reports/training.json. StageError for params, rows, a conversion that won't do."""
    chosen = choose(params)
    columns = stage.load_params("features", Features)
    if not columns.columns:
        raise StageError("params.yaml, features: names no column", hint="list `numbers` and `categories`")
    frame = tables.read_frame(TRAIN)
    X, y = inputs(frame, columns), labels(frame, params)
    evaluation = inputs(tables.read_frame(EVALUATION, columns.columns), columns)
    log.info("%s rows, %s columns, model %s", f"{len(X):,}", len(columns.columns), params.model)
    make = partial(assemble, columns=columns, model=chosen, params=params)
    # Sums in BLAS depend on its threads, and OpenMP's threads wait for each other on a busy machine.
    with threadpool_limits(1), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        trials = try_out(params, chosen, make, frame, X, y, log)
        arguments = trials[0].arguments if trials else {}
        estimator = fit(make(arguments), X, y)
    for text in sorted({str(warning.message).splitlines()[0] for warning in caught}):
        log.warning("warning: %s", text)
    log.info("fitted; exporting and checking %s evaluation rows", f"{len(evaluation):,}")
    saved = export(estimator, params, X, evaluation)
    write_training(params, arguments, trials, saved)
    return (
        f"{params.model} on {len(X):,} rows{headline(trials)}; bundle of {saved.size:,} bytes, "
        f"equal on {saved.rows:,} rows and {saved.edge_rows} edge rows within {saved.difference:.1e}"
    )


def choose(params: Train) -> Model:
    """The entry of `models` that `model` names."""
    if params.model not in params.models:
        raise StageError(
            f"params.yaml, train.model: there is no `{params.model}` in train.models",
            hint=f"choose one of {', '.join(params.models)}",
        )
    if (params.task == "binary") != (params.positive is not None):
        raise StageError("params.yaml, train.positive: a binary task names its positive class, no other does")
    return params.models[params.model]


def inputs(frame: pd.DataFrame, columns: Features) -> pd.DataFrame:
    """The model's columns as the graph will see them; StageError names a missing one."""
    missing = [name for name in columns.columns if name not in frame.columns]
    if missing:
        raise StageError(
            f"the rows have no column {', '.join(missing)}",
            hint="add it to split.inputs or take it out of features",
        )
    selected = frame[columns.columns].astype(dict.fromkeys(columns.categories, object))
    try:
        return bundle.prepare(selected)
    except MergegateError as error:
        raise StageError(error.message, hint=error.hint) from error


def labels(frame: pd.DataFrame, params: Train) -> NDArray[Any]:
    """The label (n,): text, integers or booleans, numbers for regression; StageError when it won't do."""
    if params.label not in frame.columns:
        raise StageError(f"the training rows have no column `{params.label}`", hint="mend train.label")
    column = frame[params.label]
    if column.isna().any():
        raise StageError(f"`{params.label}` is missing in {int(column.isna().sum()):,} training rows")
    if params.task == "regression":
        return np.asarray(column.to_numpy(dtype=np.float64))
    y = (
        column.to_numpy(dtype=object)
        if not pd.api.types.is_numeric_dtype(column.dtype)
        else column.to_numpy()
    )
    found = sorted({str(label) for label in np.unique(y).tolist()})
    if params.task == "binary" and (len(found) != 2 or str(params.positive) not in found):
        raise StageError(
            f"`{params.label}` has the classes {', '.join(found[:10])}; "
            f"a binary task has two, `{params.positive}` among them"
        )
    return np.asarray(y)


def assemble(arguments: dict[str, Any], *, columns: Features, model: Model, params: Train) -> Pipeline:
    """The unfitted whole: features and estimator, the entry's arguments overridden by `arguments`."""
    estimator = estimators.build(
        model.class_, {**model.arguments, **arguments}, packages=params.packages, seed=params.seed
    )
    transformer = features.build(columns, scale=model.scale, encode=model.encode, seed=params.seed)
    return Pipeline([("features", transformer), ("model", estimator)])


def try_out(
    params: Train,
    model: Model,
    make: Any,
    frame: pd.DataFrame,
    X: pd.DataFrame,
    y: NDArray[Any],
    log: logging.Logger,
) -> list[Trial]:
    """Cross-validated trials, the chosen one first; none when params ask for none."""
    folds = cross_validation.make_folds(params.cross_validation, frame, seed=params.seed)
    candidates = cross_validation.candidates(params.search, model.search, seed=params.seed)
    if not folds:
        if len(candidates) > 1:
            raise StageError("params.yaml, train.search needs train.cross_validation to compare by")
        return []
    log.info("cross-validating %s × %s folds", len(candidates), len(folds))
    jobs = params.search.jobs if len(candidates) > 1 else 1
    positive = None if params.positive is None else str(params.positive)
    try:
        trials = cross_validation.run(
            make, candidates, folds, X, y, task=params.task, positive=positive, jobs=jobs
        )
    except (ValueError, TypeError) as error:
        raise refusal(error) from error
    if len(trials) == 1:
        return trials
    if params.search.metric is None:
        raise StageError("params.yaml, train.search.metric is missing", hint="say what the search goes by")
    winner = cross_validation.best(trials, params.search.metric)
    return [winner, *(trial for trial in trials if trial is not winner)]


def fit(estimator: Pipeline, X: pd.DataFrame, y: NDArray[Any]) -> Pipeline:
    """The estimator, fitted; StageError with scikit-learn's own words when it refuses."""
    try:
        return estimator.fit(X, y)
    except (ValueError, TypeError) as error:
        raise refusal(error) from error


def refusal(error: Exception) -> StageError:
    """scikit-learn's own words, of which the first line says it."""
    return StageError(
        f"scikit-learn refuses to fit: {str(error).strip().splitlines()[0][:500]}",
        hint="look at features and at the arguments in train.models",
    )


def export(estimator: Pipeline, params: Train, X: pd.DataFrame, evaluation: pd.DataFrame) -> bundle.Saved:
    """Write the bundle; StageError when the graph does not answer as the estimator does."""
    try:
        return bundle.save(
            BUNDLE,
            estimator,
            name=params.name,
            task=params.task,
            target=params.label,
            X=X,
            check=evaluation,
            tolerance=params.tolerance,
            converters=CONVERTERS,
        )
    except MergegateError as error:
        raise StageError(error.message, hint=error.hint) from error


def headline(trials: list[Trial]) -> str:
    """The two metrics that a summary line has room for."""
    if not trials:
        return ""
    mean, spread = trials[0].mean, trials[0].spread
    shown = ", ".join(f"{name} {mean[name]:.4f} ± {spread[name]:.4f}" for name in list(mean)[:2])
    return f", cross-validated {shown}"


def write_training(
    params: Train, arguments: dict[str, Any], trials: list[Trial], saved: bundle.Saved
) -> None:
    """reports/training.json: what was fitted, cross-validation, search, parity; no clock in it."""
    first = trials[0] if trials else Trial(arguments={}, folds=(), mean={}, spread={})
    document = {
        "schema": 1,
        "model": params.model,
        "class": params.models[params.model].class_,
        "arguments": {**params.models[params.model].arguments, **arguments},
        "cross_validation": {"folds": first.folds, "mean": first.mean, "spread": first.spread},
        "search": [
            {"arguments": trial.arguments, "mean": trial.mean, "spread": trial.spread} for trial in trials[1:]
        ],
        "parity": {
            "rows": saved.rows,
            "edge_rows": saved.edge_rows,
            "refused_rows": saved.refused_rows,
            "difference": saved.difference,
        },
    }
    text = msgspec.json.format(msgspec.json.encode(document, enc_hook=_plain), indent=2).decode()
    tables.write_text(text + "\n", TRAINING)


def _plain(value: Any) -> Any:
    """numpy's numbers as Python's."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(type(value).__name__)


if __name__ == "__main__":
    raise SystemExit(stage.run("train", Train, train))
