"""The words for gates: what each comes to, in which order, its number, interval and bar, and its waiver."""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from mergegate.records.review import Review
from mergegate.records.verdict import GateResult, Waiver
from mergegate.report import numbers
from mergegate.report.script import Script

State = Literal["fail", "strict", "waived", "warn", "insufficient", "skipped", "pass"]
"""An outcome and what it means: `strict` can't tell and blocks, `waived` would block."""

STATE: dict[State, str] = {
    "fail": "fail",
    "strict": "can't tell (blocks)",
    "waived": "waived",
    "warn": "warning",
    "insufficient": "can't tell",
    "skipped": "skipped",
    "pass": "pass",
}
"""Every state in words, what blocks first."""

LOUD: frozenset[State] = frozenset({"fail", "strict", "waived"})
"""What blocks, or would."""

_ORDER = list(STATE)
_RELATIVE = "/max_relative_regression"
_DIRECTION = {
    "min": "at least",
    "max": "at most",
    "rows_gone": "at most",
    "labels_changed": "at most",
    "rescored": "at most",
    "size": "at most",
    "parity": "at most",
    "strength": "at most",
}
_WAIVER = {
    "applied": "applied",
    "idle": "not needed: the gate holds without it",
    "expired": "expired: no longer counts",
    "unknown": "no gate of this name",
}
_WAIVER_ORDER = ("expired", "unknown", "applied", "idle")


NEXT = (
    "After `mergegate review` in a checkout, `mergegate gates explain GATE` says how a number was had, and "
    "what would make the gate pass."
)
"""What to do about a gate that blocks."""


class Figures(msgspec.Struct, frozen=True):
    """What stands in the number's, the bar's and the interval's cell; empty where there is nothing."""

    number: str = ""
    bar: str = ""
    interval: str = ""


def state(gate: GateResult) -> State:
    """What the gate comes to."""
    if gate.outcome == "insufficient" and not gate.strict:
        return "insufficient"
    if gate.outcome in {"fail", "insufficient"} and gate.waiver is not None:
        return "waived"
    return "strict" if gate.outcome == "insufficient" else gate.outcome


def label(gate: GateResult) -> str:
    """The state in words; of a waived gate, also what it would be."""
    found = state(gate)
    if found != "waived":
        return STATE[found]
    return f"waived ({STATE['fail' if gate.outcome == 'fail' else 'insufficient']})"


def ordered(gates: Iterable[GateResult]) -> list[GateResult]:
    """Gates with what blocks first; then what is of all rows, measured before formal, then slices."""
    return sorted(gates, key=_rank)


def worst_first(gates: Iterable[GateResult]) -> list[GateResult]:
    """Gates by what they come to alone, for where none of them blocks."""
    return sorted(gates, key=lambda gate: _ORDER.index(state(gate)))


def _rank(gate: GateResult) -> tuple[bool, bool, int, bool]:
    found = state(gate)
    return found not in LOUD, sliced(gate), _ORDER.index(found), gate.measured is None


def sliced(gate: GateResult) -> bool:
    """Whether the gate is of a slice only."""
    return gate.measured is not None and bool(gate.measured.column)


def any_waived(gates: Iterable[GateResult]) -> bool:
    """Whether a gate would block but for a waiver, or but for a policy that only wants to be told."""
    return any(state(gate) in {"waived", "warn"} for gate in gates)


def tally(gates: Iterable[GateResult]) -> str:
    """`1 fail, 4 pass`, worst first."""
    states = [state(gate) for gate in gates]
    return ", ".join(f"{states.count(found):,} {word}" for found, word in STATE.items() if found in states)


def direction(gate: GateResult) -> str:
    """`at least` or `at most` where it is known which side of its bar is right, otherwise nothing."""
    if gate.bar is None:
        return ""
    if gate.measured is not None:
        return "at least" if gate.measured.at_least else "at most"
    if gate.kind == "data":
        return "at most"
    if gate.kind == "regression" and gate.bar:
        return "at least" if gate.bar < 0 else "at most"
    return _DIRECTION.get(gate.id.rpartition("/")[2], "")


class Reader:
    """Reads the gates of one review: their units and what confidence their intervals have by default."""

    def __init__(self, review: Review, script: Script) -> None:
        self._script = script
        self._units = {
            (model.name, metric.name): metric.unit
            for model in review.models
            for metric in (*model.metrics, *(model.rescored.metrics if model.rescored else ()))
        }
        self._confidence = {model.name: model.confidence for model in review.models}
        self._ended = {waiver.gate: waiver for waiver in review.waivers if waiver.state == "expired"}

    def figures(self, gate: GateResult) -> Figures:
        """The number, its bar and its interval."""
        found = gate.measured
        relative = found.relative if found is not None else gate.id.endswith(_RELATIVE)
        unit = "" if found is None else self._units.get((gate.subject, found.metric), "")
        common = numbers.judged(
            gate.value,
            gate.low,
            gate.high,
            gate.bar,
            sides=() if found is None else (found.base, found.head),
            unit=self._script.unit(unit),
            relative=relative,
        )
        # A share of answers is of both sides' rows, and no difference.
        signed = found is not None and found.exam != "head" and gate.kind != "flips"
        number = ""
        if gate.kind == "data" and gate.value is not None and gate.value.is_integer():
            number = numbers.count(int(gate.value))
        elif gate.value is not None:
            number = common.signed(gate.value) if signed else common.number(gate.value)
        bar = "" if gate.bar is None else f"{direction(gate)} {common.bar(gate.bar)}".strip()
        return Figures(number, bar, self._interval(gate, common, signed=signed))

    def _interval(self, gate: GateResult, common: numbers.Scale, *, signed: bool) -> str:
        """The limits of the number, and their confidence where the gate has its own."""
        if gate.low is None and gate.high is None:
            found = gate.measured
            known = found is not None and found.standard_error is not None and not found.problem
            return "unbounded" if known else ""
        shown = common.interval(gate.low, gate.high, signed=signed)
        if gate.measured is None or gate.measured.confidence == self._confidence.get(gate.subject, 0.95):
            return shown
        return f"{shown} at {numbers.percent(gate.measured.confidence)}"

    def where(self, gate: GateResult) -> str:
        """Which comparison the number is of, where it is not the plain one; empty otherwise."""
        rescored = gate.measured is not None and gate.measured.exam == "rescored"
        return "base's model run on head's rows" if rescored else ""

    def waiver(self, gate: GateResult) -> str:
        """Who let the gate pass and why; or that its waiver is over. Empty without one."""
        if gate.waiver is not None:
            return f"Waived {granted(gate.waiver, self._script)}"
        ended = self._ended.get(gate.id)
        if ended is None:
            return ""
        by, day = self._script.text(ended.by), self._script.text(ended.expires)
        return f"The waiver by {by} ended on {day} and no longer counts."


def granted(waiver: Waiver, script: Script) -> str:
    """Until when, by whom, why."""
    by, day = script.text(waiver.by), script.text(waiver.expires)
    return f"until {day} by {by}: {script.text(waiver.reason)}"


def waivers(review: Review, shown: int) -> list[Waiver]:
    """Those that stand with none of the first `shown` gates; what a reader may wrongly count on first."""
    seen = {gate.waiver.gate for gate in ordered(review.gates)[:shown] if gate.waiver is not None}
    left = [waiver for waiver in review.waivers if waiver.state != "applied" or waiver.gate not in seen]
    return sorted(left, key=lambda waiver: _WAIVER_ORDER.index(waiver.state))


def waived(waiver: Waiver) -> str:
    """What a waiver does, in words."""
    return _WAIVER[waiver.state]


def waiver_title(found: Sequence[Waiver]) -> str:
    """`Waivers: 1 expired, 1 applied`."""
    words = {"expired": "expired", "unknown": "of no gate", "applied": "applied", "idle": "not needed"}
    states = [waiver.state for waiver in found]
    return "Waivers: " + ", ".join(
        f"{states.count(state):,} {word}" for state, word in words.items() if state in states
    )
