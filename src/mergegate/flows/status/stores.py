"""Objects of a DVC remote that git holds too: a push writes them there, and no review is of them."""

import re
from collections.abc import Iterable
from pathlib import Path

from mergegate import repo
from mergegate.errors import MergegateError
from mergegate.repo.settings import read_settings

_OBJECT = re.compile(r"(?:files/md5/)?[0-9a-f]{2}/[0-9a-f]{30}(?:\.dir)?")
_FOLDER = re.compile(r"(?:files/md5/)?[0-9a-f]{2}/")
"""A folder of them, as git names one of which it knows no file."""


def find_stored(project: repo.Project, paths: Iterable[str]) -> set[str]:
    """Those of a project's paths that are objects of its own remotes."""
    folders = _folders(project)
    return {
        path
        for path in paths
        for folder in folders
        if path.startswith(folder)
        and (_FOLDER if path.endswith("/") else _OBJECT).fullmatch(path.removeprefix(folder))
    }


def _folders(project: repo.Project) -> list[str]:
    """The remotes that are folders inside the project, each with the slash at its end."""
    if project.dvc_root is None:
        return []
    try:
        remotes = read_settings(project.dvc_root / ".dvc").remotes.values()
    except MergegateError:
        return []
    root = project.root.resolve()
    places = [Path(url).resolve() for url in remotes if "://" not in url]
    return [f"{place.relative_to(root).as_posix()}/" for place in places if root in place.parents]
