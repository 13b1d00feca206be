"""The pull requests of the last days, and what the status `mergegate` said of them."""

from collections.abc import Iterable
from datetime import UTC, datetime

from mergegate.doctor.on_github.facts import STATUS, Branch, Moved, Word
from mergegate.forge.names import shown
from mergegate.forge.survey import Survey

MOST_PULLS = 20
"""Pull requests that are looked at, the last that moved."""

DAYS = 7


def read_moved(survey: Survey, branches: Iterable[Branch], now: float) -> tuple[Moved, ...]:
    """Those into protected branches that moved in the last seven days. Raises ForgeError."""
    protected = {branch.name for branch in branches}
    found = []
    for pull in survey.recent_pulls(MOST_PULLS):
        if pull.base.ref not in protected or _age(pull.updated_at, now) > DAYS:
            continue
        words = tuple(
            Word(shown(each.state, 20), shown(each.creator))
            for each in survey.statuses(pull.head.sha)
            if each.context.casefold() == STATUS
        )
        base, merged = shown(pull.base.ref), pull.merged_at is not None
        found.append(Moved(number=pull.number, base=base, merged=merged, words=words))
    return tuple(found)


def _age(moment: str, now: float) -> float:
    """Days since a moment that GitHub tells; none for one that can't be read, so that it is looked at."""
    try:
        return (now - datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()) / 86400
    except ValueError:
        return 0.0
