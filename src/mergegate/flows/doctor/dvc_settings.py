"""DVC's settings as git has them, now and before: who may read the repository can read them."""

import posixpath
from collections.abc import Iterator
from pathlib import Path

from mergegate import repo
from mergegate.config.loader import named
from mergegate.doctor.facts import ConfigText, Settings
from mergegate.doctor.secrets import find_addresses
from mergegate.errors import BrokenError
from mergegate.repo import git

NAMES = (".dvc/config", ".dvc/config.local")

MOST_VERSIONS = 200
"""Versions of all these files together that are read, the newest first."""

LARGEST = 256 * 1024
"""Bytes of one version."""

MOST_FILES = 2_000
"""Of DVC's other files that are looked through."""

_TOO_LONG = "its history is too long to be looked through here"

PATIENCE = 5.0
"""Seconds that git may look through the history."""


def read_dvc_settings(project: repo.Project) -> Settings:
    """The committed settings of the workspace, and older versions that say something else."""
    listed = git.run(project.git_root, "ls-files", "-z").decode(errors="surrogateescape")
    tracked = frozenset(path for path in listed.split("\0") if path)
    paths = sorted(path for path in tracked if _is_settings(path))
    now = tuple(_read_now(project, paths))
    addresses = tuple(_find_addresses(project, sorted(tracked)))
    here = {(text.path, text.text) for text in now}
    try:
        before = tuple(text for text in _read_before(project) if (text.path, text.text) not in here)
    except BrokenError:  # a history that takes longer than a visit may
        return Settings(now, (), tracked, unseen=_TOO_LONG, addresses=addresses)
    return Settings(now, before, tracked, addresses=addresses)


def _find_addresses(project: repo.Project, tracked: list[str]) -> Iterator[tuple[str, int]]:
    """Places in .dvc files and pipelines where an address has a password in it."""
    paths = [path for path in tracked if path.endswith((".dvc", "dvc.yaml", "dvc.lock"))]
    for path in paths[:MOST_FILES]:
        file = project.git_root / path
        if file.is_file() and not file.is_symlink() and file.stat().st_size <= LARGEST:
            for number in find_addresses(file.read_text(encoding="utf-8", errors="replace")):
                yield named(Path(path)), number


def _is_settings(path: str) -> bool:
    return path in NAMES or path.endswith(tuple(f"/{name}" for name in NAMES))


def _read_now(project: repo.Project, paths: list[str]) -> Iterator[ConfigText]:
    for path in paths:
        file = project.git_root / path
        if file.is_file() and not file.is_symlink() and file.stat().st_size <= LARGEST:
            yield ConfigText(named(Path(path)), file.read_text(encoding="utf-8", errors="replace"))


def _read_before(project: repo.Project) -> Iterator[ConfigText]:
    """Each version that any commit of any branch or tag has, once."""
    patterns = [f":(top,glob)**/{name}" for name in NAMES]
    told = git.run(
        project.git_root,
        *("log", "--all", "--no-renames", "--no-show-signature", "--raw", "--no-abbrev", "-z"),
        *(f"--max-count={MOST_VERSIONS}", "--diff-filter=AM", "--format=%x01%H", "--", *patterns),
        timeout=PATIENCE,
    ).decode(errors="surrogateescape")
    seen: set[tuple[str, str]] = set()
    with git.Blobs(project.git_root) as blobs:
        for part in told.split("\x01")[1:]:
            commit, *fields = (field.strip("\n") for field in part.split("\0"))
            for about, path in zip(fields[0::2], fields[1::2], strict=False):
                words = about.split()
                if len(words) != 5 or (words[3], path) in seen or not _is_settings(path):
                    continue
                seen.add((words[3], path))
                data = blobs.read(words[3], name=posixpath.basename(path))
                if len(data) <= LARGEST:
                    yield ConfigText(named(Path(path)), data.decode("utf-8", errors="replace"), commit)
