"""The policy, mergegate.yaml, as strict structs. A key that is not here is not enforced, so it is refused.

Each field's description is what docs/policy.md and the JSON Schema say about its key.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from mergegate.records.metrics import Task

POLICY_FILE = "mergegate.yaml"

NAME_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,63}$"
"""What a model may be called: its name stands in gate ids, file names and image tags."""


class _Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Frozen, keyword-only, unknown keys refused."""


class MetricGate(_Section, frozen=True, kw_only=True):
    """A bar for one metric, judged on all of head's evaluated rows. At least one of `min` and `max`."""

    name: Annotated[
        str,
        Meta(
            description="The metric, by scikit-learn's name; it must suit the model's task (table below). "
            "`precision[late]`, `recall[late]` and `f1[late]` are of one class."
        ),
    ]
    min: Annotated[float | None, Meta(description="The lowest value that passes.")] = None
    max: Annotated[float | None, Meta(description="The highest value that passes.")] = None


_ANY_BAR = Meta(extra_json_schema={"anyOf": [{"required": ["min"]}, {"required": ["max"]}]})


_SHARE = Meta(extra_json_schema={"minimum": 0, "maximum": 1})


class EvaluationGate(_Section, frozen=True, kw_only=True):
    """How far the evaluation itself may differ from base's; held for every model, named here or not."""

    max_rows_gone: Annotated[
        Annotated[float, _SHARE],
        Meta(description="Share, 0 to 1, of base's evaluated rows that head may lack; 0 by default."),
    ] = 0.0
    max_labels_changed: Annotated[
        Annotated[float, _SHARE],
        Meta(description="Share, 0 to 1, of the shared rows whose `y_true` may differ; 0 by default."),
    ] = 0.0


class Gates(_Section, frozen=True, kw_only=True):
    """What a model must satisfy."""

    metrics: Annotated[
        tuple[Annotated[MetricGate, _ANY_BAR], ...],
        Meta(description="Bars for metrics; each metric at most once."),
    ] = ()
    evaluation: Annotated[
        EvaluationGate,
        Meta(description="How far the evaluated rows and their labels may differ from base's."),
    ] = EvaluationGate()


class Evaluation(_Section, frozen=True, kw_only=True):
    """Where the evaluation's files are, from the folder of the policy, and how to read them."""

    task: Annotated[Task, Meta(description="What the model predicts.")]
    predictions: Annotated[
        str, Meta(description="The predictions, a Parquet file with one row per evaluated example.")
    ]
    positive: Annotated[
        str | int | bool | None,
        Meta(
            description="The positive class of a binary task, as `y_true` has it. "
            "Only 0 and 1, or false and true, need none: then it is 1, or true."
        ),
    ] = None
    inputs: Annotated[
        str | None,
        Meta(description="The evaluation's input columns with `row_id`: a Parquet file or a folder of them."),
    ] = None
    training_rows: Annotated[
        str | None,
        Meta(description="The rows the model was trained on, by `row_id`: a Parquet file or a folder."),
    ] = None
    metrics: Annotated[
        str | None,
        Meta(description="The pipeline's own metrics file (JSON): shown as reported, never judged."),
    ] = None


class Model(_Section, frozen=True, kw_only=True):
    """One model under review."""

    evaluation: Annotated[Evaluation, Meta(description="What the model is judged by.")]
    bundle: Annotated[str | None, Meta(description="The folder of the model's bundle.")] = None
    gates: Annotated[Gates, Meta(description="What the model must satisfy.")] = Gates()


class Dataset(_Section, frozen=True, kw_only=True):
    """A tracked file or folder whose changes the review shows."""

    path: Annotated[str, Meta(description="The file or folder; each path at most once.")]
    key: Annotated[
        str | tuple[str, ...], Meta(description="The column, or list of columns, that identifies a row.")
    ] = ()
    label: Annotated[str | None, Meta(description="The column that holds the label.")] = None


class Policy(_Section, frozen=True, kw_only=True):
    """What a change must satisfy, in `mergegate.yaml` beside `dvc.yaml`. At least one model or dataset."""

    version: Annotated[Literal[1], Meta(description="The version of this format.")]
    mode: Annotated[
        Literal["enforce", "advisory"],
        Meta(description="`enforce`: a failed gate exits with 1. `advisory`: it is shown, and exits with 0."),
    ] = "enforce"
    baseline: Annotated[
        str,
        Meta(description="The branch that a change is compared with, and whose policy judges it."),
    ] = "main"
    models: Annotated[
        dict[Annotated[str, Meta(extra_json_schema={"pattern": NAME_PATTERN})], Model],
        Meta(description="The models under review, each under a name of its own."),
    ] = {}
    datasets: Annotated[
        tuple[Dataset, ...], Meta(description="The data whose changes the review shows.")
    ] = ()
