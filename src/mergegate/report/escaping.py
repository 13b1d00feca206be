"""Hostile text made inert: for people anywhere, as Markdown prose or code, and as HTML.

Whatever comes from a pull request (names, values, paths, subjects, notes) passes through here before it is
shown. GitHub reads a comment twice: as Markdown, where entities and backslashes help, and then as text, where
it looks for mentions, references, commits and emoji in what the entities decode to. Only an invisible space
inside breaks the latter.
"""

import re

ELLIPSIS = "…"
BREAK = "&#8203;"
"""A zero-width space: invisible, and no mention, reference or link survives it."""

# Invisible characters that Python calls printable: fillers, variation selectors, the blank braille cell.
_UNSEEN = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
# Combining marks pile up over the lines above and below; no language needs more than three on a letter.
_PILE = re.compile(
    "(?<=[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{3})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)

_ENTITIES = {
    "\\": "&#92;",
    "`": "&#96;",
    "|": "&#124;",
    "$": "&#36;",
    "<": "&lt;",
    ">": "&gt;",
    "&": "&amp;",
}
_SPECIAL = re.compile(
    r"""
      (?P<entity>[\\`|$<>&])
    | (?P<backslash>[*~\[\]] | (?<![A-Za-z0-9])_ | _(?![A-Za-z0-9]))  # inside a word, _ is only a character
    | (?P<broken>
        [@#]                                # mentions, issues
      | :(?=\S)                             # links, emoji
      | www(?=\.|$)                         # links; after the dot would be too late
      | \b(?:GH|GHSA|CVE)-(?=\w)            # issues, advisories
      | [0-9a-f]{6}(?=[0-9a-f])             # commits
      )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MARKUP = re.compile(
    r"""
      (?P<broken>[@#] | :(?=\S) | www(?=\.|$) | \b(?:GH|GHSA|CVE)-(?=\w) | [0-9a-f]{6}(?=[0-9a-f]))
      | [\\`|$<>&"'*~\[\]] | (?<![A-Za-z0-9])_ | _(?![A-Za-z0-9])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BLOCK_START = re.compile(r"(?P<bullet>[-+=])|(?P<number>\d+)(?P<stop>[.)])(?=\s|$)")


def visible(value: str, limit: int) -> str:
    """The text on one line with nothing unseen in it, at most `limit` characters.

    Control and format characters, line ends, bidi overrides, odd spaces, invisible letters and stacks of
    combining marks become backslash escapes. Only a long text's ends are kept: the end of a path says most.
    """
    kept = shorten(value, limit)
    if kept.isascii() and kept.isprintable():
        return kept
    piled = _PILE.sub(lambda found: "".join(map(_escape, found.group())), kept)
    return shorten(piled.translate(_SHOWN), limit)


def shorten(value: str, limit: int) -> str:
    """At most `limit` characters, an ellipsis in place of the middle when there are more."""
    if len(value) <= limit:
        return value
    tail = (limit - 1) // 3
    return value[: limit - 1 - tail] + ELLIPSIS + value[len(value) - tail :]


def prose(value: str, limit: int) -> str:
    """Markdown that shows the text as it is, in a sentence or a cell; at most `limit` characters of it.

    What stands between single backticks is shown as code, because sentences name commands and files so.
    """
    parts = visible(value, limit).strip().split("`")
    if len(parts) % 2 == 0 or not all(part.strip() for part in parts[1::2]):
        return _plain("`".join(parts))
    return "".join(code(part, limit) if index % 2 else _plain(part) for index, part in enumerate(parts))


def code(value: str, limit: int) -> str:
    """Markdown that shows the text as code, in a sentence or a cell; at most `limit` characters of it.

    A code span can hold neither a pipe, which renderers' tables disagree on, nor a run of backticks, whose
    length renderers bound: such a text becomes escaped prose in a `<code>` element.
    """
    shown = visible(value, limit)
    if not shown.strip():
        return "*(empty)*" if not shown else "*(blank)*"
    if "`" in shown or "|" in shown:
        return f"<code>{_plain(shown)}</code>"
    return f"`{shown}`"


def element(value: str, limit: int) -> str:
    """HTML that shows the text as it is, where Markdown is not read; at most `limit` characters of it.

    Whatever Markdown or GitHub would act on is an entity, so that it is as inert where Markdown is read.
    """
    return _MARKUP.sub(_as_entity, visible(value, limit).strip()) or "(empty)"


def _as_entity(found: re.Match[str]) -> str:
    """What stands for a special character in HTML, and breaks what GitHub looks for."""
    char = found.group()
    if found["broken"]:
        return char + BREAK if char[-1].isalnum() else f"&#{ord(char[0])};{char[1:]}{BREAK}"
    return f"&#{ord(char)};"


def _plain(shown: str) -> str:
    """Visible text with every character standing for itself."""
    escaped = _SPECIAL.sub(_replace, shown)
    return _BLOCK_START.sub(_defuse, escaped, count=1) if _BLOCK_START.match(escaped) else escaped


def _replace(found: re.Match[str]) -> str:
    """What stands for a special character."""
    char = found.group()
    if found.lastgroup == "entity":
        return _ENTITIES[char]
    return "\\" + char if found.lastgroup == "backslash" else char + BREAK


def _defuse(found: re.Match[str]) -> str:
    """A first character that would open a list, a rule or a heading, as a plain character."""
    return f"\\{found['bullet']}" if found["bullet"] else f"{found['number']}\\{found['stop']}"


def _escape(char: str) -> str:
    """The character by its number, as Python writes it."""
    return char.encode("unicode_escape").decode("ascii")


class _Shown(dict[int, str]):
    """What stands for each character, worked out once."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        self[point] = char if char.isprintable() and char not in _UNSEEN else _escape(char)
        return self[point]


_SHOWN = _Shown()
