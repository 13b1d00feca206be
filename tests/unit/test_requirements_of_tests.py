"""What is skipped is said; under --require-all nothing may be skipped."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import TURNS

TESTS = Path(__file__).parents[1]

SAMPLE = """\
import pytest

@pytest.mark.needs("nothing-has-this")
def test_that_needs_a_tool():
    pass

def test_that_skips_itself():
    pytest.skip("no server here")

@pytest.mark.xfail(reason="known")
def test_that_is_known_to_fail():
    assert False

def test_that_passes(isolated_home):
    import os, pathlib
    assert pathlib.Path.home() == isolated_home
    assert "AWS_SECRET_ACCESS_KEY" not in os.environ
"""


def run(folder: Path, *options: str, **environment: str) -> str:
    """What pytest says of SAMPLE under this project's conftest."""
    conftest = (TESTS / "conftest.py").read_text()
    (folder / "conftest.py").write_text(
        conftest.replace("TOOLS = {", 'TOOLS = {\n    "nothing-has-this": ("nothing-has-this",),')
    )
    shutil.copytree(TESTS / "support", folder / "support", dirs_exist_ok=True)
    (folder / "test_sample.py").write_text(SAMPLE)
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *options],
        cwd=folder,
        env={**os.environ, "AWS_SECRET_ACCESS_KEY": "leaked", "MERGEGATE_REQUIRE_ALL": "", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout


def test_what_was_skipped_is_said(tmp_path: Path) -> None:
    said = run(tmp_path)
    assert "skipped 2 tests: needs nothing-has-this; no server here\n" in said
    assert "1 passed, 2 skipped, 1 xfailed" in said


@pytest.mark.parametrize(
    ("options", "environment"), [(("--require-all",), {}), ((), {"MERGEGATE_REQUIRE_ALL": "1"})]
)
def test_where_all_is_required_a_skip_fails(
    tmp_path: Path, options: tuple[str, ...], environment: dict[str, str]
) -> None:
    said = run(tmp_path, *options, **environment)
    assert "skipped, and all tests are required: needs nothing-has-this" in said
    assert "skipped, and all tests are required: no server here" in said
    assert "1 failed, 1 passed, 1 xfailed, 1 error" in said


def test_what_takes_turns_in_ci_is_there() -> None:
    files = {path.relative_to(TESTS.parent).as_posix(): path.read_text() for path in TESTS.rglob("test_*.py")}
    for part in (part for parts in TURNS for part in parts):
        place, _, name = part.partition("::")
        assert any(place in file and f"\ndef {name or 'test_'}" in text for file, text in files.items()), part
