"""Is there a policy that judges, valid and on the default branch?"""

from collections.abc import Iterator

from mergegate.config.policy import POLICY_FILE
from mergegate.doctor.check import seen
from mergegate.doctor.facts import Facts, PolicyFile
from mergegate.records.doctor import Ailment

LOOKS_FOR = f"a valid {POLICY_FILE}, here and on the default branch, by which changes are judged"
FINDS_HOLES = True

CHECK = "policy"

_JUDGES = "a change is judged by the policy at the tip of the branch that it enters, never by its own"


def check(facts: Facts) -> Iterator[Ailment]:
    """Say where a policy is missing or wrong; without one on the default branch a change brings its own."""
    found = seen(facts.policies)
    if not found.here.present and (found.target is None or not found.target.present):
        yield Ailment(
            check=CHECK,
            level="hole",
            what=f"there is no {POLICY_FILE}, so nothing is judged",
            why="the first change that brings a policy is judged by that one, which its author wrote",
            mend="mergegate init",
            by=("anyone who opens a pull request",),
        )
        return
    if found.here.problem:
        yield _wrong(found.here)
    if found.target is None:
        return
    if not found.target.present:
        yield Ailment(
            check=CHECK,
            level="hole",
            what=f"{POLICY_FILE} is not on {found.target.at}",
            why=f"{_JUDGES}; while that branch has none, the first change that brings one is judged by it",
            mend=f"merge {POLICY_FILE} into {facts.place.branch}, reviewed by a person",
            where=POLICY_FILE,
            by=("anyone who opens a pull request",),
        )
    elif found.target.problem:
        yield _wrong(found.target, at=f" at {found.target.at}")
    elif not found.here.present:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"{POLICY_FILE} is on {found.target.at} and not here",
            why="merged, this state would leave nothing to be judged by",
            mend=f"git checkout {found.target.at} -- {POLICY_FILE}",
            where=POLICY_FILE,
        )


def _wrong(file: PolicyFile, at: str = "") -> Ailment:
    more = f" (and {file.problems - 1:,} more)" if file.problems > 1 else ""
    return Ailment(
        check=CHECK,
        level="fault",
        what=f"the policy{at} is wrong: {file.problem}{more}",
        why="no change can be judged by it: every review ends with an error",
        mend="mergegate policy check",
        where=POLICY_FILE,
    )
