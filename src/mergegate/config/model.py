"""A model under review: what it is judged by, the team's own metrics, and what it must satisfy."""

from typing import Annotated, Literal

from msgspec import Meta, field

from mergegate.config import ranges
from mergegate.config.gates import Gates
from mergegate.config.section import (
    COLUMN_PATTERN,
    FUNCTION_PATTERN,
    LONGEST_FUNCTION,
    LONGEST_UNIT,
    MOST_SLICES,
    OWN_NAME_PATTERN,
    Column,
    Section,
    described,
)
from mergegate.records.metrics import Task


class CostMatrix(Section, frozen=True, kw_only=True):
    """What each mistake costs, in money or harm: the metric `mean_cost`, per row, lower is better."""

    costs: Annotated[
        dict[str, dict[str, float]],
        described(
            "`costs[truth][prediction]`, by the classes as text. An answer without a cost is free, but each "
            "class must be named, as a truth or as a prediction. A negative cost is a gain. At most 2,000."
        ),
    ]
    unit: Annotated[
        str,
        described(
            "What a cost of 1 is, such as EUR; shown beside the number. Up to 20 characters.",
            maxLength=LONGEST_UNIT,
        ),
    ] = ""


OwnName = Annotated[
    str,
    described(
        "What the metric is called in gates and reports: letters, digits and `_`, up to 64; no metric's name "
        "below.",
        pattern=OWN_NAME_PATTERN,
    ),
]


class Loss(Section, frozen=True, kw_only=True):
    """A team's own metric: the mean of a per-row column of the predictions file."""

    name: OwnName
    column: Annotated[str, described("The column that holds a number for each row.", pattern=COLUMN_PATTERN)]
    greater_is_better: Annotated[bool, described("Whether a higher mean is better.")] = False


class OwnFunction(Section, frozen=True, kw_only=True):
    """A team's own metric: a Python function, always run as base has it."""

    name: OwnName
    function: Annotated[
        str,
        described(
            "Where the function is, `package.module:function`, from the policy's folder or its `src`. It "
            "takes `y_true`, `y_pred`, `probabilities` (a dict by class, or None) and `sample_weight` (or "
            "None) as numpy arrays and returns a number.",
            pattern=FUNCTION_PATTERN,
            maxLength=LONGEST_FUNCTION,
        ),
    ]
    greater_is_better: Annotated[bool, described("Whether a higher value is better.")] = True
    timeout: Annotated[
        float,
        described("Seconds that all its calls of one review may take together, up to 3600.", ranges.SECONDS),
    ] = 120.0


Band = Annotated[int, Meta(extra_json_schema=ranges.BINS.schema)] | Literal["month", "weekday", "day", "hour"]
"""How a column's values are put together."""


class Evaluation(Section, frozen=True, kw_only=True):
    """Where the evaluation's files are, from the folder of the policy, and how to read them."""

    task: Annotated[Task, described("What the model predicts.")]
    predictions: Annotated[
        str,
        described(
            "The predictions, one row per evaluated example: a Parquet file, or up to 300 MB of "
            "CSV (`.csv`), tab-separated values (`.tsv`) or JSON lines (`.jsonl`)."
        ),
    ]
    positive: Annotated[
        str | int | bool | None,
        described(
            "The positive class of a binary task, as `y_true` has it. "
            "Only 0 and 1, or false and true, need none: then it is 1, or true."
        ),
    ] = None
    inputs: Annotated[
        str | None,
        described("The evaluation's input columns with `row_id`: a Parquet file or a folder of them."),
    ] = None
    training_rows: Annotated[
        str | None,
        described("The rows the model was trained on, by `row_id`: a Parquet file or a folder."),
    ] = None
    metrics: Annotated[
        str | None,
        described("The pipeline's own metrics file (JSON): shown as reported, never judged."),
    ] = None
    threshold: Annotated[
        float | None,
        described(
            "Binary tasks: call a row positive from this probability on, above 0 and below 1, whatever "
            "`y_pred` says. By default `y_pred` decides.",
            ranges.PROBABILITY,
        ),
    ] = None
    top_share: Annotated[
        float | None,
        described(
            "Binary tasks: the share of the rows that can be acted on. Gives the metric `precision_at_top`, "
            "the share of positives among the rows that rank highest.",
            ranges.TOP_SHARE,
        ),
    ] = None
    top_k: Annotated[
        int | None,
        described(
            "Multiclass tasks: how many answers are shown. Gives the metric `top_k_accuracy_score`, the "
            "share of rows whose class is among the likeliest k.",
            ranges.TOP_K,
        ),
    ] = None
    quantile: Annotated[
        float,
        described(
            "Regression: the quantile that `y_pred` estimates, above 0 and below 1, for `mean_pinball_loss`.",
            ranges.QUANTILE,
        ),
    ] = 0.5
    cluster: Annotated[
        str | None,
        described(
            "A column of the predictions file: rows with the same value (aircraft, customer, day) depend on "
            "each other, and intervals allow for it.",
            pattern=COLUMN_PATTERN,
        ),
    ] = None
    weight: Annotated[
        str | None,
        described("A column of the predictions file that holds each row's weight.", pattern=COLUMN_PATTERN),
    ] = None
    bands: Annotated[
        dict[Column, Band],
        described(
            "How a column is cut where rows are sliced by it: a number of bins, equally full in base, or the "
            "part of a time: `month`, `weekday`, `day`, `hour`. Without one each value is a slice."
        ),
    ] = field(default_factory=dict)
    segments: Annotated[
        tuple[Column, ...] | None,
        described(
            "Columns, of the predictions file or of `inputs`, whose values and pairs of values are searched "
            "for rows on which head lost more than on the others. By default every further column of the "
            "predictions file; `[]` searches none. At most 20.",
            uniqueItems=True,
            maxItems=MOST_SLICES,
        ),
    ] = None
    tolerance: Annotated[
        float | None,
        described(
            "Regression: how far an answer may move, in the prediction's unit, before it counts as changed. "
            "By default a tenth of base's median absolute error.",
            ranges.PARITY,
        ),
    ] = None
    cost_matrix: Annotated[
        CostMatrix | None, described("Classifiers: what each mistake costs; gives the metric `mean_cost`.")
    ] = None
    losses: Annotated[
        tuple[Loss, ...], described("The team's own metrics, as columns of the predictions file.")
    ] = ()
    functions: Annotated[
        tuple[OwnFunction, ...], described("The team's own metrics, as Python functions.")
    ] = ()
    seeds: Annotated[
        str | None,
        described(
            "Reported re-trainings (JSON): metric → its values under other seeds. Shows training noise "
            "beside sampling noise; never judged."
        ),
    ] = None


class Explain(Section, frozen=True, kw_only=True):
    """What a review measures of base's and head's bundles beside their answers; shown, never judged."""

    importance: Annotated[
        bool,
        described(
            "How much each input matters: the loss of a metric when its values are shuffled, on up to 2,000 "
            "rows."
        ),
    ] = False
    latency: Annotated[bool, described("How long either takes for a row, asked in turns.")] = False


class Model(Section, frozen=True, kw_only=True):
    """One model under review."""

    evaluation: Annotated[Evaluation, described("What the model is judged by.")]
    bundle: Annotated[str | None, described("The folder of the model's bundle.")] = None
    golden: Annotated[
        str | None,
        described("Golden rows (docs/golden-set.md): a file, or a folder of them. Needs `bundle`."),
    ] = None
    explain: Annotated[
        Explain,
        described(
            "What is measured of both bundles and shown, in a second or more. Needs `bundle` and "
            "`evaluation.inputs`. `mergegate review --explain` measures all of it whatever stands here."
        ),
    ] = Explain()
    gates: Annotated[Gates, described("What the model must satisfy.")] = Gates()
