"""Every shape by its name, each built once for all workers of a session."""

import fcntl
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.adopters import BRANCHES, Adopter, Shape, build
from support.projects import Project
from support.shapes import images, monorepo, plain, r, text

MINUTE = 60.0
"""Seconds in which a stranger has the first review."""

SHAPES: dict[str, Shape] = {
    shape.name: shape
    for shape in (
        text.SHAPE,
        images.SHAPE,
        r.SHAPE,
        monorepo.SHAPE,
        plain.DVC2,
        plain.TRACKED,
        plain.IMPORTED,
        plain.WINDOWS,
        plain.GIT,
    )
}


def adopted(name: str, factory: pytest.TempPathFactory) -> Adopter:
    """The repository of that shape, set up by `mergegate init --yes`, never to be changed: copy or clone it.

    What it answered is in `home/init.json`; both branches have merged it.
    """
    return _once(name, factory, lambda home: adopt(build(SHAPES[name], home)))


def adopt(there: Adopter) -> None:
    """Set a repository up as a person would who takes what is proposed."""
    project = there.project
    began = time.monotonic()
    (there.project.home / "init.json").write_text(project.must("mergegate", "init", "--yes", "--json"))
    assert time.monotonic() - began < MINUTE
    project.commit("Set up mergegate")
    for branch in BRANCHES:
        project.git("switch", "--quiet", branch)
        project.git("merge", "--quiet", "--no-edit", "main")
    project.git("switch", "--quiet", "main")


def _once(name: str, factory: pytest.TempPathFactory, make: Callable[[Path], object]) -> Adopter:
    base = factory.getbasetemp()
    # Beside the workers' own folders, where there are workers.
    place = (base.parent if base.name.startswith("popen-") else base) / "adopters"
    place.mkdir(exist_ok=True)
    home, done, shape = place / name, place / f"{name}.built", SHAPES[name]
    with (place / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(home, ignore_errors=True)
            make(home)
            done.touch()
    return Adopter(shape, Project(home / "project" / shape.folder, home))
