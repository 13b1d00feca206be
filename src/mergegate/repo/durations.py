"""How long stages took when they last ran here: a small JSON file in DVC's folder for temporary things."""

import math
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from mergegate import atomic
from mergegate.repo.project import Project

MOST_STAGES = 20_000
"""Stages whose durations are kept; beyond, those recorded longest ago go."""

_LARGEST = 8_000_000
_LONGEST_NAME = 1_000


class _File(msgspec.Struct):
    """Seconds by project folder, a space and the stage's address, the newest last."""

    schema: int = 1
    seconds: dict[str, float] = {}


def read_durations(project: Project) -> Mapping[str, float]:
    """Seconds by stage address; nothing where none were recorded or the file is damaged."""
    start = f"{project.prefix} "
    return {
        key[len(start) :]: seconds
        for key, seconds in _read(_place(project)).items()
        if key.startswith(start) and math.isfinite(seconds) and seconds >= 0
    }


def record_duration(project: Project, address: str, seconds: float) -> None:
    """Record how long a stage took, replacing what was known. Raises OSError where it can't be written."""
    place = _place(project)
    if place is None or len(address) > _LONGEST_NAME or not math.isfinite(seconds) or seconds < 0:
        return
    known = _read(place)
    key = f"{project.prefix} {address}"
    known.pop(key, None)
    known[key] = round(seconds, 3)
    newest = list(known.items())[-MOST_STAGES:]
    atomic.write_bytes(place, msgspec.json.encode(_File(seconds=dict(newest))))


def _place(project: Project) -> Path | None:
    """The file: beside what DVC keeps for itself and git ignores."""
    return project.dvc_root / ".dvc/tmp/mergegate/durations.json" if project.dvc_root else None


def _read(place: Path | None) -> dict[str, float]:
    """What the file holds; a guess of how long things take is no reason to stop."""
    if place is None:
        return {}
    with suppress(OSError, msgspec.DecodeError):
        if place.stat().st_size <= _LARGEST:
            return msgspec.json.decode(place.read_bytes(), type=_File).seconds
    return {}
