"""Who can use a hole, in words."""

from collections.abc import Sequence

from mergegate.doctor.check import Unseen
from mergegate.doctor.on_github.facts import GitHubFacts

MOST_NAMES = 5

ANY_WRITER = "any collaborator with write access"


def may_write(facts: GitHubFacts) -> tuple[str, ...]:
    """Whoever can push a branch: people by their names where they are seen, and keys of machines."""
    people, keys = facts.people, facts.keys
    found = []
    if isinstance(people, Unseen):
        found.append(ANY_WRITER)
    elif names := (*people.writers, *people.admins):
        found.append(f"whoever may write ({listed(names)})")
    if not isinstance(keys, Unseen):
        found += [f"the deploy key {title!r}" for title in keys[:MOST_NAMES]]
    return tuple(found) or (ANY_WRITER,)


def is_alone(facts: GitHubFacts) -> bool:
    """Whether one person writes and nobody else: no second pair of eyes can be asked for."""
    people, keys = facts.people, facts.keys
    if isinstance(people, Unseen) or isinstance(keys, Unseen):
        return False
    return len(people.admins) + len(people.writers) <= 1 and not keys


def listed(names: Sequence[str]) -> str:
    """`a, b and 3 more`."""
    if len(names) <= MOST_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[: MOST_NAMES - 1])} and {len(names) - MOST_NAMES + 1:,} more"
