"""`mergegate backup`: what a remote must keep, copied to a second one and read back there."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

import msgspec

from mergegate import __version__, repo
from mergegate.errors import ObjectError, UsageError
from mergegate.flows.keep.inventory import MOST_LOST, Inventory, is_legacy, name_at, read_keep, take
from mergegate.records.keep import BackupAnswer
from mergegate.records.pipeline import ObjectHash
from mergegate.repo.hashing import hash_file
from mergegate.repo.presence import hash_objects, open_store
from mergegate.repo.remote import Remote
from mergegate.repo.storage import Held

_AT_ONCE = 64


class Request(msgspec.Struct, frozen=True):
    """`target` names the second remote, `source` the first, "" the default one.

    `check` reads and hashes what the second one holds already, too.
    """

    start: Path
    target: str
    source: str = ""
    check: bool = False


def back_up(request: Request, *, progress: Callable[[str], None] = lambda step: None) -> BackupAnswer:
    """Copy what the target lacks of all that must be kept; safe to end and to run again.

    Every copied object is hashed before it is sent and read back and hashed afterwards; a list is sent once
    all its files are there. Raises as `survey`; what single objects lack is in the answer.
    """
    project = repo.locate(request.start)
    target = open_store(project, request.target)
    inventory = take(project, read_keep(project), request.source, without=(), progress=progress)
    if target.name == inventory.remote.name:
        raise _same(target)
    copy = _Copy(project, inventory, target, check=request.check, progress=progress)
    places = [place for place in inventory.held if name_at(place) in inventory.needed]
    copy.run(places)
    return BackupAnswer(
        mergegate=__version__,
        source=inventory.remote.where,
        target=target.where,
        needed=len(places),
        present=copy.present,
        copied=len(copy.copied),
        copied_bytes=sum(inventory.held[place].size for place in copy.copied),
        checked=copy.checked,
        failed=tuple(copy.failed.values()),
        lost=inventory.lost[:MOST_LOST],
        lost_total=len(inventory.lost),
        lost_lists=inventory.lost_lists,
        unread=inventory.unread,
        notes=inventory.named.notes,
    )


class _Copy:
    """One copy, batch by batch."""

    def __init__(
        self,
        project: repo.Project,
        inventory: Inventory,
        target: Remote,
        *,
        check: bool,
        progress: Callable[[str], None],
    ) -> None:
        self.project = project
        self.inventory = inventory
        self.target = target
        self.check = check
        self.progress = progress
        self.copied: list[str] = []
        self.failed: dict[str, str] = {}
        self.present = 0
        self.checked = 0

    def run(self, places: Sequence[str]) -> None:
        """Files first, then the lists whose files are all there."""
        self.progress(f"listing {self.target.where}")
        there = dict(self.target.walk(""))
        self._refuse_same(there)
        whole = [p for p in places if p in there and there[p].size == self.inventory.held[p].size]
        if self.check:
            damaged = self._read_back(whole)
            whole = [place for place in whole if place not in damaged]
        self.present = len(whole)
        lacking = sorted(set(places) - set(whole))
        self._send([place for place in lacking if not place.endswith(".dir")])
        self._send(self._ready([place for place in lacking if place.endswith(".dir")]))

    def _refuse_same(self, there: Mapping[str, Held]) -> None:
        """Raise UsageError where the target is the source under another name, a copy that would be none.

        No URL tells that: mounts, links and hosts have several names. So what is sent to one is looked for in
        the other, if all objects that both hold are equally old.
        """
        held = self.inventory.held
        both = there.keys() & held.keys()
        if not both or any(there[place].modified != held[place].modified for place in both):
            return
        place = f"mergegate-{secrets.token_hex(16)}"
        with NamedTemporaryFile(prefix="mergegate-") as empty:
            [failure] = self.target.upload([(Path(empty.name), place)])
        if failure is not None:
            raise self.target.explain(failure)
        [seen] = self.inventory.remote.look([place])
        self.target.remove([place])
        if isinstance(seen, Held):
            raise _same(self.target)

    def _ready(self, lists: Iterable[str]) -> list[str]:
        """The lists whose files the copy has; another would look whole and not be."""
        lost = {name_at(place) for place in self.failed} | {each.md5 for each in self.inventory.lost}
        ready = []
        for place in lists:
            listed = repo.Objects(self.project).tree(_hash(place)).values()
            gone = lost.intersection(listed)
            if gone:
                self.failed[place] = f"{name_at(place)}: {len(gone):,} of its files are not in the copy"
            else:
                ready.append(place)
        return ready

    def _send(self, places: Sequence[str]) -> None:
        for start in range(0, len(places), _AT_ONCE):
            self.progress(f"copying to {self.target.where}: {start:,} of {len(places):,} objects")
            with TemporaryDirectory(prefix="mergegate-") as folder:
                files = self._bring(places[start : start + _AT_ONCE], Path(folder))
                failures = self.target.upload([(file, place) for place, file in files.items()])
            sent = []
            for place, failure in zip(files, failures, strict=True):
                if failure is None:
                    sent.append(place)
                else:
                    said = self.target.explain(failure).message.replace("can't be read", "did not take it")
                    self.failed[place] = f"{name_at(place)}: {said}"
            damaged = self._read_back(sent)
            self.failed |= damaged
            self.copied += [place for place in sent if place not in damaged]

    def _bring(self, places: Sequence[str], folder: Path) -> Mapping[str, Path]:
        """Files with the very bytes that the names say: the cache's, else those of the source."""
        files: dict[str, Path] = {}
        objects = repo.Objects(self.project)
        for place in places:
            try:
                files[place] = objects.open(_hash(place))
            except ObjectError:
                continue
        missing = [place for place in places if place not in files]
        parts = [folder / str(index) for index in range(len(missing))]
        source = self.inventory.remote
        for place, part, failure in zip(
            missing, parts, source.download(list(zip(missing, parts, strict=True))), strict=True
        ):
            if failure is not None:
                self.failed[place] = f"{name_at(place)}: {source.explain(failure).message}"
            elif hash_file(part, legacy=is_legacy(place)) != name_at(place).removesuffix(".dir"):
                self.failed[place] = f"{name_at(place)}: {source.where} holds other bytes under its name"
            else:
                files[place] = part
        return files

    def _read_back(self, places: Sequence[str]) -> dict[str, str]:
        """Those whose bytes in the copy are not what their names say, with a sentence."""
        found = hash_objects(
            self.target, {place: is_legacy(place) for place in places}, progress=self.progress
        )
        self.checked += len(places)
        return dict(self._explain(found))

    def _explain(self, found: Mapping[str, str | BaseException]) -> Iterator[tuple[str, str]]:
        for place, md5 in found.items():
            if isinstance(md5, BaseException):
                yield place, f"{name_at(place)}: {self.target.explain(md5).message}"
            elif md5 != name_at(place).removesuffix(".dir"):
                yield place, f"{name_at(place)}: {self.target.where} holds other bytes under its name"


def _same(target: Remote) -> UsageError:
    return UsageError(
        f"{target.where} is the remote to be copied", hint="name another: `dvc remote list` shows them"
    )


def _hash(place: str) -> ObjectHash:
    return ObjectHash(md5=name_at(place), legacy=is_legacy(place))
