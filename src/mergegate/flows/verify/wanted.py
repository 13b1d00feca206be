"""The DVC objects that a revision names, and the remote that should hold each."""

from collections.abc import Iterable, Mapping

import msgspec

from mergegate.dag.paths import is_external
from mergegate.records.pipeline import ObjectHash, Pipeline


class Wanted(msgspec.Struct, frozen=True):
    """A path whose object a remote should hold: `remote` names it, "" the default one.

    `by` is the stage that writes the path, or the .dvc file that tracks it.
    """

    path: str
    name: ObjectHash
    remote: str
    by: str


def list_wanted(pipeline: Pipeline, imports: Iterable[str] = ()) -> tuple[Wanted, ...]:
    """Every output and tracked path whose object is pushed, in the pipeline's order.

    Not those that git holds (`cache: false`), that are never pushed (`push: false`), that lie outside of the
    project, or that DVC takes from another repository: `imports` are their .dvc files.
    """
    foreign = frozenset(imports)
    wanted = [
        Wanted(entry.path, entry.hash, entry.remote, entry.file)
        for entry in pipeline.tracked
        if entry.hash is not None
        and entry.cached
        and entry.file not in foreign
        and not is_external(entry.path)
    ]
    stages = {(stage.file, stage.name): stage for stage in pipeline.stages}
    for block in pipeline.locked:
        stage = stages.get((block.file, block.name))
        declared = {out.path: out for out in stage.outs} if stage else {}
        for out in block.outs:
            said = declared.get(out.path)
            if said and said.cached and said.pushed and out.hash is not None and not is_external(out.path):
                wanted.append(Wanted(out.path, out.hash, said.remote, block.address))
    return tuple(wanted)


def by_remote(wanted: Iterable[Wanted]) -> Mapping[str, tuple[Wanted, ...]]:
    """Those of each remote."""
    grouped: dict[str, list[Wanted]] = {}
    for each in wanted:
        grouped.setdefault(each.remote, []).append(each)
    return {remote: tuple(some) for remote, some in grouped.items()}
