"""Who may merge past the required status?"""

from collections.abc import Iterator

from mergegate.doctor.check import BlindError, Unseen
from mergegate.doctor.on_github.facts import STATUS, Branch, GitHubFacts, Guard
from mergegate.doctor.on_github.guarding import HERE, each_branch, requiring
from mergegate.records.doctor import Ailment

LOOKS_FOR = "people, teams, Apps and keys that may bypass the rules, administrators among them"
FINDS_HOLES = True

CHECK = "bypass"


def check(facts: GitHubFacts) -> Iterator[Ailment]:
    """Name who may pass by everything that requires the status on a branch."""
    return each_branch(facts, _look)


def _look(branch: Branch, guards: tuple[Guard, ...]) -> Iterator[Ailment]:
    strict = requiring(guards)
    # Rules add up: what one guard lets nobody pass, nobody passes.
    if not strict or any(guard.bypass == () for guard in strict):
        return
    known = [guard.bypass for guard in strict if not isinstance(guard.bypass, Unseen)]
    if len(known) < len(strict):
        raise BlindError(next(guard.bypass.why for guard in strict if isinstance(guard.bypass, Unseen)))
    everywhere = [who for who in known[0] if all(who in each for each in known[1:])]
    by = tuple(everywhere) or tuple(
        f"whoever is both {' and '.join(each[0] for each in known)}" for _ in known[:1]
    )
    names = " and ".join(guard.name for guard in strict)
    yield Ailment(
        check=CHECK,
        level="hole",
        what=f"{', '.join(by)} may bypass {names} on {HERE}",
        why=f"they merge, or push, whatever `{STATUS}` says",
        mend=f"{strict[0].where}: {_mend(strict[0])}",
        by=by,
    )


def _mend(guard: Guard) -> str:
    if guard.name.startswith("the branch protection"):
        return "Do not allow bypassing the above settings"
    return "empty the bypass list"
