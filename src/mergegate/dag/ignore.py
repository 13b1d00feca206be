""".dvcignore: the files that DVC does not see, neither as its own files nor inside a folder."""

import posixpath
import re
from typing import NamedTuple

from mergegate.dag.files import Files
from mergegate.dag.paths import ancestors
from mergegate.errors import ConfigError

NAME = ".dvcignore"

MOST_PATTERNS = 1_000
"""Patterns of all .dvcignore files together: each is held against each path."""

LONGEST_PATTERN = 1_000
"""Characters of a pattern."""

_FOLDERS = "**"
_BRACKET = re.compile(r"\[[!^]?+\]?+[^\]]*+\]")


class _Pattern(NamedTuple):
    """`parts` match a path's parts one by one; None stands for any number of folders."""

    folder: str
    parts: tuple[re.Pattern[str] | None, ...]
    ignores: bool
    only_folders: bool


class Ignore:
    """The patterns of all .dvcignore files of a revision, in .gitignore's syntax; the last match wins.

    A pattern that DVC takes for none (`[a`) matches nothing. Raises ConfigError for one that stops DVC.
    """

    def __init__(self, files: Files) -> None:
        self._patterns: list[_Pattern] = []
        self._seen: dict[str, bool] = {}
        found = [path for path in files.paths() if posixpath.basename(path) == NAME]
        for path in sorted(found, key=lambda path: path.count("/")):
            text = (files.read(path) or b"").decode("utf-8", errors="replace")
            for number, line in enumerate(re.split(r"\r\n?|\n", text), start=1):
                if pattern := _parse(line, path, number):
                    self._patterns.append(pattern)
                if len(self._patterns) > MOST_PATTERNS:
                    message = f"brings the patterns to more than {MOST_PATTERNS:,}"
                    raise ConfigError(message, file=path, line=number, hint="name folders, not their files")

    def hides(self, path: str) -> bool:
        """Whether DVC overlooks a file: its path matches, or a folder on the way to it does."""
        if not self._patterns:
            return False
        folders = reversed(ancestors(path))
        return any(self._hides_folder(folder) for folder in folders) or self._matches(path, folder=False)

    def _hides_folder(self, folder: str) -> bool:
        if folder not in self._seen:
            self._seen[folder] = self._matches(folder, folder=True)
        return self._seen[folder]

    def _matches(self, path: str, *, folder: bool) -> bool:
        for pattern in reversed(self._patterns):
            if pattern.only_folders and not folder:
                continue
            start = f"{pattern.folder}/" if pattern.folder else ""
            if path.startswith(start) and _fits(pattern.parts, path[len(start) :].split("/")):
                return pattern.ignores
        return False


def _fits(pattern: tuple[re.Pattern[str] | None, ...], parts: list[str]) -> bool:
    """Whether a pattern matches a whole path; only the last `**` is ever tried again."""
    at = done = 0
    again: tuple[int, int] | None = None
    while done < len(parts):
        left = at < len(pattern)
        wanted = pattern[at] if left else None
        if left and wanted is None:
            at += 1
            again = (at, done)
        elif wanted is not None and wanted.fullmatch(parts[done]):
            at, done = at + 1, done + 1
        elif again is not None:
            at, done = again[0], again[1] + 1
            again = (at, done)
        else:
            return False
    return at == len(pattern)


def _parse(line: str, path: str, number: int) -> _Pattern | None:
    """One line of a .dvcignore, None for a blank, a comment, or what DVC takes for no pattern."""
    text = line.strip()
    if not text or text.startswith("#"):
        return None
    if text == "!":
        raise _refuse(text, "nothing follows the mark", path, number)
    if len(text) > LONGEST_PATTERN:
        message = f"has a pattern of {len(text):,} characters, more than {LONGEST_PATTERN:,}"
        raise ConfigError(message, file=path, line=number, hint="write a shorter one")
    ignores = not text.startswith("!")
    text = text.removeprefix("!")
    only_folders = text.endswith("/")
    names = text.rstrip("/").lstrip("/").split("/")
    if names == [""]:
        return None
    if "/" not in text.rstrip("/"):
        names.insert(0, _FOLDERS)
    while only_folders and len(names) > 1 and names[-1] == _FOLDERS:
        names.pop()
    if names[-1] == _FOLDERS:
        names.append("*")  # all that is inside, not the folder itself
    try:
        parts = tuple(None if name == _FOLDERS else re.compile(_translate(name), re.DOTALL) for name in names)
    except _NoPatternError:
        return None
    except ValueError as error:
        raise _refuse(text, str(error), path, number) from error
    return _Pattern(posixpath.dirname(path), parts, ignores, only_folders)


def _refuse(text: str, why: str, path: str, number: int) -> ConfigError:
    message = f"has a pattern that DVC can't read, {text[:80]!r}: {why}"
    return ConfigError(message, file=path, line=number, hint="mend or delete the line")


class _NoPatternError(Exception):
    """DVC takes the line for no pattern."""


def _translate(name: str) -> str:
    """A glob of one part of a path as a regular expression.

    What follows a `*` is matched where it first fits and never again, but for the last one: that is enough
    for globs, and keeps the matching from trying every combination. Raises ValueError.
    """
    chunks = [""]
    index = 0
    while index < len(name):
        sign = name[index]
        if sign == "*":
            chunks.append("")
            index += len(name) - index - len(name[index:].lstrip("*"))
            continue
        if sign == "[":
            closed = _BRACKET.match(name, index)
            if closed is None:
                raise _NoPatternError
            chunks[-1] += _translate_bracket(closed[0][1:-1])
            index = closed.end()
            continue
        if sign == "\\":
            index += 1
            if index == len(name):
                raise ValueError("nothing follows the backslash")
        chunks[-1] += "." if sign == "?" else re.escape(name[index])
        index += 1
    first, *middle = chunks
    if not middle:
        return first
    return first + "".join(f"(?>.*?{chunk})" for chunk in middle[:-1]) + ".*" + middle[-1]


def _translate_bracket(inner: str) -> str:
    """What stands between `[` and `]`: characters and ranges. Raises ValueError for a range turned round."""
    negated = inner[0] in "!^"
    signs = inner[1:] if negated else inner
    out = ""
    index = 0
    while index < len(signs):
        first = last = signs[index]
        index += 1
        if signs[index : index + 1] == "-" and index + 1 < len(signs):
            last = signs[index + 1]
            index += 2
        if first > last:
            raise ValueError(f"the range {first}-{last} is turned round")
        out += f"{re.escape(first)}-{re.escape(last)}"
    return f"[^{out}]" if negated else f"[{out}]"
