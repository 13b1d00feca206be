"""Do the policy and the repository mean the same branches?"""

import re
from collections.abc import Iterator

from mergegate.amounts import list_some
from mergegate.config.policy import POLICY_FILE
from mergegate.doctor.check import seen
from mergegate.doctor.facts import Facts
from mergegate.records.doctor import Ailment

LOOKS_FOR = (
    "branches that should be protected and are not named so, and a default branch that is not the policy's"
)
FINDS_HOLES = False

CHECK = "branches"

_LONG_LIVED = re.compile(
    r"(?:release|releases|hotfix|support|stable)(?:[/-].*)?|prod(?:uction)?|staging|stable|live"
)
"""Names that teams give to branches which things are shipped from."""

MOST_NAMED = 5


def check(facts: Facts) -> Iterator[Ailment]:
    """Say which branches are without the required status, and what the policy names that is not there."""
    policy = facts.policy
    if policy is None or facts.place.default is None:
        return
    branch = facts.place.branch
    if policy.baseline != branch:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"the policy's baseline is {policy.baseline}, and the default branch is {branch}",
            why=f"here changes are compared with {policy.baseline}; on GitHub with the branch that each "
            "enters",
            mend=f"write `baseline: {branch}` into {POLICY_FILE}, or fetch origin's HEAD: git remote "
            "set-head origin --auto",
            where=POLICY_FILE,
        )
    branches = seen(facts.branches)
    open_ = [
        name for name in branches if _LONG_LIVED.fullmatch(name) and not _is_protected(name, policy.protected)
    ]
    if open_:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"{list_some(open_, MOST_NAMED)}: no branch of `protected:` in the policy",
            why="a change that enters there gets a status of that branch's own name, which no rule that "
            "asks for "
            "`mergegate` knows",
            mend=f"write `protected: [{_pattern(open_[0])}]` into {POLICY_FILE}, and a ruleset for them on "
            "GitHub",
            where=POLICY_FILE,
        )
    for pattern in policy.protected:
        if branches and not any(_is_protected(name, (pattern,)) for name in branches):
            yield Ailment(
                check=CHECK,
                level="note",
                what=f"`protected:` names {pattern}, and origin has no such branch",
                why="a name that is misspelt protects nothing",
                mend=f"mend it in {POLICY_FILE}, or leave it for branches to come",
                where=POLICY_FILE,
            )


def _is_protected(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a pattern, in which `*` stands for any text, is this name."""
    return any(re.fullmatch(".*".join(map(re.escape, each.split("*"))), name, re.DOTALL) for each in patterns)


def _pattern(name: str) -> str:
    first, slash, _ = name.partition("/")
    return f"{first}/*" if slash else name
