"""CODEOWNERS: who owns a path. The last line whose pattern fits decides, and may name nobody."""

import re
from collections.abc import Container

LONGEST = 3 * 2**20
"""Bytes of a CODEOWNERS file; GitHub ignores a larger one."""


MOST_LINES = 5_000
"""Lines that are looked at, from the last one up."""

MOST_STARS = 16
"""Stars of a pattern, each of which a matcher may have to try at every place."""


def owners_of(path: str, text: str, unusable: Container[int] = ()) -> tuple[str, ...]:
    """The owners of a file of the repository; none where no line fits, or the file is too large.

    The owners of lines that are `unusable`, counted from 1, are nobody.
    """
    if len(text) > LONGEST:
        return ()
    numbered = list(enumerate(text.split("\n"), 1))[-MOST_LINES:]
    lines = ((number, line.partition(" #")[0].split()) for number, line in reversed(numbered))
    # A line with an owner that can be none is one that GitHub skips.
    known = ((number, words) for number, words in lines if words and all("@" in word for word in words[1:]))
    found = next(((number, words) for number, words in known if _fits(words[0], path)), (0, [""]))
    return () if found[0] in unusable else tuple(found[1][1:])


def _fits(pattern: str, path: str) -> bool:
    """Whether a pattern names the file or a folder above it. GitHub knows no `!` and no `[ ]` here."""
    if pattern.startswith(("!", "#")) or "[" in pattern or len(pattern) > 500:
        return False
    if pattern.count("*") > MOST_STARS:
        return False
    body = pattern.strip("/")
    anchored = pattern.startswith("/") or "/" in body
    # `docs/*` means what is right in it, `docs/` and `docs` all that is below.
    below = "" if body.endswith("/*") else "(/.*)?"
    if pattern.endswith("/"):
        below = "/.*"
    start = "" if anchored else "(.*/)?"
    return re.fullmatch(f"{start}{_translate(body)}{below}", path) is not None


def _translate(body: str) -> str:
    # Runs of stars mean no more than two, and would take a matcher long.
    parts = re.split(r"(\*\*/|/\*\*|\*+|\?)", re.sub(r"\*{2,}", "**", body))
    known = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(known.get(part, re.escape(part)) for part in parts)
