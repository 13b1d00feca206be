"""The peer of report.py, in its own environment: Evidently's classification report of head against base."""

import sys
from pathlib import Path

import pandas as pd
from evidently import BinaryClassification, DataDefinition, Dataset, Report  # type: ignore[import-not-found]
from evidently.presets import ClassificationPreset  # type: ignore[import-not-found]


def main() -> None:
    """Read both files, run the report, write the page."""
    base, head, page = sys.argv[1:4]
    columns = ["y_true", "y_pred", "proba_late"]
    definition = DataDefinition(
        classification=[
            BinaryClassification(
                target="y_true",
                prediction_labels="y_pred",
                prediction_probas="proba_late",
                pos_label="late",
            )
        ]
    )
    old, new = (
        Dataset.from_pandas(pd.read_parquet(Path(path), columns=columns), data_definition=definition)
        for path in (base, head)
    )
    Report([ClassificationPreset()]).run(new, old).save_html(page)


if __name__ == "__main__":
    main()
