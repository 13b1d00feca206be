"""What would let a gate pass: a value of head's metric, more rows, a command; as a last resort a waiver."""

import math

from mergegate.records import metrics
from mergegate.records.review import ModelReview
from mergegate.records.verdict import GateResult
from mergegate.report import data_gates, judgement, numbers
from mergegate.report.quoting import quote

_LONGEST_ID = 2_000
_SHARES = ("rows_gone", "labels_changed")
_NEVER_NEGATIVE = metrics.LOWER_IS_BETTER - {"squared_calibration_error"}
"""Losses that are 0 at best; the debiased calibration error may fall below."""

NAMED_WHOLE = ("flips", "gap")
"""Kinds whose number is no metric of head, nor the difference of one, but what its name says: 0 or more."""


def least(gate: GateResult) -> float | None:
    """The value of head's metric from which it would pass with an interval as wide as this one.

    At least that value where higher is right, at most it otherwise; None where that is not known, or where
    no metric can have it.
    """
    needed = _needed(gate)
    return needed if needed is not None and _attainable(gate, needed) else None


def _needed(gate: GateResult) -> float | None:
    """The value of `least`, be it one that the metric can have or not."""
    found = gate.measured
    limit = None if found is None else gate.low if found.at_least else gate.high
    if found is None or limit is None or gate.value is None or gate.bar is None:
        return None
    needed = gate.value + (gate.bar - limit)
    if found.exam == "head" or gate.kind in NAMED_WHOLE:
        return _finite(needed)
    if found.base is None:
        return None
    return _finite(found.base + (needed * abs(found.base) if found.relative else needed))


def _attainable(gate: GateResult, value: float) -> bool:
    """Whether a metric can be that good: shares end at 1, losses at 0, and a team's own nowhere known."""
    found = gate.measured
    if found is None:
        return True
    if gate.kind in NAMED_WHOLE:
        return value >= 0.0
    name, _ = metrics.split_class(found.metric)
    if found.at_least:
        ends = metrics.tasks_of(found.metric) or name in (metrics.PRECISION_AT_TOP, metrics.TOP_K_ACCURACY)
        return not ends or name in metrics.LOWER_IS_BETTER or value <= 1.0
    return name not in _NEVER_NEGATIVE or value >= 0.0


def rows(gate: GateResult) -> int | None:
    """About how many rows, or clusters, would let it pass at this value; None where none is known to."""
    found = gate.measured
    if found is None or gate.outcome == "pass":
        return None
    if found.needed is not None:
        return found.needed
    few = found.carried is not None and 0 < found.carried < found.min_rows
    if few and found.carried and found.rows:
        scaled = found.rows * found.min_rows / found.carried
        return math.ceil(scaled) if scaled < 1e12 else None
    return None


def passing(gate: GateResult, model: ModelReview | None) -> list[str]:
    """Sentences: what would let it pass, or how far it is from failing to."""
    said = []
    if gate.measured is not None:
        said += _by_value(gate) + _by_rows(gate)
    elif gate.kind == "evaluation":
        said += _by_share(gate, model)
    elif gate.kind == data_gates.KIND:
        said += data_gates.passing(gate)
    if gate.outcome == "pass" and not said:
        return ["It passes."]
    if gate.outcome == "skipped":
        said.append(_awaited(gate, model))
    if gate.mend:
        said.append(f"Run: {gate.mend}")
    if not said and gate.outcome == "insufficient" and gate.kind != data_gates.KIND:
        said.append("Let head evaluate rows that base evaluated too, or name what base's model is run with.")
    return said or ["Mend what the sentence above says, reproduce, and commit."]


def waiver(gate: GateResult) -> str:
    """The policy's entry that would let a blocking gate pass for a while, as YAML; its blanks are refused."""
    if not gate.blocking or len(gate.id) > _LONGEST_ID:
        return ""
    return (
        "waivers:\n"
        f"  - gate: {quote(gate.id)}\n"
        '    reason: ""   # why it may fail for now\n'
        '    by: ""       # who decided\n'
        '    expires: ""  # the last day, such as 2026-12-31\n'
    )


def _awaited(gate: GateResult, model: ModelReview | None) -> str:
    """When a skipped gate will be judged."""
    if gate.kind == "lock":
        return "Nothing is to be done: it is judged as soon as a dvc.yaml declares a stage."
    if model is not None and model.rows.head is None:
        return "It is judged as soon as head's predictions can be used."
    return "Nothing is to be done: it is judged as soon as base has what it is compared with."


def _by_value(gate: GateResult) -> list[str]:
    found, value = gate.measured, _needed(gate)
    if found is None or value is None:
        return []
    shown, side = numbers.bar(_outward(value, gate)), judgement.direction(gate)
    whole = gate.kind in NAMED_WHOLE
    what = found.metric if whole else f"head's {found.metric}"
    where = {
        "head": "",
        "shared": ", on the rows that both judged",
        "rescored": ", on head's rows that base's model was run on",
    }[found.exam]
    if gate.outcome == "pass":
        return [f"It passes as long as {what} is {side} {shown}{where}, at this noise."]
    if not _attainable(gate, value):
        return [f"At this noise no value passes: {what} would have to be {side} {shown}{where}."]
    number = gate.value if whole else found.head
    now = "" if number is None else f"; now it is {number:.5g}"
    return [f"It passes when {what} is {side} {shown}{where}, at this noise{now}."]


def _by_rows(gate: GateResult) -> list[str]:
    if gate.outcome not in ("insufficient", "fail") or gate.measured is None:
        return []
    needed, found = rows(gate), gate.measured
    if needed is not None and found.needed is not None:
        drawn, there = ("rows", found.rows) if found.clusters is None else ("clusters", found.clusters)
        start = "It would pass" if least(gate) is None else "Or"
        return [f"{start}, at this value, with about {needed:,} {drawn} in place of {there:,}."]
    if needed is not None:
        return [
            f"About {needed:,} rows, where there are {found.rows:,}, would hold the {found.min_rows:,} that "
            "must carry the metric; whether it passes can be told then."
        ]
    if gate.value is None or gate.bar is None or found.problem:
        return []
    if (gate.value < gate.bar) if found.at_least else (gate.value > gate.bar):
        return ["More rows alone would not do: at this value they would only show that the bar is missed."]
    return []


def _by_share(gate: GateResult, model: ModelReview | None) -> list[str]:
    """Of shares of rows: how many rows may be so."""
    what = gate.id.rpartition("/")[2]
    if model is None or gate.bar is None or what not in _SHARES or not math.isfinite(gate.bar):
        return []
    whole = model.rows.base if what == "rows_gone" else model.rows.shared
    if whole is None:
        return []
    of = f"base's {whole:,} rows" if what == "rows_gone" else f"the {whole:,} shared rows"
    most = math.floor(gate.bar * whole + 1e-9)
    classes = ", and no larger share of any one class" if gate.bar and model.task != "regression" else ""
    return [f"It passes while at most {most:,} of {of} are so{classes}."]


def _outward(value: float, gate: GateResult) -> float:
    """Few digits, rounded so that the value shown passes too."""
    if gate.measured is None or gate.low is None or gate.high is None or not gate.low < gate.high:
        return value
    digits = 2 - math.floor(math.log10(gate.high - gate.low))
    if not 0 <= digits <= 15 or abs(value) > 1e9:
        return value
    scaled = value * 10.0**digits
    # A value that is at its own digits already stays there.
    whole = math.ceil(scaled - 1e-6) if gate.measured.at_least else math.floor(scaled + 1e-6)
    return whole / 10.0**digits


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
