"""Where a Python module lies among a revision's files, and what a file of code imports; nothing is run."""

import ast
import posixpath
import re
import sys
from bisect import bisect_left
from collections.abc import Iterator, Sequence

import msgspec

from mergegate.dag.files import Files
from mergegate.errors import MergegateError

LARGEST = 1_000_000
"""Bytes of the largest file of code that is read; a larger one is named, and not followed."""

MOST_BYTES = 4_000_000
"""Bytes of code that are read of one revision."""

LONGEST_NAME = 1_000
"""Characters of a dotted module name."""

MOST_PLACES = 500_000
"""Places that modules of one revision are looked for in, in a few seconds."""

_WORD = b"import"
_TOP_LEVEL = re.compile(rb"^[A-Za-z_@]", re.MULTILINE)
_ENCODING = re.compile(rb"coding[:=]")
_DYNAMIC = re.compile(rb"(?:import_module|__import__)\s*+\(\s*+\w?[\"']")
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError, LookupError)


class Import(msgspec.Struct, frozen=True):
    """An import: `module` dotted, `level` dots before it; `names` are what `from` takes of it."""

    module: str
    level: int = 0
    names: tuple[str, ...] = ()


class Found(msgspec.Struct, frozen=True):
    """Where a module lies: `files` that importing it runs, and `folders` that hold its submodules.

    `top` is the folder of its outermost package, "" for a module of its own.
    """

    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    top: str = ""


class Sources:
    """The code of one revision; each file is read and parsed once."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._paths = files.paths()
        self._read = 0
        self._left = MOST_PLACES
        self._imports: dict[str, tuple[Import, ...]] = {}

    @property
    def exhausted(self) -> bool:
        """Whether as many places were looked at as there may be: no module is found any more."""
        return self._left < 0

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        at = bisect_left(self._paths, path)
        return at < len(self._paths) and self._paths[at] == path

    def has_folder(self, path: str) -> bool:
        """Whether there is such a folder."""
        start = f"{path}/"
        at = bisect_left(self._paths, start)
        return at < len(self._paths) and self._paths[at].startswith(start)

    def imports(self, path: str) -> tuple[Import, ...]:
        """What a file imports; nothing for one that is too large, or no Python."""
        if path not in self._imports:
            self._imports[path] = read_imports(self._content(path) or b"")
        return self._imports[path]

    def is_blank(self, path: str) -> bool:
        """Whether a file holds no code, as most `__init__.py` do."""
        content = self._content(path)
        if content is None:
            return False
        try:
            body = ast.parse(content).body
        except _UNREADABLE:
            return False
        return all(isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant) for each in body)

    def _content(self, path: str) -> bytes | None:
        try:
            content = self._files.read(path) or b""
        except MergegateError:  # larger than any file of git is read
            return None
        self._read += len(content)
        return content if len(content) <= LARGEST and self._read <= MOST_BYTES else None

    def locate(self, name: str, folders: Sequence[str], installed: Sequence[str] = ()) -> Found:
        """The module `name` (dotted), from `folders` or, as if they were installed, from `installed`."""
        first, *rest = name[:LONGEST_NAME].split(".")
        found = self._step(Found(folders=tuple(folders)), first)
        if found is None and first not in sys.stdlib_module_names:
            found = self._step(Found(folders=tuple(installed)), first, plain=True)
        if found is None:
            return Found()
        found = Found(found.files, found.folders, found.folders[0] if found.folders else "")
        return self.descend(found, rest)

    def descend(self, found: Found, parts: Sequence[str]) -> Found:
        """The submodule `parts` of a package, as far as there is one."""
        for part in parts:
            inner = self._step(found, part)
            if inner is None:
                return Found(found.files, (), found.top)
            found = Found((*found.files, *inner.files), inner.folders, found.top)
        return found

    def _step(self, package: Found, name: str, *, plain: bool = False) -> Found | None:
        """One module inside folders; `plain`: folders without `__init__.py` count only inside a `src`."""
        spread = []
        self._left -= len(package.folders)
        if self.exhausted or not name.isidentifier():
            return None
        for folder in package.folders:
            place = posixpath.join(folder, name)
            if self.has(f"{place}/__init__.py"):
                return Found((f"{place}/__init__.py",), (place,))
            if self.has(f"{place}.py"):
                return Found((f"{place}.py",))
            if self.has_folder(place) and (not plain or posixpath.basename(folder) == "src"):
                spread.append(place)
        return Found((), tuple(spread)) if spread else None


def read_imports(source: bytes) -> tuple[Import, ...]:
    """What Python code imports, wherever it does; nothing where it can't be parsed.

    Imports for type checkers alone are left out; of dynamic ones those of a literal name are seen.
    """
    last = source.rfind(_WORD)
    if last < 0 and not _declares_encoding(source):
        return ()
    tree = _parse(source, last)
    if tree is None:
        return ()
    found = list(_statements(tree))
    if _DYNAMIC.search(source):
        found += _dynamic(tree)
    return tuple(dict.fromkeys(found))


def _parse(source: bytes, last: int) -> ast.Module | None:
    """The code up to its last import: parsing all of it takes five times as long."""
    end = source.find(b"\n", last)
    cut = None if end < 0 or _declares_encoding(source) else _TOP_LEVEL.search(source, end + 1)
    try:
        if cut is not None:
            try:
                return ast.parse(source[: cut.start()])
            except SyntaxError:  # cut inside a text, a bracket, or `try` and `except`
                pass
        return ast.parse(source)
    except _UNREADABLE:
        return None


def _declares_encoding(source: bytes) -> bool:
    """Whether one of the first two lines may do so (PEP 263)."""
    return any(_ENCODING.search(line) for line in source.split(b"\n", 2)[:2])


def _statements(tree: ast.Module) -> Iterator[Import]:
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (Import(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield Import(node.module or "", node.level, tuple(alias.name for alias in node.names))
        elif isinstance(node, ast.If) and _is_type_checking(node.test):
            waiting += node.orelse
        else:
            for block in ("body", "orelse", "finalbody", "handlers", "cases"):
                inner = getattr(node, block, ())
                waiting += inner if isinstance(inner, list) else ()


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"


def _dynamic(tree: ast.Module) -> Iterator[Import]:
    """`importlib.import_module("name")` and `__import__("name")`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        name = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
        if called in ("import_module", "__import__") and isinstance(name, str):
            level = len(name) - len(name.lstrip("."))
            yield Import(name[level:], level)
