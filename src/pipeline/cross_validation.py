"""How good a model is on rows it was not fitted on: folds, their scores, a search over arguments."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold, KFold, ParameterGrid, ParameterSampler, TimeSeriesSplit
from sklearn.utils.parallel import Parallel, delayed
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from pipeline.scores import GREATER_IS_WORSE, Task, score
from pipeline.stage import Section, StageError

Fold = tuple[NDArray[np.intp], NDArray[np.intp]]


class CrossValidation(Section, frozen=True):
    """`time`: each fold is later, by `column`, than what was fitted; `group`: rows that share a value of
    `column` stay together; `rows`: folds of shuffled rows; `none`: no cross-validation.
    """

    method: Literal["time", "group", "rows", "none"] = "none"
    column: str | None = None
    folds: int = 4


class Search(Section, frozen=True):
    """Tries the model's arguments (`search` in its entry) by cross-validation, keeps the best by `metric`.

    `random` draws `samples` of the combinations; `jobs` folds are fitted at once.
    """

    method: Literal["grid", "random", "none"] = "none"
    metric: str | None = None
    samples: int = 10
    jobs: int = 1


@dataclass(frozen=True)
class Trial:
    """One set of arguments: per fold its rows and scores, and over the folds mean and standard deviation."""

    arguments: dict[str, Any]
    folds: tuple[dict[str, Any], ...]
    mean: dict[str, float]
    spread: dict[str, float]


def make_folds(params: CrossValidation, frame: pd.DataFrame, *, seed: int) -> list[Fold]:
    """Positions of the rows to fit and to score, per fold. `frame` has the column that `params` names."""
    if params.method == "none":
        return []
    if params.method == "rows":
        return list(KFold(params.folds, shuffle=True, random_state=seed).split(frame))
    if params.column is None or params.column not in frame.columns:
        raise StageError(
            f"params.yaml, train.cross_validation.column: the training rows have no column `{params.column}`",
            hint="name a column that split keeps",
        )
    values, places = np.unique(frame[params.column].to_numpy(), return_inverse=True)
    if len(values) <= params.folds:
        raise StageError(
            f"`{params.column}` has {len(values)} different values, too few for {params.folds} folds",
            hint="lower train.cross_validation.folds",
        )
    if params.method == "group":
        return list(GroupKFold(params.folds).split(frame, groups=places))
    # By different times, so that rows of one moment are never on both sides.
    split = TimeSeriesSplit(params.folds).split(values)
    return [
        (np.flatnonzero(np.isin(places, fit)), np.flatnonzero(np.isin(places, test))) for fit, test in split
    ]


def candidates(params: Search, space: dict[str, list[Any]], *, seed: int) -> list[dict[str, Any]]:
    """The sets of arguments to try; one empty set where nothing is searched."""
    if params.method == "none" or not space:
        return [{}]
    if params.method == "grid":
        return list(ParameterGrid(space))
    return list(ParameterSampler(space, min(params.samples, len(ParameterGrid(space))), random_state=seed))


def run(
    make: Callable[[dict[str, Any]], Any],
    trials: Sequence[dict[str, Any]],
    folds: Sequence[Fold],
    X: pd.DataFrame,
    y: NDArray[Any],
    *,
    task: Task,
    positive: str | None,
    jobs: int,
) -> list[Trial]:
    """Fit and score `make(arguments)` for every set of arguments on every fold."""
    results = Parallel(n_jobs=jobs)(
        delayed(fit_and_score)(make(arguments), X, y, fold, task, positive)
        for arguments in trials
        for fold in folds
    )
    return [
        summarise(arguments, results[index * len(folds) : (index + 1) * len(folds)])
        for index, arguments in enumerate(trials)
    ]


def fit_and_score(
    estimator: Any, X: pd.DataFrame, y: NDArray[Any], fold: Fold, task: Task, positive: str | None
) -> dict[str, Any]:
    """Scores on the fold's second part of an estimator fitted on its first, with the rows of both."""
    fit, test = fold
    # Here too, because a search fits in processes of its own.
    with threadpool_limits(1):
        estimator.fit(X.iloc[fit], y[fit])
    y_pred = np.asarray(estimator.predict(X.iloc[test]))
    if task == "regression":
        scores = score(task, y[test], y_pred, probabilities=None, classes=(), positive=None)
    else:
        known = [str(label) for label in estimator.classes_.tolist()]
        classes = tuple(str(label) for label in np.unique(y).tolist())
        scores = score(
            task,
            y[test].astype(str),
            y_pred.astype(str),
            probabilities=_probabilities(estimator, X.iloc[test], known, classes),
            classes=classes,
            positive=positive,
        )
    return {"train_rows": len(fit), "test_rows": len(test), "scores": scores}


def summarise(arguments: dict[str, Any], folds: list[dict[str, Any]]) -> Trial:
    """Mean and sample standard deviation of each metric that every fold has."""
    names = [name for name in folds[0]["scores"] if all(name in fold["scores"] for fold in folds)]
    values = {name: np.array([fold["scores"][name] for fold in folds]) for name in names}
    return Trial(
        arguments=arguments,
        folds=tuple(folds),
        mean={name: float(found.mean()) for name, found in values.items()},
        spread={name: float(found.std(ddof=1)) if len(found) > 1 else 0.0 for name, found in values.items()},
    )


def best(trials: Sequence[Trial], metric: str) -> Trial:
    """The trial with the best mean of `metric`, the first among equals; StageError for no such metric."""
    for trial in trials:
        if metric not in trial.mean:
            raise StageError(
                f"params.yaml, train.search.metric: no metric `{metric}` for this task",
                hint=f"choose one of {', '.join(trials[0].mean)}",
            )
    sign = -1 if metric in GREATER_IS_WORSE else 1
    return max(trials, key=lambda trial: sign * trial.mean[metric])


def _probabilities(
    estimator: Any, X: pd.DataFrame, known: list[str], classes: tuple[str, ...]
) -> NDArray[np.float64] | None:
    """Probabilities (n, k) for all classes; a class that the fold did not see has none."""
    if not hasattr(estimator, "predict_proba"):
        return None
    probabilities = np.zeros((len(X), len(classes)))
    probabilities[:, [classes.index(label) for label in known]] = estimator.predict_proba(X)
    return probabilities
