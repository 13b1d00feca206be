"""Waivers: which gate, why, by whom, and until which day; whether the day is over is the review's to say."""

import re
from collections.abc import Iterator
from datetime import date

from mergegate.config.document import Document
from mergegate.config.policy import Waiver
from mergegate.config.problem import KeyPath, Problem, printable
from mergegate.config.section import DATE_PATTERN

_HINTS = {
    "gate": "name the gate by its id, as the review shows it: late-arrival/roc_auc/max_regression",
    "reason": "say why the gate may fail for a while: whoever reads the review sees it",
    "by": "say who decided",
}


def check(waivers: tuple[Waiver, ...], document: Document) -> Iterator[Problem]:
    """Each waiver by itself, and no gate twice."""
    first: dict[str, KeyPath] = {}
    for index, waiver in enumerate(waivers):
        at: KeyPath = ("waivers", index)
        for key, hint in _HINTS.items():
            if not getattr(waiver, key).strip():
                yield document.problem((*at, key), f"a waiver needs `{key}`, and it is empty", hint)
        if not _is_date(waiver.expires):
            message = f'"{printable(waiver.expires)}" is no date'
            hint = 'write the last day on which it holds as year-month-day: `expires: "2026-12-31"`'
            yield document.problem((*at, "expires"), message, hint)
        if waiver.gate in first:
            line = document.lines.get(first[waiver.gate])
            message = f"a second waiver for {printable(waiver.gate)}; the first is on line {line}"
            yield document.problem((*at, "gate"), message, "keep one of the two")
        if waiver.gate.strip():
            first.setdefault(waiver.gate, (*at, "gate"))


def _is_date(text: str) -> bool:
    # fromisoformat alone also takes weeks and dates without hyphens, which people misread.
    if not re.fullmatch(DATE_PATTERN, text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
