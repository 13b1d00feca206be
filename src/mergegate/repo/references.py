"""Every revision that somebody may still check out: local refs, and what git's remotes advertise."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from mergegate.errors import BrokenError
from mergegate.repo import git

_AT_ONCE = 200
_LINE = re.compile(r"([0-9a-f]{40}(?:[0-9a-f]{24})?)\s+(\S.*)")

DVC_FILES = (":(top,glob)**/dvc.lock", ":(top,glob)**/*.dvc")
"""The files that name DVC's objects, as git matches paths."""


def find_local(folder: Path) -> dict[str, str]:
    """Every ref of a repository and the HEAD of each work tree, name → object."""
    shown = git.run(folder, "for-each-ref", "--format=%(objectname) %(refname)")
    refs = _read(shown)
    trees = git.run(folder, "worktree", "list", "--porcelain").decode(errors="replace").splitlines()
    heads = {line.removeprefix("HEAD ") for line in trees if line.startswith("HEAD ")}
    return refs | {f"HEAD of a work tree ({sha[:12]})": sha for sha in heads if sha.strip("0")}


def find_advertised(folder: Path, remote: str) -> dict[str, str]:
    """Every ref that a git remote advertises, pull requests among them. Raises BrokenError."""
    try:
        return _read(git.run(folder, "ls-remote", "--quiet", remote))
    except git.GitError as error:
        raise BrokenError(
            f"git's remote {remote} can't be asked for its branches: what they need is not known",
            hint=f"`git ls-remote {remote}` says more",
        ) from error


def list_remotes(folder: Path) -> tuple[str, ...]:
    """The names of git's remotes."""
    return tuple((git.ask(folder, "remote") or "").split())


def bring(folder: Path, remote: str, shas: Iterable[str]) -> None:
    """Fetch the commits that this repository lacks; no ref is made or moved. Raises GitError."""
    missing = [sha for sha in dict.fromkeys(shas) if git.ask(folder, "cat-file", "-e", sha) is None]
    for start in range(0, len(missing), _AT_ONCE):
        git.run(
            folder,
            *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"),
            *("--no-auto-maintenance", remote, *missing[start : start + _AT_ONCE]),
        )


def list_everywhere(folder: Path, tips: Sequence[str]) -> frozenset[str]:
    """The blobs of every dvc.lock and .dvc file in any commit behind the tips, or in the reflog."""
    listed = git.run(
        folder,
        # Not simplified: a branch that came to nothing in its merge named objects all the same.
        *("log", "--format=", "--raw", "--no-abbrev", "--no-renames", "-m", "--root", "--full-history", "-z"),
        *("--no-show-signature", "--all", "--reflog", *tips, "--", *DVC_FILES),
    )
    fields = listed.decode(errors="replace").split("\0")
    blobs = {field.split(" ")[3] for field in fields if field.lstrip("\n").startswith(":")}
    return frozenset(sha for sha in blobs if sha.strip("0"))


def list_at(folder: Path, commit: str) -> frozenset[str]:
    """The blobs of the dvc.lock and .dvc files of one commit, or of whatever a tag points to."""
    if git.ask(folder, "rev-parse", "--verify", "--quiet", f"{commit}^{{tree}}") is None:
        return frozenset()
    listed = git.run(folder, "ls-tree", "-r", "-z", "--full-tree", commit).decode(errors="replace")
    blobs = set()
    for line in listed.split("\0"):
        about, _, path = line.partition("\t")
        name = path.rpartition("/")[2]
        if " blob " in about and (name == "dvc.lock" or name.endswith(".dvc")):
            blobs.add(about.split(" ")[2])
    return frozenset(blobs)


def _read(shown: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in shown.decode(errors="replace").splitlines():
        if match := _LINE.fullmatch(line.strip()):
            found[match[2]] = match[1]
    return found
