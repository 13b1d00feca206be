"""Rows of docs/why-verify.md: DVC calls a state green, verify tells it, and its own command mends it."""

import re
from pathlib import Path

import pytest

from mergegate.errors import ConfigError
from mergegate.flows.verify import verifying
from mergegate.flows.verify.verifying import WORKSPACE, Request
from mergegate.records.verify import VerifyFinding
from support.lies import LIES, PAGE, Lie, hold
from support.quick import Quick, ask
from support.states import add_part_as_whole, build, copy
from support.traps import TRAPS

HAZARDS = range(1, 28)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Quick:
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture
def made(built: Quick, tmp_path: Path) -> Quick:
    return copy(built, tmp_path / "made")


def verify(made: Quick, options: str = "") -> tuple[int, tuple[VerifyFinding, ...], str]:
    """The command's exit code, the findings, and the error that stood in their place."""
    words = options.split()
    request = Request(
        made.path,
        next((word for word in words if not word.startswith("--")), WORKSPACE),
        remote="--remote" in words,
        read_bytes="--bytes" in words,
    )
    try:
        answer = verifying.verify(request)
    except ConfigError as error:
        return error.exit_code, (), error.message
    return answer.exit_code, answer.findings, ""


def write_row(lie: Lie, said: str, told: str, folder: Path) -> str:
    """The row as the page has it, without what differs from machine to machine."""
    command = " ".join(["mergegate verify", *lie.ask.split()])
    place = re.escape(str(folder))
    told = re.sub(rf"{place}[^ ),]*", "…", re.sub(rf" \({place}[^ )]*\)", "", told))
    return f"| {lie.hazard} | {lie.state} | {said} | `{command}`: {lie.code}, {told} |"


@pytest.mark.parametrize("lie", LIES, ids=[f"{lie.hazard}-{lie.make.__name__}" for lie in LIES])
def test_what_dvc_calls_green_is_told_and_mended(lie: Lie, made: Quick, tmp_path: Path) -> None:
    asked = lie.make(made, tmp_path)
    said = ", ".join(hold(asked, each) for each in lie.says)
    code, findings, error = verify(asked, lie.ask)
    assert code == lie.code, error
    found = next((each for each in findings if each.kind == lie.kind), None)
    assert (found is not None) == bool(lie.kind)
    row = write_row(lie, said, error if found is None else f"**{found.kind}**: {found.message}", tmp_path)
    assert row in PAGE.read_text().splitlines()
    if found is None:
        return
    blocks = any(each.blocking for each in findings)
    assert (lie.hazard in found.hazards, blocks) == (True, lie.code == 1)
    if lie.mended:
        mended = ask(made if lie.mended == "origin" else asked, found.mend)
        assert mended.returncode == 0, mended
        code, left, _ = verify(asked, lie.ask)
        assert (code, [each for each in left if each.blocking]) == (0, [])


def test_every_hazard_has_a_row_and_every_row_a_test() -> None:
    table = PAGE.read_text().split("## Side by side")[1].split("\n## ")[0]
    numbers = [int(number) for number in re.findall(r"^\| ([0-9]+) \|", table, re.MULTILINE)]
    assert numbers == sorted(each.hazard for each in (*LIES, *TRAPS))
    assert set(numbers) == set(HAZARDS)


def test_a_fresh_repository_is_whole_and_true(made: Quick) -> None:
    assert verify(made, "--bytes") == (0, (), "")
    assert verify(made, "HEAD --remote") == (0, (), "")


def test_the_files_that_an_add_dropped_come_back_beside_the_new_one(made: Quick, tmp_path: Path) -> None:
    asked = add_part_as_whole(made, tmp_path)
    found = next(each for each in verify(asked)[1] if each.kind == "entries-gone")
    assert ask(asked, found.mend).returncode == 0
    files = sorted(file.name for file in (asked.path / "data/raw").iterdir())
    assert files == ["a.csv", "b.csv", "c.csv", "d.csv"]
    assert "nfiles: 4" in (asked.path / "data/raw.dvc").read_text()
