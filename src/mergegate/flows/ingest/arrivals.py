"""What of a source's files is new: held against the dataset's list by name and md5, and brought beside it."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from mergegate.amounts import list_some
from mergegate.dag.ignore import Ignore
from mergegate.dag.merging.folders import merge_folders
from mergegate.dataset.source import READS, format_of, holds_rows
from mergegate.dataset.tree import count_rows
from mergegate.flows.ingest.gathering import Offer
from mergegate.flows.ingest.request import Progress, RefusedError
from mergegate.flows.ingest.targets import Target
from mergegate.records.ingest import IngestedFile
from mergegate.repo.hashing import hash_file
from mergegate.report.escaping import visible
from mergegate.report.numbers import size

MOST_NEW = 10_000
"""Files that one run may add."""

LONGEST_NAME = 200
LONGEST_PATH = 800
"""Bytes of a file's name, and of its path inside the dataset: what any disk and archive can hold."""

_SHOWN = 5
_MEGABYTE = 1_000_000
_SIGNS = frozenset('\\<>:"|?*`')
_DEVICES = frozenset({"con", "prn", "aux", "nul"})
_OTHERS = (".dvc", ".dvcignore", ".gitignore")


class Arrivals(msgspec.Struct, frozen=True):
    """The new files: `told` of each, `places` {path inside: where its bytes are}, and sentences."""

    told: tuple[IngestedFile, ...] = ()
    places: Mapping[str, Path] = {}
    notes: tuple[str, ...] = ()

    @property
    def md5s(self) -> dict[str, str]:
        """Path inside → md5."""
        return {each.path: each.md5 for each in self.told}


def find_arrivals(
    target: Target,
    offers: Sequence[Offer],
    ignored: Ignore,
    staging: Path,
    *,
    corrections: bool,
    progress: Progress,
) -> Arrivals:
    """The files that the dataset has not, each copied into the folder `staging` and hashed there.

    Raises RefusedError for a name that is not safe, for other bytes under a name that is taken unless
    `corrections` may be, for too much at once.
    """
    if not target.is_folder:
        offers = _only(target, offers)
    notes: list[str] = []
    rows = [each for each in offers if not target.is_folder or holds_rows(each.path)]
    others = [visible(each.path, 100) for each in offers if target.is_folder and not holds_rows(each.path)]
    if others:
        notes.append(f"Left out, for no file of rows is meant by such a name: {list_some(others, _SHOWN)}.")
    _check_names(target, [each.path for each in rows if each.path not in target.files], ignored)
    brought = _Bringing(target, staging, progress)
    told: list[IngestedFile] = []
    twins: list[str] = []
    held = {md5: name for name, md5 in target.files.items()}
    for offer in rows:
        file = brought.bring(offer)
        if file is None:
            continue
        if file.md5 in held and not file.corrects:
            twins.append(f"{visible(file.path, 100)} is {visible(held[file.md5], 100)}")
            continue
        held.setdefault(file.md5, file.path)
        told.append(file)
    if twins:
        notes.append(f"Left out, for its bytes are there under another name: {list_some(twins, _SHOWN)}.")
    corrected = [visible(file.path, 100) for file in told if file.corrects]
    if corrected and target.is_folder and not corrections:
        raise RefusedError(
            f"other bytes came under a name that is taken: {list_some(corrected, _SHOWN)}",
            hint="if they are corrections of what is there, run it with --corrections",
        )
    _check_shape(target, told)
    return Arrivals(tuple(told), {file.path: brought.places[file.path] for file in told}, tuple(notes))


class _Bringing:
    """Copies what may be new, one after another, within the policy's bound."""

    def __init__(self, target: Target, staging: Path, progress: Progress) -> None:
        source = target.dataset.source
        self._target = target
        self._staging = staging
        self._most = int((source.max_size_mb if source else 0) * _MEGABYTE)
        self._progress = progress
        self._bytes = 0
        self.places: dict[str, Path] = {}

    def bring(self, offer: Offer) -> IngestedFile | None:
        """The file that an offer is, None for one that the dataset has as it is."""
        known = self._target.files.get(offer.path)
        if known is not None and offer.hash() == known:
            return None
        self._check_room(offer.size)
        self._progress(f"bringing {visible(offer.path, 80)}")
        place = self._staging / str(len(self.places))
        offer.bring(place)
        md5, held = hash_file(place), place.stat().st_size
        if md5 == known:
            place.unlink()
            return None
        self._bytes += held
        self._check_room(0)
        if not held:
            raise RefusedError(f"{visible(offer.path, 200)} is empty", hint="wait until it is written")
        self.places[offer.path] = place
        if len(self.places) > MOST_NEW:
            raise RefusedError(f"more than {MOST_NEW:,} files are new", hint="bring fewer at a time")
        counted = count_rows(place) if format_of(offer.path) == "parquet" else None
        return IngestedFile(
            path=offer.path,
            md5=md5,
            bytes=held,
            rows=counted,
            corrects=known is not None and offer.path != "",
        )

    def _check_room(self, more: int) -> None:
        if self._bytes + more > self._most:
            raise RefusedError(
                f"the new files have more than {size(self._most)} together",
                hint="raise `source.max_size_mb` in the policy, or bring fewer at a time",
            )


def _only(target: Target, offers: Sequence[Offer]) -> list[Offer]:
    """What replaces a dataset of one file: the one file of its name."""
    name = posixpath.basename(target.dataset.path)
    if any(each.path != name for each in offers):
        odd = [visible(each.path, 100) for each in offers if each.path != name]
        raise RefusedError(
            f"the dataset is one file, {visible(name, 100)}, and the source wrote {list_some(odd, _SHOWN)}",
            hint=f"write {name} alone, or track a folder",
        )
    return [msgspec.structs.replace(each, path="") for each in offers]


def _check_names(target: Target, names: Sequence[str], ignored: Ignore) -> None:
    """Refuse names that some disk, DVC or git would not hold as they are."""
    taken = {name.casefold(): name for name in target.files}
    for name in names:
        shown = visible(name, 200)
        if not name:
            continue
        if fault := next(_faults(name), ""):
            raise RefusedError(f"the name {shown} {fault}", hint="rename the file at its source")
        if name.casefold() in taken:
            raise RefusedError(
                f"{shown} differs from {visible(taken[name.casefold()], 200)} by case alone",
                hint="rename the file at its source: some disks hold only one of the two",
            )
        taken[name.casefold()] = name
        if ignored.hides(f"{target.dataset.path}/{name}"):
            raise RefusedError(
                f"{shown} matches a pattern of .dvcignore: DVC would drop it",
                hint="rename it, or mend .dvcignore",
            )


def _faults(name: str) -> Iterator[str]:
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts):
        yield "leads out of the dataset"
    if not name.isprintable() or name != visible(name, LONGEST_PATH):
        yield "holds signs that can't be seen"
    if _SIGNS & set(name):
        yield "holds a sign that other systems give a meaning"
    if any(part.endswith((" ", ".")) or part.startswith((" ", "-", ".")) for part in parts):
        yield "has a part that begins or ends with a space, dot or dash"
    if any(part.casefold().partition(".")[0] in _DEVICES for part in parts):
        yield "is a device's on other systems"
    if parts[-1].endswith(_OTHERS):
        yield "is one of DVC's or git's own"
    if len(name.encode()) > LONGEST_PATH or any(len(part.encode()) > LONGEST_NAME for part in parts):
        yield "is too long"


def _check_shape(target: Target, told: Sequence[IngestedFile]) -> None:
    """One format in a folder, and no file in place of a folder."""
    if not target.is_folder:
        return
    formats = {form for name in target.files if (form := format_of(name)) and holds_rows(name)}
    for file in told:
        if formats and format_of(file.path) not in formats:
            raise RefusedError(
                f"{visible(file.path, 200)} is no {' or '.join(sorted(formats))}, as the dataset's files are",
                hint=f"write one format; {READS}",
            )
    merged = merge_folders(
        target.files, target.files, {**target.files, **{file.path: file.md5 for file in told}}
    )
    for clash in merged.clashes:
        raise RefusedError(
            f"{visible(clash.path, 200)} would be a file and a folder that holds {visible(clash.other, 200)}",
            hint="rename the file at its source",
        )
