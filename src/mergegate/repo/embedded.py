"""A DVC remote inside the git repository: its objects are there for others only once they are committed."""

import os
from pathlib import Path

from mergegate.repo import git
from mergegate.repo.project import Project
from mergegate.repo.settings import read_settings


def find_embedded(project: Project, name: str = "") -> str | None:
    """The folder of the remote, "" the default one, from the project root where git would commit it.

    None for one anywhere else, and for one that git ignores.
    """
    if project.dvc_root is None:
        return None
    settings = read_settings(project.dvc_root / ".dvc")
    folder = Path(settings.remotes.get((name or settings.default).lower(), "/"))
    if not folder.is_absolute() or not folder.is_relative_to(project.git_root):
        return None
    # Of the folder itself git knows nothing: it keeps files.
    if git.ask(project.git_root, "check-ignore", "--quiet", "--", str(folder / "files")) is not None:
        return None
    return os.path.relpath(folder, project.root)
