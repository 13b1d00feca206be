"""Does every protected branch require the status `mergegate`?"""

from collections.abc import Iterator

from mergegate.doctor.check import BlindError, Unseen
from mergegate.doctor.on_github.facts import STATUS, Branch, GitHubFacts, Guard
from mergegate.doctor.on_github.guarding import HERE, RULESETS, each_branch, requiring
from mergegate.doctor.on_github.who import listed, may_write
from mergegate.records.doctor import Ailment

LOOKS_FOR = f"a ruleset or branch protection in force that requires the status `{STATUS}`"
FINDS_HOLES = True

CHECK = "required-status"


def check(facts: GitHubFacts) -> Iterator[Ailment]:
    """Name the protected branches that a change may enter without the status."""
    return each_branch(facts, lambda branch, guards: _look(facts, branch, guards))


def _look(facts: GitHubFacts, branch: Branch, guards: tuple[Guard, ...]) -> Iterator[Ailment]:
    if strict := requiring(guards):
        if branch.pattern and all(guard.spares_new for guard in strict):
            yield _spared(facts, branch, strict)
        return
    if not branch.exists:
        raise BlindError(next((guard.hidden for guard in guards if guard.hidden), "it does not exist yet"))
    target = f"the branches {branch.pattern}" if branch.pattern else "the default branch"
    yield Ailment(
        check=CHECK,
        level="hole",
        what=f"nothing requires the status `{STATUS}` on {HERE}{_idle(facts)}",
        why="without that the review is an opinion: a change is merged whatever it says",
        mend=f"{RULESETS} → New branch ruleset: enforcement Active, target {target}, require the status "
        f"check `{STATUS}`",
        by=may_write(facts),
    )


def _spared(facts: GitHubFacts, branch: Branch, strict: tuple[Guard, ...]) -> Ailment:
    return Ailment(
        check=CHECK,
        level="hole",
        what=f"a new branch of {branch.pattern} may be made of commits without the status `{STATUS}`",
        why="what the branch holds from its first day on was never judged",
        mend=f"{strict[0].where}: require status checks on creation too, or restrict creations",
        by=may_write(facts),
    )


def _idle(facts: GitHubFacts) -> str:
    """Rulesets that would do were they in force."""
    if isinstance(facts.idle, Unseen) or not facts.idle:
        return ""
    return f"; not in force: {listed(facts.idle)}"
