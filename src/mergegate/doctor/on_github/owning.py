"""CODEOWNERS: who owns a path. The last line whose pattern fits decides, and may name nobody."""

import re

LONGEST = 3 * 2**20
"""Bytes of a CODEOWNERS file; GitHub ignores a larger one."""


def owners_of(path: str, text: str) -> tuple[str, ...]:
    """The owners of a file of the repository; none where no line fits."""
    found: tuple[str, ...] = ()
    if len(text) > LONGEST:
        return found
    for line in text.splitlines():
        pattern, *owners = line.partition(" #")[0].split()[:50] or ("#",)
        if not pattern.startswith("#") and _fits(pattern, path):
            found = tuple(owners)
    return found


def _fits(pattern: str, path: str) -> bool:
    """Whether a pattern names the file or a folder above it. GitHub knows no `!` and no `[ ]` here."""
    if pattern.startswith("!") or "[" in pattern or len(pattern) > 500:
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
