"""How far a review's numbers are known to be head's own: of each model, and of the whole."""

from collections.abc import Iterable, Iterator

import msgspec

from mergegate.amounts import list_some
from mergegate.config.policy import Policy
from mergegate.gates.strength import ORDER, can_be_scored, required
from mergegate.records.review import LockFinding, ModelReview, Strength

_MOST_NAMED = 3


def with_strength(
    models: Iterable[ModelReview], lock: Iterable[LockFinding], *, reproduced: bool
) -> tuple[ModelReview, ...]:
    """The models, each with its strength. `reproduced`: a trusted run has trained this head again."""
    chained = is_chained(lock)
    return tuple(
        msgspec.structs.replace(model, strength=_of_model(model, chained=chained, reproduced=reproduced))
        for model in models
    )


def is_chained(lock: Iterable[LockFinding]) -> bool:
    """Whether what head's dvc.lock says hangs together."""
    return not any(finding.blocking and finding.side == "head" for finding in lock)


def overall(
    policy: Policy,
    models: Iterable[ModelReview],
    lock: Iterable[LockFinding],
    *,
    reproduced: bool,
    recorded: bool = True,
) -> Strength:
    """The strength of the whole review: the least of those of the models that can be run, if any can.

    A model without a bundle never gets further than *consistent* unless all was reproduced; its gate says so.
    `recorded`: head's dvc.lock or .dvc files name something at all.
    """
    every = {model.name: model.strength for model in models}
    if not is_chained(lock) or not recorded or "claimed" in every.values():
        return "claimed"
    if not every:
        return "reproduced" if reproduced else "consistent"
    runnable = [
        strength
        for name, strength in every.items()
        if name in policy.models and can_be_scored(policy.models[name])
    ]
    return min(runnable or every.values(), key=ORDER.index)


def what_the_judge_asks(policy: Policy, models: Iterable[ModelReview]) -> Iterator[str]:
    """A sentence for each strength that the trusted job will require, and this review has not seen."""
    asked: dict[Strength, list[str]] = {}
    for model in models:
        least = required(policy, policy.models[model.name])
        if ORDER.index(model.strength) < ORDER.index(least):
            asked.setdefault(least, []).append(model.name)
    for least, names in asked.items():
        yield f"On a pull request, {list_some(names, _MOST_NAMED)} must be {least}: {_MEANS[least]}."


_MEANS: dict[Strength, str] = {
    "claimed": "nothing is asked",
    "consistent": "the files judged must be those that head's dvc.lock names",
    "scored": "the trusted job runs head's bundle on the evaluation inputs, and must get these predictions",
    "reproduced": "a trusted run trains it again, and must get what dvc.lock says",
}


def _of_model(model: ModelReview, *, chained: bool, reproduced: bool) -> Strength:
    if not chained or not model.locked:
        return "claimed"
    facts = model.bundle
    if facts is not None and facts.scored and facts.differ:
        return "consistent"
    if reproduced:
        return "reproduced"
    return "scored" if facts is not None and facts.scored else "consistent"
