"""Which commit of its own repository this mergegate is: what a workflow that it writes can pin itself to.

The file beside this one holds the commit where mergegate was built or downloaded: a build writes it, and so
does git into an archive of a commit. In a checkout it holds a placeholder, and git is asked. A build reads
this module from its file, so it imports nothing of mergegate.
"""

import os
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

NAME = "commit.txt"
"""The file's name; in a wheel, a source distribution and an archive it holds 40 (or 64) hex digits."""

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_PATIENCE = 20.0
"""Seconds that git may take."""


@cache
def commit() -> str | None:
    """The full name of the commit that this installation was built from; in a checkout, git's HEAD.

    None where nothing tells, as in a wheel that was built with changes nobody committed: it is never guessed.
    """
    here = Path(__file__).resolve()
    return recorded(here.parent) or checked_out(here.parents[2])


def recorded(package: Path) -> str | None:
    """The commit that the file in a package's folder names; None for a placeholder and for no file."""
    try:
        text = (package / NAME).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
    return text if _COMMIT.fullmatch(text) else None


def checked_out(root: Path) -> str | None:
    """HEAD of mergegate's own checkout at `root`; None where `root` is anything else.

    An installation may lie inside another repository, whose HEAD would be another project's.
    """
    if not (root / ".git").exists() or not _is_ours(root):
        return None
    top = _git(root, "rev-parse", "--show-toplevel")
    if top is None or Path(top.rstrip("\n")).resolve() != root.resolve():
        return None
    head = (_git(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}") or "").strip()
    return head if _COMMIT.fullmatch(head) else None


def is_clean(root: Path) -> bool:
    """Whether a checkout holds what its HEAD holds: no tracked file changed, nothing new under src."""
    status = _git(root, "status", "--porcelain", "--untracked-files=all", "-z")
    if status is None:
        return False
    return all(
        entry.startswith("?? ") and not entry.startswith("?? src/") for entry in status.split("\0")[:-1]
    )


def _is_ours(root: Path) -> bool:
    """Whether a folder is the root of mergegate's source."""
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return project == "mergegate" and (root / "src" / "mergegate" / "provenance.py").is_file()


def _git(root: Path, *arguments: str) -> str | None:
    """What git answers in a folder; None where it fails, is missing or takes too long."""
    # A hook's or a caller's GIT_DIR would lead to another repository.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", "--no-optional-locks", "-C", str(root), *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else None
