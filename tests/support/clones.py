"""Fresh clones of this repository's data: pointers, remote and commands, with no cache and no past."""

import os
import shutil
import subprocess
from pathlib import Path

from support import warm

REPOSITORY = Path(__file__).parents[2]
GIT = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org")


def environment(folder: Path) -> dict[str, str]:
    """No home, no memory of what other tests pushed."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(folder / "site-cache"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }


def run(folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a clone, with further environment variables; the folder above stands for its home."""
    known = environment(folder.parent) | variables
    if command[0] == "dvc":
        return warm.run(command, folder, known)
    return subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True)


def make_clone(folder: Path) -> Path:
    """FOLDER/clone, of a repository FOLDER/origin that holds what this one tracks of its data."""
    origin = folder / "origin"
    tracked = run(REPOSITORY, "git", "ls-files", "data", ".dvc", ".dvcignore", ".gitattributes").stdout
    for name in tracked.splitlines():
        if (REPOSITORY / name).is_file():
            (origin / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(REPOSITORY / name, origin / name)
    for command in (("init", "-q", "-b", "main"), ("add", "--all"), ("commit", "-q", "-m", "Add data")):
        assert run(origin, *GIT, *command).returncode == 0
    assert run(folder, *GIT, "clone", "-q", "origin", "clone").returncode == 0
    return folder / "clone"
