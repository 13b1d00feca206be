"""Every shape by its name, each built once for all workers of a session."""

import fcntl
import shutil

import pytest

from support.adopters import Adopter, Shape, build
from support.projects import Project
from support.shapes import images, monorepo, plain, r, text

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


def shared(name: str, factory: pytest.TempPathFactory, *, policy: bool = True) -> Adopter:
    """The repository of that shape, never to be changed: `copy` or `clone` it."""
    base = factory.getbasetemp()
    # Beside the workers' own folders, where there are workers.
    folder = (base.parent if base.name.startswith("popen-") else base) / "adopters"
    folder.mkdir(exist_ok=True)
    home = folder / (name if policy else f"{name}-without-policy")
    shape = SHAPES[name]
    with (folder / f"{home.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / f"{home.name}.built"
        if not done.exists():
            shutil.rmtree(home, ignore_errors=True)
            build(shape, home, policy=None if policy else "")
            done.touch()
    return Adopter(shape, Project(home / "project" / shape.folder, home))
