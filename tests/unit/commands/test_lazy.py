"""Commands are imported when they run, and numpy with them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from mergegate.commands.lazy import LazyGroup

MODULE = """
import os
import click

threads = os.environ.get("OPENBLAS_NUM_THREADS")
left_out = os.environ.get("NPY_DISABLE_CPU_FEATURES")
command = click.Command("add")
"""
ASK = """
import json, math
from mergegate.commands.lazy import LazyGroup
import click
group = LazyGroup("group", table={"diff": ("mergegate.commands.diff_predictions", "")})
group.get_command(click.Context(group), "diff")
import numpy as np
from numpy._core._multiarray_umath import __cpu_features__ as features
values = np.random.default_rng(1).random(100_000)
other = np.log(values) != [math.log(value) for value in values]
print(json.dumps([features.get("X86_V4", False), int(other.sum())]))
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


@pytest.mark.parametrize("enabled", [False, True])
def test_numpy_leaves_out_what_other_machines_lack_unless_the_caller_asks_for_it(
    enabled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"left_out_{enabled}.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("NPY_DISABLE_CPU_FEATURES", raising=False)
    monkeypatch.delenv("NPY_ENABLE_CPU_FEATURES", raising=False)
    if enabled:
        monkeypatch.setenv("NPY_ENABLE_CPU_FEATURES", "AVX2")
    group = LazyGroup("group", table={"add": (f"left_out_{enabled}", "Add.")})
    group.get_command(click.Context(group), "add")
    told = sys.modules[f"left_out_{enabled}"].left_out
    assert told is None if enabled else "AVX512" in told
    assert "NPY_DISABLE_CPU_FEATURES" not in os.environ


def test_a_logarithm_is_what_it_is_on_every_machine() -> None:
    """Names of features that this numpy has not are no error, however strict the caller is."""
    unset = {name: value for name, value in os.environ.items() if not name.startswith("NPY_")}
    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", ASK], env=unset, capture_output=True, check=True
    )
    assert json.loads(told.stdout) == [False, 0]
