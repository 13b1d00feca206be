"""The Python programs that a stage's command starts, read from its text; no shell runs."""

import posixpath
import re
import shlex
from collections.abc import Iterator

import msgspec

from mergegate.dag.paths import is_external

LONGEST_COMMAND = 20_000
"""Characters of a command that is read."""

LONGEST_FOLDER, DEEPEST_FOLDER = 500, 40
"""Characters and levels of a folder that is looked into."""

MOST_FOLDERS = 50
"""Folders of a PYTHONPATH, the first."""

_SEPARATORS = frozenset(";&|()\n")
_PYTHON = re.compile(r"(?:i?python|pypy)[0-9.]*w?(?:\.exe)?")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_WORKING_FOLDER = re.compile(r"\$PWD|\$\{PWD\}")
_WITH_VALUE = frozenset({"-W", "-X", "--check-hash-based-pycs"})
_PATH = "PYTHONPATH"


class Program(msgspec.Struct, frozen=True):
    """A Python program: one of a `script`'s path from the project root, a `module`'s dotted name, or `code`.

    `folders` are where Python looks for modules, the first first; `folder` is where the command runs.
    """

    folder: str
    folders: tuple[str, ...]
    script: str = ""
    module: str = ""
    code: str = ""


def find_programs(command: str, folder: str) -> Iterator[Program]:
    """The Python programs that `command`, run in `folder` (from the project root), would start.

    Follows `cd`, PYTHONPATH, and wrappers such as `uv run`; a command that is no valid shell starts none.
    What a shell script or a Makefile starts is not seen, nor what starts in a folder beyond the limits.
    """
    if len(command) > LONGEST_COMMAND or not ("py" in command or "PY" in command):
        return
    path: tuple[str, ...] = ()
    for words in _simple_commands(command):
        kept = words
        own = path
        while words and _ASSIGNMENT.match(words[0]):
            own, words = _assigned(words[0], folder, own), words[1:]
        if not words:
            path = own if kept else path
        elif words[0] == "export":
            for word in words[1:]:
                path = _assigned(word, folder, path)
        elif words[0] == "cd":
            folder = _inside(folder, words[1]) if len(words) > 1 else folder
            if not _is_reached(folder):
                return
        else:
            yield from _started(words, folder, own)


def _simple_commands(command: str) -> Iterator[list[str]]:
    """The words of each simple command."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="();<>|&\n")
    lexer.whitespace, lexer.commenters, lexer.whitespace_split = " \t\r", "", True
    words: list[str] = []
    try:
        for word in lexer:
            if word and _SEPARATORS.issuperset(word):
                yield words
                words = []
            else:
                words.append(word)
    except ValueError:  # a quote that is never closed
        return
    yield words


def _assigned(word: str, folder: str, path: tuple[str, ...]) -> tuple[str, ...]:
    """The folders of PYTHONPATH after an assignment; `path` where it is of another variable."""
    name, _, value = word.partition("=")
    if name != _PATH:
        return path
    # Each once: `$PYTHONPATH:$PYTHONPATH` must not double it.
    found: dict[str, None] = {}
    for entry in value.split(":"):
        if entry in (f"${_PATH}", f"${{{_PATH}}}"):
            found |= dict.fromkeys(path)
            continue
        entry = _WORKING_FOLDER.sub(".", entry, count=1)
        if entry and "$" not in entry and not is_external(entry):
            inner = _inside(folder, entry)
            found |= {inner: None} if _is_reached(inner) else {}
    return tuple(found)[:MOST_FOLDERS]


def _started(words: list[str], folder: str, path: tuple[str, ...]) -> Iterator[Program]:
    """What one simple command starts."""
    for index, word in enumerate(words):
        if word.startswith(f"{_PATH}="):  # after `env`
            path = _assigned(word, folder, path)
        if _PYTHON.fullmatch(posixpath.basename(word)):
            yield from _interpreted(words[index + 1 :], folder, path)
            return
    for word in words:
        if word.endswith(".py"):
            yield _script(word, folder, path)
            return


def _interpreted(arguments: list[str], folder: str, path: tuple[str, ...]) -> Iterator[Program]:
    """What Python starts with these arguments."""
    rest = iter(arguments)
    for word in rest:
        if word in _WITH_VALUE:
            next(rest, None)
        elif word.startswith("-m") and len(word) > 2:
            yield Program(folder, (folder, *path), module=word[2:])
            return
        elif word.startswith("-") and not word.startswith("--") and word.endswith(("m", "c")):
            value = next(rest, "")
            if word.endswith("c"):
                yield Program(folder, (folder, *path), code=value)
                return
            yield Program(folder, (folder, *path), module=value)
            # `python -m cProfile train.py` starts that too.
            yield from (_script(each, folder, path) for each in rest if each.endswith(".py"))
            return
        elif not word.startswith("-"):
            yield _script(word, folder, path)
            return


def _script(word: str, folder: str, path: tuple[str, ...]) -> Program:
    script = _inside(folder, word)
    return Program(folder, (posixpath.dirname(script), *path), script=script)


def _is_reached(folder: str) -> bool:
    return len(folder) <= LONGEST_FOLDER and folder.count("/") < DEEPEST_FOLDER


def _inside(folder: str, path: str) -> str:
    """`path` as written in `folder`, from the project root, "" for the root itself."""
    found = posixpath.normpath(posixpath.join(folder, path))
    return "" if found == "." else found
