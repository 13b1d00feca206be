"""What the policy's gates ask of head's bundle: its size, and whether it gives head's predictions."""

from mergegate import repo
from mergegate.bundle.scoring import Limits
from mergegate.config.policy import Model
from mergegate.errors import MergegateError
from mergegate.flows.evidence import Reading
from mergegate.flows.folders import bundle_size
from mergegate.flows.scores import furthest, labels_differ, run_bundle, sentence
from mergegate.records.comparison import BundleFacts
from mergegate.records.predictions import Predictions


def describe_bundle(
    model: Model,
    head: Reading,
    objects: repo.Objects,
    new: Predictions | None,
    *,
    limits: Limits | None = None,
) -> BundleFacts | None:
    """Measure head's bundle as far as the policy's gates ask, None when they ask nothing.

    Never raises for a file or bundle that won't do: what is wrong is the `problem`, without a full stop.
    """
    gate = model.gates.bundle
    if gate.max_size_mb is None and gate.parity is None:
        return None
    size: int | None = None
    try:
        if model.bundle is None:
            return BundleFacts(problem="the policy names no `bundle`; name its folder there")
        if gate.max_size_mb is not None:
            size = bundle_size(head, objects, model.bundle)
        if gate.parity is None:
            return BundleFacts(size=size)
        return _with_parity(size, model, head, objects, new, limits)
    except MergegateError as error:
        return BundleFacts(size=size, problem=sentence(error))


def _with_parity(
    size: int | None,
    model: Model,
    head: Reading,
    objects: repo.Objects,
    new: Predictions | None,
    limits: Limits | None,
) -> BundleFacts:
    path = model.evaluation.inputs
    if path is None:
        problem = "the policy names no `evaluation.inputs` to run it on; name them there"
        return BundleFacts(size=size, problem=problem)
    if new is None:
        return BundleFacts(size=size, problem="head has no predictions that can be used")
    scores, found = run_bundle(model, head, head, objects, new, limits=limits)
    rows = len(scores.rows)
    if found is None or scores.missing:
        problem = (
            f"{scores.missing:,} of head's {new.rows:,} evaluated rows are not in {head.name(path)}; "
            "run `dvc repro`, so that both are of the same rows"
        )
        return BundleFacts(size=size, rows=rows, problem=problem)
    parity = furthest(new, found)
    # With a threshold the labels follow from the probabilities, whatever y_pred says.
    others = labels_differ(new, found) if model.evaluation.threshold is None else 0
    if others and parity is not None:
        parity = max(parity, 1.0)
    return BundleFacts(size=size, parity=parity, rows=rows, labels_differ=others)
