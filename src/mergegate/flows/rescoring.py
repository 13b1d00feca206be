"""Base's model on head's rows: where the evaluation sets differ, the comparison is paired again."""

import msgspec

from mergegate import repo
from mergegate.bundle.scoring import Limits
from mergegate.config.policy import Model
from mergegate.errors import MergegateError
from mergegate.flows.evidence import Reading
from mergegate.flows.scores import furthest, run_bundle, sentence
from mergegate.records.predictions import Predictions
from mergegate.stats.order import same_keys


class Rescoring(msgspec.Struct, frozen=True):
    """Base's bundle on head's rows, or the `problem`: why it could not be run, without a full stop.

    `trained_on` of head's rows were left out because base was trained on them, `missing` ones because head's
    inputs lack them. `furthest` is the largest distance from base's own predictions of the rows that it
    predicted itself; None when there are none.
    """

    predictions: Predictions | None = None
    trained_on: int = 0
    missing: int = 0
    furthest: float | None = None
    problem: str = ""


def wanted(old: Predictions | None, new: Predictions) -> bool:
    """Whether base and head evaluated different rows, so that running base's bundle tells something new."""
    if old is None or old.row_id.type != new.row_id.type or old.rows != new.rows:
        return True
    return not (old.row_id.equals(new.row_id) or same_keys(old.row_index, new.row_index))


def rescore(
    model: Model,
    base: Reading,
    head: Reading,
    objects: repo.Objects,
    old: Predictions | None,
    new: Predictions,
    *,
    limits: Limits | None = None,
) -> Rescoring:
    """Run base's bundle on head's evaluation inputs, less the rows that base was trained on.

    The predictions have the row_id, y_true and further columns of `new`, in its order, and probabilities in
    the order of its classes (with those that only base knows). Never raises for a file or bundle that won't
    do: what is wrong is the `problem`.
    """
    evaluation = model.evaluation
    absent = {
        "bundle": model.bundle,
        "evaluation.inputs": evaluation.inputs,
        "evaluation.training_rows": evaluation.training_rows,
    }
    missing = [f"`{name}`" for name, value in absent.items() if value is None]
    if missing:
        return Rescoring(problem=f"it takes {' and '.join(missing)} in the policy")
    try:
        scores, found = run_bundle(model, base, head, objects, new, unseen=True, limits=limits)
    except MergegateError as error:
        return Rescoring(problem=sentence(error))
    problem = ""
    if found is None:
        problem = f"base was trained on {scores.left_out:,} of head's {new.rows:,} evaluated rows, and "
        problem += f"the other {scores.missing:,} are not in {head.name(evaluation.inputs or '')}"
    return Rescoring(
        predictions=found,
        trained_on=scores.left_out,
        missing=scores.missing,
        furthest=None if found is None or old is None else furthest(old, found),
        problem=problem,
    )
