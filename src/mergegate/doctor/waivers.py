"""Which gates are waived, until when: about to expire, expired, or for so long that they are no gates."""

from collections.abc import Iterator
from datetime import date, timedelta

from mergegate.config.policy import POLICY_FILE, Waiver
from mergegate.doctor.facts import Facts
from mergegate.records.doctor import Ailment

LOOKS_FOR = "waivers and accepted stages that expired, soon do, or last for months"
FINDS_HOLES = False

CHECK = "waivers"

SOON = timedelta(days=14)
LONG = timedelta(days=180)

_WHO = 80


def check(facts: Facts) -> Iterator[Ailment]:
    """Say what each waiver of the policy lets pass, where that needs a person."""
    policy = facts.policy
    if policy is None:
        return
    for waiver in policy.waivers:
        yield from _check_waiver(waiver, facts.today)
    for accepted in policy.reproduce.accept:
        left = date.fromisoformat(accepted.expires) - facts.today
        if left <= SOON:
            state = "ended on" if left < timedelta() else "ends on"
            yield Ailment(
                check=CHECK,
                level="warning",
                what=f"taking {accepted.stage[:_WHO]} on trust {state} {accepted.expires}",
                why="from the day after, `mergegate reproduce` runs that stage again, however dear it is",
                mend=f"give it another day under `reproduce: accept` in {POLICY_FILE}, or take it away there",
                where=POLICY_FILE,
            )


def _check_waiver(waiver: Waiver, today: date) -> Iterator[Ailment]:
    left = date.fromisoformat(waiver.expires) - today
    gate, by = waiver.gate[:_WHO], waiver.by[:_WHO]
    if left < timedelta():
        yield Ailment(
            check=CHECK,
            level="note",
            what=f"the waiver of {gate} by {by} expired on {waiver.expires}",
            why="it does nothing any more, and the gate blocks again",
            mend=f"take it from {POLICY_FILE}",
            where=POLICY_FILE,
        )
    elif left <= SOON:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"the waiver of {gate} by {by} ends on {waiver.expires}",
            why="from the day after, changes that pass today fail by it",
            mend=f"mend what the gate says, or ask {by} for another day",
            where=POLICY_FILE,
        )
    elif left > LONG:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"{gate} is waived by {by} until {waiver.expires}",
            why=f"for {left.days:,} days more every change passes it, whatever it does",
            mend=f"give it a nearer day in {POLICY_FILE}",
            where=POLICY_FILE,
        )
    else:
        yield Ailment(
            check=CHECK,
            level="note",
            what=f"{gate} is waived by {by} until {waiver.expires}",
            why="until then every change passes it, whatever it does",
            mend=f"nothing, if that is still meant; else take it from {POLICY_FILE}",
            where=POLICY_FILE,
        )
