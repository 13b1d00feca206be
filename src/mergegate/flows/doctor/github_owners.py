"""CODEOWNERS of a branch as GitHub has it, and which of its lines name nobody."""

from collections import Counter
from collections.abc import Iterator

from mergegate.doctor.on_github.facts import Owners
from mergegate.flows.doctor.github_files import OWNERS
from mergegate.forge.access import OwnersError
from mergegate.forge.survey import Survey


def read_owners(survey: Survey, branch: str, *, default: bool = False) -> Owners:
    """The file that counts on a branch, which may be the `default` one. Raises ForgeError."""
    for path in OWNERS:
        data = survey.read_file(path, branch)
        if data is not None:
            errors, text = survey.owners_errors("" if default else branch), data.decode(errors="replace")
            return Owners(path, text, len(errors), frozenset(_unusable(text, errors)))
    return Owners("")


def _unusable(text: str, errors: tuple[OwnersError, ...]) -> Iterator[int]:
    """Lines all of whose owners are unknown, or may not write."""
    unknown = Counter(each.line for each in errors if each.kind.casefold() == "unknown owner")
    lines = text.split("\n")
    for number, wrong in unknown.items():
        if 0 < number <= len(lines) and wrong >= len(lines[number - 1].partition(" #")[0].split()) - 1:
            yield number
