"""Stage evaluate: the bundle's predictions on the evaluation rows, by the graph that ships."""

import logging
from pathlib import Path
from typing import Any

import numpy as np

from mergegate import bundle, predictions
from mergegate.errors import MergegateError
from pipeline import stage, tables
from pipeline.stage import Section, StageError

BUNDLE = Path("models/bundle")
EVALUATION = Path("data/model/evaluation")
PREDICTIONS = Path("reports/predictions.parquet")
ROW_ID = "row_id"


class Evaluate(Section, frozen=True):
    """`columns` of the evaluation rows go into the predictions, for slices and clusters."""

    columns: tuple[str, ...] = ()


def evaluate(params: Evaluate, log: logging.Logger) -> str:
    """Write reports/predictions.parquet. StageError for a bundle or rows that won't do."""
    try:
        model = bundle.load(BUNDLE)
        manifest = model.manifest
        wanted = [ROW_ID, *(column.name for column in manifest.inputs), manifest.target, *params.columns]
        rows = tables.read_folder(EVALUATION, dict.fromkeys(wanted))
        log.info("%s rows, model %s", f"{rows.num_rows:,}", manifest.name)
        predicted = model.predict(rows)
        probabilities = predicted.probabilities
        predictions.write(
            PREDICTIONS,
            row_id=rows[ROW_ID],
            y_true=_truth(rows[manifest.target], manifest.labels),
            y_pred=predicted.y_pred,
            probabilities=None
            if probabilities is None
            else {label: probabilities[:, index] for index, label in enumerate(manifest.classes)},
            columns={name: rows[name] for name in params.columns},
        )
    except MergegateError as error:
        raise StageError(error.message, hint=error.hint) from error
    return f"{rows.num_rows:,} rows predicted by {manifest.name}"


def _truth(column: Any, labels: str) -> Any:
    """The label as the model's predictions are: text, integers, booleans, or float64."""
    kinds: dict[str, type] = {"text": object, "integer": np.int64, "boolean": np.bool_, "none": np.float64}
    if column.null_count:
        raise StageError(f"the label is missing in {column.null_count:,} evaluation rows")
    return column.to_numpy().astype(kinds[labels])


if __name__ == "__main__":
    raise SystemExit(stage.run("evaluate", Evaluate, evaluate))
