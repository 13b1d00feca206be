"""The doctor's answer for a person at a terminal: one line first, then what ails, worst first."""

import re
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from mergegate.records.doctor import Ailment, DoctorAnswer, Level
from mergegate.report.lines import SENTENCE, VALUE
from mergegate.report.numbers import plural
from mergegate.report.page import PARAGRAPH, Page

ASK_GITHUB = "mergegate doctor --github"
EXPLAIN = "mergegate explain NAME"

_STYLE: dict[Level, str] = {
    "hole": "bold red",
    "fault": "red",
    "unseen": "yellow",
    "warning": "yellow",
    "note": "dim",
}
_TITLES: dict[Level, str] = {
    "hole": "The gate can be skipped",
    "fault": "Broken",
    "unseen": "Not seen: may hide a hole",
    "warning": "Lax, or will break",
    "note": "Worth knowing",
}


_COMMAND = re.compile(r":(?=:)|##(?=\[)")
"""How a job's output tells GitHub Actions something, were it to begin a line or stand anywhere in one."""


class _Page(Page, frozen=True):
    """A page that may be a job's log: a scheduled doctor reads names that anybody chose."""

    def text(self, value: str, style: str = "", limit: int = SENTENCE) -> Text:
        """Inert text, to a job's log too."""
        return super().text(_COMMAND.sub(r"\g<0>\\", value), style, limit)


def render(answer: DoctorAnswer, console: Console, *, asked: bool) -> None:
    """Print the answer; `asked` says whether GitHub was asked."""
    page = _Page(console, "see --json")
    page.say(_headline(page, answer, asked=asked))
    for level, title in _TITLES.items():
        some = [each for each in answer.ailments if each.level == level]
        page.section(f"{title}: {len(some):,}", some, lambda each: _row(page, each), level)
    unseen = [each for each in answer.checks if each.unseen]
    page.section(
        f"Checks that could not look: {len(unseen):,}",
        unseen,
        lambda each: (page.text(each.check, limit=VALUE), page.text(each.unseen)),
        "check",
    )
    page.say(Text())
    page.paragraph(_seen(answer, asked=asked), "dim")
    if answer.ailments or unseen:
        page.paragraph(f"More on a check: {EXPLAIN}", "dim")


def _headline(page: Page, answer: DoctorAnswer, *, asked: bool) -> Text:
    """Can this gate be skipped, and by whom?"""
    question = "Can this gate be skipped? "
    if answer.skippable == "yes":
        by = f"Yes, by {_listed(answer.by)}." if answer.by else "Yes."
        return page.text(question + by, "bold red", PARAGRAPH)
    if answer.skippable == "no":
        return page.text(f"{question}No: no check found a way.", "bold green")
    why = "and not everything could be looked at" if asked else "and GitHub was not asked"
    return page.text(f"{question}Unknown: no hole was seen, {why}.", "bold yellow")


def _row(page: Page, ailment: Ailment) -> tuple[Text, Text]:
    """What is so, why it matters, what mends it."""
    where = (
        f" ({ailment.where})" if ailment.where and ailment.where not in ailment.what + ailment.mend else ""
    )
    parts = [
        page.text(ailment.what + where, "bold" if ailment.level in ("hole", "fault") else "", SENTENCE),
        Text.assemble(page.text("why: ", "dim"), page.text(ailment.why, limit=SENTENCE)),
    ]
    if ailment.level == "hole" and ailment.by:
        parts.append(Text.assemble(page.text("by: ", "dim"), page.text(_listed(ailment.by), limit=SENTENCE)))
    parts.append(Text.assemble(page.text("to mend: ", "dim"), page.text(ailment.mend, "bold", PARAGRAPH)))
    return page.text(ailment.check, _STYLE[ailment.level]), Text("\n").join(parts)


def _seen(answer: DoctorAnswer, *, asked: bool) -> str:
    """How much was looked at, and what to ask next."""
    looked = len(answer.checks) - sum(bool(each.unseen) for each in answer.checks)
    of = f"{plural(len(answer.checks), 'check')}, {looked:,} of them could look"
    if answer.repository:
        requests = f" ({plural(answer.requests, 'request')})" if answer.requests else ""
        return f"{of}, at this clone and at {answer.repository} on GitHub{requests}."
    if asked:
        return f"{of}."
    return f"{of}, at this clone alone. Ask GitHub too: {ASK_GITHUB}"


def _listed(names: Sequence[str]) -> str:
    """`a, b and c`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
