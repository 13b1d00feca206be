"""Two files compared, as data for machines and as sentences for people."""

from pathlib import Path

import numpy as np
import pytest

from mergegate import predictions
from mergegate.errors import ContractError, UsageError
from mergegate.flows.diff import Diff, Request, diff_predictions
from mergegate.records.comparison import Paired
from mergegate.records.diff import Compared

ROWS = np.arange(100)
TRUTH = ROWS % 2


def diff(base: Path, head: Path, **options: object) -> Diff:
    return diff_predictions(Request(base=base, head=head, **options), lambda step: None)  # type: ignore[arg-type]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """One that is right everywhere, and one that is wrong in every fifth row; neither with probabilities."""
    answers = {"base": TRUTH, "head": np.where(ROWS % 5, TRUTH, 1 - TRUTH)}
    for name, answer in answers.items():
        columns = {"group": ROWS // 50, **({"extra": ROWS} if name == "base" else {})}
        predictions.write(
            tmp_path / f"{name}.parquet", row_id=ROWS, y_true=TRUTH, y_pred=answer, columns=columns
        )
    return tmp_path / "base.parquet", tmp_path / "head.parquet"


def test_each_number_of_a_metric_reaches_the_record(files: tuple[Path, Path]) -> None:
    found = diff(*files, metrics=("accuracy",), slices=("group",))
    (metric,), (told,) = found.found.metrics, found.record().metrics
    for name in Paired.__struct_fields__:
        assert getattr(told, name) == getattr(metric, name)
    assert set(Paired.__struct_fields__) <= set(Compared.__struct_fields__)
    assert [(part.metric, part.level, part.rows, part.head) for part in told.slices] == [
        ("accuracy", "0", 50, 0.8),
        ("accuracy", "1", 50, 0.8),
    ]
    assert found.record().finding == "worse"


def test_what_is_done_is_told_as_it_is_done(files: tuple[Path, Path]) -> None:
    steps: list[str] = []
    diff_predictions(Request(base=files[0], head=files[1]), steps.append)
    assert steps == ["opening both files", "reading both files", "comparing", "explaining the difference"]


def test_a_reason_that_several_metrics_share_becomes_one_note(files: tuple[Path, Path]) -> None:
    found = diff(*files, metrics=("accuracy", "roc_auc", "log_loss"), positive="1")
    metrics, notes = found.for_people()
    assert [metric.note for metric in metrics] == ["", "", ""]
    assert notes == (
        *found.notes,
        "roc_auc, log_loss: base: the file has no proba_<class> columns; head: the file has no "
        "proba_<class> columns.",
    )
    assert found.found.metrics[1].note != ""


def test_a_column_to_group_by_may_be_in_one_file_only(files: tuple[Path, Path]) -> None:
    found = diff(*files, metrics=("accuracy",), cluster="extra")
    assert found.notes[2:] == (
        "Only base has the column “extra”: the shared rows are grouped by it.",
        "Rows of the same “extra” count as depending on each other.",
    )
    with pytest.raises(ContractError) as refused:
        diff(*files, weight="extra")
    assert refused.value.message == f"{files[1]}: has no column “extra” for --weight"
    with pytest.raises(ContractError) as refused:
        diff(*files, slices=("groups",))
    assert refused.value.message == f"{files[0]}: has no column “groups” for --slices"
    assert refused.value.hint == "did you mean “group”? it has “group”, “extra”"


def test_an_option_is_refused_before_a_file_is_opened(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        diff(tmp_path / "none", tmp_path / "none", confidence=0.2)
    assert refused.value.message == "--confidence 0.2 can't be used"
