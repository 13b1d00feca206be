"""Stage report: metrics, classification report, curves and importances, small enough for git."""

import logging
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.metrics import classification_report

from mergegate import bundle
from mergegate.bundle import Manifest
from mergegate.errors import MergegateError
from pipeline import curves, importances, stage, tables
from pipeline.curves import Rows
from pipeline.importances import Importance
from pipeline.scores import score
from pipeline.stage import Section, StageError

BUNDLE = Path("models/bundle")
EVALUATION = Path("data/model/evaluation")
PREDICTIONS = Path("reports/predictions.parquet")
TRAINING = Path("reports/training.json")
METRICS = Path("reports/metrics.json")
CLASSES = Path("reports/classification_report.json")
PLOTS = Path("reports/plots")


class Report(Section, frozen=True):
    """`positive` is the class of binary metrics and curves, `bins` are the calibration curve's.

    `cross_validated` are the metrics whose mean and spread over train's folds are reported too.
    """

    importance: Importance
    positive: str | int | bool | None = None
    cross_validated: tuple[str, ...] = ()
    bins: int = 10


def report(params: Report, log: logging.Logger) -> str:
    """Write metrics.json, classification_report.json and plots. StageError for files that won't do."""
    try:
        model = bundle.load(BUNDLE)
        manifest = model.manifest
        y_true, y_pred, probabilities = read_predictions(manifest)
        positive = check_positive(params, manifest)
        scores = score(
            manifest.task,
            y_true,
            y_pred,
            probabilities=probabilities,
            classes=manifest.classes,
            positive=positive,
        )
        log.info("%s rows, %s metrics; permuting inputs", f"{len(y_true):,}", len(scores))
        importance = permute(model, y_true, params, positive)
    except MergegateError as error:
        raise StageError(error.message, hint=error.hint) from error
    write(METRICS, {**scores, "rows": len(y_true), **read_training(params)})
    if manifest.classes:
        write(CLASSES, per_class(y_true, y_pred, manifest))
    plots = draw(y_true, y_pred, probabilities, manifest, params, positive)
    for name, rows in {**plots, "importances": importance}.items():
        write(PLOTS / f"{name}.json", rows)
    shown = ", ".join(f"{name} {value:.4f}" for name, value in list(scores.items())[:3])
    return f"{shown} on {len(y_true):,} rows; most important: {importance[0]['input']}"


def read_predictions(
    manifest: Manifest,
) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.float64] | None]:
    """Labels (n,) as text, numbers for regression, and probabilities (n, k) in the order of the classes."""
    chances = [f"proba_{label}" for label in manifest.classes] if manifest.outputs.probabilities else []
    table = tables.read(PREDICTIONS, ["y_true", "y_pred", *chances])
    if table.num_rows == 0:
        raise StageError(f"{PREDICTIONS} has no rows", hint="run `dvc repro evaluate`")
    y_true, y_pred = (_labels(table[name], manifest) for name in ("y_true", "y_pred"))
    unknown = sorted(set(y_true.tolist()) - set(manifest.classes)) if manifest.classes else []
    if unknown:
        raise StageError(
            f"the evaluation rows have labels that training did not show: {', '.join(unknown[:5])}",
            hint="let the training rows have every class",
        )
    if not chances:
        return y_true, y_pred, None
    return y_true, y_pred, np.column_stack([table[name].to_numpy() for name in chances])


def _labels(column: pa.ChunkedArray, manifest: Manifest) -> NDArray[Any]:
    if not manifest.classes:
        return np.asarray(column.to_numpy(), dtype=np.float64)
    return np.array([str(label) for label in column.to_pylist()], dtype=object)


def check_positive(params: Report, manifest: Manifest) -> str | None:
    """The positive class as text, None where the task has none."""
    if manifest.task != "binary":
        return None
    if str(params.positive) not in manifest.classes:
        raise StageError(
            f"params.yaml, report.positive: `{params.positive}` is no class of the model",
            hint=f"choose one of {', '.join(manifest.classes)}",
        )
    return str(params.positive)


def permute(model: bundle.Bundle, y_true: NDArray[Any], params: Report, positive: str | None) -> Rows:
    """Permutation importances on the evaluation rows, by running the bundle."""
    manifest = model.manifest
    rows = tables.read_folder(EVALUATION, [column.name for column in manifest.inputs])
    if rows.num_rows != len(y_true):
        raise StageError(
            f"{PREDICTIONS} has {len(y_true):,} rows, {EVALUATION} has {rows.num_rows:,}",
            hint="run `dvc repro evaluate`",
        )

    def measure(truth: NDArray[Any], predicted: bundle.Predicted) -> dict[str, float]:
        y_pred = predicted.y_pred.astype(str).astype(object) if manifest.classes else predicted.y_pred
        return score(
            manifest.task,
            truth,
            y_pred,
            probabilities=predicted.probabilities,
            classes=manifest.classes,
            positive=positive,
        )

    table = {name: rows[name].to_numpy() for name in rows.column_names}
    return importances.permute(model, table, y_true, measure, params.importance)


def read_training(params: Report) -> dict[str, Any]:
    """What train's cross-validation says of the metrics that params name; nothing where they name none."""
    if not params.cross_validated:
        return {}
    try:
        training = msgspec.json.decode(TRAINING.read_bytes())["cross_validation"]
        return {
            "cross_validation": {
                name: {"mean": training["mean"][name], "spread": training["spread"][name]}
                for name in params.cross_validated
            }
        }
    except FileNotFoundError:
        raise StageError(f"there is no {TRAINING}", hint="run `dvc repro train`") from None
    except KeyError as error:
        raise StageError(
            f"params.yaml, report.cross_validated: {TRAINING} has no {error}",
            hint="name metrics of the task, or none without train.cross_validation",
        ) from error
    except (msgspec.DecodeError, TypeError) as error:
        raise StageError(f"{TRAINING} can't be read: {error}", hint="run `dvc repro train`") from error


def per_class(y_true: NDArray[Any], y_pred: NDArray[Any], manifest: Manifest) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and number of rows of each class."""
    labels = list(manifest.classes)
    found = classification_report(y_true, y_pred, labels=labels, output_dict=True, zero_division=0.0)
    return {label: {name: float(value) for name, value in found[label].items()} for label in labels}


def draw(
    y_true: NDArray[Any],
    y_pred: NDArray[Any],
    probabilities: NDArray[np.float64] | None,
    manifest: Manifest,
    params: Report,
    positive: str | None,
) -> dict[str, Rows]:
    """The plots of a task by file name; with many classes each is taken against the rest, pooled."""
    if not manifest.classes:
        return {
            "calibration": curves.regression_calibration(y_true, y_pred, bins=params.bins),
            "residuals": curves.residuals(y_true, y_pred),
        }
    plots = {"confusion": curves.confusion(y_true, y_pred, manifest.classes)}
    if probabilities is None:
        return plots
    about = [positive] if positive is not None else list(manifest.classes)
    truth = np.concatenate([y_true == label for label in about])
    chance = np.concatenate([probabilities[:, manifest.classes.index(label)] for label in about])
    return {
        "roc": curves.roc(truth, chance),
        "precision_recall": curves.precision_recall(truth, chance),
        "calibration": curves.calibration(truth, chance, bins=params.bins),
        **plots,
    }


def write(path: Path, document: Any) -> None:
    """Write JSON atomically, indented for diffs."""
    tables.write_text(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n", path)


if __name__ == "__main__":
    raise SystemExit(stage.run("report", Report, report))
