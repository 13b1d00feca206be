"""The DVC objects that any revision names, of this repository and of those that share its remote."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from mergegate import repo
from mergegate.config.keep import Keep
from mergegate.errors import BrokenError, UsageError
from mergegate.records.keep import Source
from mergegate.repo import git, references

# Whatever looks like a name is kept: a lock with conflict markers, or one that a newer DVC wrote, counts too.
_NAME = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32}(?:\.dir)?(?![0-9a-f])")
_DVC_FILE = re.compile(r"(?:^|/)(?:dvc\.lock|[^/]*\.dvc)$")

Refs = dict[str, dict[str, str]]
"""Refs of each place that was asked, name → object; two that are equal name the same objects."""


class Named(msgspec.Struct, frozen=True):
    """Names (`md5`, `md5.dir`), who was asked, and `tips`: the branches and tags of this repository."""

    names: frozenset[str]
    sources: tuple[Source, ...]
    refs: Refs
    tips: dict[str, str]
    notes: tuple[str, ...]


def find_refs(project: repo.Project) -> Refs:
    """All refs of this repository and of its git remotes. Raises BrokenError for one that can't be asked."""
    root = project.git_root
    advertised = {
        f"remote {name}": references.find_advertised(root, name) for name in references.list_remotes(root)
    }
    return {"here": references.find_local(root)} | advertised


def find_named(project: repo.Project, keep: Keep, *, progress: Callable[[str], None]) -> Named:
    """Ask every revision what it names.

    Commits that a remote advertises and this clone lacks are fetched; no branch moves. Repositories that
    share the remote are cloned into a temporary folder. Raises UsageError for a shallow clone, BrokenError
    for a remote or repository that can't be read.
    """
    root = project.git_root
    if repo.is_shallow(project):
        raise UsageError(
            "this clone is shallow: what older commits need is not known here",
            hint="run `git fetch --unshallow`, then this again",
        )
    progress("asking git's remotes for their branches")
    refs = find_refs(project)
    for place, advertised in refs.items():
        if place != "here":
            progress(f"fetching commits of {place}")
            references.bring(root, place.removeprefix("remote "), advertised.values())
    progress("reading what revisions name")
    every = [(place, name, sha) for place, each in refs.items() for name, sha in each.items()]
    names, files = _read(root, (sha for _, _, sha in every), keep)
    names |= _read_workspace(project)
    sources = [Source(repository=".", refs=len(every), files=files)]
    for url in keep.shared_with or ():
        progress(f"cloning {url}")
        theirs, source = _read_other(project, url, keep)
        names |= theirs
        sources.append(source)
    alone = () if len(refs) > 1 else ("git has no remote here: only this clone's own revisions were asked",)
    branches = {
        name if place == "here" else f"{name} of {place}": sha
        for place, name, sha in every
        if name.startswith(("refs/heads/", "refs/remotes/", "refs/tags/")) and not name.endswith("^{}")
    }
    return Named(names=frozenset(names), sources=tuple(sources), refs=refs, tips=branches, notes=alone)


def _read(folder: Path, tips: Iterable[str], keep: Keep) -> tuple[set[str], int]:
    """The names in all versions of dvc.lock and .dvc files, and how many versions there are."""
    commits = list(dict.fromkeys(tips))
    if keep.commits == "all":
        blobs = references.list_everywhere(folder, commits)
    else:
        blobs = frozenset().union(*(references.list_at(folder, commit) for commit in commits))
    names: set[str] = set()
    with git.Blobs(folder) as objects:
        for sha in sorted(blobs):
            names |= _find_names(objects.read(sha, name=f"a version of dvc.lock or of a .dvc file ({sha})"))
    return names, len(blobs)


def _read_workspace(project: repo.Project) -> set[str]:
    """What the workspace's own files name, committed or not."""
    with repo.open_workspace(project) as files:
        found = [files.read(path) for path in files.paths() if _DVC_FILE.search(path)]
    return set().union(*(_find_names(data) for data in found if data is not None))


def _read_other(project: repo.Project, url: str, keep: Keep) -> tuple[set[str], Source]:
    """What another repository's revisions name."""
    with TemporaryDirectory(prefix="mergegate-") as folder:
        mirror = Path(folder) / "mirror"
        try:
            git.run(project.root, "clone", "--quiet", "--mirror", "--no-hardlinks", "--", url, str(mirror))
        except git.GitError as error:
            raise BrokenError(
                f"{url} shares the remote, and can't be cloned: what it needs is not known",
                hint=f"`git ls-remote {url}` says more; it stands under `keep: shared_with` of the policy",
            ) from error
        if git.ask(mirror, "rev-parse", "--is-shallow-repository") == "true":
            raise UsageError(f"{url} is a shallow clone: what its older commits need is not known")
        refs = references.find_local(mirror)
        names, files = _read(mirror, refs.values(), keep)
        return names, Source(repository=url, refs=len(refs), files=files)


def _find_names(data: bytes) -> set[str]:
    return {name.decode() for name in _NAME.findall(data)}
