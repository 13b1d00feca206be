"""`mergegate doctor`: can this gate be skipped, by whom, and what mends it?

The local checks look at this clone. GitHub's settings are gathered by mergegate.flows.doctor.github, whose
`gather(project, request, local, *, tell)` returns what the checks of mergegate.doctor.on_github look at; it
raises a MergegateError where it can see nothing at all.
"""

import importlib
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from mergegate import doctor, repo
from mergegate.doctor import on_github
from mergegate.doctor.check import Examination, examine, overlook
from mergegate.doctor.facts import Facts
from mergegate.doctor.on_github.facts import GitHubFacts
from mergegate.errors import MergegateError
from mergegate.flows.doctor import waiting
from mergegate.flows.doctor.hosted import as_hosted, examine_branches
from mergegate.flows.doctor.local import gather
from mergegate.flows.doctor.request import Request
from mergegate.records.doctor import Ailment, DoctorAnswer, Level

PATIENCE = 180.0
"""Seconds for all that GitHub is asked; each of its answers may come drop by drop."""

_ORDER: tuple[Level, ...] = ("hole", "fault", "unseen", "warning", "note")


def diagnose(request: Request, *, tell: Callable[[str], None] = lambda step: None) -> DoctorAnswer:
    """Make every check, and say whether the gate can be skipped.

    Writes nothing. Raises UsageError where there is no project to look at; whatever else could not be looked
    at is told by its check.
    """
    project = repo.locate(request.start)
    facts = gather(project, tell=tell)
    if not request.github:
        return conclude([examine(doctor.CHECKS, facts)], request.repository, asked=False)
    there, found = _ask(project, request, facts, tell)
    if found is None:
        here = examine(doctor.CHECKS, facts)
        return conclude([_without_doubles(here, there), there], request.repository, asked=True)
    facts = as_hosted(facts, found)
    here = examine(doctor.CHECKS, facts)
    examined = [_without_doubles(here, there), *examine_branches(facts, found), there]
    return replace(conclude(examined, found.repository, asked=True), requests=found.asked)


def _without_doubles(here: Examination, there: Examination) -> Examination:
    """What this clone shows, less what GitHub itself was seen to say of the same.

    What was not seen stays: it is why the answer is not no.
    """
    answered = {each.check for each in there.checks if not each.unseen}
    left = {name for name, better in doctor.SEEN_BETTER.items() if better in answered}
    kept = (each for each in here.ailments if each.check not in left or each.level == "unseen")
    return replace(here, ailments=tuple(kept))


def conclude(examined: list[Examination], repository: str | None, *, asked: bool) -> DoctorAnswer:
    """The answer to all that was found; `asked` says whether GitHub was."""
    ailments = tuple(
        sorted((each for one in examined for each in one.ailments), key=lambda each: _ORDER.index(each.level))
    )
    holes = [each for each in ailments if each.level == "hole"]
    blind = not asked or any(one.blind for one in examined)
    return DoctorAnswer(
        skippable="yes" if holes else "unknown" if blind else "no",
        by=_by(holes),
        repository=repository,
        checks=tuple(check for one in examined for check in one.checks),
        ailments=ailments,
    )


def _by(holes: list[Ailment]) -> tuple[str, ...]:
    """Who can skip the gate, each named once."""
    return tuple(dict.fromkeys(who for hole in holes for who in hole.by))


def _ask(
    project: repo.Project, request: Request, facts: Facts, tell: Callable[[str], None]
) -> tuple[Examination, GitHubFacts | None]:
    """What GitHub's settings show, and what they are; all unseen and None where none can be asked for."""
    # Its client takes as long to import as all local checks take: only where GitHub is asked.
    try:
        github: Any = importlib.import_module("mergegate.flows.doctor.github")
    except ModuleNotFoundError as error:
        if str(error.name).startswith("mergegate"):
            raise
        why = f"this needs the Python package {error.name}; next: pip install 'mergegate[github]'"
        return overlook(on_github.CHECKS, why), None
    try:
        asking = waiting.begin(lambda: github.gather(project, request, facts, tell=tell), PATIENCE)
        found: GitHubFacts = asking()
    except waiting.LateError:
        why = f"GitHub did not answer within {PATIENCE:g} s; next: look at the network, and ask again"
        return overlook(on_github.CHECKS, why), None
    except MergegateError as error:
        why = error.message + (f"; next: {error.hint}" if error.hint else "")
        return overlook(on_github.CHECKS, why), None
    return examine(on_github.CHECKS, found), found
