"""The policy, mergegate.yaml, as strict structs. A key that is not here is not enforced, so it is refused."""

from typing import Literal

import msgspec

from mergegate.records.predictions import Task

POLICY_FILE = "mergegate.yaml"


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Frozen, keyword-only, unknown keys refused."""


class MetricGate(_Section):
    """A bar for one metric, judged on all of head's evaluated rows. At least one of `min`, `max`."""

    name: str
    min: float | None = None
    max: float | None = None


class Gates(_Section):
    """What a model must satisfy."""

    metrics: tuple[MetricGate, ...] = ()


class Evaluation(_Section):
    """Where the evaluation's files are, from the project root, and how to read them.

    `positive` is the positive class (binary only); 
    """

    task: Task
    predictions: str
    positive: str | int | bool | None = None
    inputs: str | None = None
    training_rows: str | None = None
    metrics: str | None = None


class Model(_Section):
    """One model under review."""

    evaluation: Evaluation
    bundle: str | None = None
    gates: Gates = Gates()


class Dataset(_Section):
    """A tracked file or folder whose changes the review shows; `key` names the columns that identify a row."""

    path: str
    key: str | tuple[str, ...] = ()
    label: str | None = None


class Policy(_Section):
    """mergegate.yaml."""

    version: Literal[1]
    mode: Literal["enforce", "advisory"] = "enforce"
    baseline: str = "main"
    models: dict[str, Model] = {}
    datasets: tuple[Dataset, ...] = ()
