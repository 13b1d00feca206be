"""What is asked of head's bundle: its size, and whether it gives head's predictions."""

import secrets

import numpy as np
from numpy.typing import NDArray

from mergegate import repo
from mergegate.bundle.scoring import Limits
from mergegate.config.policy import Model, Policy
from mergegate.errors import MergegateError
from mergegate.flows.evidence import Reading
from mergegate.flows.folders import bundle_size
from mergegate.flows.scores import distances, furthest, other_labels, run_bundle, sentence
from mergegate.gates.strength import can_be_scored
from mergegate.records.comparison import BundleFacts
from mergegate.records.predictions import Predictions

TOLERANCE = 1e-5
"""How far an answer may lie from the prediction where the policy names no `parity`: a probability's distance;
for regression a share of the prediction's size, as float32 rounds."""

_TELLING = ("row_id", "y_true", "y_pred")


def describe_bundle(
    model: Model,
    head: Reading,
    objects: repo.Objects,
    new: Predictions | None,
    *,
    limits: Limits | None = None,
    scoring: tuple[str, ...] | None = None,
) -> BundleFacts | None:
    """Measure head's bundle as far as the policy's gates ask, None when they ask nothing.

    `scoring`: run it whatever they ask, in another order, unless it takes one of these columns. Never raises
    for a file or bundle that won't do: what is wrong is the `problem`, without a full stop.
    """
    gate = model.gates.bundle
    scored = scoring is not None and can_be_scored(model)
    if gate.max_size_mb is None and gate.parity is None and not scored:
        return None
    size: int | None = None
    try:
        if model.bundle is None:
            return BundleFacts(problem="the policy names no `bundle`; name its folder there")
        if gate.max_size_mb is not None:
            size = bundle_size(head, objects, model.bundle)
        if gate.parity is None and not scored:
            return BundleFacts(size=size)
        return _with_answers(size, model, head, objects, new, limits, scoring if scored else None)
    except MergegateError as error:
        return BundleFacts(size=size, problem=sentence(error))


def telling_columns(policy: Policy, model: Model) -> tuple[str, ...]:
    """Columns of the model's inputs that tell which row it is, or the answer: no honest model takes them."""
    inputs = model.evaluation.inputs or ""
    labels = {
        dataset.label
        for dataset in policy.datasets
        if dataset.label and f"{inputs}/".startswith(f"{dataset.path}/")
    }
    return (*_TELLING, *sorted(labels))


def _with_answers(
    size: int | None,
    model: Model,
    head: Reading,
    objects: repo.Objects,
    new: Predictions | None,
    limits: Limits | None,
    scoring: tuple[str, ...] | None,
) -> BundleFacts:
    path = model.evaluation.inputs
    if path is None:
        problem = "the policy names no `evaluation.inputs` to run it on; name them there"
        return BundleFacts(size=size, problem=problem)
    if new is None:
        return BundleFacts(size=size, problem="head has no predictions that can be used")
    # Unforeseeable, so that no graph can have been made for this order.
    seed = None if scoring is None else secrets.randbits(64)
    scores, found = run_bundle(
        model, head, head, objects, new, limits=limits, seed=seed, refused=scoring or ()
    )
    rows = len(scores.rows)
    if found is None or scores.missing:
        problem = (
            f"{scores.missing:,} of head's {new.rows:,} evaluated rows are not in {head.name(path)}; "
            "run `dvc repro`, so that both are of the same rows"
        )
        return BundleFacts(size=size, rows=rows, problem=problem)
    if scoring is not None and new.probabilities is not None and found.probabilities is None:
        problem = "it gives no probabilities, and the predictions have some; export it with `predict_proba`"
        return BundleFacts(size=size, rows=rows, problem=problem)
    parity = furthest(new, found)
    # With a threshold the labels follow from the probabilities, whatever y_pred says.
    others = other_labels(new, found) if model.evaluation.threshold is None else np.zeros(0, np.intp)
    if len(others) and parity is not None:
        parity = max(parity, 1.0)
    facts = BundleFacts(size=size, parity=parity, rows=rows, labels_differ=len(others))
    return facts if scoring is None else _with_difference(facts, model, new, found, others)


def _with_difference(
    facts: BundleFacts, model: Model, new: Predictions, found: Predictions, others: NDArray[np.intp]
) -> BundleFacts:
    """The facts, with the number of rows that head's predictions have otherwise than the bundle."""
    tolerance = model.gates.bundle.parity
    differ = ~(distances(new, found) <= allowed(new, tolerance))
    differ[others] = True
    return BundleFacts(
        size=facts.size,
        parity=facts.parity,
        rows=facts.rows,
        labels_differ=facts.labels_differ,
        scored=True,
        differ=int(np.count_nonzero(differ)),
        tolerance=TOLERANCE if tolerance is None else tolerance,
    )


def allowed(new: Predictions, tolerance: float | None) -> NDArray[np.float64]:
    """How far each of n rows' answers may lie from the prediction: (n,), or one number for all.

    `tolerance` is the policy's `parity`; without one it is TOLERANCE.
    """
    if tolerance is not None or new.task != "regression":
        return np.asarray(TOLERANCE if tolerance is None else tolerance)
    sizes = np.abs(new.y_pred)
    # Not of the mean: one huge prediction must not make room for all others to be made up.
    found: NDArray[np.float64] = TOLERANCE * np.maximum(sizes, float(np.median(sizes)))
    return found
