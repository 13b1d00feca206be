"""Versions of what mergegate runs with, told without importing any of it."""

import platform
import re
from collections.abc import Iterator
from importlib import metadata

from mergegate import __version__, repo
from mergegate.doctor.facts import Plugin, Tools
from mergegate.repo import git
from mergegate.repo.settings import read_settings

_EXTRAS = {"https": "http", "webdavs": "webdav"}
"""DVC's extra for the protocol of a remote's address, where it has another name."""

_KNOWN = frozenset({"azure", "gdrive", "gs", "hdfs", "http", "oss", "s3", "ssh", "webdav", "webhdfs"})


def read_tools(project: repo.Project) -> Tools:
    """Versions as their packages' metadata and git itself tell them."""
    dvc = _version("dvc")
    told = git.run(project.git_root, "version").decode(errors="replace")
    found = re.search(r"\d+(\.\d+)+", told)
    return Tools(
        python=platform.python_version(),
        mergegate=__version__,
        git=found[0] if found else "",
        dvc=dvc,
        plugins=tuple(_list_plugins(project)),
    )


def _list_plugins(project: repo.Project) -> Iterator[Plugin]:
    """What each remote that is no folder needs of DVC."""
    if project.dvc_root is None:
        return
    settings = read_settings(project.dvc_root / ".dvc")
    for name, url in settings.remotes.items():
        scheme, separator, _ = url.partition("://")
        extra = _EXTRAS.get(scheme, scheme)
        if separator and extra in _KNOWN:
            installed = _version(f"dvc-{extra}") is not None
            yield Plugin(name, extra, installed=installed, default=name == settings.default)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
