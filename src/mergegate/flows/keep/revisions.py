"""The DVC objects that any revision names, of this repository and of those that share its remote."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from mergegate import repo
from mergegate.config.keep import Keep
from mergegate.errors import BrokenError, UsageError
from mergegate.records.keep import Source
from mergegate.repo import git, references
from mergegate.repo.credentials import hide_credentials

# Whatever looks like a name is kept: a lock with conflict markers, or one that a newer DVC wrote, counts too.
_NAME = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32}(?:\.dir)?(?![0-9a-f])")
# Without any of them it may be a pointer of Git LFS, or what git-crypt or another filter made of the file.
_WORDS = re.compile(rb"\b(?:outs|deps|stages|schema|md5|cmd|wdir|frozen|datasets)\b[\"']?\s*:")

Refs = dict[str, dict[str, str]]
"""Refs of each place that was asked, name → object; two that are equal name the same objects."""


class Named(msgspec.Struct, frozen=True):
    """Names (`md5`, `md5.dir`), who was asked, and `tips`: the branches and tags of this repository.

    `unread` are versions of DVC's files, by git's names, that don't say what they name: written by a filter,
    or links that lead nowhere. `shared` are the refs of the repositories that share the remote.
    """

    names: frozenset[str]
    unread: frozenset[str]
    sources: tuple[Source, ...]
    refs: Refs
    shared: Refs
    tips: dict[str, str]
    notes: tuple[str, ...]


def find_refs(project: repo.Project) -> Refs:
    """All refs of this repository and of its git remotes. Raises BrokenError for one that can't be asked."""
    root = project.git_root
    advertised = {
        f"remote {name}": references.find_advertised(root, name) for name in references.list_remotes(root)
    }
    return {"here": references.find_local(root)} | advertised


def find_shared(project: repo.Project, keep: Keep) -> Refs:
    """All refs of the repositories that share the remote. Raises BrokenError for one that can't be asked."""
    found: Refs = {}
    for url in keep.shared_with or ():
        try:
            found[url] = references.find_advertised(project.root, url)
        except BrokenError as error:
            raise _not_asked(url) from error
    return found


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
    names, unread, files = _read(root, (sha for _, _, sha in every), keep)
    names |= read_workspace(project)
    sources = [Source(repository=".", refs=len(every), files=files)]
    shared = find_shared(project, keep)
    for url in shared:
        progress(f"cloning {hide_credentials(url)}")
        theirs, dark, source = _read_other(project, url, keep)
        names |= theirs
        unread |= dark
        sources.append(source)
    branches = {
        name if place == "here" else f"{name} of {place}": sha
        for place, name, sha in every
        if name.startswith(("refs/heads/", "refs/remotes/", "refs/tags/"))
    }
    return Named(
        names=frozenset(names),
        unread=frozenset(unread),
        sources=tuple(sources),
        refs=refs,
        shared=shared,
        tips=branches,
        notes=tuple(_note(project, refs)),
    )


def _note(project: repo.Project, refs: Refs) -> Iterator[str]:
    """Whom nobody asked."""
    if len(refs) == 1:
        yield "git has no remote here: only this clone's own revisions were asked"
    if (project.git_root / ".gitmodules").exists():
        yield "submodules were not asked: one whose data is on this remote belongs to `keep: shared_with`"


def _read(folder: Path, tips: Iterable[str], keep: Keep) -> tuple[set[str], set[str], int]:
    """The names in all versions of dvc.lock and .dvc files, those that name nothing readable, and how many
    there are.
    """
    commits = list(dict.fromkeys(tips))
    if keep.commits == "all":
        listed = references.list_everywhere(folder, commits)
    else:
        listed = references.list_at(folder, commits)
    names: set[str] = set()
    unread = set(listed.dead_links)
    with git.Blobs(folder) as objects:
        for sha in sorted(listed.blobs):
            data = _read_blob(objects, folder, sha)
            found = _find_names(data)
            names |= found
            if data.strip() and not found and not _WORDS.search(data):
                unread.add(sha)
    return names, unread, len(listed.blobs) + len(listed.dead_links)


def _read_blob(objects: git.Blobs, folder: Path, sha: str) -> bytes:
    """A version's bytes, however many."""
    try:
        return objects.read(sha, name=f"a version of dvc.lock or of a .dvc file ({sha})")
    except UsageError:
        return git.run(folder, "cat-file", "blob", sha, timeout=references.PATIENCE)


def read_workspace(project: repo.Project) -> set[str]:
    """What the workspace's own files name, committed or not."""
    with repo.open_workspace(project) as files:
        found = [files.read(path) for path in files.paths() if references.is_dvc_file(path)]
    return set().union(*(_find_names(data) for data in found if data is not None))


def _read_other(project: repo.Project, url: str, keep: Keep) -> tuple[set[str], set[str], Source]:
    """What another repository's revisions name, and those of its versions that name nothing readable."""
    with TemporaryDirectory(prefix="mergegate-") as folder:
        mirror = Path(folder) / "mirror"
        try:
            git.run(
                project.root,
                *("clone", "--quiet", "--mirror", "--no-hardlinks", "--", url, str(mirror)),
                timeout=references.PATIENCE,
            )
        except git.GitError as error:
            raise _not_asked(url) from error
        name = hide_credentials(url)
        if git.ask(mirror, "rev-parse", "--is-shallow-repository") == "true":
            raise UsageError(f"{name} is a shallow clone: what its older commits need is not known")
        refs = references.find_local(mirror)
        names, unread, files = _read(mirror, refs.values(), keep)
        return names, unread, Source(repository=name, refs=len(refs), files=files)


def _not_asked(url: str) -> BrokenError:
    name = hide_credentials(url)
    return BrokenError(
        f"{name} shares the remote, and can't be cloned: what it needs is not known",
        hint=f"`git ls-remote {name}` says more; it stands under `keep: shared_with` of the policy",
    )


def _find_names(data: bytes) -> set[str]:
    return {name.decode() for name in _NAME.findall(data)}
