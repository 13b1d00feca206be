"""What the stages that may run must read and no running stage writes: paths, and the objects behind them."""

from collections.abc import Callable, Collection, Iterator, Mapping

import msgspec

from mergegate.dag.files import Tree
from mergegate.dag.outputs import Made, Outputs
from mergegate.errors import ObjectError
from mergegate.records.pipeline import LockedStage, ObjectHash, Stage
from mergegate.records.plan import Needed

Size = Callable[[ObjectHash], int | None]
"""Bytes of an object in this machine's cache, None for one that it lacks."""


class Part(msgspec.Struct, frozen=True):
    """A path that a stage reads, and the output that it is or lies in."""

    path: str
    made: Made

    @property
    def inside(self) -> str:
        """The way from the output to the path, "" where it is the whole."""
        return self.path[len(self.made.path) + 1 :] if self.path != self.made.path else ""


def parts(stage: Stage, outputs: Outputs) -> Iterator[Part]:
    """All outputs that a stage reads, wholly or a part of each."""
    for path in (*stage.deps, *(source.file for source in stage.params)):
        for made in outputs.of(path):
            # A dependency that holds several outputs needs each of them.
            yield Part(path if path.startswith(f"{made.path}/") else made.path, made)


class Count(msgspec.Struct, frozen=True):
    """What all needed paths come to, each object once; None where a part is unknown."""

    objects_missing: int | None
    bytes_missing: int | None


class Needs:
    """Counts objects; `tree` gives a folder's list and raises ObjectError where it is not at hand."""

    def __init__(self, outputs: Outputs, tree: Tree, size: Size) -> None:
        self._outputs = outputs
        self._tree = tree
        self._size = size
        self._listed: dict[str, list[ObjectHash] | None] = {}

    def find(
        self,
        readers: Collection[Stage],
        running: Collection[str],
        blocks: Mapping[str, LockedStage],
    ) -> tuple[Needed, ...]:
        """What the stages `readers` read that no stage of the addresses `running` writes.

        `blocks` are head's, by address: of a part of a folder whose list is not at hand, they know the hash.
        """
        wanted: dict[str, tuple[Part, ObjectHash, dict[str, None]]] = {}
        for stage in readers:
            for part in parts(stage, self._outputs):
                if part.made.stage in running or not part.made.cached:
                    continue
                name = self._name(part, blocks.get(stage.address))
                if name is not None:
                    wanted.setdefault(part.path, (part, name, {}))[2][stage.address] = None
        whole = {path for path, (part, _, _) in wanted.items() if not part.inside}
        needed = []
        for path, (part, name, by) in sorted(wanted.items()):
            if part.inside and part.made.path in whole:
                wanted[part.made.path][2].update(by)
                continue
            needed.append((path, name, by))
        return tuple(self._count(path, name, tuple(by)) for path, name, by in needed)

    def total(self, needed: Collection[Needed]) -> Count:
        """The sum over all paths, an object that several hold counted once."""
        if any(each.missing is None for each in needed):
            return Count(None, None)
        sizes = [each.bytes_missing for each in needed]
        missing = {name.md5 for each in needed for name in self._lacking(each)}
        known = sum(size for size in sizes if size is not None) if None not in sizes else None
        return Count(len(missing), known if missing else 0)

    def _lacking(self, needed: Needed) -> list[ObjectHash]:
        return [name for name in self._listed.get(needed.path) or [] if self._size(name) is None]

    def _name(self, part: Part, block: LockedStage | None) -> ObjectHash | None:
        """The object of a part: of a file in a folder its own, of a folder in a folder none."""
        whole = part.made.hash
        if not part.inside or whole is None:
            return whole
        try:
            md5 = self._tree(whole).get(part.inside)
        except ObjectError:
            md5 = None
        if md5 is not None:
            return ObjectHash(md5=md5, legacy=whole.legacy)
        deps = block.deps if block is not None else ()
        locked = next((dep.hash for dep in deps if dep.path == part.path), None)
        return locked if locked is not None and not locked.is_dir else self._folder(part, whole, locked)

    def _folder(self, part: Part, whole: ObjectHash, locked: ObjectHash | None) -> ObjectHash | None:
        """A folder in a folder has no object of its own: its files are those of the whole's list."""
        try:
            listed = self._tree(whole)
        except ObjectError:
            return locked or whole
        start = f"{part.inside}/"
        files = tuple((path[len(start) :], md5) for path, md5 in listed.items() if path.startswith(start))
        if not files:
            return None
        name = locked.md5 if locked is not None else whole.md5
        return ObjectHash(
            md5=name,
            nfiles=len(files),
            size=locked.size if locked else None,
            legacy=whole.legacy,
            files=files,
        )

    def _count(self, path: str, name: ObjectHash, by: tuple[str, ...]) -> Needed:
        listed = self._listed[path] = self._list(name)
        if listed is None:
            return Needed(
                path=path,
                md5=name.md5,
                by=by,
                objects=name.nfiles,
                bytes=name.size,
                missing=None,
                bytes_missing=None,
            )
        held = [self._size(each) for each in listed]
        here = sum(size for size in held if size is not None)
        missing = held.count(None)
        total = name.size if missing else here
        return Needed(
            path=path,
            md5=name.md5,
            by=by,
            objects=len(listed),
            bytes=total,
            missing=missing,
            bytes_missing=0 if not missing else max(0, total - here) if total is not None else None,
        )

    def _list(self, name: ObjectHash) -> list[ObjectHash] | None:
        """The objects behind a name, each once; None where a folder's list is not at hand."""
        if not name.is_dir:
            return [name]
        try:
            listed = dict(name.files) or self._tree(name)
        except ObjectError:
            return None
        return [ObjectHash(md5=md5, legacy=name.legacy) for md5 in dict.fromkeys(listed.values())]
