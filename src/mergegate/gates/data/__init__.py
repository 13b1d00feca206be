"""Gates on data: each dataset of the policy that changed, or whose training rows did. One file per kind."""

from collections.abc import Iterator

from mergegate.config.datasets import effective_gates, training_path
from mergegate.config.policy import Policy
from mergegate.gates.case import Case
from mergegate.gates.data.held import KIND, PREFIX, Held, Kind, missed
from mergegate.gates.data.labels import LABELS
from mergegate.gates.data.leakage import LEAKAGE
from mergegate.gates.data.missing import MISSING
from mergegate.gates.data.readable import READABLE
from mergegate.gates.data.rows import ROWS
from mergegate.gates.data.schema import SCHEMA
from mergegate.gates.data.shift import SHIFT
from mergegate.gates.data.unique_key import UNIQUE_KEY
from mergegate.records.verdict import GateResult

__all__ = ["KIND", "KINDS", "PREFIX", "judge", "may_name"]

KINDS: tuple[Kind, ...] = (SCHEMA, ROWS, UNIQUE_KEY, LABELS, MISSING, LEAKAGE, SHIFT)
"""Every kind of gate on data; to add one is to write its file and add it here."""

_WORDS = (
    "readable",
    "schema",
    "max_removed_share",
    "max_added_share",
    "unique_key",
    "max_label_change_share",
    "approvers",
    "max_missing",
    "leakage",
    "shift",
)


def judge(case: Case) -> Iterator[GateResult]:
    """Judge the datasets in the policy's order; what could not be compared fails all that is asked of it.

    A dataset without a review was not part of it, as in a review of models alone.
    """
    for dataset in case.policy.datasets:
        review = case.dataset(dataset.path)
        if review is not None:
            gates, train = effective_gates(case.policy, dataset), training_path(case.policy, dataset)
            yield from _judge(Held(dataset, gates, review, train))


def may_name(policy: Policy, gate: str) -> bool:
    """Whether the id can be of a gate on a dataset of the policy, in a review where that dataset changes."""
    starts = (f"{PREFIX}{dataset.path}/{word}" for dataset in policy.datasets for word in _WORDS)
    return any(gate == start or gate.startswith((f"{start}[", f"{start}/")) for start in starts)


def _judge(held: Held) -> Iterator[GateResult]:
    review = held.review
    if not review.changed and not review.problem:
        kinds = [kind for kind in KINDS if kind.unchanged] if review.leaks else []
    else:
        kinds = list(KINDS)
        for asked in READABLE.asked(held):
            yield from READABLE.judge(held, asked)
    for kind in kinds:
        for asked in kind.asked(held):
            if review.problem:
                sentence = "it can't be judged: the dataset could not be compared."
                yield held.result(asked, missed(asked.level), sentence)
            elif not held.has_head:
                sentence = "it can't be judged: head no longer has the dataset."
                yield held.result(asked, missed(asked.level), sentence)
            elif not held.has_base and not kind.of_head:
                sentence = "skipped: base has no such dataset to compare with."
                yield held.result(asked, "skipped", sentence)
            else:
                yield from kind.judge(held, asked)
