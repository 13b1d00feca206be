"""What a metric gate found, in words: number, bar and interval stand beside them."""

import math

from mergegate.amounts import amount
from mergegate.compare import Measured
from mergegate.records.verdict import GateResult, Measurement

_SHARES = ("flips",)
"""Kinds whose value is no difference of two metrics, though both sides' rows gave it."""


def taken_away(measured: Measured, min_rows: int) -> str:
    """Why head, and not the world, is why the sample can't tell; empty where it is not."""
    estimate, alone = measured.estimate, measured.base_alone
    if alone is None or not measured.base_could_tell(min_rows):
        return ""
    if measured.head is None if estimate is None else estimate.carried < min_rows:
        return f"base had {math.floor(alone.carried):,}, so the change took them away"
    told = estimate is not None and not estimate.problem
    return "" if told else "base's own rows could tell, so the change took that away"


def of(
    result: GateResult,
    found: Measured,
    *,
    greater_is_better: bool,
    survives: bool,
    unit: str,
) -> str:
    """The sentence of a gate that was held against an estimate."""
    measured = result.measured
    if measured is None:
        return "it was not measured."
    where = _where(measured)
    if measured.problem and result.outcome == "pass":
        return f"{where}every prediction is the same as base's, though {measured.problem}."
    if measured.problem and result.outcome == "fail":
        blame = taken_away(found, measured.min_rows)
        named = "" if blame else f"{measured.metric} can't be judged: "
        return f"{where}{named}{'; '.join(filter(None, (measured.problem, blame)))}."
    if measured.problem:
        return f"{where}can't tell: {measured.problem}."
    if not survives:
        return (
            f"{where}taken alone, {_missed(measured, result, unit)}; among the "
            f"{measured.claims:,} claims that are judged together (Holm) that may be chance: can't tell."
        )
    if measured.exam == "head" or result.kind in _SHARES:
        return where + _own(measured, result, unit)
    return where + _difference(measured, result, greater_is_better, unit)


def without(result: GateResult, found: Measured) -> str:
    """The sentence of a gate for which there is no estimate."""
    measured = result.measured
    if measured is None:
        return "it was not measured."
    where, metric = _where(measured), measured.metric
    blame = taken_away(found, measured.min_rows)
    if measured.level and not found.rows:
        left = "head has no row" if measured.exam == "head" else "no row that both judged is left"
        few = f"base had fewer than {measured.min_rows:,} that carry {metric} anyway: can't tell"
        return f"{where}{left}; {blame or few}."
    reasons = {"base": found.base_reason, "head": found.head_reason, "": found.problem}
    why = "; ".join(f"{side}: {reason}" if side else reason for side, reason in reasons.items() if reason)
    why = why or "there is none"
    if result.outcome == "pass":
        return f"{where}every prediction is the same as base's, though {metric} has no value ({why})."
    if result.outcome == "skipped":
        return f"{where}there is no {metric} of base to compare with: {found.base_reason}."
    if result.outcome == "insufficient":
        return f"{where}can't tell: {metric} has no value ({why})."
    return f"{where}{metric} can't be judged: {'; '.join(filter(None, (why, blame)))}."


def _where(measured: Measurement) -> str:
    if not measured.column:
        return ""
    which = f"is {measured.level}" if measured.level else "has each of its values"
    return f"where {measured.column} {which}: "


def _rows(measured: Measurement) -> str:
    rows = amount(measured.rows, "row")
    if measured.exam == "head":
        return f"head's {rows}"
    if measured.exam == "rescored":
        return f"the {rows} of head that base's model was run on"
    return f"the {rows} that both judged"


def _own(measured: Measurement, result: GateResult, unit: str) -> str:
    """A bar on head's own value."""
    bar, on = _amount(result.bar, measured, unit), _rows(measured)
    side, other = ("above", "below") if measured.at_least else ("below", "above")
    if result.outcome == "pass":
        return f"{measured.metric} is {side} {bar} with its whole interval, on {on}."
    if result.outcome == "fail":
        return f"{measured.metric} is {other} {bar} with its whole interval, on {on}."
    needed = _needed(measured, "value")
    return f"can't tell: {measured.metric} may be on either side of {bar}, on {on}.{needed}"


def _difference(measured: Measurement, result: GateResult, greater_is_better: bool, unit: str) -> str:
    """A margin on what head may lose against base."""
    margin = _amount(abs(result.bar or 0.0), measured, unit)
    on = _rows(measured)
    lost = "any loss" if not result.bar else f"a loss over {margin}"
    if result.outcome == "fail" and not _wholly_beyond(measured, result):
        moved = _amount(abs(result.value or 0.0), measured, unit)
        return (
            f"{measured.metric} is worse than base's by {moved}, more than base's own noise could be, where "
            f"at most {margin} may be lost; it is head's own noise that widens the interval, on {on}."
        )
    if result.outcome == "fail":
        return f"{_missed(measured, result, unit)}, on {on}."
    if result.outcome == "insufficient":
        worst = result.low if greater_is_better else result.high
        loss = abs(worst) if worst is not None else None
        most = (
            f"the loss may be up to {_amount(loss, measured, unit)}" if loss is not None else "it may be any"
        )
        allowed = f"at most {margin} may be lost" if result.bar else "none may be lost"
        return f"can't tell on {on}: {most}, and {allowed}.{_needed(measured, 'difference')}"
    worst, best = (result.low, result.high) if greater_is_better else (result.high, result.low)
    sign = 1 if greater_is_better else -1
    if measured.method == "identical predictions":
        return f"every prediction is the same as base's, on {on}."
    if worst is not None and worst * sign > 0:
        return f"{measured.metric} is better than base's, on {on}."
    if best is not None and best * sign < 0:
        return f"{measured.metric} is worse than base's, but {lost} is ruled out, on {on}."
    return f"no evidence of a difference, and {lost} is ruled out, on {on}."


def _wholly_beyond(measured: Measurement, result: GateResult) -> bool:
    """Whether the whole interval is on the wrong side of the bar."""
    best, bar = (result.high if measured.at_least else result.low), result.bar
    if best is None or bar is None:
        return False
    return best < bar if measured.at_least else best > bar


def _missed(measured: Measurement, result: GateResult, unit: str) -> str:
    """What is wrong, for a whole interval on the wrong side."""
    if measured.exam == "head":
        other = "below" if measured.at_least else "above"
        return f"{measured.metric} is {other} {_amount(result.bar, measured, unit)}"
    best = result.high if measured.at_least else result.low
    least = _amount(abs(best), measured, unit) if best is not None else "more"
    allowed = f"at most {_amount(abs(result.bar or 0.0), measured, unit)}" if result.bar else "nothing"
    return f"{measured.metric} is worse than base's by at least {least}, where {allowed} may be lost"


def _needed(measured: Measurement, of: str) -> str:
    if measured.needed is None:
        return ""
    drawn = "rows" if measured.clusters is None else "clusters"
    return f" At this {of} about {_rounded(measured.needed):,} {drawn} would tell."


def _rounded(number: int) -> int:
    """Two digits of a number that is an estimate itself."""
    step = int(10 ** max(0, len(str(number)) - 2))
    return -(-number // step) * step


def _amount(number: float | None, measured: Measurement, unit: str) -> str:
    """A number in the bar's terms: a share of base's value as percent, a cost with its unit."""
    if number is None:
        return "an unknown amount"
    if measured.relative:
        return f"{100 * number:.3g} %"
    return f"{number:.4g}{f' {unit}' if unit else ''}"
