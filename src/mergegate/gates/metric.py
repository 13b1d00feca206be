"""`min` and `max`: head's own value on all of its rows against a bar, with its interval; and in slices."""

from collections.abc import Iterator

from mergegate.config.policy import MetricGate
from mergegate.gates.bars import Bar, claims
from mergegate.gates.case import Case
from mergegate.gates.claim import Claim
from mergegate.records.verdict import GateResult

KIND = "metric"


def judge(case: Case) -> Iterator[GateResult | Claim]:
    """Judge each bar of each model; what is missing or undefined fails."""
    for name, model in case.policy.models.items():
        for gate in model.gates.metrics:
            for bar in _bars(gate):
                yield from claims(case, name, gate, bar, ("head",), kind=KIND)


def _bars(gate: MetricGate) -> Iterator[Bar]:
    if gate.min is not None:
        yield Bar("min", gate.min, at_least=True)
    if gate.max is not None:
        yield Bar("max", gate.max, at_least=False)
