"""Would the trusted job notice predictions that no model gave?"""

from collections.abc import Iterator

from mergegate.amounts import list_some
from mergegate.config.policy import POLICY_FILE, Model, Policy
from mergegate.doctor.facts import Facts
from mergegate.records.doctor import Ailment

LOOKS_FOR = "models whose predictions are believed as the change's author wrote them"
FINDS_HOLES = True

CHECK = "strength"

WRITER = "anyone who writes predictions and dvc.lock by hand"


def check(facts: Facts) -> Iterator[Ailment]:
    """Say for which models made-up predictions pass."""
    policy = facts.policy
    if policy is None:
        return
    if policy.required_strength == "reproduced":
        return
    if policy.required_strength in ("claimed", "consistent"):
        could = [name for name, model in policy.models.items() if _can_be_scored(model)]
        if could:
            yield _hole(
                f"{facts.policy_file} asks for `required_strength: {policy.required_strength}`, though "
                f"{list_some(could, 3)} could be scored",
                f"take `required_strength` from {POLICY_FILE}",
            )
    elif policy.required_strength == "scored":
        return
    lacking = [name for name, model in policy.models.items() if not _can_be_scored(model)]
    if lacking:
        yield _hole(
            f"the predictions of {list_some(lacking, 3)} are believed as {_believed(policy)}: "
            "no model is run to check them",
            "give the model a `bundle` and its `evaluation.inputs` (docs/contracts.md), so that the "
            "trusted job runs "
            f"it; or write `required_strength: reproduced` into {POLICY_FILE} and run verify.yml for each "
            "change",
        )


def _believed(policy: Policy) -> str:
    return "the commit has them" if policy.required_strength == "claimed" else "dvc.lock names them"


def _hole(what: str, mend: str) -> Ailment:
    return Ailment(
        check=CHECK,
        level="hole",
        what=what,
        why="a file of right answers passes every gate, whatever the model would say",
        mend=mend,
        where=POLICY_FILE,
        by=(WRITER,),
    )


def _can_be_scored(model: Model) -> bool:
    return model.bundle is not None and model.evaluation.inputs is not None
