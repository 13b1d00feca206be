"""The policy's `datasets` and `dataset_gates` sections as strict structs: data under review, and its bars."""

from typing import Annotated, Literal

from msgspec import Meta

from mergegate.config import ranges
from mergegate.config.section import FILLED_PATTERN, Section, described
from mergegate.config.sources import Source

Level = Literal["forbid", "warn", "ignore"]
"""What a finding does: it blocks, it is shown as a warning, or it is no gate at all."""

OTHERS = "*"
"""In a mapping of columns: every column that it does not name."""

Name = Annotated[str, Meta(extra_json_schema={"pattern": FILLED_PATTERN})]
"""A column of the dataset, or a person, in a list of them."""

_Share = Annotated[float, Meta(extra_json_schema=dict(ranges.SHARE.schema))]
_Psi = Annotated[float, Meta(extra_json_schema=dict(ranges.PSI.schema))]


class Leakage(Section, frozen=True, kw_only=True):
    """Signs that an exam is not honest: looked for where a dataset has `train` and what each sign needs."""

    key: Annotated[Level | None, described("Rows with the same `key` in training. By default `forbid`.")] = (
        None
    )
    content: Annotated[
        Level | None,
        described(
            "Rows that equal a training row in every input. By default `warn`: where few or coarse columns "
            "describe a row, equal rows may be chance."
        ),
    ] = None
    group: Annotated[
        Level | None, described("A value of `group` in training and in the exam. By default `forbid`.")
    ] = None
    time: Annotated[
        Level | None,
        described("Exam rows from before the last `time` of training. By default `forbid`."),
    ] = None
    base_training: Annotated[
        Level | None,
        described(
            "Rows that base's model was trained on in head's exam: base would look better than it is. By "
            "default `warn`."
        ),
    ] = None
    single_feature: Annotated[
        Level | None,
        described(
            "An input that predicts the label too well alone, by `max_single_feature_strength`. By default "
            "`warn`."
        ),
    ] = None
    known_later: Annotated[
        Level | None, described("A column of `known_later` among the inputs. By default `forbid`.")
    ] = None
    rows_gone: Annotated[
        Level | None,
        described("Rows of base's exam that head's lacks. By default `warn`: `max_removed_share` judges it."),
    ] = None


class DatasetGates(Section, frozen=True, kw_only=True):
    """What a dataset's change must satisfy. A dataset's own gates override the common ones, key by key."""

    schema: Annotated[
        Literal["none", "additive", "any"] | None,
        described(
            "Which changes of the columns pass: `none`, not even a new category; `additive`, after which a "
            "reader of the old columns still works; or `any`. By default `additive`."
        ),
    ] = None
    max_removed_share: Annotated[
        float | None,
        described("Share, 0 to 1, of base's rows that head may lack. By default 0.", ranges.SHARE),
    ] = None
    max_added_share: Annotated[
        float | None,
        described(
            "Rows that head may add, as a share of base's: 0.5 is half as many again, and more than 1 may "
            "be. By default any number.",
            ranges.GROWTH,
        ),
    ] = None
    max_label_change_share: Annotated[
        float | None,
        described(
            "Share, 0 to 1, of the rows of both sides whose label may differ. By default 0.01; needs "
            "`label`. Below a half, no one label may lose more than half of its rows either.",
            ranges.SHARE,
        ),
    ] = None
    max_missing: Annotated[
        _Share | dict[str, _Share] | None,
        described(
            "Share, 0 to 1, of head's cells that may be missing: of every column, or by column, `*` for "
            "those not named. By default any."
        ),
    ] = None
    leakage: Annotated[
        Level | Leakage | None,
        described("What a sign of a dishonest exam does: `forbid`, `warn` or `ignore`, for all or by kind."),
    ] = None
    max_single_feature_strength: Annotated[
        float | None,
        described(
            "How well one input alone may predict the label: AUC for two classes, eta² otherwise, above 0 up "
            "to 1. By default 0.85.",
            ranges.STRENGTH,
        ),
    ] = None
    shift: Annotated[
        Level | dict[str, Level | _Psi] | None,
        described(
            "What a notable shift of the added rows against base's does; or by column, `*` for those not "
            "named: `forbid`, `warn`, `ignore`, or the largest PSI that passes. By default `ignore`: it is "
            "shown, never judged."
        ),
    ] = None
    unique_key: Annotated[
        Level | None,
        described(
            "What rows of head with an equal key, or with a missing value in it, do; and added rows whose "
            "key a file that did not change has. By default `forbid`; needs `key`."
        ),
    ] = None


class Dataset(Section, frozen=True, kw_only=True):
    """A tracked file or folder whose changes the review shows and judges."""

    path: Annotated[str, described("The file or folder; each path at most once.")]
    key: Annotated[
        str | tuple[str, ...], described("The column, or list of columns, that identifies a row.")
    ] = ()
    label: Annotated[str | None, described("The column that holds the label.")] = None
    inputs: Annotated[
        tuple[Name, ...],
        described(
            "The columns that are the model's inputs; by default all but those of `key`, `label`, `group` "
            "and `time`.",
            uniqueItems=True,
        ),
    ] = ()
    slices: Annotated[
        tuple[Name, ...],
        described("Columns by whose values label edits and shift are also told.", uniqueItems=True),
    ] = ()
    group: Annotated[
        str | None,
        described(
            "The column whose rows belong together (customer, aircraft): all of them are in training or "
            "none.",
            pattern=FILLED_PATTERN,
        ),
    ] = None
    time: Annotated[
        str | None, described("The column that says when a row happened.", pattern=FILLED_PATTERN)
    ] = None
    train: Annotated[
        str | None,
        described(
            "The training rows that this exam must not overlap; by default `training_rows` of the model "
            "whose `evaluation.inputs` is this path."
        ),
    ] = None
    known_later: Annotated[
        tuple[Name, ...],
        described(
            "Columns known only after the outcome: a leak when they are inputs.",
            uniqueItems=True,
        ),
    ] = ()
    guideline: Annotated[
        str | None, described("The file that says how to label; shown beside label edits. Needs `label`.")
    ] = None
    approvers: Annotated[
        tuple[Name, ...],
        described(
            "Names or email addresses: a label edit then needs a commit with the trailer "
            "`Labels-approved-by:` and one of them. Anyone can write a trailer, so let CODEOWNERS demand the "
            "review. Needs `label`.",
            uniqueItems=True,
        ),
    ] = ()
    private: Annotated[
        tuple[Name, ...],
        described("Columns whose values are never shown; keys among them as a hash.", uniqueItems=True),
    ] = ()
    source: Annotated[
        Source | None, described("Where `mergegate ingest` finds new files; without it, nowhere.")
    ] = None
    gates: Annotated[DatasetGates, described("This dataset's own gates.")] = DatasetGates()
