"""Does the policy hold anything back at all: is it enforced, and has it gates?"""

from collections.abc import Iterator

from mergegate.amounts import list_some
from mergegate.config.policy import POLICY_FILE, Model, Policy
from mergegate.doctor.facts import Facts
from mergegate.records.doctor import Ailment

LOOKS_FOR = "a policy that only advises, or has no gates"
FINDS_HOLES = True

CHECK = "advisory"

ANYONE = "anyone who may merge"


def check(facts: Facts) -> Iterator[Ailment]:
    """Say where nothing would block."""
    policy = facts.policy
    if policy is None:
        return
    where = facts.policy_file
    if policy.mode == "advisory":
        yield Ailment(
            check=CHECK,
            level="hole",
            what=f"the policy only advises (`mode: advisory` in {where})",
            why="a failed gate is shown, and the status is success all the same",
            mend=f"when the team believes what it says, write `mode: enforce` into {POLICY_FILE}",
            where=POLICY_FILE,
            by=(ANYONE,),
        )
    barless = [name for name, model in policy.models.items() if not _has_bars(model)]
    if policy.models and len(barless) == len(policy.models):
        yield Ailment(
            check=CHECK,
            level="hole",
            what=f"no model of {where} has a gate on how good it is",
            why="a model that has become worse passes",
            mend=f"mergegate gates suggest, and write what it prints under `gates:` in {POLICY_FILE}",
            where=POLICY_FILE,
            by=(ANYONE,),
        )
    elif barless:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"{_some(barless)} of {where} has no gate on how good it is",
            why="it may become worse, and passes",
            mend=f"mergegate gates suggest --model {barless[0]}, and write what it prints into {POLICY_FILE}",
            where=POLICY_FILE,
        )
    if not policy.models:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"{where} names no model: "
            + ("only data is judged" if policy.datasets else "nothing of a change's data or model is judged"),
            why="a change of code or params passes, whatever it does to a model",
            mend=f"name the model and its predictions under `models:` in {POLICY_FILE}: mergegate init",
            where=POLICY_FILE,
        )
    yield from _check_insufficient(policy, where)


def _check_insufficient(policy: Policy, where: str) -> Iterator[Ailment]:
    if policy.confidence < 0.8:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"{where} asks for intervals of {100 * policy.confidence:g} % confidence",
            why=f"one model in {1 / (1 - policy.confidence):.0f} that is as bad as its bar passes on the "
            "wrong side of it",
            mend=f"write `confidence: 0.95` into {POLICY_FILE}",
            where=POLICY_FILE,
        )


def _has_bars(model: Model) -> bool:
    gates = model.gates
    flips = gates.flips.max_share is not None or gates.flips.max_broken is not None
    return bool(gates.metrics or gates.gaps or flips or model.golden)


def _some(names: list[str]) -> str:
    return f"{'model' if len(names) == 1 else 'each of the models'} {list_some(names, 3)}"
