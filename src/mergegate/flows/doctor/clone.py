"""What this clone is like: how it merges, what hooks it runs, what it holds that is too large."""

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from mergegate import repo
from mergegate.config.loader import named
from mergegate.doctor.facts import Clone, Hook, LargeFile, MergeDriver
from mergegate.repo import git
from mergegate.repo.hooks import find_hooks

LARGE = 10 * 1024 * 1024
"""Bytes from which a file is large."""

MOST_LARGE = 50
MOST_UNTRACKED = 20_000
"""Files that git does not know and that are looked at."""

PATIENCE = 5.0
"""Seconds that git may list files for."""

_HOOK = "pre-push"
_HOOK_BYTES = 64 * 1024
_PRE_COMMIT = ".pre-commit-config.yaml"


def read_driver(project: repo.Project) -> MergeDriver:
    """How git merges the project's dvc.lock, and any .dvc file."""
    start = f"{project.prefix}/" if project.prefix else ""
    asked = (f"{start}dvc.lock", f"{start}any.dvc")
    told = git.run(project.git_root, "check-attr", "-z", "merge", "--", *asked).decode(errors="replace")
    fields = told.split("\0")
    values: dict[str, str] = {}
    for path, value in zip(fields[0::3], fields[2::3], strict=False):
        values.setdefault(value, path if path == asked[0] else "*.dvc")
    command = git.ask(project.git_root, "config", "--get", "merge.mergegate.driver") or ""
    return MergeDriver(tuple(values.items()), command, program=_has_program(command))


def _has_program(command: str) -> bool:
    """Whether the first absolute path in a command is a program; what names none is left to the shell."""
    try:
        words = shlex.split(command.replace(";", " ; "))
    except ValueError:
        return True
    program = next((word for word in words if word.startswith("/")), None)
    return program is None or os.access(program, os.X_OK)


def read_hook(project: repo.Project) -> Hook:
    """The hook that git runs before a push, wherever it is told to look for it."""
    hooks = find_hooks(project)
    file, own = hooks.folder / _HOOK, hooks.whose == "clone"
    path = os.path.relpath(file, project.git_root.resolve())
    path = named(file if path.startswith("..") else Path(path))
    try:
        about = file.stat()
        if not stat.S_ISREG(about.st_mode) or not about.st_mode & 0o111:
            return Hook(path, present=False, own=own)
        with file.open("rb") as stream:
            text = stream.read(_HOOK_BYTES).decode(errors="replace")
    except OSError:
        return Hook(path, present=False, own=own)
    kinds = [name for name, sign in (("mergegate", "mergegate"), ("dvc", "dvc git-hook")) if sign in text]
    if "pre-commit" in text or "prek" in text:
        kinds += _by_pre_commit(project)
    return Hook(path, present=True, kinds=tuple(dict.fromkeys(kinds)), own=own)


def _by_pre_commit(project: repo.Project) -> Iterator[str]:
    """What pre-commit runs before a push, by its settings' words."""
    try:
        with (project.git_root / _PRE_COMMIT).open("rb") as stream:
            text = stream.read(_HOOK_BYTES).decode(errors="replace")
    except OSError:
        return
    if "mergegate" in text:
        yield "mergegate"
    if "dvc-pre-push" in text:
        yield "dvc"


def read_clone(project: repo.Project) -> Clone:
    """Large files of HEAD and of the workspace, and the size of the history."""
    committed = [(path, size) for path, size in _committed(project) if size >= LARGE]
    known = {path for path, _ in committed}
    large = [LargeFile(named(Path(path)), size) for path, size in committed]
    unseen = ""
    told = git.run(
        project.git_root, "ls-files", "-z", "--others", "--exclude-standard", timeout=PATIENCE
    ).decode(errors="surrogateescape")
    others = [path for path in told.split("\0") if path]
    if len(others) > MOST_UNTRACKED:
        unseen = f"git does not know {len(others):,} files here"
    for path in others[:MOST_UNTRACKED]:
        try:
            about = (project.git_root / path).lstat()
        except OSError:
            continue
        if stat.S_ISREG(about.st_mode) and about.st_size >= LARGE and path not in known:
            large.append(LargeFile(named(Path(path)), about.st_size, tracked=False))
    large.sort(key=lambda file: (not file.tracked, -file.size, file.path))
    return Clone(tuple(large[:MOST_LARGE]), _packed(project), unseen)


def _committed(project: repo.Project) -> Iterator[tuple[str, int]]:
    """Path and size of each file of HEAD."""
    if repo.workspace_revision(project).sha is None:
        return
    told = git.run(
        project.git_root, "ls-tree", "-r", "-l", "-z", "--full-tree", "HEAD", timeout=PATIENCE
    ).decode(errors="surrogateescape")
    for line in told.split("\0"):
        about, _, path = line.partition("\t")
        words = about.split()
        if len(words) == 4 and words[1] == "blob" and words[3].isdecimal():
            yield path, int(words[3])


def _packed(project: repo.Project) -> int:
    """Bytes of all packs."""
    told = git.run(project.git_root, "count-objects", "-v").decode()
    sizes = dict(line.split(": ", 1) for line in told.splitlines() if ": " in line)
    return int(sizes.get("size-pack", "0")) * 1024
