"""Commands are imported when they run, and numpy with them."""

import os
import sys
from pathlib import Path

import click
import pytest

from mergegate.commands.lazy import LazyGroup

MODULE = """
import os
import click

threads = os.environ.get("OPENBLAS_NUM_THREADS")
command = click.Command("add")
"""


@pytest.mark.parametrize(("given", "told"), [(None, "1"), ("3", "3")])
def test_numpy_is_told_of_one_thread_unless_the_caller_says_otherwise_and_child_processes_of_nothing(
    given: str | None, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"add_by_{told}.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    if given is not None:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", given)
    group = LazyGroup("group", table={"add": (f"add_by_{told}", "Add.")})
    command = group.get_command(click.Context(group), "add")
    assert command is not None
    module = sys.modules[f"add_by_{told}"]
    assert command is module.command
    assert (module.threads, os.environ.get("OPENBLAS_NUM_THREADS")) == (told, given)
