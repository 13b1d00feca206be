"""Reviews of one dataset, judged as its policy asks."""

from typing import Any

import msgspec

from mergegate.config.policy import Dataset, DatasetGates, Evaluation, Model, Policy
from mergegate.gates import data
from mergegate.gates.case import Case
from mergegate.records.data import ColumnProfile, DatasetReview, LabelChanges, RowChanges
from mergegate.records.verdict import GateResult

PATH = "data/flights"
NAME = f"data:{PATH}"


def entry(*, gates: dict[str, Any] | None = None, **keys: Any) -> Dataset:
    """The policy's entry of the dataset, with a key and no leakage gates, which most tests are not about."""
    own = msgspec.convert({"leakage": "ignore", **(gates or {})}, DatasetGates)
    return Dataset(path=PATH, **{"key": "id", **keys, "gates": own})


def review(**changes: Any) -> DatasetReview:
    """A dataset of 100 rows in one file, of which nothing changed that a gate would see."""
    fields: dict[str, Any] = {
        "path": PATH,
        "files_read_old": 1,
        "files_read_new": 1,
        "rows": rows(),
        "profiles": (profile("id"), profile("temp")),
    }
    return DatasetReview(**{**fields, **changes})


def rows(**changes: Any) -> RowChanges:
    return RowChanges(
        **{
            "key": ("id",),
            "old": 100,
            "new": 100,
            "added": 0,
            "removed": 0,
            "changed": 0,
            "same": 100,
            **changes,
        }
    )


def labels(changed: int, **more: Any) -> LabelChanges:
    return LabelChanges(**{"column": "late", "compared": 100, "changed": changed, **more})


def profile(column: str, **changes: Any) -> ColumnProfile:
    alike = {"type_old": "int64", "type_new": "int64", "missing_old": 0, "missing_new": 0}
    return ColumnProfile(**{"column": column, **alike, **changes})


def policy(dataset: Dataset, common: dict[str, Any] | None = None, *, exam: bool = False) -> Policy:
    """A policy of the dataset; as an `exam`, a model is evaluated on it and trained on data/train."""
    evaluation = Evaluation(task="binary", predictions="p", inputs=PATH, training_rows="data/train")
    return Policy(
        version=1,
        models={"late": Model(evaluation=evaluation)} if exam else {},
        datasets=(dataset,),
        dataset_gates=msgspec.convert(common or {}, DatasetGates),
    )


def judged(
    dataset: Dataset,
    found: DatasetReview,
    common: dict[str, Any] | None = None,
    *,
    exam: bool = False,
) -> dict[str, GateResult]:
    """The gates on data by what stands behind the dataset in their ids, which are unique."""
    results = list(data.judge(Case(policy(dataset, common, exam=exam), (), (), datasets=(found,))))
    assert len({result.id for result in results}) == len(results)
    assert {(result.kind, result.subject) for result in results} <= {("data", NAME)}
    assert all(result.sentence.endswith(".") for result in results)
    return {result.id.removeprefix(f"{NAME}/"): result for result in results}


def outcomes(results: dict[str, GateResult]) -> dict[str, str]:
    """Gate → outcome, with `!` where it blocks."""
    return {name: result.outcome + ("!" if result.blocking else "") for name, result in results.items()}
