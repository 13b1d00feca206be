"""Where modules lie, and what code imports; hostile code costs no more than its bytes."""

import ast

import pytest

from mergegate.dag.modules import LARGEST, MOST_BYTES, Found, Import, Sources, read_imports
from support.memory import MemoryFiles


def imported(source: str) -> set[Import]:
    return set(read_imports(source.encode()))


def test_every_import_is_read_wherever_it_stands() -> None:
    source = '''\
"""import nothing"""
import a, b.c as d
from e.f import g, h
from . import i
from ..j import *
try:
    import k
except ImportError:
    import l
else:
    import m
finally:
    import n
def late():
    with open("x"):
        for _ in ():
            import o
    match 1:
        case 1:
            import p
class Held:
    import q
s = "import r"
'''
    assert imported(source) == {
        *(Import(name) for name in ("a", "b.c", "k", "l", "m", "n", "o", "p", "q")),
        Import("e.f", 0, ("g", "h")),
        Import("", 1, ("i",)),
        Import("j", 2, ("*",)),
    }


def test_dynamic_imports_of_a_literal_name_are_read() -> None:
    source = """\
import importlib
name = "b"
importlib.import_module("a.b")
importlib.import_module(name)
importlib.import_module(".c", package="p")
__import__("d")
__import__()
"""
    assert imported(source) == {Import("importlib"), Import("a.b"), Import("c", 1), Import("d")}


def test_imports_for_type_checkers_are_not_run() -> None:
    source = """\
import typing
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import a
elif typing.TYPE_CHECKING:
    import b
else:
    import c
"""
    assert imported(source) == {Import("typing"), Import("typing", 0, ("TYPE_CHECKING",)), Import("c")}


@pytest.mark.parametrize(
    "source",
    [
        "import a\n" + "x = 1\n" * 1_000,
        "import a",
        "import a\nx = '''\nimport b\ny = 1\n'''\n",
        "try:\n    import a\nexcept ImportError:\n    pass\n",
        "x = [\n  'import',\n]\nimport a; y = 1\nz = (\n'''import\nz\n''')\n",
        "def f():\n    import a\n\n\nclass B: ...\n",
        "# coding: latin-1\nimport a\nx = '\\xe9'\n",
        "import a\r\nx = 1\r\n",
    ],
)
def test_cutting_code_behind_its_last_import_changes_nothing(source: str) -> None:
    tree = ast.parse(source)
    whole = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {each.module for each in imported(source)} == whole == {"a"}


@pytest.mark.parametrize(
    "source",
    [
        "",
        "import",
        "import a\0",
        "# coding: no-such-code\nimport a",
        "# coding: utf-8\nimport a\nx = '\udcff'",
        "import a; x = " + "-" * 100_000 + "1",
        "import a; x = " + "1+" * 100_000 + "1",
        "import a; x = a" + ".b" * 100_000,
        "import a; x = a" + "()" * 100_000,
        "import a; x = " + "(" * 10_000,
        "import a; x = " + "lambda: " * 50_000 + "1",
        "import a\nif a:\n pass\n" + "elif b:\n pass\n" * 20_000 + "else: import c",
        "import a\n" + "".join(" " * depth + "if a:\n" for depth in range(200)) + " " * 200 + "import b",
    ],
)
def test_what_python_would_refuse_imports_nothing(source: str) -> None:
    assert read_imports(source.encode(errors="surrogateescape")) == ()


def test_a_file_of_one_long_line_is_read_at_once() -> None:
    line = b"x = '" + b"a" * (LARGEST - 100) + b"'\nimport b\n"
    assert read_imports(line) == (Import("b"),)
    assert read_imports(b"#" * 900_000 + b"coding: latin-1\nimport caf\xe9") == (Import("caf\xe9"),)


def test_files_beyond_the_limits_are_not_read() -> None:
    wide = b"import a\n" + b"#" * (LARGEST - 100)
    many = {f"{number}.py": wide for number in range(MOST_BYTES // LARGEST + 2)}
    sources = Sources(
        MemoryFiles({**many, "huge.py": wide + b"#" * 100, "__init__.py": b"#" * (LARGEST + 1)})
    )
    assert sources.imports("huge.py") == ()
    assert not sources.is_blank("__init__.py")
    assert [sources.imports(path) for path in sorted(many)][:2] == [(Import("a"),)] * 2
    assert sources.imports(sorted(many)[-1]) == ()


FILES = MemoryFiles(
    dict.fromkeys(
        (
            "main.py",
            "src/pack/__init__.py",
            "src/pack/inner/deep.py",
            "src/pack.py",
            "src/spread/one.py",
            "lib/spread/two.py",
            "lib/plain.py",
            "loose/notes.md",
            "json/__init__.py",
        ),
        "",
    )
)


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("pack", ("src/pack/__init__.py",)),
        ("pack.inner", ("src/pack/__init__.py",)),
        ("pack.inner.deep", ("src/pack/__init__.py", "src/pack/inner/deep.py")),
        ("pack.inner.none", ("src/pack/__init__.py",)),
        ("spread.one", ("src/spread/one.py",)),
        ("spread.two", ("lib/spread/two.py",)),
        ("plain", ("lib/plain.py",)),
        ("plain.attribute", ("lib/plain.py",)),
        ("main", ()),
        ("numpy", ()),
        ("../main", ()),
        ("", ()),
        ("." * 5_000, ()),
    ],
)
def test_modules_lie_where_python_finds_them(name: str, files: tuple[str, ...]) -> None:
    assert Sources(FILES).locate(name, ("src", "lib")).files == files


def test_a_projects_own_packages_are_found_as_if_installed() -> None:
    sources = Sources(FILES)
    assert sources.locate("spread.one", (), ("src", "")).files == ("src/spread/one.py",)
    assert sources.locate("main", (), ("src", "")).files == ("main.py",)
    # A folder of notes is no package, and the standard library comes before what is installed.
    assert sources.locate("loose", (), ("src", "")) == Found()
    assert sources.locate("json", (), ("src", "")) == Found()
    assert sources.locate("json", ("",)).files == ("json/__init__.py",)
