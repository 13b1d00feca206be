"""Every revision that somebody may still check out: local refs, and what git's remotes advertise."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from mergegate.errors import BrokenError
from mergegate.repo import git
from mergegate.repo.credentials import hide_credentials

PATIENCE = 3_600.0
"""Seconds that asking for a long history may take."""

_AT_ONCE = 200
_LINE = re.compile(r"([0-9a-f]{40}(?:[0-9a-f]{24})?)\s+(\S.*)")

DVC_FILES = (":(top,glob)**/dvc.lock", ":(top,glob)**/*.dvc", ":(top,glob)**/Dvcfile")
"""The files that name DVC's objects, as git matches paths; a Dvcfile is DVC 0's."""

_DVC_FILE = re.compile(r"(?:^|/)(?:dvc\.lock|Dvcfile|[^/]*\.dvc)$")
_LINK = "120000"
_FILES = ("100644", "100755", "100664")


class Listed(msgspec.Struct, frozen=True):
    """The blobs of DVC's files, and those of links among them that lead to no file of the repository."""

    blobs: frozenset[str]
    dead_links: frozenset[str] = frozenset()


def is_dvc_file(path: str) -> bool:
    """Whether a file of that name names DVC's objects."""
    return _DVC_FILE.search(path) is not None


def find_local(folder: Path) -> dict[str, str]:
    """Every ref of a repository and the HEAD of each work tree, name → object."""
    shown = git.run(folder, "for-each-ref", "--format=%(objectname) %(refname)")
    refs = _read(shown)
    trees = git.run(folder, "worktree", "list", "--porcelain").decode(errors="replace").splitlines()
    heads = {line.removeprefix("HEAD ") for line in trees if line.startswith("HEAD ")}
    return refs | {f"HEAD of a work tree ({sha[:12]})": sha for sha in heads if sha.strip("0")}


def find_advertised(folder: Path, remote: str) -> dict[str, str]:
    """Every ref that a git remote (name or URL) advertises, pull requests among them. Raises BrokenError."""
    try:
        return _read(git.run(folder, "ls-remote", "--quiet", "--", remote))
    except git.GitError as error:
        name = hide_credentials(remote)
        raise BrokenError(
            f"git's remote {name} can't be asked for its branches: what they need is not known",
            hint=f"`git ls-remote {name}` says more",
        ) from error


def list_remotes(folder: Path) -> tuple[str, ...]:
    """The names of git's remotes."""
    return tuple((git.ask(folder, "remote") or "").split())


def bring(folder: Path, remote: str, shas: Iterable[str]) -> None:
    """Fetch the commits that this repository lacks; no ref is made or moved. Raises GitError."""
    asked = list(dict.fromkeys(shas))
    missing = [sha for sha, kind in zip(asked, _kinds(folder, asked), strict=True) if kind == "missing"]
    for start in range(0, len(missing), _AT_ONCE):
        git.run(
            folder,
            *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"),
            *("--no-auto-maintenance", "--", remote, *missing[start : start + _AT_ONCE]),
            timeout=PATIENCE,
        )


def list_everywhere(folder: Path, tips: Sequence[str]) -> Listed:
    """The blobs of every dvc.lock and .dvc file in any commit behind the tips, or in the reflog."""
    blobs: set[str] = set()
    dead: set[str] = set()
    asked: set[str] = set()
    patterns: Sequence[str] = DVC_FILES
    links: dict[str, set[str]] = {}
    while patterns:
        reached = set()
        further: dict[str, set[str]] = {}
        for mode, sha, path in _log(folder, tips, patterns):
            if path not in links and not is_dvc_file(path):
                continue  # what a link to a folder leads to
            reached.add(path)
            if mode in _FILES:
                blobs.add(sha)
            elif mode == _LINK:
                target = _follow(folder, sha, path)
                if target is None:
                    dead.add(sha)
                elif not is_dvc_file(target):
                    further.setdefault(target, set()).add(sha)
        dead |= {sha for target, shas in links.items() if target not in reached for sha in shas}
        links = {target: shas for target, shas in further.items() if target not in asked}
        asked |= links.keys()
        patterns = [f":(top,literal){target}" for target in links]
    return Listed(frozenset(blobs), frozenset(dead))


def list_at(folder: Path, commits: Iterable[str]) -> Listed:
    """The blobs of the dvc.lock and .dvc files of commits, or of whatever tags point to."""
    blobs: set[str] = set()
    dead: set[str] = set()
    named = [f"{commit}^{{tree}}" for commit in dict.fromkeys(commits)]
    for tree in dict.fromkeys(_kinds(folder, named, "%(objectname)")):
        if " " not in tree and tree != "missing":
            listed = git.run(folder, "ls-tree", "-r", "-z", "--full-tree", tree, timeout=PATIENCE)
            entries = dict(_entries(listed))
            for path in filter(is_dvc_file, entries):
                sha = _resolve(folder, path, entries)
                (dead if sha is None else blobs).add(entries[path][1] if sha is None else sha)
    return Listed(frozenset(blobs), frozenset(dead))


def _resolve(folder: Path, path: str, entries: dict[str, tuple[str, str]]) -> str | None:
    """The blob that a path of a tree stands for, links followed; None for none."""
    for _ in range(8):
        mode, sha = entries.get(path, ("", ""))
        if mode in _FILES:
            return sha
        target = _follow(folder, sha, path) if mode == _LINK else None
        if target is None:
            return None
        path = target
    return None


def _entries(listed: bytes) -> Iterator[tuple[str, tuple[str, str]]]:
    """What `ls-tree` lists but submodules: path, (mode, object)."""
    for line in listed.decode(errors="surrogateescape").split("\0"):
        about, _, path = line.partition("\t")
        if " blob " in about:
            mode, _, sha = about.split(" ")
            yield path, (mode, sha)


def _log(folder: Path, tips: Sequence[str], patterns: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """(mode, blob, path) of every version of the files that match."""
    listed = git.run(
        folder,
        # Whatever a user's settings say of merges, follow a file or leave out: here is all of it.
        *("-c", "log.diffMerges=separate", "-c", "diff.orderFile=/dev/null", "log", "--no-follow"),
        # Not simplified: a branch that came to nothing in its merge named objects all the same.
        *("--format=", "--raw", "--no-abbrev", "--no-renames", "-m", "--root", "--full-history", "-z"),
        *("--no-relative", "--no-color", "--no-show-signature", "--all", "--reflog", "--stdin"),
        stdin="\n".join([*tips, "--", *patterns, ""]).encode(errors="surrogateescape"),
        timeout=PATIENCE,
    )
    fields = iter(listed.decode(errors="surrogateescape").split("\0"))
    for field in fields:
        if field.lstrip("\n").startswith(":"):
            _, mode, _, sha, _ = field.split(" ")
            path = next(fields)
            if sha.strip("0"):
                yield mode, sha, path


def _follow(folder: Path, link: str, path: str) -> str | None:
    """The path in the repository that a link leads to, None when it leads out."""
    target = git.run(folder, "cat-file", "blob", link).decode(errors="surrogateescape")
    led = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    outside = led.startswith(("/", "../")) or led in ("..", ".") or not led.isprintable()
    return None if outside else led


def _kinds(folder: Path, names: Sequence[str], form: str = "%(objecttype)") -> Iterator[str]:
    """What git says of each object in one go: its type or name, "missing" without one."""
    if names:
        told = git.run(
            folder,
            *("cat-file", f"--batch-check={form}"),
            stdin="".join(f"{name}\n" for name in names).encode(),
            timeout=PATIENCE,
        )
        for line in told.decode().splitlines():
            yield "missing" if line.endswith(" missing") else line


def _read(shown: bytes) -> dict[str, str]:
    """The refs of a list; what a tag points to comes with the tag."""
    found: dict[str, str] = {}
    for line in shown.decode(errors="replace").splitlines():
        match = _LINE.fullmatch(line.strip())
        if match and not match[2].endswith("^{}"):
            found[match[2]] = match[1]
    return found
