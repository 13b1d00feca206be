"""Are bars where the model is, and does the evaluation have the rows to tell whether one was missed?"""

from collections.abc import Iterator

from mergegate.config.policy import POLICY_FILE
from mergegate.doctor.check import BlindError, seen
from mergegate.doctor.facts import Facts, MeasuredGate
from mergegate.records.doctor import Ailment

LOOKS_FOR = "bars far below what the model has, margins wider than needed, gates whose rows never suffice"
FINDS_HOLES = False

CHECK = "bars"

FAR = 4.0
"""How many half-widths of its 99 % interval a value may lie from its bar."""

FAR_SHARE = 0.05
"""Of the value: nearer than that no bar is far."""

WIDE = 3.0
"""How many times the margin that the evaluation can judge is wide."""

FEW_JUDGED = 0.5
"""Share of a gate's slices that must have rows enough."""


def check(facts: Facts) -> Iterator[Ailment]:
    """Say which gates hold little, told from the predictions that the default branch's lock names."""
    if facts.policy is None:
        return
    measured = seen(facts.measured)
    for gate in measured.gates:
        yield from _check_bar(gate)
        yield from _check_margin(gate)
        yield from _check_rows(gate)
    if measured.unseen:
        raise BlindError("; ".join(f"{model}: {why}" for model, why in measured.unseen)[:600])


def _check_bar(gate: MeasuredGate) -> Iterator[Ailment]:
    """A bar alone, far away: with a margin beside it the model can't fall there at once."""
    if gate.margin is not None or gate.low is None or gate.high is None:
        return
    for word, bar, limit in (("min", gate.min, gate.low), ("max", gate.max, gate.high)):
        if bar is None:
            continue
        room = gate.value - bar if word == "min" else bar - gate.value
        half = abs(gate.value - limit)
        if room > FAR * half and room > FAR_SHARE * abs(gate.value):
            side = "below" if word == "min" else "above"
            yield Ailment(
                check=CHECK,
                level="warning",
                what=f"{gate.id}: `{word}: {bar:g}` lies far {side} the {gate.value:.4g} that the model "
                "has now",
                why=f"it may become worse by {room:.2g} and pass, and no `max_regression` stands beside it",
                mend=f"mergegate gates suggest --model {gate.model}, and write its bars into {POLICY_FILE}",
                where=POLICY_FILE,
            )


def _check_margin(gate: MeasuredGate) -> Iterator[Ailment]:
    if gate.margin is None or gate.judged is None or gate.judged <= 0:
        return
    if gate.margin > WIDE * gate.judged:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"{gate.id}: `max_regression: {gate.margin:g}` is wide; this evaluation can judge "
            f"{gate.judged:.2g}",
            why=f"each change may make it worse by nearly {gate.margin:g}, one after the other",
            mend=f"mergegate gates suggest --model {gate.model}, and write its margin into {POLICY_FILE}",
            where=POLICY_FILE,
        )


def _check_rows(gate: MeasuredGate) -> Iterator[Ailment]:
    """Gates that can only say *insufficient*, where that passes."""
    if gate.strict:
        return
    if gate.carried < gate.min_rows:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"{gate.id}: {gate.carried:,.0f} rows carry it, and `min_rows` asks for {gate.min_rows:,}",
            why="it says insufficient whatever the model does, and `on_insufficient: warn` lets that pass",
            mend="evaluate on more rows, lower `min_rows`, or write `on_insufficient: fail` into "
            f"{POLICY_FILE}",
            where=POLICY_FILE,
        )
    elif gate.slices and gate.slices_short > FEW_JUDGED * gate.slices:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"{gate.id}: {gate.slices_short:,} of its {gate.slices:,} slices have fewer rows than the "
            f"{gate.min_rows:,} of `min_rows`",
            why="on those it says insufficient whatever the model does, and `on_insufficient: warn` lets "
            "that pass",
            mend=f"evaluate on more rows, slice by a coarser column, or lower `min_rows` in {POLICY_FILE}",
            where=POLICY_FILE,
        )
