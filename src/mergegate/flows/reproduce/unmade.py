"""What a revision merely holds where a stage should have made it: no run shows where it came from."""

import bisect
from collections.abc import Iterator, Mapping, Sequence

from mergegate import repo
from mergegate.flows.reproduce.rules import Rules, overlap
from mergegate.records.pipeline import Pipeline
from mergegate.records.reproduce import Difference

Side = tuple[Pipeline, repo.Snapshot]


def find_unmade(base: Side | None, head: Side, rules: Rules) -> Iterator[Difference]:
    """What git or a .dvc file of head holds, otherwise than base does, of two kinds: what a stage of base
    writes, and predictions, metrics and bundles that the policy judges by.
    """
    writers = {out.path: stage.address for stage in base[0].stages for out in stage.outs} if base else {}
    for path in sorted({*writers, *rules.made}):
        held = _held(head, path)
        if base is not None:
            held = _less_known(held, base, path)
        if held:
            writer = writers.get(path, "")
            message = (
                "a stage writes it in base, and here it" if writer else "the policy judges by it, and it"
            )
            yield Difference(
                stage=writer,
                path=path,
                kind="definition",
                message=f"{message} is held by {_name(held)}, so that no run shows where it came from",
                blocking=rules.by_bytes or rules.counts(path),
            )


def _less_known(held: Mapping[str, str | None], base: Side, path: str) -> Mapping[str, str | None]:
    """What base did not hold or write just so."""
    pipeline, files = base
    before, made = _held(base, path), pipeline.hash_of(path)
    written = made.md5 if made is not None else None
    return {
        place: md5
        for place, md5 in held.items()
        if md5 is None or md5 not in (before.get(place), written, files.md5(place))
    }


def _held(side: Side, path: str) -> Mapping[str, str | None]:
    """All at, in or around a path that no stage makes: place → checksum."""
    pipeline, files = side
    held: dict[str, str | None] = {
        entry.file: entry.hash.md5 if entry.hash else None
        for entry in pipeline.tracked
        if overlap(entry.path, path)
    }
    in_git = {out.path for stage in pipeline.stages for out in stage.outs if not out.cached}
    for place in _around(files.paths(), path):
        if not any(place == out or place.startswith(f"{out}/") for out in in_git):
            held[place] = files.md5(place)
    return held


def _around(paths: Sequence[str], path: str) -> Iterator[str]:
    """Those of git's files, sorted, that are at a path, in it, or stand in place of a folder above it."""
    parts = path.split("/")
    for place in ("/".join(parts[: depth + 1]) for depth in range(len(parts))):
        index = bisect.bisect_left(paths, place)
        if index < len(paths) and paths[index] == place:
            yield place
    start = f"{path}/"
    for index in range(bisect.bisect_left(paths, start), len(paths)):
        if not paths[index].startswith(start):
            break
        yield paths[index]


def _name(held: Mapping[str, str | None]) -> str:
    first, *more = sorted(held)
    return f"{first:.200}" + (f" and {len(more):,} more" if more else "")
