"""The first line of a file that init wrote: by it a file that nobody has touched since is known."""

import hashlib
import re
from typing import Literal

from mergegate import __version__

State = Literal["untouched", "edited", "foreign"]
"""As init wrote it, edited since, or never ours."""

_DIGITS = 16
_LINE = re.compile(rf"# Written by mergegate init (\S+) \(([0-9a-f]{{{_DIGITS}}})\)")
_SAYS = "change what you like, and `init` leaves the file to you"


def stamp(text: str, *, version: str = __version__) -> str:
    """The text behind a first line that names the version and the digest of what follows."""
    return f"# Written by mergegate init {version} ({_digest(text)}): {_SAYS}.\n{text}"


def read_state(content: bytes) -> State:
    """Whose a file is, by its bytes. Line ends do not count: git may have turned them."""
    text = content.decode("utf-8", errors="replace").replace("\r\n", "\n")
    first, _, rest = text.partition("\n")
    found = _LINE.match(first)
    if found is None:
        return "foreign"
    return "untouched" if found[2] == _digest(rest) else "edited"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
