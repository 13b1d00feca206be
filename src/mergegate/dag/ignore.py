""".dvcignore: the files that DVC does not see, neither as its own files nor inside a folder."""

import posixpath
import re
from typing import NamedTuple

from mergegate.dag.files import Files
from mergegate.dag.paths import ancestors

NAME = ".dvcignore"


class _Pattern(NamedTuple):
    folder: str
    regex: re.Pattern[str]
    ignores: bool
    only_folders: bool


class Ignore:
    """The patterns of all .dvcignore files of a revision, in .gitignore's syntax; the last match wins."""

    def __init__(self, files: Files) -> None:
        self._patterns: list[_Pattern] = []
        self._seen: dict[str, bool] = {}
        found = [path for path in files.paths() if posixpath.basename(path) == NAME]
        for path in sorted(found, key=lambda path: path.count("/")):
            text = (files.read(path) or b"").decode("utf-8", errors="replace")
            for line in text.splitlines():
                if pattern := _parse(line, posixpath.dirname(path)):
                    self._patterns.append(pattern)

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
        hidden = False
        for pattern in self._patterns:
            if pattern.only_folders and not folder:
                continue
            start = f"{pattern.folder}/" if pattern.folder else ""
            if path.startswith(start) and pattern.regex.fullmatch(path[len(start) :]):
                hidden = pattern.ignores
        return hidden


def _parse(line: str, folder: str) -> _Pattern | None:
    """One line of a .dvcignore, None for a blank or a comment."""
    text = re.sub(r"(?<!\\)\s+$", "", line)
    if not text or text.startswith("#"):
        return None
    ignores = not text.startswith("!")
    text = text.removeprefix("!")
    only_folders = text.endswith("/")
    text = text.rstrip("/")
    if not text:
        return None
    anywhere = "/" not in text
    body = _translate(text.lstrip("/"))
    return _Pattern(
        folder, re.compile(f"(?:.*/)?{body}" if anywhere else body, re.DOTALL), ignores, only_folders
    )


def _translate(pattern: str) -> str:
    """A glob of .gitignore as a regular expression: `*` stays inside a folder, `**` does not."""
    out = ""
    index = 0
    while index < len(pattern):
        rest = pattern[index:]
        if rest.startswith("**/"):
            out, index = out + "(?:.*/)?", index + 3
        elif rest == "**":
            out, index = out + ".*", index + 2
        elif rest[0] == "*":
            run = len(rest) - len(rest.lstrip("*"))
            out, index = out + "[^/]*", index + run
        elif rest[0] == "?":
            out, index = out + "[^/]", index + 1
        elif rest[0] == "[" and (closed := re.match(r"\[[!^]?\]?[^\]]*\]", rest)):
            inner = closed[0][1:-1]
            negated = inner[:1] in ("!", "^")
            inner = re.escape(inner[1:] if negated else inner).replace(r"\-", "-")
            out, index = out + (f"[^/{inner}]" if negated else f"[{inner}]"), index + len(closed[0])
        elif rest[0] == "\\" and len(rest) > 1:
            out, index = out + re.escape(rest[1]), index + 2
        else:
            out, index = out + re.escape(rest[0]), index + 1
    return out
