"""A clean place to run one commit in: a git worktree beside the cache, owned by one run, removed after it.

    .dvc/tmp/mergegate/reproduce/KEY.lock   held by the run that owns KEY
    .dvc/tmp/mergegate/reproduce/KEY/tree   the worktree
    .dvc/tmp/mergegate/reproduce/KEY/…      what else the run keeps: DVC's site cache, its journal

The lock is the kernel's, so that it goes with its owner, even one that was killed; what such a one left
behind is found by the next run, and continued by it if it is its own.
"""

import contextlib
import fcntl
import os
import posixpath
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from mergegate.errors import BrokenError, UsageError
from mergegate.repo import git
from mergegate.repo.project import Project
from mergegate.repo.settings import read_settings

_FOLDER = ("tmp", "mergegate", "reproduce")
_LOCAL = "config.local"
_AT_ONCE = 500

# What a commit's files are is not for this desk's settings to say: not their line ends, not which are there.
_AS_COMMITTED = (
    *("-c", "core.autocrlf=false", "-c", "core.eol=lf", "-c", "core.sparseCheckout=false"),
    *("-c", "submodule.recurse=false", "-c", "advice.detachedHead=false"),
)


class Room(msgspec.Struct, frozen=True):
    """One run's place: `folder` is all of it, `project` the worktree in it.

    `resumed`: another run of the same key was killed and left it so.
    """

    folder: Path
    project: Project
    resumed: bool = False

    @property
    def site(self) -> Path:
        """DVC's site cache of this run alone: what an older one remembers may be wrong."""
        return self.folder / "site"


@contextmanager
def open_room(project: Project, sha: str, key: str, *, doing: str = "") -> Iterator[Room]:
    """A worktree of commit `sha` for one run; rooms of the same `key` are the same run.

    `doing` is what the run does, for whoever finds it taken: by default it reproduces the commit.

    It is removed at the end of the block, whatever ends it; so is what killed runs left. No hook runs. Raises
    UsageError when the project has no DVC repository or another process runs the same, BrokenError when git
    or the disk fails.
    """
    top = find_rooms(project)
    with _owned(top, key) as owned:
        if not owned:
            raise BrokenError(
                f"another process is {doing or f'reproducing {sha[:10]}'} just now ({top / key})",
                hint="wait until it has ended, or end it",
                code="busy",
            )
        _clear_others(project, top, key)
        folder = top / key
        try:
            yield _make(project, folder, sha)
        finally:
            _remove(project, folder)


def find_rooms(project: Project) -> Path:
    """The folder that holds all rooms of a project, made if missing. Raises UsageError."""
    if project.dvc_root is None:
        raise UsageError(
            f"{project.root} is in no DVC repository, so there is nothing to reproduce",
            hint="run `dvc init` and describe your stages in dvc.yaml",
            code="no-dvc",
        )
    start = project.dvc_root.resolve() / ".dvc"
    top = start.joinpath(*_FOLDER)
    # A branch can bring a link in place of any of these folders.
    if top.resolve() != top:
        raise UsageError(
            f"{top} leads by a symbolic link to {top.resolve()}: nothing is written through it",
            hint="remove the link",
            code="symbolic-link",
        )
    try:
        top.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BrokenError(
            f"{top} can't be made: {error.strerror}", hint="make it writable, or free some space"
        ) from error
    return top


@contextmanager
def _owned(top: Path, key: str) -> Iterator[bool]:
    """Hold the lock of a key for the block; False when another process holds it."""
    with (top / f"{key}.lock").open("a") as file:
        if not _try_lock(file):
            yield False
            return
        try:
            yield True
        finally:
            (top / f"{key}.lock").unlink(missing_ok=True)


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    # Its last owner may have removed the file between our opening and locking it.
    with contextlib.suppress(OSError):
        return os.path.samestat(os.fstat(file.fileno()), Path(file.name).stat())
    return False


def _clear_others(project: Project, top: Path, key: str) -> None:
    """Remove what killed runs of other keys left behind."""
    for folder in sorted(top.iterdir()):
        if folder.is_dir() and folder.name != key:
            with _owned(top, folder.name) as owned:
                if owned:
                    _remove(project, folder)


def _make(project: Project, folder: Path, sha: str) -> Room:
    """The worktree, as a killed run of this key left it or made anew."""
    tree = folder / "tree"
    resumed = (folder / "ready").is_file() and _head(tree) == sha
    try:
        if not resumed:
            _remove(project, folder)
            folder.mkdir()
            git.run(
                project.git_root,
                *_AS_COMMITTED,
                *("worktree", "add", "--detach", "--force", str(tree), sha),
            )
            _configure(project, folder, tree)
            (folder / "ready").touch()
    except OSError as error:
        raise BrokenError(
            f"no worktree can be made in {folder}: {error.strerror}",
            hint="free some space, or look at the folder's permissions",
        ) from error
    inner = Project(
        git_root=tree,
        root=tree / project.prefix,
        prefix=project.prefix,
        dvc_root=tree / _dvc_prefix(project),
    )
    return Room(folder=folder, project=inner, resumed=resumed)


def _head(tree: Path) -> str | None:
    """The commit that a worktree is at, None for what is none."""
    top = git.ask(tree, "rev-parse", "--show-toplevel") if tree.is_dir() else None
    return git.ask(tree, "rev-parse", "HEAD") if top == str(tree) else None


def _dvc_prefix(project: Project) -> Path:
    if project.dvc_root is None:
        return Path()
    return project.dvc_root.relative_to(project.git_root)


def _configure(project: Project, folder: Path, tree: Path) -> None:
    """Settings of DVC that win over the commit's own: the shared cache, nothing asked, nothing remembered.

    No remote and no secret is among them: what is missing is fetched before a stage runs.
    """
    dvc = tree / _dvc_prefix(project) / ".dvc"
    if dvc.resolve() != dvc:
        raise UsageError(
            f"{dvc.relative_to(tree)} is a symbolic link in this commit",
            hint="remove the link",
            code="symbolic-link",
        )
    if not dvc.is_dir():
        raise UsageError(
            f"this commit has no folder {dvc.relative_to(tree)}: DVC has nothing to do in it",
            hint="run `dvc init`, and commit what it writes",
            code="no-dvc",
        )
    settings = read_settings((project.dvc_root or project.root) / ".dvc")
    # Where nothing else works, as across file systems, a copy does.
    links = tuple(dict.fromkeys((*settings.links, "copy")))
    # DVC takes the one from where it runs, the other from the folder of its settings.
    site = _quoted(folder / "site", tree / project.prefix, folder)
    cache = _quoted(settings.cache, dvc, (project.dvc_root or project.root).resolve())
    text = (
        f"[core]\n    site_cache_dir = {site}\n    analytics = false\n"
        "    autostage = false\n    check_update = false\n    interactive = false\n"
        f"    no_scm = {str(_names_its_worktree(project)).lower()}\n"
        f'[cache]\n    dir = {cache}\n    type = "{",".join(links)}"\n'
    )
    local = dvc / _LOCAL
    local.unlink(missing_ok=True)  # a commit may bring one, or a link to anywhere
    number = os.open(local, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)


def _names_its_worktree(project: Project) -> bool:
    """Whether git's configuration names a work tree, as in a submodule.

    DVC takes that for the folder of every work tree, and so is not told of git.
    """
    return git.ask(project.git_root, "config", "--get", "core.worktree") is not None


def _quoted(path: Path, start: Path, near: Path) -> str:
    """A path as a value of DVC's configuration: as seen from `start` where it lies below `near`.

    So nothing depends on what the folders above are called, of which not all can be written there. Raises
    UsageError for such a one.
    """
    text = str(path)
    if path.resolve().is_relative_to(near):
        text = os.path.relpath(path.resolve(), start)
    mark = "'" if '"' in text else '"'
    if mark in text or "\n" in text or "\r" in text or "%(" in text:
        raise UsageError(
            f"DVC's configuration can't hold the path {text!r}", hint="call the folder something plainer"
        )
    return f"{mark}{text}{mark}"


def _remove(project: Project, folder: Path) -> None:
    """Remove a room and git's note of its worktree; links in it are not followed."""
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder, onerror=_unlock)
    listed = git.ask(project.git_root, "worktree", "list", "--porcelain") or ""
    if f"worktree {folder / 'tree'}" in listed.splitlines():
        git.ask(project.git_root, "worktree", "remove", "--force", "--force", str(folder / "tree"))


def _unlock(function: object, path: str, error: object) -> None:
    """Remove once more what lies in a folder that a stage made read-only."""
    with contextlib.suppress(OSError):
        parent = Path(path).parent
        parent.chmod(parent.stat().st_mode | 0o700)
        if Path(path).is_dir() and not Path(path).is_symlink():
            Path(path).chmod(0o700)
            shutil.rmtree(path, ignore_errors=True)
        else:
            Path(path).unlink()


def tidy(room: Room, kept: Collection[str]) -> None:
    """Take what an interrupted run left half done out of a resumed room.

    `kept` are the paths, from the project root, that finished stages wrote; dvc.lock stays too. All else is
    as the commit has it.
    """
    tree = room.project.git_root
    mine = {posixpath.normpath(posixpath.join(room.project.prefix, path)) for path in kept}

    def stays(path: str) -> bool:
        inside = any(path == each or path.startswith(f"{each}/") for each in mine)
        return inside or "/.dvc/" in f"/{path}" or posixpath.basename(path) == "dvc.lock"

    edited = (
        git.run(tree, *_AS_COMMITTED, "diff", "--name-only", "-z")
        .decode(errors="surrogateescape")
        .split("\0")
    )
    restored = [path for path in edited if path and not stays(path)]
    for start in range(0, len(restored), _AT_ONCE):
        git.run(tree, *_AS_COMMITTED, "checkout", "--force", "--", *restored[start : start + _AT_ONCE])
    others = git.run(tree, "ls-files", "--others", "-z").decode(errors="surrogateescape").split("\0")
    for path in others:
        if path and not stays(path):
            with contextlib.suppress(FileNotFoundError):
                (tree / path).unlink()
