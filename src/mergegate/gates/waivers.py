"""Waivers: gates that the policy lets pass for a while. Always shown, ignored once expired."""

from collections.abc import Callable, Sequence
from datetime import date

import msgspec

from mergegate.config.policy import Waiver as Granted
from mergegate.records.verdict import GateResult, Waiver


def apply(
    granted: Sequence[Granted],
    results: Sequence[GateResult],
    today: date,
    dormant: Callable[[str], bool] = lambda gate: False,
) -> tuple[list[GateResult], tuple[Waiver, ...]]:
    """The results, those that would block and are waived marked so; and every waiver as it stands today.

    `dormant` says of an id that no result bears whether another review may have it: of data that did not
    change.
    """
    by_id = {result.id: result for result in results}
    standing = {waiver.gate: _stand(waiver, by_id.get(waiver.gate), today, dormant) for waiver in granted}
    applied = {gate: waiver for gate, waiver in standing.items() if waiver.state == "applied"}
    marked = [
        msgspec.structs.replace(result, waiver=applied[result.id]) if result.id in applied else result
        for result in results
    ]
    return marked, tuple(standing.values())


def _stand(
    granted: Granted, result: GateResult | None, today: date, dormant: Callable[[str], bool]
) -> Waiver:
    waiver = Waiver(gate=granted.gate, reason=granted.reason, by=granted.by, expires=granted.expires)
    # A date that can't be read is refused with the policy; here nothing unreadable may let a gate pass.
    if not _holds(granted.expires, today):
        return msgspec.structs.replace(waiver, state="expired")
    if result is None:
        return msgspec.structs.replace(waiver, state="idle" if dormant(granted.gate) else "unknown")
    return msgspec.structs.replace(waiver, state="applied" if result.blocking else "idle")


def _holds(expires: str, today: date) -> bool:
    try:
        return today <= date.fromisoformat(expires)
    except ValueError:
        return False
