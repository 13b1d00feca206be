"""Send objects to a remote so that what is said to be there is there.

Each object is hashed before it is sent and seen on the remote, with its size, afterwards; a folder's list
goes last, and only once all its files are there, so that an interrupted push never looks like a finished one.
Nothing is remembered between two pushes: the remote alone is asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec

from mergegate.errors import ObjectError
from mergegate.records.pipeline import ObjectHash
from mergegate.repo.objects import Objects, location
from mergegate.repo.presence import Progress, Told, hash_objects, look_for, open_store, silent
from mergegate.repo.project import Project
from mergegate.repo.remote import Remote
from mergegate.repo.storage import Held
from mergegate.repo.workers import ask_each

_AT_ONCE = 128
_HASHERS = 4

Reason = Literal["not-here", "damaged", "refused", "not-seen", "withheld"]
"""`not-here`: neither the cache nor the remote has it; `damaged`: the cache holds other bytes under its name;
`refused`: the remote did not take it; `not-seen`: it was sent, and is not there with its size; `withheld`: a
list that was not sent, for files of it are missing."""


class Unpushed(msgspec.Struct, frozen=True):
    """An object that is not on the remote, or not whole, after the push; `message` is a sentence."""

    name: ObjectHash
    reason: Reason
    message: str


class Pushed(msgspec.Struct, frozen=True):
    """What a push did: md5s that were sent and then seen, the bytes sent, and how many were there before.

    `failed` names what the remote still lacks; the push is whole when it is empty. `where` is the remote.
    """

    where: str
    sent: tuple[str, ...] = ()
    bytes_sent: int = 0
    present: int = 0
    failed: tuple[Unpushed, ...] = ()


def push_objects(
    project: Project,
    names: Iterable[ObjectHash],
    *,
    remote: str = "",
    read_bytes: bool = False,
    progress: Progress | None = None,
) -> Pushed:
    """Send what the remote lacks of `names`; a folder's name stands for its list and all its files.

    `remote` names the remote, "" the default one. An object that is there with another size than recorded, or
    than the cache's, is sent again; with `read_bytes` also one with other bytes, for which all that is there
    is read. Raises ObjectError for no remote, RemoteError for one that can't be read at all; whatever is
    wrong with single objects is in `failed`.
    """
    push = _Push(project, open_store(project, remote), remote, progress or silent, read_bytes=read_bytes)
    return push.run([name for name in names if not name.files])


class _Push:
    """One push to one remote."""

    def __init__(
        self, project: Project, remote: Remote, name: str, progress: Progress, *, read_bytes: bool
    ) -> None:
        self.remote = remote
        self.read_bytes = read_bytes
        self.name = name
        self.objects = Objects(project)
        self.progress = progress
        self.failed: dict[str, Unpushed] = {}
        self.sent: dict[str, int] = {}
        self.present = 0

    def run(self, names: Sequence[ObjectHash]) -> Pushed:
        """Files first, then the lists whose files are all there."""
        lists = {location(name): name for name in names if name.is_dir}
        files = {location(name): name for name in names if not name.is_dir}
        inside: dict[str, set[str]] = {}
        for place, name in self._bring_lists(lists).items():
            listed = {ObjectHash(md5=md5, legacy=name.legacy) for md5 in self.objects.tree(name).values()}
            inside[place] = {location(each) for each in listed}
            files |= {location(each): each for each in listed if location(each) not in files}
        self._send_missing(files)
        self._look_again(files)
        ready = {}
        for place, parts in inside.items():
            lost = parts & self.failed.keys()
            if lost:
                self._fail(lists[place], "withheld", f"{len(lost):,} of its files are not on the remote")
            else:
                ready[place] = lists[place]
        self._send_missing(ready)
        return Pushed(
            where=self.remote.where,
            sent=tuple(sorted(place.replace("files/md5", "").replace("/", "") for place in self.sent)),
            bytes_sent=sum(self.sent.values()),
            present=self.present,
            failed=tuple(self.failed.values()),
        )

    def _bring_lists(self, lists: Mapping[str, ObjectHash]) -> dict[str, ObjectHash]:
        """The lists that can be read; those that are not here are fetched, for their files may be lost."""
        with suppress(ObjectError):  # told below, list by list
            self.objects.fetch(lists.values(), remote=self.name)
        readable = {}
        for place, name in lists.items():
            try:
                self.objects.tree(name)
                readable[place] = name
            except ObjectError as error:
                here = self.objects.have(name)
                self._fail(name, "damaged" if here else "not-here", error.message)
        return readable

    def _send_missing(self, names: Mapping[str, ObjectHash], *, read_bytes: bool = True) -> None:
        """Send those that the remote lacks, some at a time, and look for each afterwards."""
        wanted = {place: name for place, name in names.items() if place not in self.failed}
        told = look_for(self.remote, wanted, progress=self.progress)
        self._refuse_unreadable(told)
        lacking = [place for place, each in told.items() if not self._is_whole(wanted[place], each)]
        if self.read_bytes and read_bytes:
            lacking += self._find_damaged({place: wanted[place] for place in wanted.keys() - set(lacking)})
        self.present += len(wanted) - len(lacking)
        for start in range(0, len(lacking), _AT_ONCE):
            self.progress(f"sending to {self.remote.where}: {start:,} of {len(lacking):,} objects")
            self._send({place: wanted[place] for place in lacking[start : start + _AT_ONCE]}, told)

    def _look_again(self, names: Mapping[str, ObjectHash]) -> None:
        """Once something was sent, see what was there before a second time, and send what has gone since.

        Sending takes time, in which somebody else may clear the remote.
        """
        before = {place: name for place, name in names.items() if place not in self.sent}
        if self.sent:
            self.present = 0
            self._send_missing(before, read_bytes=False)

    def _refuse_unreadable(self, told: Mapping[str, Told]) -> None:
        """Nothing is sent where nothing could be asked.

        A storage may forbid to ask for what it lacks, and still take it: that alone stops nothing.
        """
        unknown = [
            each
            for each in told.values()
            if isinstance(each, BaseException) and not isinstance(each, FileNotFoundError | PermissionError)
        ]
        if unknown and len(unknown) == len(told):
            raise self.remote.explain(unknown[0])

    def _is_whole(self, name: ObjectHash, told: Told) -> bool:
        """Whether the remote has an object with the size that its record, or else the cache, gives."""
        if not isinstance(told, Held):
            return False
        # The size that is recorded with a list is that of the files in it.
        recorded = None if name.is_dir else name.size
        size = self.objects.size(name) if recorded is None else recorded
        return size is None or told.size == size

    def _find_damaged(self, names: Mapping[str, ObjectHash]) -> list[str]:
        """Those that the remote holds with other bytes, or does not hand out."""
        found = hash_objects(
            self.remote, {place: name.legacy for place, name in names.items()}, progress=self.progress
        )
        return [place for place, name in names.items() if found[place] != name.md5.removesuffix(".dir")]

    def _send(self, names: Mapping[str, ObjectHash], told: Mapping[str, Told]) -> None:
        """Hash, send and look for some objects."""
        sources = ask_each(self._open, list(names.values()), at_once=_HASHERS)
        opened = dict(zip(names, sources, strict=True))
        whole = {}
        for place, source in opened.items():
            if not isinstance(source, ObjectError):
                whole[place] = source
                continue
            here = self.objects.have(names[place])
            there = "" if isinstance(told[place], FileNotFoundError) else f"; {self._say(told[place])}"
            self._fail(names[place], "damaged" if here else "not-here", f"{source.message}{there}")
        failures = self.remote.upload([(source, place) for place, source in whole.items()])
        for place, failure in zip(list(whole), failures, strict=True):
            if failure is not None:
                del whole[place]
                said = self.remote.explain(failure).message.replace("can't be read", "did not take it")
                self._fail(names[place], "refused", said)
        seen = dict(zip(whole, self.remote.look(list(whole)), strict=True))
        for place, source in whole.items():
            size, found = source.stat().st_size, seen[place]
            if isinstance(found, Held) and found.size == size:
                self.sent[place] = size
            else:
                self._fail(names[place], "not-seen", f"it was sent, and {self._say(found)}")

    def _open(self, name: ObjectHash) -> Path | ObjectError:
        """The path of an object whose bytes were checked, or what is wrong with it."""
        try:
            return self.objects.open(name)
        except ObjectError as error:
            return error

    def _say(self, told: Told) -> str:
        """What the remote says of an object, for people."""
        if isinstance(told, Held):
            return f"{self.remote.where} holds {told.size:,} bytes under its name"
        if isinstance(told, FileNotFoundError):
            return f"{self.remote.where} has no such object"
        return f"what {self.remote.where} has can't be told ({type(told).__name__})"

    def _fail(self, name: ObjectHash, reason: Reason, message: str) -> None:
        self.failed[location(name)] = Unpushed(name, reason, message)
