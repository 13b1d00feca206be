"""What a remote holds against what revisions need of it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress

import msgspec

from mergegate import dag, repo
from mergegate.config.keep import Keep
from mergegate.dag.origins import find_sources
from mergegate.errors import BrokenError, ConfigError, MergegateError, ObjectError, UsageError
from mergegate.flows.keep.revisions import Named, find_named
from mergegate.flows.policies import choose_policy
from mergegate.flows.verify.wanted import list_wanted
from mergegate.records.keep import Lost
from mergegate.records.pipeline import ObjectHash
from mergegate.records.review import Revision
from mergegate.repo.presence import open_store
from mergegate.repo.remote import Remote
from mergegate.repo.settings import read_settings
from mergegate.repo.storage import Held

MOST_LOST = 50
"""Lost objects that an answer lists."""

_PLACE = re.compile(r"(?P<new>files/md5/)?(?P<folder>[0-9a-f]{2})/(?P<rest>[0-9a-f]{30}(?:\.dir)?)")
_LISTS_AT_ONCE = 200

Progress = Callable[[str], None]


class Inventory(msgspec.Struct, frozen=True):
    """What is there and what is needed.

    `held`: place on the remote → what it says, of DVC objects alone; `needed`: the names that revisions give,
    and those in the lists that they name. `lost_lists` are nowhere, `unread` the versions of DVC's files that
    could not be read; neither holds what was given up.
    """

    remote: Remote
    named: Named
    held: dict[str, Held]
    other_files: int
    needed: frozenset[str]
    lost: tuple[Lost, ...]
    lost_lists: tuple[str, ...]
    unread: tuple[str, ...] = ()


def read_keep(project: repo.Project) -> Keep:
    """The policy's `keep`, as the target branch has it; the defaults without a policy. Raises ConfigError."""
    with repo.open_workspace(project) as files:
        try:
            return choose_policy(project, files, base=None, file=None).policy.keep
        except ConfigError:
            raise
        except UsageError:
            return Keep()


def take(
    project: repo.Project, keep: Keep, name: str, *, without: Iterable[str], progress: Progress
) -> Inventory:
    """Ask every revision and the remote. `without` are lists that are nowhere and versions that can't be
    read, and are given up.

    Fetches folders' lists into DVC's cache; changes nothing else. Raises as `find_named`, RemoteError for a
    remote that can't be listed.
    """
    remote = open_store(project, name)
    named = find_named(project, keep, progress=progress)
    progress(f"listing {remote.where}")
    everything = dict(remote.walk(""))
    held = {place: told for place, told in everything.items() if name_at(place)}
    there = {name_at(place): place for place in held}
    needed = set(named.names)
    lost: list[Lost] = []
    lost_lists: list[str] = []
    lists = sorted(each for each in named.names if each.endswith(".dir"))
    for start in range(0, len(lists), _LISTS_AT_ONCE):
        progress(f"reading folders' lists: {start:,} of {len(lists):,}")
        some = {each: _hash(each, there) for each in lists[start : start + _LISTS_AT_ONCE]}
        for each, listed in _read_lists(project, some, name):
            if listed is None:
                lost_lists += [each] * (each not in without)
                continue
            needed |= listed
            lost += (Lost(md5=md5, by=f"the list {each}") for md5 in sorted(listed - there.keys()))
    lost += _find_lost(project, named, remote, there)
    return Inventory(
        remote=remote,
        named=named,
        held=held,
        other_files=len(everything) - len(held),
        needed=frozenset(needed),
        lost=tuple(lost),
        lost_lists=tuple(lost_lists),
        unread=tuple(sorted(named.unread.difference(without))),
    )


def find_default(project: repo.Project) -> str:
    """The name of the default DVC remote, "" without one."""
    return read_settings(project.dvc_root / ".dvc").default.lower() if project.dvc_root else ""


def name_at(place: str) -> str:
    """The name of the object at a place of a remote, "" for what is none."""
    match = _PLACE.fullmatch(place)
    return match["folder"] + match["rest"] if match else ""


def is_legacy(place: str) -> bool:
    """Whether DVC 2 put an object there."""
    return not place.startswith("files/md5/")


def _hash(name: str, there: Mapping[str, str]) -> ObjectHash:
    return ObjectHash(md5=name, legacy=name in there and is_legacy(there[name]))


def _read_lists(
    project: repo.Project, lists: Mapping[str, ObjectHash], remote: str
) -> Iterator[tuple[str, frozenset[str] | None]]:
    """The names in each list, None for one that is nowhere or damaged."""
    objects = repo.Objects(project)
    with suppress(ObjectError):  # told below, list by list
        objects.fetch(lists.values(), remote=remote)
    for name, hash_ in lists.items():
        try:
            # Objects remembers every list that it read, and all together may be more than fit.
            yield name, frozenset(repo.Objects(project).tree(hash_).values())
        except ObjectError:
            yield name, None


def _find_lost(
    project: repo.Project, named: Named, remote: Remote, there: Mapping[str, str]
) -> Iterator[Lost]:
    """What branches and tags name as pushed to this remote, and it lacks."""
    seen: set[str] = set()
    default = find_default(project)
    for sha, ref in {sha: ref for ref, sha in reversed(named.tips.items())}.items():
        with suppress(MergegateError), repo.open_commit(project, Revision(name=ref, sha=sha)) as files:
            pipeline = dag.read(files, at=ref)
            for wanted in list_wanted(pipeline, find_sources(files, pipeline, at=ref)):
                ours = (wanted.remote.lower() or default) == remote.name and not wanted.name.files
                if ours and wanted.name.md5 not in there and wanted.name.md5 not in seen:
                    seen.add(wanted.name.md5)
                    yield Lost(md5=wanted.name.md5, by=f"{wanted.path} at {ref}")


def refuse_unknown(inventory: Inventory) -> None:
    """Raise BrokenError while it can't be known what lists, or versions of DVC's files, name."""
    if inventory.unread:
        some = ", ".join(inventory.unread[:3]) + (", …" if len(inventory.unread) > 3 else "")
        raise BrokenError(
            f"{len(inventory.unread):,} versions of DVC's files don't say what they name: {some}",
            hint="look with `git cat-file blob ID`: Git LFS, a filter, or a link that leads nowhere? "
            "Store DVC's files in git as they are, or give each version up with `--without ID`",
        )
    listed = inventory.lost_lists
    if listed:
        some = ", ".join(listed[:3]) + (", …" if len(listed) > 3 else "")
        raise BrokenError(
            f"{len(listed):,} lists of folders are nowhere, and what they name can't be known: {some}",
            hint="push them where they are (`mergegate push REV`), or give each up with `--without ID`",
        )
