"""Waivers: which gate, why, by whom, and until which day; whether the day is over is the review's to say."""

from collections.abc import Iterator

from mergegate.config import expiry
from mergegate.config.document import Document
from mergegate.config.policy import Waiver
from mergegate.config.problem import KeyPath, Problem, printable

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
        yield from expiry.check(waiver.expires, at, document)
        if waiver.gate in first:
            line = document.lines.get(first[waiver.gate])
            message = f"a second waiver for {printable(waiver.gate)}; the first is on line {line}"
            yield document.problem((*at, "gate"), message, "keep one of the two")
        if waiver.gate.strip():
            first.setdefault(waiver.gate, (*at, "gate"))
