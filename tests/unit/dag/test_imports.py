"""Code that stages run and don't declare."""

import pytest

from mergegate import dag
from mergegate.dag.imports import find_undeclared
from mergegate.records.surroundings import UndeclaredImport
from support.memory import MemoryFiles

STAGES = """\
stages:
  prepare:
    cmd: python src/prepare.py
    deps: [src/prepare.py, src/tables.py]
    outs: [rows]
  train:
    cmd: PYTHONPATH=src python -m jobs.train
    deps: [src/jobs/train.py, rows]
    outs: [model]
"""

FILES = {
    "dvc.yaml": STAGES,
    "src/prepare.py": "import numpy\nimport tables\n",
    "src/tables.py": "from helpers import text\n",
    "src/helpers/__init__.py": "",
    "src/helpers/text.py": "import re\n",
    "src/jobs/train.py": "from jobs import scores\nfrom . import curves\n",
    "src/jobs/scores.py": "from .curves import draw\n",
    "src/jobs/curves.py": "import importlib\nimportlib.import_module('jobs.late')\n",
    "src/jobs/late.py": "",
    "src/jobs/unused.py": "",
}


def undeclared(files: dict[str, str], base: dict[str, str] | None = None) -> list[tuple[str, str, bool]]:
    held = MemoryFiles(files)
    found = find_undeclared(dag.read(held), held, None if base is None else MemoryFiles(base))
    return [(each.stage, each.imported, each.changed) for each in found]


def test_imports_are_followed_through_modules_that_are_declared_and_that_are_not() -> None:
    assert undeclared(FILES) == [
        ("prepare", "src/helpers/text.py", False),
        ("train", "src/jobs/curves.py", False),
        ("train", "src/jobs/late.py", False),
        ("train", "src/jobs/scores.py", False),
    ]


def test_what_changed_comes_first() -> None:
    head = {**FILES, "src/jobs/late.py": "x = 1\n", "src/helpers/__init__.py": "# not blank before\n"}
    base = {**FILES, "src/helpers/__init__.py": "y = 1\n"}
    del base["src/jobs/scores.py"]
    assert undeclared(head, base)[:4] == [
        ("prepare", "src/helpers/__init__.py", True),
        ("train", "src/jobs/late.py", True),
        ("train", "src/jobs/scores.py", True),
        ("prepare", "src/helpers/text.py", False),
    ]


@pytest.mark.parametrize(
    "deps",
    [
        "[src]",
        "[.]",
        "[src/jobs/]",
        "[src/jobs/train.py, src/jobs/scores.py, src/jobs/curves.py, src/jobs/late.py]",
    ],
)
def test_a_declared_file_or_folder_covers_what_is_in_it(deps: str) -> None:
    files = {**FILES, "dvc.yaml": STAGES.replace("[src/jobs/train.py, rows]", deps)}
    assert [stage for stage, _, _ in undeclared(files)] == ["prepare"]


def test_a_module_of_params_is_declared_as_params() -> None:
    yaml = STAGES.replace(
        "    outs: [model]", "    outs: [model]\n    params:\n      - src/jobs/late.py: [rate]"
    )
    assert [path for _, path, _ in undeclared({**FILES, "dvc.yaml": yaml})] == [
        "src/helpers/text.py",
        "src/jobs/curves.py",
        "src/jobs/scores.py",
    ]


def test_a_script_that_its_stage_does_not_declare_is_told() -> None:
    files = MemoryFiles({"dvc.yaml": "stages:\n  a:\n    cmd: python a.py\n", "a.py": ""})
    assert find_undeclared(dag.read(files), files) == (
        UndeclaredImport(stage="a", script="a.py", imported="a.py"),
    )


def test_a_package_of_which_nothing_is_declared_is_named_by_its_folder() -> None:
    package = {f"src/lib/part{number}.py": "" for number in range(9)}
    files = {
        "dvc.yaml": "stages:\n  a:\n    cmd: python a.py\n    deps: [a.py]\n",
        "a.py": "import lib",
        "src/lib/__init__.py": "\n".join(f"from lib import part{number}" for number in range(9)),
        **package,
    }
    assert undeclared(files) == [("a", "src/lib", False)]
    assert undeclared(files, {**files, "src/lib/part3.py": "old"}) == [("a", "src/lib", True)]
    declared = files["dvc.yaml"].replace("[a.py]", "[a.py, src/lib/part1.py]")
    assert len(undeclared({**files, "dvc.yaml": declared})) == 9


def test_commands_on_the_command_line_packages_and_folders_are_followed() -> None:
    files = {
        "sub/dvc.yaml": """\
stages:
  code: {cmd: "python -c 'import lib'"}
  package: {cmd: python -m tool}
  folder: {cmd: python app}
  wdir: {cmd: python b.py, wdir: deep}
""",
        "sub/lib.py": "",
        "sub/tool/__init__.py": "x = 1",
        "sub/tool/__main__.py": "from . import part",
        "sub/tool/part.py": "",
        "sub/app/__main__.py": "",
        "sub/deep/b.py": "import lib, tool",
    }
    held = MemoryFiles(files)
    found = find_undeclared(dag.read(held), held)
    assert [(each.stage, each.script, each.imported) for each in found] == [
        ("sub/dvc.yaml:code", "python -c", "sub/lib.py"),
        ("sub/dvc.yaml:package", "sub/tool/__main__.py", "sub/tool/__init__.py"),
        ("sub/dvc.yaml:package", "sub/tool/__main__.py", "sub/tool/__main__.py"),
        ("sub/dvc.yaml:package", "sub/tool/__main__.py", "sub/tool/part.py"),
        ("sub/dvc.yaml:folder", "sub/app/__main__.py", "sub/app/__main__.py"),
        ("sub/dvc.yaml:wdir", "sub/deep/b.py", "sub/deep/b.py"),
        ("sub/dvc.yaml:wdir", "sub/deep/b.py", "sub/lib.py"),
        ("sub/dvc.yaml:wdir", "sub/deep/b.py", "sub/tool/__init__.py"),
    ]


def test_modules_that_import_each_other_end() -> None:
    files = {
        "dvc.yaml": "stages:\n  a: {cmd: python a.py, deps: [a.py]}\n",
        "a.py": "import b\nfrom ........... import c",
        "b.py": "import a, c",
        "c.py": "import b, c",
    }
    assert undeclared(files) == [("a", "b.py", False), ("a", "c.py", False)]


def test_the_toolkit_is_a_library_to_the_pipeline_in_its_own_repository_alone() -> None:
    files = {
        "dvc.yaml": "stages:\n  a: {cmd: PYTHONPATH=src python a.py, deps: [a.py]}\n",
        "a.py": "from mergegate import bundle",
        "src/mergegate/__init__.py": "",
        "src/mergegate/bundle.py": "",
    }
    own = {**files, "pyproject.toml": '[project]\nname = "mergegate"\n'}
    assert undeclared(own) == []
    assert undeclared(files) == [("a", "src/mergegate/bundle.py", False)]


def test_code_that_cannot_be_parsed_or_is_no_file_is_passed_by() -> None:
    files = {
        "dvc.yaml": """\
stages:
  a: {cmd: python a.py && python gone.py && python ../out.py && python -m none, deps: [a.py]}
  b: {cmd: "python 'open"}
""",
        "a.py": "import b\nimport c",
        "b.py": "def (",
        "c.py": "\0",
    }
    assert undeclared(files) == [("a", "b.py", False), ("a", "c.py", False)]


def test_as_many_places_are_looked_at_as_there_may_be() -> None:
    names = ",".join(f"a{number}" for number in range(5_000))
    commands = "; ".join(f"PYTHONPATH=p{number} python t.py" for number in range(600))
    files = {
        "dvc.yaml": f"stages:\n  a: {{cmd: '{commands}', deps: [t.py]}}\n",
        "t.py": f"import b, {names}\n",
    }
    assert undeclared({**files, "b.py": ""}) == [("a", "b.py", False)]
