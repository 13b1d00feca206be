"""Three-way merge of dvc.lock, stage by stage: what stays states a run that one side made, whole.

A stage that only one side touched keeps that side's block. One that both touched, or whose inputs the merge
combines from both so that no run has seen them, is left out: without a block `dvc repro` must run it.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from mergegate.dag.merging.blocks import EMPTY, SCHEMA, Block, Lock, read_lock, write_lock
from mergegate.dag.merging.dumping import dump
from mergegate.dag.merging.inputs import find_untrue
from mergegate.dag.merging.order import merge_order
from mergegate.dag.merging.threeway import ABSENT, CLASH, merge_values

BOTH = "both sides changed it"
REMOVED = "one side changed it and the other removed it"

Versions = tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]


class LeftOut(msgspec.Struct, frozen=True):
    """A stage, or with `dataset` a dataset, that the merged lock says nothing of, and why."""

    name: str
    why: str
    dataset: bool = False


class MergedLock(msgspec.Struct, frozen=True):
    """The merged dvc.lock; `stages` counts its blocks, `left_out` comes in the lock's order."""

    data: bytes
    stages: int
    left_out: tuple[LeftOut, ...] = ()


def merge_locks(base: bytes | None, ours: bytes, theirs: bytes, *, name: str = "dvc.lock") -> MergedLock:
    """Merge two versions of a dvc.lock that come from `base`, None where both sides made it.

    The same result whichever side is ours. Raises ConfigError for a version that can't be read; `name` is
    what the error calls it.
    """
    parsed: dict[str, Block] = {}
    old = read_lock(base, f"{name} of the common ancestor", parsed) if base is not None else EMPTY
    mine = read_lock(ours, f"{name} of our side", parsed)
    other = read_lock(theirs, f"{name} of their side", parsed)
    if ours == theirs or theirs == base:
        return MergedLock(ours, len(mine.blocks))
    if ours == base:
        return MergedLock(theirs, len(other.blocks))
    order = merge_order(old.blocks, mine.blocks, other.blocks)
    kept, left_out = _merge_blocks((old.blocks, mine.blocks, other.blocks), order)
    runs = [{stage: block.run for stage, block in lock.blocks.items()} for lock in (old, mine, other)]
    left_out |= find_untrue(runs, {stage: block.run for stage, block in kept.items()}, set(left_out))
    sections, lost = _merge_sections(old, mine, other)
    merged = Lock(
        sections,
        {stage: kept[stage] for stage in order if stage in kept and stage not in left_out},
        _order_sections(mine, other),
    )
    text = write_lock(merged)
    if all(b"\r\n" in data for data in (ours, theirs)):
        text = text.replace("\n", "\r\n")
    marked = tuple(LeftOut(stage, left_out[stage]) for stage in order if stage in left_out)
    return MergedLock(text.encode(), len(merged.blocks), marked + lost)


def _merge_blocks(versions: Versions, order: list[str]) -> tuple[dict[str, Block], dict[str, str]]:
    """The blocks that one side made, and why others are left out."""
    kept: dict[str, Block] = {}
    left_out: dict[str, str] = {}
    for stage in order:
        base, ours, theirs = (side.get(stage, ABSENT) for side in versions)
        merged = merge_values(base, ours, theirs, equal=_are_same)
        if merged is CLASH:
            left_out[stage] = REMOVED if ABSENT in (ours, theirs) else BOTH
        elif merged is not ABSENT:
            kept[stage] = merged
    return kept, left_out


def _are_same(a: Block, b: Block) -> bool:
    return a.text == b.text or a.run.equals(b.run)


def _merge_sections(
    base: Lock, ours: Lock, theirs: Lock
) -> tuple[dict[str, tuple[str, Any]], tuple[LeftOut, ...]]:
    """The lines of all but the stages; entries of `datasets` are merged one by one."""
    sections: dict[str, tuple[str, Any]] = {}
    lost: tuple[LeftOut, ...] = ()
    for key in dict.fromkeys((*ours.sections, *theirs.sections)):
        versions = [lock.sections.get(key, ABSENT) for lock in (base, ours, theirs)]
        merged = merge_values(*versions)
        if merged is CLASH and key == "datasets":
            values, lost = _merge_datasets(*(ABSENT if v is ABSENT else v[1] for v in versions))
            merged = (dump({key: values}), values) if values else ABSENT
        if merged is CLASH:  # the same value, with other comments on each side
            merged = max(version for version in versions[1:] if version is not ABSENT)
        if merged is not ABSENT:
            sections[key] = merged
    if "schema" not in sections:
        sections["schema"] = (dump({"schema": SCHEMA}), SCHEMA)
    return sections, lost


def _merge_datasets(base: Any, ours: Any, theirs: Any) -> tuple[list[Any], tuple[LeftOut, ...]]:
    """The entries by name."""
    versions = [_by_name(side) for side in (base, ours, theirs)]
    merged = []
    lost = []
    for name in merge_order(*versions):
        value = merge_values(*(side.get(name, ABSENT) for side in versions))
        if value is CLASH:
            lost.append(LeftOut(name, BOTH, dataset=True))
        elif value is not ABSENT:
            merged.append(value)
    return merged, tuple(lost)


def _by_name(entries: Any) -> dict[str, Any]:
    if not isinstance(entries, list):
        return {}
    return {str(entry.get("name")): entry for entry in entries if isinstance(entry, dict)}


def _order_sections(ours: Lock, theirs: Lock) -> tuple[str, ...]:
    """DVC's order: the schema first, then as the sides have it."""
    found = sorted((ours.order, theirs.order), key=lambda order: (-len(order), order))
    return tuple(dict.fromkeys(("schema", *found[0], *found[1], "stages")))
