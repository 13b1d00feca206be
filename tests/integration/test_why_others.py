"""Rows of docs/why-verify.md: what only a plan, a run, a merge or a reader of the files can get wrong."""

from pathlib import Path

import pytest

from support.lies import PAGE, hold
from support.quick import Quick
from support.states import build, copy
from support.traps import TRAPS, Trap


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Quick:
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture
def made(built: Quick, tmp_path: Path) -> Quick:
    return copy(built, tmp_path / "made")


@pytest.mark.parametrize("trap", TRAPS, ids=[f"{trap.hazard}-{trap.make.__name__}" for trap in TRAPS])
def test_what_others_do_not_tell_is_told(trap: Trap, made: Quick, tmp_path: Path) -> None:
    asked = trap.make(made, tmp_path)
    said = ", ".join(hold(asked, each) for each in trap.says)
    told = hold(trap.then(asked, tmp_path) if trap.then else asked, trap.answer)
    assert f"| {trap.hazard} | {trap.state} | {said} | {told} |" in PAGE.read_text().splitlines()
