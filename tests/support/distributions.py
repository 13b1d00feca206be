"""The wheel and the source distribution of this work tree, and an environment with nothing else of it."""

import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from typing import NamedTuple

from support.core_only import link_packages
from support.repositories import Repository

ROOT = Path(__file__).parents[2]


class Built(NamedTuple):
    """What was built, and from which commit of `tree`."""

    wheel: Path
    source: Path
    tree: Repository
    commit: str


def copy_tree(folder: Path) -> Repository:
    """What a source distribution is made of, committed as a repository of its own."""
    made = Repository.create(folder, dvc=False)
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    sources = settings["tool"]["hatch"]["build"]["targets"]["sdist"]["only-include"]
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *sources, ".gitignore"],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=True,
    )
    for name in listed.stdout.decode().split("\0")[:-1]:
        if (ROOT / name).is_file():
            target = made.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)
    made.git("add", "--all", "--force")
    made.git("commit", "--quiet", "--message", "Begin")
    return made


def build(folder: Path) -> Built:
    """Build as the release does: the source distribution, and the wheel from that."""
    tree = copy_tree(folder)
    tree.run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / "dist"))
    (wheel,) = (folder / "dist").glob("*.whl")
    (source,) = (folder / "dist").glob("*.tar.gz")
    return Built(wheel, source, tree, tree.git("rev-parse", "HEAD"))


def install(wheel: Path, folder: Path, lock: str = "core") -> Path:
    """An environment with the wheel and what a file of requirements/ names; its folder of programs.

    Third parties' packages are those installed here, by links; nothing of this checkout can be imported.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin/python"
    uv = Path(sys.executable).with_name("uv")
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--no-cache", "--python", python, wheel],
        capture_output=True,
        timeout=120,
        check=True,
    )
    link_packages(folder / "linked", lock)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "linked.pth").write_text(f"{folder / 'linked'}\n")
    return folder / "bin"
