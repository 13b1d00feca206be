"""How a renderer writes what it tells of data: names, cells' values, sentences, emphasis."""

from collections.abc import Callable, Sequence

from mergegate.report.numbers import ARROW
from mergegate.report.script import Script

MISSING = "missing"
"""Stands for a value that is not there."""


class Voice(Script, frozen=True):
    """`value` writes a cell, None for a missing one; `loud` our own words; `wide`: there is room for all."""

    value: Callable[[str | None], str]
    loud: Callable[[str], str]
    wide: bool = False

    def key(self, values: Sequence[str]) -> str:
        """A row's key."""
        return self.value(" / ".join(values))

    def sentence(self, text: str) -> str:
        """A sentence with its full stop."""
        return self.text(text if text.rstrip().endswith((".", "!", "?")) else f"{text.rstrip()}.")

    def step(self, old: str | None, new: str | None) -> str:
        """A cell before and after."""
        return f"{self.value(old)} {ARROW} {self.value(new)}"
