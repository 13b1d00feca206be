"""What a shared remote must keep: `mergegate keep` and `mergegate backup`."""

from collections.abc import Iterator
from typing import Annotated, Literal

from mergegate.config import ranges
from mergegate.config.document import Document
from mergegate.config.problem import Problem, printable
from mergegate.config.section import Section, described


class Keep(Section, frozen=True, kw_only=True):
    """Which objects of a shared DVC remote somebody may still need."""

    commits: Annotated[
        Literal["all", "tips"],
        described(
            "`all`: what any commit of any branch, tag or pull request names. `tips`: only what their last "
            "commits name; older ones can't be pulled any more."
        ),
    ] = "all"
    older_than_days: Annotated[
        int,
        described(
            "Objects written within so many days are never deleted: their commit may be on its way.",
            ranges.DAYS,
        ),
    ] = 30
    shared_with: Annotated[
        tuple[str, ...] | None,
        described(
            "The other git repositories, as `git clone` takes them, whose data is on the same remote; `[]` "
            "states that there are none. Nothing is deleted while this is not said."
        ),
    ] = None


def check(section: Keep, document: Document) -> Iterator[Problem]:
    """The bound, and that each repository is one that `git clone` takes, and no option."""
    yield from ranges.DAYS.check(section.older_than_days, ("keep", "older_than_days"), document)
    for index, url in enumerate(section.shared_with or ()):
        if not url.strip() or url.startswith("-") or "::" in url or not url.isprintable():
            message = f'"{printable(url)}" is no repository'
            hint = "write a URL or path as `git clone` takes it"
            yield document.problem(("keep", "shared_with", index), message, hint)
