"""CML's watermark, by which CML and we know our comment: the title of an invisible image."""

import re

from mergegate.errors import UsageError
from mergegate.forge.names import shown

READ_BY_CML = 30
"""How many comments CML reads, the oldest ones, of any author: the last that bears the mark is updated."""

_IMAGE = "https://cml.dev/watermark.png"
# CML escapes other characters in a title, and GitHub may show them otherwise than they were sent.
_TITLE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 .-]{0,58}[A-Za-z0-9])?")


def check_title(title: str) -> str:
    """The title, when it can stand in a mark. Raises UsageError."""
    if not _TITLE.fullmatch(title):
        raise UsageError(
            f"{shown(title, 80)!r} can't be the title of a comment",
            hint="use up to 60 letters, digits, blanks, dots and dashes, as in --title mergegate",
        )
    return title


def build_mark(title: str, sha: str) -> str:
    """The mark, as CML writes it for the commit `sha`."""
    return f'![]({_IMAGE}#{sha} "CML watermark {title}")'


def add_mark(text: str, title: str, sha: str) -> str:
    """The text with the mark below it, as CML adds it."""
    return f"{text}\n\n{build_mark(title, sha)}"


def bears_mark(text: str, title: str) -> bool:
    """Whether CML would take the text for one of that title, whatever its commit."""
    pattern = rf'!\[\]\({re.escape(_IMAGE)}#[0-9a-fA-F]+ "CML watermark {re.escape(title)}"\)'
    return re.search(pattern, text) is not None
