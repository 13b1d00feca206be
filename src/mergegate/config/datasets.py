"""The data under review: which gates each dataset is held to, and what it is an exam against."""

from typing import Any

import msgspec

from mergegate.config.data import OTHERS, Dataset, DatasetGates, Leakage, Level
from mergegate.config.policy import Policy
from mergegate.records.data import LeakKind

__all__ = [
    "DEFAULTS",
    "Dataset",
    "DatasetGates",
    "Leakage",
    "Level",
    "effective_gates",
    "key_columns",
    "leakage_level",
    "missing_bar",
    "shift_bar",
    "training_path",
]

DEFAULTS = DatasetGates(
    schema="additive",
    max_removed_share=0.0,
    max_label_change_share=0.01,
    max_missing={},
    leakage=Leakage(
        key="forbid",
        content="warn",
        group="forbid",
        time="forbid",
        base_training="warn",
        single_feature="warn",
        known_later="forbid",
        rows_gone="warn",
    ),
    max_single_feature_strength=0.85,
    shift={OTHERS: "ignore"},
    unique_key="forbid",
)
"""What holds where the policy says nothing: docs/decisions/0009 has the reasons."""


def effective_gates(policy: Policy, dataset: Dataset) -> DatasetGates:
    """The gates that a dataset is held to: its own over the common ones over the defaults.

    `leakage` is then a Leakage with every kind, `max_missing` and `shift` are mappings with `*` for the
    columns not named: `leakage_level`, `missing_bar` and `shift_bar` read them. None: any number passes.
    """
    gates = DEFAULTS
    for over in (policy.dataset_gates, dataset.gates):
        gates = _overridden(gates, over)
    return gates


def leakage_level(gates: DatasetGates, kind: LeakKind) -> Level:
    """What a leak of this kind does, by effective gates."""
    level: Level | None = getattr(_by_kind(gates.leakage), kind)
    return level or "forbid"


def missing_bar(gates: DatasetGates, column: str) -> float | None:
    """The share of a column's cells that may be missing, by effective gates; None where any may."""
    bars = _by_column(gates.max_missing)
    return bars.get(column, bars.get(OTHERS))


def shift_bar(gates: DatasetGates, column: str) -> Level | float:
    """What a column's shift does, or the largest PSI that passes, by effective gates."""
    bars: dict[str, Level | float] = _by_column(gates.shift)
    return bars.get(column, bars.get(OTHERS, "ignore"))


def key_columns(dataset: Dataset) -> tuple[str, ...]:
    """The columns of the key; none where none is named."""
    return (dataset.key,) if isinstance(dataset.key, str) else dataset.key


def training_path(policy: Policy, dataset: Dataset) -> str | None:
    """The training rows that the dataset must not overlap; None where it is no exam, as far as is known."""
    if dataset.train is not None:
        return dataset.train
    found = (
        model.evaluation.training_rows
        for model in policy.models.values()
        if model.evaluation.inputs == dataset.path
    )
    return next((path for path in found if path is not None), None)


def _overridden(gates: DatasetGates, over: DatasetGates) -> DatasetGates:
    """One set of gates with what another says instead."""
    said = {key: value for key in over.__struct_fields__ if (value := getattr(over, key)) is not None}
    if "leakage" in said:
        kinds, default = _by_kind(said["leakage"]), _by_kind(gates.leakage)
        said["leakage"] = Leakage(
            **{kind: getattr(kinds, kind) or getattr(default, kind) for kind in Leakage.__struct_fields__}
        )
    for key in ("max_missing", "shift"):
        if key in said:
            bars = _by_column(said[key])
            # One bar for all columns replaces bars by column; bars by column leave the others as they were.
            said[key] = (
                bars if not isinstance(said[key], dict) else {**_by_column(getattr(gates, key)), **bars}
            )
    return msgspec.structs.replace(gates, **said)


def _by_kind(leakage: Level | Leakage | None) -> Leakage:
    if isinstance(leakage, str):
        return Leakage(**dict.fromkeys(Leakage.__struct_fields__, leakage))
    return leakage or Leakage()


def _by_column(bars: Any) -> dict[str, Any]:
    if isinstance(bars, dict):
        return bars
    return {} if bars is None else {OTHERS: bars}
