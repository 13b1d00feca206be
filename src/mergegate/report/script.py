"""How a renderer writes what is not its own words: names, sentences, emphasis."""

from collections.abc import Callable

import msgspec

UNIT = 24
"""Characters of a unit: it stands beside every number of a row."""


class Script(msgspec.Struct, frozen=True):
    """Each makes a hostile text inert in this renderer's way."""

    name: Callable[[str], str]
    text: Callable[[str], str]
    unit: Callable[[str], str]

    def names(self, found: list[str]) -> str:
        """`a, b and c`."""
        shown = [self.name(each) for each in found]
        return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
