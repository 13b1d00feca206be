"""The day until which an exception holds: waivers and accepted stages."""

import re
from collections.abc import Iterator
from datetime import date

from mergegate.config.document import Document
from mergegate.config.problem import KeyPath, Problem, printable
from mergegate.config.section import DATE_PATTERN


def check(expires: str, at: KeyPath, document: Document) -> Iterator[Problem]:
    """That it is a day, written as year-month-day; `at` is the exception's place."""
    if not _is_date(expires):
        hint = 'write the last day on which it holds as year-month-day: `expires: "2026-12-31"`'
        yield document.problem((*at, "expires"), f'"{printable(expires)}" is no date', hint)


def _is_date(text: str) -> bool:
    # fromisoformat alone also takes weeks and dates without hyphens, which people misread.
    if not re.fullmatch(DATE_PATTERN, text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
