"""From whom is the required status expected?"""

from collections.abc import Iterator

from mergegate.doctor.check import seen
from mergegate.doctor.on_github.facts import STATUS, Branch, GitHubFacts, Guard
from mergegate.doctor.on_github.guarding import HERE, each_branch, place, requiring
from mergegate.doctor.on_github.who import may_write
from mergegate.records.doctor import Ailment

LOOKS_FOR = f"an App of the team's own as the only source that the status `{STATUS}` may come from"
FINDS_HOLES = True

CHECK = "status-source"

HOW = "docs/github.md, Settings: Whose status?"


def pinned_apps(facts: GitHubFacts, guards: tuple[Guard, ...]) -> tuple[int, ...]:
    """The Apps, GitHub Actions aside, that the status has to come from. Raises BlindError."""
    named = [app for guard in guards for app in guard.sources if app is not None]
    # Its number is asked for only where it matters: an Enterprise has another.
    return tuple(app for app in named if app != seen(facts.actions_app)) if named else ()


def check(facts: GitHubFacts) -> Iterator[Ailment]:
    """Name the branches whose status a workflow of any branch can set."""
    return each_branch(facts, lambda branch, guards: _look(facts, branch, guards))


def _look(facts: GitHubFacts, branch: Branch, guards: tuple[Guard, ...]) -> Iterator[Ailment]:
    strict = requiring(guards)
    if not strict or pinned_apps(facts, strict):
        return
    anyone = all(app is None for guard in strict for app in guard.sources)
    source = "any source" if anyone else "GitHub Actions"
    who = ", and any App or token with that permission," if anyone else ""
    yield Ailment(
        check=CHECK,
        level="hole",
        what=f"the status `{STATUS}` is taken from {source} on {HERE}",
        why=f"a workflow on any branch{who} can ask for `statuses: write` and set it to success on its own "
        "commit",
        mend=f"{place(strict)}: expect `{STATUS}` from an App whose key only the default branch can read "
        f"({HOW})",
        by=may_write(facts),
    )
