"""Whether a remote holds what a revision names: each list, each file of each list, by size or by bytes."""

import shlex
from collections.abc import Callable, Iterator, Sequence

from mergegate import repo
from mergegate.amounts import amount
from mergegate.errors import ObjectError, RemoteError
from mergegate.flows.verify.findings import find, name_some
from mergegate.flows.verify.wanted import Wanted
from mergegate.records.pipeline import ObjectHash
from mergegate.records.verify import RemoteCheck, VerifyFinding
from mergegate.repo.objects import UnseenError, location
from mergegate.repo.presence import Told, hash_objects, look_for, open_store
from mergegate.repo.remote import KeepsVersionsError, Remote
from mergegate.repo.storage import Held

Progress = Callable[[str], None]


def check_remote(
    project: repo.Project,
    objects: repo.Objects,
    name: str,
    wanted: Sequence[Wanted],
    *,
    push: str,
    read_bytes: bool,
    progress: Progress,
) -> tuple[RemoteCheck, list[VerifyFinding]]:
    """Ask one remote for all that it should hold; `push` is the command that sends what it lacks."""
    unasked = RemoteCheck(name=name, objects=0, missing=0, hashed=0, bytes=0)
    lists = [each.name for each in wanted if each.name.is_dir]
    try:
        store = open_store(project, name)
        progress(f"reading the lists of {amount(len(lists), 'folder')}")
        _bring(objects, lists, name)
        check = _Check(store, objects, wanted, push, progress)
        if read_bytes:
            check.read_bytes()
        return check.summary(), list(check.findings())
    except KeepsVersionsError as error:
        kind = "object-unreadable"
        mend = f"dvc pull --remote {shlex.quote(name)}" if name else "dvc pull"
        return unasked, [find(kind, error.message, mend, known=False, remote=name)]
    except RemoteError as error:
        mend = error.hint.replace("check network and credentials: ", "").strip()
        return unasked, [find("remote-unreadable", error.message, mend, known=False, remote=name)]
    except ObjectError as error:
        return unasked, [find("no-remote", error.message, f"{error.hint}, then `{push}`", remote=name)]


def _bring(objects: repo.Objects, lists: Sequence[ObjectHash], remote: str) -> None:
    """Fetch the lists that are not here; what a remote lacks or refuses is told list by list.

    Raises RemoteError for one that hands out none at all.
    """
    try:
        objects.fetch(lists, remote=remote)
    except RemoteError:
        if not any(objects.have(name) for name in lists):
            raise
    except ObjectError:
        return


class _Check:
    """What one remote says of all objects that it should hold."""

    def __init__(
        self, store: Remote, objects: repo.Objects, wanted: Sequence[Wanted], push: str, progress: Progress
    ) -> None:
        self.store = store
        self.objects = objects
        self.push = push
        self.progress = progress
        self.inside: list[tuple[Wanted, dict[str, ObjectHash] | ObjectError]] = [
            (each, self._open(each.name)) for each in wanted
        ]
        names = {location(each.name): each.name for each, _ in self.inside}
        for _, listed in self.inside:
            if isinstance(listed, dict):
                names |= {location(name): name for name in listed.values()}
        self.names = names
        self.told = look_for(store, names, progress=progress)
        self.hashed: dict[str, str | BaseException] = {}
        unknown = [each for each in self.told.values() if _is_unknown(each)]
        if unknown and len(unknown) == len(self.told):
            raise store.explain(unknown[0])  # type: ignore[arg-type]

    def read_bytes(self) -> None:
        """Bring and hash each object that is there; nothing is kept."""
        there = {
            place: self.names[place].legacy for place, told in self.told.items() if isinstance(told, Held)
        }
        self.hashed = hash_objects(self.store, there, progress=self.progress)

    def summary(self) -> RemoteCheck:
        """The numbers."""
        sizes = [told.size for told in self.told.values() if isinstance(told, Held)]
        missing = sum(isinstance(told, FileNotFoundError) for told in self.told.values())
        return RemoteCheck(
            name=self.store.name,
            objects=len(self.told),
            missing=missing,
            hashed=sum(isinstance(each, str) for each in self.hashed.values()),
            bytes=sum(sizes),
        )

    def findings(self) -> Iterator[VerifyFinding]:
        """What is not as it should be, path by path."""
        for wanted, listed in self.inside:
            place = location(wanted.name)
            own = {wanted.path: wanted.name}
            if isinstance(self.told[place], FileNotFoundError):
                message = f"{self.store.where} has no object of {wanted.path} ({wanted.name.md5})"
                yield self._find("not-on-remote", wanted, message, own)
            elif isinstance(listed, UnseenError):
                message = f"the files of {wanted.path} are not known: {listed.message}"
                yield self._find_unread(wanted, message, own, mend=listed.hint)
            elif isinstance(listed, ObjectError) and not _is_unknown(self.told[place]):
                yield self._find("wrong-bytes", wanted, listed.message, own)
            files = own if not isinstance(listed, dict) else own | listed
            inner = listed if isinstance(listed, dict) else {}
            lost = {
                path: name
                for path, name in inner.items()
                if isinstance(self.told[location(name)], FileNotFoundError)
            }
            if lost:
                there = isinstance(self.told[place], Held)
                have = f"{self.store.where} has the list of {wanted.path} and " if there else ""
                lacks = f"{amount(len(lost), 'file')} of {len(inner):,} missing: {name_some(list(lost))}"
                message = f"{have}{lacks}" if there else f"{wanted.path}: {lacks} on {self.store.where}"
                yield self._find("list-without-files" if there else "not-on-remote", wanted, message, lost)
            yield from self._check_unknown(wanted, files)
            if isinstance(listed, dict):
                yield from self._check_sizes(wanted, inner)
            yield from self._check_bytes(wanted, files)

    def _check_unknown(self, wanted: Wanted, files: dict[str, ObjectHash]) -> Iterator[VerifyFinding]:
        """Objects of which the storage would not say anything, as with 403."""
        unknown = {path: name for path, name in files.items() if _is_unknown(self.told[location(name)])}
        unknown |= {
            path: name
            for path, name in files.items()
            if isinstance(self.hashed.get(location(name)), BaseException)
        }
        if unknown:
            first = location(next(iter(unknown.values())))
            said = self.told[first] if _is_unknown(self.told[first]) else self.hashed[first]
            why = self.store.explain(said).message if isinstance(said, BaseException) else ""
            message = f"{amount(len(unknown), 'object')} of {wanted.path} can't be asked for: {why}"
            yield self._find_unread(wanted, message, unknown)

    def _check_sizes(self, wanted: Wanted, inner: dict[str, ObjectHash]) -> Iterator[VerifyFinding]:
        """Sizes against the record: a file's own, a folder's sum; which file is told by the cache's."""
        own = self.told[location(wanted.name)]
        if not wanted.name.is_dir:
            size = wanted.name.size
            if isinstance(own, Held) and size is not None and own.size != size:
                message = f"{wanted.path} has {size:,} bytes, and {own.size:,} on {self.store.where}"
                yield self._find("wrong-size", wanted, message, {wanted.path: wanted.name})
            return
        length = self.objects.size(wanted.name)
        if isinstance(own, Held) and length is not None and own.size != length:
            message = (
                f"the list of {wanted.path} has {length:,} bytes, and {own.size:,} on {self.store.where}"
            )
            yield self._find("wrong-size", wanted, message, {wanted.path: wanted.name})
        if not inner:
            return
        sizes = {path: self.told[location(name)] for path, name in inner.items()}
        known = {path: told.size for path, told in sizes.items() if isinstance(told, Held)}
        if wanted.name.size is None or (len(known) == len(inner) and sum(known.values()) == wanted.name.size):
            return
        other = {
            path: inner[path]
            for path, size in known.items()
            if (here := self.objects.size(inner[path])) is not None and here != size
        }
        if other:
            message = f"{amount(len(other), 'file')} of {wanted.path} with another size than here on "
            yield self._find(
                "wrong-size", wanted, f"{message}{self.store.where}: {name_some(list(other))}", other
            )
        elif len(known) == len(inner):
            total = sum(known.values())
            message = f"{wanted.path} has {wanted.name.size:,} bytes, and {total:,} on {self.store.where}"
            yield self._find("wrong-size", wanted, message, inner)

    def _check_bytes(self, wanted: Wanted, files: dict[str, ObjectHash]) -> Iterator[VerifyFinding]:
        """Bytes against names, where they were read."""
        wrong = {
            path: name
            for path, name in files.items()
            if isinstance(found := self.hashed.get(location(name)), str)
            and found != name.md5.removesuffix(".dir")
        }
        if wrong:
            message = f"{self.store.where} holds other bytes under the name of {name_some(list(wrong))}"
            yield self._find("wrong-bytes", wanted, message, wrong)

    def _find(self, kind: str, wanted: Wanted, message: str, names: dict[str, ObjectHash]) -> VerifyFinding:
        mend = f"{self.push} --bytes" if kind == "wrong-bytes" else self.push
        lost = sum(not self.objects.have(name) for name in names.values())
        if lost:
            message += (
                f"; this machine's cache lacks {lost:,} of them too, so mend it where the data is whole"
            )
        return find(
            kind,
            message,
            mend,
            stage=wanted.by,
            path=wanted.path,
            remote=self.store.name,
            objects=[name.md5 for name in names.values()],
        )

    def _find_unread(
        self, wanted: Wanted, message: str, names: dict[str, ObjectHash], mend: str = ""
    ) -> VerifyFinding:
        return find(
            "object-unreadable",
            message,
            mend or f"have the right to read them on {self.store.where}, then run this again",
            known=False,
            stage=wanted.by,
            path=wanted.path,
            remote=self.store.name,
            objects=[name.md5 for name in names.values()],
        )

    def _open(self, name: ObjectHash) -> dict[str, ObjectHash] | ObjectError:
        """A folder's files, empty for a file; or why its list can't be had."""
        if not name.is_dir:
            return {}
        try:
            tree = self.objects.tree(name)
        except ObjectError as error:
            return error
        return {path: ObjectHash(md5=md5, legacy=name.legacy) for path, md5 in tree.items()}


def _is_unknown(told: Told) -> bool:
    return isinstance(told, BaseException) and not isinstance(told, FileNotFoundError)
