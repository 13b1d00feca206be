"""The policy's `gates` section as strict structs: what a model must satisfy."""

from typing import Annotated, Literal

from msgspec import Meta

from mergegate.config import ranges
from mergegate.config.section import MOST_SLICES, Column, Section, described


class MetricGate(Section, frozen=True, kw_only=True):
    """Bars for one metric, each judged with its interval. At least one bar."""

    name: Annotated[
        str,
        described(
            "The metric, by scikit-learn's name; it must suit the model's task (table below). "
            "`precision[late]`, `recall[late]` and `f1[late]` are of one class; `mean_cost` and the names "
            "under `evaluation.losses` and `evaluation.functions` are the team's own."
        ),
    ]
    min: Annotated[
        float | None, described("The lowest value that passes, on all of head's evaluated rows.")
    ] = None
    max: Annotated[
        float | None, described("The highest value that passes, on all of head's evaluated rows.")
    ] = None
    max_regression: Annotated[
        float | None,
        described(
            "How much worse than base head may be on the same rows, in the metric's units, 0 or more: "
            "passes when the whole interval of the difference is better than that, fails when it is wholly "
            "worse.",
            ranges.MARGIN,
        ),
    ] = None
    max_relative_regression: Annotated[
        float | None,
        described(
            "The same as a share of base's value, below 1: 0.02 is 2 %. Not for functions.",
            ranges.RELATIVE_MARGIN,
        ),
    ] = None
    slices: Annotated[
        tuple[Column, ...],
        described(
            "Columns of the predictions file: every bar of this gate is also held where each of their values "
            "stands. At most 20. Not for functions.",
            uniqueItems=True,
            maxItems=MOST_SLICES,
        ),
    ] = ()
    min_rows: Annotated[
        int | None,
        described(
            "The fewest rows that may carry the metric (the smaller class for rankings), at least 1; with "
            "fewer the outcome is *insufficient*. By default the policy's `min_rows`.",
            ranges.ROWS,
        ),
    ] = None
    confidence: Annotated[
        float | None,
        described("Confidence of this gate's intervals; by default the policy's.", ranges.CONFIDENCE),
    ] = None
    on_insufficient: Annotated[
        Literal["warn", "fail"] | None,
        described("What to do when the data can't tell; by default the policy's."),
    ] = None


_ANY_BAR = Meta(
    extra_json_schema={
        "anyOf": [{"required": [bar]} for bar in ("min", "max", "max_regression", "max_relative_regression")]
    }
)


class EvaluationGate(Section, frozen=True, kw_only=True):
    """How far the evaluation itself may differ from base's; held for every model, named here or not."""

    max_rows_gone: Annotated[
        float,
        described(
            "Share, 0 to 1, of base's evaluated rows, or of any one class's, that head may lack.",
            ranges.SHARE,
        ),
    ] = 0.0
    max_labels_changed: Annotated[
        float,
        described(
            "Share, 0 to 1, of the shared rows, or of any one class's, whose `y_true` may differ.",
            ranges.SHARE,
        ),
    ] = 0.0


class BundleGate(Section, frozen=True, kw_only=True):
    """What the bundle itself must satisfy; needs the model's `bundle`."""

    max_size_mb: Annotated[
        float | None, described("The largest size of the bundle's files together, in 10⁶ bytes.", ranges.SIZE)
    ] = None
    parity: Annotated[
        float | None,
        described(
            "How far the bundle's answers on the evaluation inputs may lie from the predictions: "
            "probabilities, or the prediction's unit for regression. Needs `evaluation.inputs`.",
            ranges.PARITY,
        ),
    ] = None


class GoldenGate(Section, frozen=True, kw_only=True):
    """How many golden rows may fail; held wherever the model has `golden`."""

    max_failed: Annotated[
        int | None,
        described("The most golden rows that may fail, 0 or more. By default 0.", ranges.ROWS_FAILED),
    ] = None


class FlipsGate(Section, frozen=True, kw_only=True):
    """How many answers may change on the rows that base and head share, each share with its interval.

    For regression an answer changes that moves by more than `evaluation.tolerance`.
    """

    max_share: Annotated[
        float | None, described("The share, 0 to 1, of the rows whose answer may change.", ranges.SHARE)
    ] = None
    max_broken: Annotated[
        float | None,
        described(
            "The share, 0 to 1, of the rows that base answered right and head may answer wrong.",
            ranges.SHARE,
        ),
    ] = None


class GapGate(Section, frozen=True, kw_only=True):
    """How far apart a metric may lie between two groups of rows, on head's own rows."""

    metric: Annotated[str, described("The metric, by scikit-learn's name; it must suit the model's task.")]
    column: Annotated[Column, described("The column of the predictions file that names the groups.")]
    max: Annotated[
        float,
        described("The largest difference between any two groups, in the metric's units.", ranges.MARGIN),
    ]
    min_rows: Annotated[
        int | None,
        described(
            "The fewest rows that carry the metric in a group; smaller groups are left out. By default the "
            "policy's `min_rows`.",
            ranges.ROWS,
        ),
    ] = None


class Gates(Section, frozen=True, kw_only=True):
    """What a model must satisfy."""

    metrics: Annotated[
        tuple[Annotated[MetricGate, _ANY_BAR], ...],
        described("Bars for metrics; each metric at most once."),
    ] = ()
    evaluation: Annotated[
        EvaluationGate, described("How far the evaluated rows and their labels may differ from base's.")
    ] = EvaluationGate()
    bundle: Annotated[BundleGate, described("What the bundle itself must satisfy.")] = BundleGate()
    golden: Annotated[GoldenGate, described("How many golden rows may fail.")] = GoldenGate()
    flips: Annotated[FlipsGate, described("How many answers may change.")] = FlipsGate()
    gaps: Annotated[
        tuple[GapGate, ...],
        described("How far apart groups may lie; each metric and column at most once."),
    ] = ()
