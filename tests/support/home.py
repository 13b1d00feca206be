"""The environment of a user without a past, so that no test reads or writes anybody's settings."""

import os
import sys
from pathlib import Path

GIT_CONFIG = """\
[user]
    name = Ada
    email = ada@example.org
[init]
    defaultBranch = main
[commit]
    gpgSign = false
[protocol "file"]
    allow = always
"""

_REDIRECTING = ("GIT_", "DVC_", "AWS_", "GITHUB_", "XDG_", "CI")


def isolated(folder: Path) -> dict[str, str]:
    """The process's environment with `folder` as its home and no setting or credential of anyone's."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "gitconfig"
    if not settings.exists():
        settings.write_text(GIT_CONFIG)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_REDIRECTING)}
    programs = str(Path(sys.executable).parent)
    path = kept.get("PATH", os.defpath)
    if path.split(os.pathsep)[0] != programs:
        path = programs + os.pathsep + path
    return kept | {
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "PATH": path,
        "GIT_CONFIG_GLOBAL": str(settings),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
        "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
        "DVC_GLOBAL_CONFIG_DIR": str(folder / "dvc-global"),
        "DVC_SYSTEM_CONFIG_DIR": str(folder / "dvc-system"),
        "DVC_SITE_CACHE_DIR": str(folder / "dvc-site"),
        "DVC_NO_ANALYTICS": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
