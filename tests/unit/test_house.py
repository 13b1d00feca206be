"""The house rules that no linter knows: sizes, what may not be named, what a review may not import."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_LINES = 320


@cache
def tracked() -> tuple[str, ...]:
    """Every file that git tracks and the work tree holds, by its path from the root."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, timeout=60, check=True)
    names = listed.stdout.decode().split("\0")
    return tuple(name for name in names if (ROOT / name).is_file())


def holding(pattern: re.Pattern[bytes]) -> list[str]:
    """`path: what it holds` for every tracked file in which the pattern is found."""
    found = ((name, pattern.search((ROOT / name).read_bytes())) for name in tracked())
    return [f"{name}: {match[0].decode(errors='replace')}" for name, match in found if match]


def test_source_files_stay_readable_in_one_sitting() -> None:
    sources = [name for name in tracked() if name.startswith("src/") and name.endswith(".py")]
    assert sources
    long = {
        name: lines for name in sources if (lines := len((ROOT / name).read_text().splitlines())) > MOST_LINES
    }
    assert long == {}


def test_no_file_names_a_package_registry() -> None:
    # In pieces, so that this file does not name them either.
    hosts = (
        ("py", "pi.org"),
        ("python", "hosted.org"),
        ("npm", "js.org"),
        ("npm", "js.com"),
        ("crates", ".io"),
        ("ruby", "gems.org"),
        ("ana", "conda.org"),
        ("proxy.", "golang.org"),
        ("maven", ".org"),
    )
    names = "|".join(re.escape("".join(pieces)) for pieces in hosts)
    assert holding(re.compile(names.encode(), re.IGNORECASE)) == []


def test_no_file_holds_a_path_of_the_machine_it_was_written_on() -> None:
    folders = "|".join(("home", "root", "work", "Users"))
    assert holding(re.compile(rf"(?<![\w.$}}~*-])/({folders})/[\w.]".encode())) == []


@pytest.mark.parametrize("file", sorted(path.name for path in (ROOT / "requirements").glob("*.txt")))
def test_requirements_are_pinned_by_hash_and_name_no_index(file: str) -> None:
    text = (ROOT / "requirements" / file).read_text()
    entries = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    assert entries
    pinned = re.compile(
        r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,-]+\])?==[^\s;]+( ; [^-]+)?(\s+--hash=sha256:[0-9a-f]{64})+"
    )
    assert [entry for entry in entries if not pinned.fullmatch(entry.strip())] == []


def test_the_core_needs_no_library_that_trains() -> None:
    names = set(
        re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements" / "core.txt").read_text(), re.MULTILINE)
    )
    assert "click" in names
    assert (
        names & {"scikit-learn", "scipy", "pandas", "dvc", "dvc-s3", "onnx", "onnxruntime", "altair"} == set()
    )


def test_a_review_imports_no_library_that_trains_or_draws() -> None:
    heavy = {"sklearn", "scipy", "pandas", "dvc", "onnx", "onnxruntime", "skl2onnx", "altair", "pandera"}
    code = (
        "import sys, mergegate.commands.review; "
        f"print(sorted({{name.partition('.')[0] for name in sys.modules}} & {heavy!r}))"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout == "[]\n"
