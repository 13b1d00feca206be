"""`mergegate keep`: what a shared remote holds that no revision needs, and its removal."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from mergegate import __version__, repo
from mergegate.amounts import amount
from mergegate.config.keep import Keep
from mergegate.errors import BrokenError, UsageError
from mergegate.flows.keep.inventory import MOST_LOST, Inventory, name_at, read_keep, refuse_unknown, take
from mergegate.flows.keep.revisions import find_refs, find_shared, read_workspace
from mergegate.records.keep import KeepAnswer
from mergegate.repo.storage import Held

MOST_OBJECTS = 1_000
"""Objects that an answer lists."""

_AT_ONCE = 500


class Request(msgspec.Struct, frozen=True):
    """`remote` names the remote, "" the default one; `older_than_days` overrides the policy's.

    `without` are folders' lists that are nowhere, and versions that can't be read, and are given up.
    """

    start: Path
    remote: str = ""
    older_than_days: int | None = None
    without: tuple[str, ...] = ()


class Survey(msgspec.Struct, frozen=True):
    """What was found, and `places`, the objects on the remote that may go: lists before files."""

    project: repo.Project
    keep: Keep
    inventory: Inventory
    places: tuple[str, ...]
    answer: KeepAnswer


def survey(request: Request, *, progress: Callable[[str], None] = lambda step: None) -> Survey:
    """Find what the remote holds that nobody names and is old enough. Deletes nothing.

    Raises UsageError for a shallow clone, ConfigError for a wrong policy, BrokenError for a git remote or
    repository that can't be asked, RemoteError for a DVC remote that can't be listed.
    """
    project = repo.locate(request.start)
    keep = read_keep(project)
    days = keep.older_than_days if request.older_than_days is None else request.older_than_days
    inventory = take(project, keep, request.remote, without=request.without, progress=progress)
    unnamed = {
        place: told for place, told in inventory.held.items() if name_at(place) not in inventory.needed
    }
    before = datetime.now(UTC) - timedelta(days=days)
    old = {place: told for place, told in unnamed.items() if _is_old(told, before)}
    # An interrupted run must leave no list whose files are gone: that looks whole to DVC.
    places = tuple(sorted(old, key=lambda place: (not place.endswith(".dir"), place)))
    sizes = [told.size for told in inventory.held.values()]
    answer = KeepAnswer(
        mergegate=__version__,
        remote=inventory.remote.where,
        dry_run=True,
        sources=inventory.named.sources,
        held=len(sizes),
        held_bytes=sum(sizes),
        needed=len(sizes) - len(unnamed),
        needed_bytes=sum(sizes) - sum(told.size for told in unnamed.values()),
        unneeded=len(old),
        unneeded_bytes=sum(told.size for told in old.values()),
        young=len(unnamed) - len(old),
        other_files=inventory.other_files,
        lost=inventory.lost[:MOST_LOST],
        lost_total=len(inventory.lost),
        lost_lists=inventory.lost_lists,
        unread=inventory.unread,
        objects=tuple(name_at(place) for place in places[:MOST_OBJECTS]),
        notes=tuple(_note(keep, inventory, days)),
    )
    return Survey(project=project, keep=keep, inventory=inventory, places=places, answer=answer)


def delete(found: Survey, *, progress: Callable[[str], None] = lambda step: None) -> KeepAnswer:
    """Delete what the survey found, lists first, a number at a time; safe to end and to run again.

    Raises UsageError while the policy does not say who shares the remote, BrokenError while a list is nowhere
    or when a revision came or went since the survey; objects that can't be deleted are in the answer.
    """
    if found.keep.shared_with is None:
        raise UsageError(
            "the policy does not say which other repositories keep data on this remote: theirs would be lost",
            hint="write `keep: {shared_with: [URL]}` into mergegate.yaml on the target branch, [] for none",
        )
    refuse_unknown(found.inventory)
    progress("asking again whether anything moved")
    named = found.inventory.named
    if (
        find_refs(found.project) != named.refs
        or find_shared(found.project, found.keep) != named.shared
        or not read_workspace(found.project) <= named.names
    ):
        raise BrokenError(
            "a branch, a tag or the workspace changed while this looked", hint="run `mergegate keep` again"
        )
    remote = found.inventory.remote
    deleted, deleted_bytes = 0, 0
    failed: list[str] = []
    for start in range(0, len(found.places), _AT_ONCE):
        progress(f"deleting from {remote.where}: {start:,} of {len(found.places):,} objects")
        places = list(_unchanged(found, found.places[start : start + _AT_ONCE]))
        for place, failure in zip(places, remote.remove(places), strict=True):
            if failure is None or isinstance(failure, FileNotFoundError):
                deleted += 1
                deleted_bytes += found.inventory.held[place].size
            else:
                failed.append(f"{name_at(place)}: {remote.explain(failure).message}")
    return msgspec.structs.replace(
        found.answer, dry_run=False, deleted=deleted, deleted_bytes=deleted_bytes, failed=tuple(failed)
    )


def _unchanged(found: Survey, places: Sequence[str]) -> Iterator[str]:
    """Those that nobody wrote again since the survey."""
    for place, told in zip(places, found.inventory.remote.look(places), strict=True):
        if isinstance(told, Held) and _second(told) == _second(found.inventory.held[place]):
            yield place


def _second(told: Held) -> datetime | None:
    """When an object was written: S3 tells fractions of a second in a listing and none of one object."""
    return told.modified and told.modified.replace(microsecond=0)


def _is_old(told: Held, before: datetime) -> bool:
    """Whether an object was surely written before a moment."""
    return told.modified is not None and told.modified < before


def _note(keep: Keep, inventory: Inventory, days: int) -> Iterator[str]:
    yield from inventory.named.notes
    yield f"what nobody names is kept for {amount(days, 'day')} after it was written"
    if keep.commits == "tips":
        yield "only the last commit of each branch, tag and pull request was asked (`keep: commits: tips`)"
    if keep.shared_with is None:
        yield "nothing can be deleted until the policy says who shares the remote (`keep: shared_with`)"
