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
    """Bars for one metric, each judged with its interval. At least one bar."""

    name: Annotated[
        str,
        Meta(
            description="The metric, by scikit-learn's name; it must suit the model's task (table below). "
            "`precision[late]`, `recall[late]` and `f1[late]` are of one class; `mean_cost` and the names "
            "under `evaluation.losses` and `evaluation.functions` are the team's own."
        ),
    ]
    min: Annotated[
        float | None, Meta(description="The lowest value that passes, on all of head's evaluated rows.")
    ] = None
    max: Annotated[
        float | None, Meta(description="The highest value that passes, on all of head's evaluated rows.")
    ] = None
    max_regression: Annotated[
        float | None,
        Meta(
            description="How much worse than base head may be on the same rows, in the metric's units: "
            "passes when the whole interval of the difference is better, fails when it is wholly worse."
        ),
    ] = None
    max_relative_regression: Annotated[
        float | None, Meta(description="The same as a share of base's value: 0.02 is 2 %.")
    ] = None
    slices: Annotated[
        tuple[str, ...],
        Meta(
            description="Columns of the predictions file: every bar of this gate is also held where each of "
            "their values stands."
        ),
    ] = ()
    min_rows: Annotated[
        int | None,
        Meta(
            description="The fewest rows that may carry the metric (the smaller class for rankings); with "
            "fewer the outcome is *insufficient*. By default the policy's `min_rows`."
        ),
    ] = None
    confidence: Annotated[
        float | None, Meta(description="Confidence of this gate's intervals; by default the policy's.")
    ] = None
    on_insufficient: Annotated[
        Literal["warn", "fail"] | None,
        Meta(description="What to do when the data can't tell; by default the policy's."),
    ] = None


_ANY_BAR = Meta(
    extra_json_schema={
        "anyOf": [{"required": [bar]} for bar in ("min", "max", "max_regression", "max_relative_regression")]
    }
)


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


class BundleGate(_Section, frozen=True, kw_only=True):
    """What the bundle itself must satisfy."""

    max_size_mb: Annotated[
        float | None, Meta(description="The largest size of the bundle's files together, in 10⁶ bytes.")
    ] = None
    parity: Annotated[
        float | None,
        Meta(
            description="How far the bundle's answers on the evaluation inputs may lie from the predictions: "
            "probabilities, or the prediction's unit for regression. Needs `evaluation.inputs`."
        ),
    ] = None


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
    bundle: Annotated[BundleGate, Meta(description="What the bundle itself must satisfy.")] = BundleGate()


class CostMatrix(_Section, frozen=True, kw_only=True):
    """What each mistake costs, in money or harm: the metric `mean_cost`, per row, lower is better."""

    costs: Annotated[
        dict[str, dict[str, float]],
        Meta(
            description="`costs[truth][prediction]`, by the classes as text; what is not named costs "
            "nothing. A negative cost is a gain."
        ),
    ]
    unit: Annotated[str, Meta(description="What a cost of 1 is, such as EUR; shown beside the number.")] = ""


class Loss(_Section, frozen=True, kw_only=True):
    """A team's own metric: the mean of a per-row column of the predictions file."""

    name: Annotated[str, Meta(description="What the metric is called in gates and reports.")]
    column: Annotated[str, Meta(description="The column that holds a number for each row.")]
    greater_is_better: Annotated[bool, Meta(description="Whether a higher mean is better.")] = False


class OwnFunction(_Section, frozen=True, kw_only=True):
    """A team's own metric: a Python function, always run as base has it."""

    name: Annotated[str, Meta(description="What the metric is called in gates and reports.")]
    function: Annotated[
        str,
        Meta(
            description="Where the function is, `package.module:function`, from the policy's folder or its "
            "`src`. It takes `y_true`, `y_pred`, `probabilities` (a dict by class, or None) and "
            "`sample_weight` (or None) as numpy arrays and returns a number."
        ),
    ]
    greater_is_better: Annotated[bool, Meta(description="Whether a higher value is better.")] = True
    timeout: Annotated[
        float, Meta(description="Seconds that all its calls of one review may take together.")
    ] = 120.0


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
    threshold: Annotated[
        float | None,
        Meta(
            description="Binary tasks: call a row positive from this probability on, whatever `y_pred` says. "
            "By default `y_pred` decides."
        ),
    ] = None
    quantile: Annotated[
        float, Meta(description="Regression: the quantile that `y_pred` estimates, for `mean_pinball_loss`.")
    ] = 0.5
    cluster: Annotated[
        str | None,
        Meta(
            description="A column of the predictions file: rows with the same value (aircraft, customer, "
            "day) depend on each other, and intervals allow for it."
        ),
    ] = None
    weight: Annotated[
        str | None, Meta(description="A column of the predictions file that holds each row's weight.")
    ] = None
    cost_matrix: Annotated[
        CostMatrix | None, Meta(description="What each mistake costs: gives the metric `mean_cost`.")
    ] = None
    losses: Annotated[
        tuple[Loss, ...], Meta(description="The team's own metrics, as columns of the predictions file.")
    ] = ()
    functions: Annotated[
        tuple[OwnFunction, ...], Meta(description="The team's own metrics, as Python functions.")
    ] = ()
    seeds: Annotated[
        str | None,
        Meta(
            description="Reported re-trainings (JSON): metric → its values under other seeds. Shows training "
            "noise beside sampling noise; never judged."
        ),
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


class Waiver(_Section, frozen=True, kw_only=True):
    """Lets one gate pass for a while. Always shown; ignored once expired."""

    gate: Annotated[str, Meta(description="The gate's id, as the review shows it.")]
    reason: Annotated[str, Meta(description="Why; it may not be empty.")]
    by: Annotated[str, Meta(description="Who decided.")]
    expires: Annotated[str, Meta(description='The last day on which it holds, in quotes: `"2026-12-31"`.')]


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
    confidence: Annotated[float, Meta(description="Confidence of every interval, above 0.5 and below 1.")] = (
        0.95
    )
    on_insufficient: Annotated[
        Literal["warn", "fail"],
        Meta(
            description="What to do when the data can't tell. It always fails where base had enough rows and "
            "head has not."
        ),
    ] = "warn"
    min_rows: Annotated[
        int,
        Meta(
            description="The fewest rows that may carry a metric; with fewer the outcome is *insufficient*."
        ),
    ] = 50
    models: Annotated[
        dict[Annotated[str, Meta(extra_json_schema={"pattern": NAME_PATTERN})], Model],
        Meta(description="The models under review, each under a name of its own."),
    ] = {}
    datasets: Annotated[
        tuple[Dataset, ...], Meta(description="The data whose changes the review shows.")
    ] = ()
    waivers: Annotated[
        tuple[Waiver, ...], Meta(description="Gates that may fail for a while; each gate at most once.")
    ] = ()
