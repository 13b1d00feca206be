"""The evidence of a review: every DVC object that it opened, in a folder that another machine can judge from.

Laid out as a DVC cache, so that the evidence of several reviews of one commit can be united.
"""

import os
import re
import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from mergegate import __version__, atomic
from mergegate.errors import BrokenError, UsageError
from mergegate.records.evidence import MANIFEST, SCHEMA, Manifest

OBJECTS = "objects"
REPRODUCTION = "reproduce.json"
LARGEST = 2_000_000_000
"""Bytes of all objects together, unless asked otherwise."""

MOST_OBJECTS = 19_000
"""A few less than the trusted job opens, folders being entries too."""

_KEPT = re.compile(r"(?:files/md5/)?[0-9a-f]{2}/[0-9a-f]{30}(?:\.dir)?")


def pack_evidence(
    opened: Mapping[str, Path], into: Path, *, reproduction: bytes | None = None, limit: int = LARGEST
) -> int:
    """Place the objects (where a cache keeps each → the file) in the folder `into`; their bytes together.

    Objects of an earlier review that this one did not open are removed. `reproduction` is what `mergegate
    reproduce` wrote of the same commit. Raises UsageError for more bytes than `limit`, too many objects and a
    folder that holds anything else, with nothing changed; BrokenError where the disk can't be written.
    """
    try:
        old = _list_old(into)
        sizes = {place: file.stat().st_size for place, file in opened.items()}
        total = sum(sizes.values()) + len(reproduction or b"")
        if total > limit:
            raise _too_much(total, limit, sizes)
        if len(sizes) > MOST_OBJECTS:
            raise UsageError(
                f"the evidence would have {len(sizes):,} objects, and at most {MOST_OBJECTS:,} may be",
                hint="let the policy name folders of fewer, larger files",
            )
        for place in old - opened.keys():
            (into / OBJECTS / place).unlink()
        for place, file in sorted(opened.items()):
            _place(file, into / OBJECTS / place, sizes[place])
        (into / OBJECTS).mkdir(parents=True, exist_ok=True)
        manifest = Manifest(schema=SCHEMA, mergegate=__version__)
        atomic.write_bytes(into / MANIFEST, msgspec.json.encode(manifest))
        if reproduction is None:
            (into / REPRODUCTION).unlink(missing_ok=True)
        else:
            atomic.write_bytes(into / REPRODUCTION, reproduction)
    except OSError as error:
        raise BrokenError(
            f"the evidence can't be written to {into}: {error.strerror or error}", hint="free some space"
        ) from error
    return total


def _list_old(into: Path) -> set[str]:
    """The objects of an earlier review in the folder, each where a cache keeps it."""
    found = set()
    for folder, folders, files in os.walk(into):
        for name in [*files, *(each for each in folders if (Path(folder) / each).is_symlink())]:
            path = (Path(folder) / name).relative_to(into).as_posix()
            place = path.removeprefix(f"{OBJECTS}/")
            if place != path and _KEPT.fullmatch(place):
                found.add(place)
            elif path not in (MANIFEST, REPRODUCTION):
                raise UsageError(
                    f"the folder {into} holds {path[:200]}, which is no evidence",
                    hint="name a folder of its own, or one that does not exist yet, by --evidence",
                )
    return found


def _place(file: Path, target: Path, size: int) -> None:
    """Another name for the same bytes, or a copy on another disk; under its name whole or not at all."""
    with suppress(FileNotFoundError):
        if not target.is_symlink() and target.stat().st_size == size:
            return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{secrets.token_hex(8)}.tmp")
    try:
        try:
            os.link(file, part)
        except OSError:
            shutil.copyfile(file, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _too_much(total: int, limit: int, sizes: Mapping[str, int]) -> UsageError:
    largest = max(sizes.values(), default=0)
    return UsageError(
        f"the evidence would have {total:,} bytes, the largest of {len(sizes):,} objects {largest:,}, and at "
        f"most {limit:,} may be",
        hint="allow more by --evidence-limit, or let the policy name smaller files",
    )
