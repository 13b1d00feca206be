"""What gates judge: the policy and everything that the review found."""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from mergegate.amounts import amount
from mergegate.compare import Evidence
from mergegate.config.policy import Policy
from mergegate.gates.claim import Claim
from mergegate.records.data import DatasetReview
from mergegate.records.review import LockFinding, ModelReview, Problem, Side
from mergegate.records.verdict import GateResult


class Case(msgspec.Struct, frozen=True):
    """One review to judge. `problems` are those of no model, such as head's own policy.

    `evidence` holds, by model, the estimates that metric gates judge by. `datasets` are those of the policy
    that were reviewed, changed or not. `scored`: bundles were run again, as far as the policy names them;
    `judging`: this is the trusted job, which holds the policy's `required_strength`; `lacking` names what the
    evidence it was given should have held, `unreadable` why the commit that head began at can't be read,
    where that is not the target's tip itself. `staged`: head has stages, or a lock of some.
    """

    policy: Policy
    models: tuple[ModelReview, ...]
    lock: tuple[LockFinding, ...]
    problems: tuple[Problem, ...] = ()
    evidence: Mapping[str, Evidence] = msgspec.field(default_factory=dict)
    datasets: tuple[DatasetReview, ...] = ()
    scored: bool = False
    judging: bool = False
    lacking: tuple[str, ...] = ()
    unreadable: str = ""
    staged: bool = True

    def model(self, name: str) -> ModelReview | None:
        """The review of a model of the policy; None when it was not reviewed."""
        return next((model for model in self.models if model.name == name), None)

    def dataset(self, path: str) -> DatasetReview | None:
        """The review of a dataset of the policy; None when it was not reviewed."""
        return next((dataset for dataset in self.datasets if dataset.path == path), None)


Kind = Callable[[Case], Iterable[GateResult | Claim]]
"""A kind of gate: results for every gate of it in the case, none when the policy has none.

What is claimed of a population is judged later, all claims of a review together.
"""


def rows(number: int) -> str:
    """`1 row`, `2,000 rows`."""
    return amount(number, "row")


def told_apart(value: float, bar: float) -> tuple[str, str]:
    """Value and bar, both finite, with the digits it takes to see on which side of the bar the value is."""
    for digits in range(4, 17):
        shown = float(f"{value:.{digits}g}")
        if (shown > bar, shown < bar) == (value > bar, value < bar):
            return f"{shown:.{digits}g}", f"{bar:.15g}"
    return f"{value:.17g}", f"{bar:.17g}"


def found_at(problems: Iterable[Problem], side: Side, path: str) -> list[Problem]:
    """The problems of one side's file."""
    return [problem for problem in problems if (problem.side, problem.path) == (side, path)]
