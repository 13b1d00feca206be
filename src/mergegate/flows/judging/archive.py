"""Evidence opened: a hostile zip becomes a folder of DVC objects, each of them what its name says.

Nothing in the zip is believed: names must be those of objects, sizes are counted while bytes come, and an
object whose bytes have another checksum is refused.
"""

import errno
import re
import secrets
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, TypeVar

import msgspec

from mergegate.errors import BrokenError, ContractError
from mergegate.records.evidence import MANIFEST, SCHEMA, Manifest
from mergegate.records.reproduce import Reproduction
from mergegate.repo.hashing import hash_file

OBJECTS = "objects"
"""The folder of a DVC cache inside the evidence, and of what `open_evidence` writes."""

REPRODUCTION = "reproduce.json"
LARGEST_RECORD = 8 * 1024 * 1024
"""Bytes of the record of `mergegate reproduce`, and of what the evidence says of itself."""

Record = TypeVar("Record", Manifest, Reproduction)

_RECORDS = (MANIFEST, REPRODUCTION)

_OBJECT = re.compile(r"objects/((?:files/md5/)?[0-9a-f]{2}/[0-9a-f]{30}(?:\.dir)?)")
_FOLDER = re.compile(r"objects/(?:files/(?:md5/(?:[0-9a-f]{2}/)?)?|[0-9a-f]{2}/)?")
_CHUNK = 1024 * 1024
_LONGEST = 200
_LISTED = 512
"""Bytes of a zip's list for each entry; names of objects are short."""

_END, _END_64 = b"PK\x05\x06", b"PK\x06\x07"
_TAIL = struct.Struct("<4s4H2LH")
_LOCATOR = 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_ROUGH = 10_000_000
"""A file with no more bytes may be of any ratio."""

_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What Python's zipfile raises over bytes that are no zip."""


class Limits(msgspec.Struct, frozen=True):
    """What one zip may hold: bytes of its own, of one file and of all, entries, a file's ratio."""

    packed: int = 2_500_000_000
    file: int = 2_000_000_000
    total: int = 4_000_000_000
    entries: int = 20_000
    ratio: int = 500


class Evidence(msgspec.Struct, frozen=True):
    """Opened evidence: `cache` is laid out as a DVC cache; `objects` came from this zip, of `bytes` together.

    `reproduction` is what the zip's run says of a `mergegate reproduce`: a claim, None where it makes none.
    """

    cache: Path
    objects: int
    bytes: int
    reproduction: Reproduction | None = None


def open_evidence(file: Path, into: Path, limits: Limits | None = None) -> Evidence:
    """Open the zip `file` into the folder `into`; several zips may be opened into one, one after another.

    Raises ContractError for anything that `mergegate review --evidence` would not have written, for an object
    whose bytes are not its name, and for more than `limits` allow; BrokenError where the disk can't be
    written. What lies in the cache then is what its name says, whatever was raised.
    """
    limits = limits or Limits()
    cache = into / OBJECTS
    try:
        cache.mkdir(parents=True, exist_ok=True)
        _check_end(file, limits)
        with zipfile.ZipFile(file) as archive:
            entries = list(_check_entries(archive.infolist(), file.name, limits))
            _check_manifest(archive, file.name)
            return _extract(archive, entries, file.name, cache, limits)
    except _DAMAGED as error:
        raise _refused(file.name, f"it is no whole zip file ({_show(str(error))})") from error
    except OSError as error:
        if error.errno == errno.EINVAL:  # a place in the file that no file has
            raise _refused(file.name, "it is no whole zip file") from error
        raise BrokenError(
            f"the evidence can't be opened: {error.strerror or error}", hint="free some space"
        ) from error


def _check_end(file: Path, limits: Limits) -> None:
    """Bound what Python's zipfile would read into memory, and refuse what only zip64 can say."""
    size = file.stat().st_size
    if size > limits.packed:
        raise _too_much(file.name, f"it has {size:,} bytes, and at most {limits.packed:,} are opened")
    with file.open("rb") as stream:
        stream.seek(max(0, size - _TAIL.size - _LOCATOR))
        tail = stream.read()
    if len(tail) < _TAIL.size:
        raise _refused(file.name, "it is no whole zip file")
    mark, _, _, _, entries, listed, _, comment = _TAIL.unpack(tail[-_TAIL.size :])
    if mark != _END or comment:
        raise _refused(file.name, "it is no whole zip file, or has a comment at its end")
    if tail[: -_TAIL.size].startswith(_END_64):
        raise _refused(file.name, "it is a zip64 file")
    if entries > limits.entries or listed > limits.entries * _LISTED:
        raise _too_much(file.name, f"it has more than {limits.entries:,} entries")


def _check_entries(
    entries: list[zipfile.ZipInfo], name: str, limits: Limits
) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """Each entry that is a file, with where it belongs in the cache, "" for a record."""
    seen = set()
    total = 0
    if len(entries) > limits.entries:
        raise _too_much(name, f"it has {len(entries):,} entries, and at most {limits.entries:,} may be")
    for entry in entries:
        # What zipfile calls it ends at the first NUL.
        called = entry.orig_filename
        if called in seen:
            raise _refused(name, f"{_show(called)} stands in it twice")
        seen.add(called)
        _check_kind(entry, called, name)
        if _FOLDER.fullmatch(called):
            continue
        found = _OBJECT.fullmatch(called)
        if found is None and called not in _RECORDS:
            raise _refused(name, f"{_show(called)} is neither a DVC object nor one of {', '.join(_RECORDS)}")
        most = limits.file if found else LARGEST_RECORD
        if entry.file_size > most:
            raise _too_much(
                name, f"{_show(called)} has {entry.file_size:,} bytes, and at most {most:,} may be"
            )
        if entry.file_size > max(_ROUGH, limits.ratio * entry.compress_size):
            raise _too_much(name, f"{_show(called)} unpacks to more than {limits.ratio:,} times its bytes")
        total += entry.file_size
        if total > limits.total:
            raise _too_much(name, f"its files have more than {limits.total:,} bytes together")
        yield entry, found[1] if found else ""


def _check_kind(entry: zipfile.ZipInfo, called: str, name: str) -> None:
    """Refuse what is no plain file or folder, or not packed in a plain way."""
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _refused(name, f"{_show(called)} is no plain file, but a link or a device")
    if stat.S_ISDIR(mode) and not called.endswith("/"):
        raise _refused(name, f"{_show(called)} is a folder by its kind, and a file by its name")
    if entry.flag_bits & _ENCRYPTED:
        raise _refused(name, f"{_show(called)} is encrypted")
    if entry.compress_type not in _METHODS:
        raise _refused(name, f"{_show(called)} is packed by a method other than deflate")


def _extract(
    archive: zipfile.ZipFile,
    entries: list[tuple[zipfile.ZipInfo, str]],
    name: str,
    cache: Path,
    limits: Limits,
) -> Evidence:
    objects = total = 0
    reproduction = None
    for entry, place in entries:
        with archive.open(entry) as stream:
            if not place:
                if entry.orig_filename == REPRODUCTION:
                    reproduction = _read(stream, REPRODUCTION, Reproduction, name)
                continue
            total += _place(stream, cache / place, name, most=min(limits.file, limits.total - total))
            objects += 1
    return Evidence(cache, objects, total, reproduction)


def _place(stream: IO[bytes], target: Path, name: str, *, most: int) -> int:
    """Write an object and check it, then give it its name; its bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{secrets.token_hex(8)}.tmp")
    size = 0
    try:
        with part.open("xb") as file:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > most:  # whatever its header says
                    raise _too_much(name, f"its files have more than {most:,} bytes from {target.name} on")
                file.write(chunk)
        digits = target.parent.name + target.name.removesuffix(".dir")
        found = hash_file(part)
        if found != digits:
            if target.parent.parent.name != "md5" and hash_file(part, legacy=True) == digits:
                raise _ambiguous(name, digits)
            raise _refused(name, f"the object {digits} in it has other bytes (md5 {found})")
        part.chmod(0o444)
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return size


def _check_manifest(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse evidence in another form than this one."""
    if MANIFEST not in archive.namelist():
        raise _another(name, f"it has no {MANIFEST}")
    with archive.open(MANIFEST) as stream:
        manifest = _read(stream, MANIFEST, Manifest, name)
    if manifest.schema != SCHEMA:
        raise _another(name, f"it has the form {manifest.schema} of mergegate {_show(manifest.mergegate)}")


def _another(name: str, why: str) -> ContractError:
    hint = "let review.yml install the same mergegate as comment.yml, then run it again"
    return ContractError(
        f"{why}, and this mergegate reads the form {SCHEMA}", file=name, hint=hint, code="evidence-refused"
    )


def _read(stream: IO[bytes], called: str, kind: type[Record], name: str) -> Record:
    data = stream.read(LARGEST_RECORD + 1)
    try:
        if len(data) > LARGEST_RECORD:
            raise ValueError(f"it has more than {LARGEST_RECORD:,} bytes")
        return msgspec.json.decode(data, type=kind)
    except (ValueError, RecursionError) as error:
        raise _refused(name, f"its {called} is not what mergegate writes: {_show(str(error))}") from error


def _show(text: str) -> str:
    """A name from the zip, or a message about it, as one short line that can be shown."""
    shown = ascii(text)[1:-1]
    return shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…"


def _refused(name: str, why: str) -> ContractError:
    hint = (
        "run the review workflow again; nothing but what `mergegate review --evidence` writes may be uploaded"
    )
    return ContractError(why, file=name, hint=hint, code="evidence-refused")


def _ambiguous(name: str, digits: str) -> ContractError:
    """DVC 2 left line ends out of its checksums: who uploads could choose among many files of one name."""
    return ContractError(
        f"the object {digits} in it has line ends CRLF, of which DVC 2's checksum says nothing, so that "
        "other bytes have the same name",
        file=name,
        hint="record it with DVC 3: `dvc cache migrate --dvc-files`, then `dvc push`, and commit",
        code="evidence-refused",
    )


def _too_much(name: str, why: str) -> ContractError:
    return ContractError(
        why, file=name, hint="track or judge less data in one change, or split it", code="evidence-refused"
    )
