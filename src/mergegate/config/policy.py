"""The policy, mergegate.yaml, as strict structs. A key that is not here is not enforced, so it is refused.

Each field's description is what docs/policy.md and the JSON Schema say about its key.
"""

from typing import Annotated, Literal

from msgspec import Meta, field

from mergegate.config import ranges
from mergegate.config.data import Dataset, DatasetGates
from mergegate.config.gates import BundleGate, EvaluationGate, Gates, GoldenGate, MetricGate
from mergegate.config.keep import Keep
from mergegate.config.model import CostMatrix, Evaluation, Explain, Loss, Model, OwnFunction
from mergegate.config.reproduce import Acceptance, Reproduce
from mergegate.config.section import DATE_PATTERN, FILLED_PATTERN, Section, described

__all__ = [
    "NAME_PATTERN",
    "POLICY_FILE",
    "Acceptance",
    "BundleGate",
    "CostMatrix",
    "Dataset",
    "DatasetGates",
    "Evaluation",
    "EvaluationGate",
    "Explain",
    "Gates",
    "GoldenGate",
    "Keep",
    "Loss",
    "MetricGate",
    "Model",
    "OwnFunction",
    "Policy",
    "Reproduce",
    "Waiver",
]

POLICY_FILE = "mergegate.yaml"

NAME_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,63}$"
"""What a model may be called: its name stands in gate ids, file names and image tags."""


class Waiver(Section, frozen=True, kw_only=True):
    """Lets one gate fail for a while without blocking. Always shown; ignored once expired."""

    gate: Annotated[
        str,
        described(
            "The gate's id, as the review shows it: `late-arrival/roc_auc/max_regression`.",
            pattern=FILLED_PATTERN,
        ),
    ]
    reason: Annotated[str, described("Why; it may not be empty.", pattern=FILLED_PATTERN)]
    by: Annotated[str, described("Who decided; it may not be empty.", pattern=FILLED_PATTERN)]
    expires: Annotated[
        str,
        described('The last day on which it holds, UTC, in quotes: `"2026-12-31"`.', pattern=DATE_PATTERN),
    ]


class Policy(Section, frozen=True, kw_only=True):
    """What a change must satisfy, in `mergegate.yaml`. In mode `enforce` at least one model or dataset."""

    version: Annotated[Literal[1], described("The version of this format.")]
    mode: Annotated[
        Literal["enforce", "advisory"],
        described("`enforce`: a failed gate exits with 1. `advisory`: it is shown, and exits with 0."),
    ] = "enforce"
    baseline: Annotated[
        str, described("The branch that a change is compared with, and whose policy judges it.")
    ] = "main"
    confidence: Annotated[
        float, described("Confidence of every interval, above 0.5 and below 1.", ranges.CONFIDENCE)
    ] = 0.95
    on_insufficient: Annotated[
        Literal["warn", "fail"],
        described(
            "What to do when the data can't tell. It always fails where base had enough rows and head has "
            "not."
        ),
    ] = "warn"
    min_rows: Annotated[
        int,
        described(
            "The fewest rows that may carry a metric, at least 1; with fewer the outcome is *insufficient*.",
            ranges.ROWS,
        ),
    ] = 50
    protected: Annotated[
        tuple[str, ...],
        described(
            "Branches besides the default one that a pull request enters only by the status `mergegate`; `*` "
            "stands for any text."
        ),
    ] = ()
    required_strength: Annotated[
        Literal["claimed", "consistent", "scored", "reproduced"] | None,
        described(
            "What the trusted job must have seen before a change passes. `claimed`: no more than the "
            "files in the commit, for a project without DVC. `consistent`: the judged files are "
            "those that dvc.lock names. `scored`: it ran head's bundle itself and got those predictions. "
            "`reproduced`: a trusted run trained again. Where nothing is said: `scored` for a model with "
            "`bundle` and `evaluation.inputs`, else `consistent`."
        ),
    ] = None
    models: Annotated[
        dict[Annotated[str, Meta(extra_json_schema={"pattern": NAME_PATTERN})], Model],
        described("The models under review, each under a name of its own."),
    ] = field(default_factory=dict)
    datasets: Annotated[
        tuple[Dataset, ...], described("The data whose changes the review shows and judges.")
    ] = ()
    metrics: Annotated[
        tuple[str, ...],
        described(
            "Metrics files (JSON, YAML or TOML) that the project writes, besides those that its dvc.yaml "
            "names: shown as single numbers, never judged."
        ),
    ] = ()
    dataset_gates: Annotated[DatasetGates, described("What every dataset's change must satisfy.")] = (
        DatasetGates()
    )
    reproduce: Annotated[
        Reproduce, described("When a run of `mergegate reproduce` counts as what dvc.lock says.")
    ] = Reproduce()
    keep: Annotated[Keep, described("What a shared DVC remote must keep: `mergegate keep`.")] = Keep()
    waivers: Annotated[
        tuple[Waiver, ...], described("Gates that may fail for a while; each gate at most once.")
    ] = ()
