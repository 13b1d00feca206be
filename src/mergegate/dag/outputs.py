"""Who makes a path: outputs and tracked data, looked up by the path, what lies in it and what around it."""

import bisect

import msgspec

from mergegate.dag.paths import ancestors, is_external
from mergegate.errors import ConfigError
from mergegate.records.pipeline import ObjectHash, Pipeline


class Made(msgspec.Struct, frozen=True):
    """A path that a stage writes or a .dvc file tracks, with the hash that is recorded of it.

    `stage` is the address of the stage that writes it, "" for tracked data; `file` is the dvc.yaml or .dvc
    file. `remote` names the DVC remote that holds it, "" for the default one.
    """

    path: str
    hash: ObjectHash | None
    stage: str
    file: str
    cached: bool = True
    pushed: bool = True
    imported: bool = False
    remote: str = ""


class Outputs:
    """All outputs of a revision. Raises ConfigError where one lies inside another, as DVC does."""

    def __init__(self, pipeline: Pipeline) -> None:
        locked = {
            (block.file, block.name): {out.path: out.hash for out in block.outs} for block in pipeline.locked
        }
        made: dict[str, Made] = {}
        for entry in pipeline.tracked:
            made[entry.path] = Made(
                entry.path,
                entry.hash,
                "",
                entry.file,
                cached=entry.cached,
                imported=entry.imported,
                remote=entry.remote,
            )
        for stage in pipeline.stages:
            hashes = locked.get((stage.file, stage.name), {})
            for out in stage.outs:
                made[out.path] = Made(
                    out.path,
                    hashes.get(out.path),
                    stage.address,
                    stage.file,
                    cached=out.cached,
                    pushed=out.pushed,
                    remote=out.remote,
                )
        self._made = made
        self._sorted = sorted(made)
        for path in made:
            if not is_external(path):
                self._refuse_inside(path)

    def of(self, path: str) -> tuple[Made, ...]:
        """What `path` is, what holds it, or what lies in it."""
        if path in self._made:
            return (self._made[path],)
        around = self.around(path)
        if around is not None:
            return (around,)
        start = "" if path == "." else f"{path}/"
        first = bisect.bisect_left(self._sorted, start)
        found = []
        for index in range(first, len(self._sorted)):
            inner = self._sorted[index]
            if not inner.startswith(start):
                break
            if start or not (is_external(inner) or inner.startswith("../")):
                found.append(self._made[inner])
        return tuple(found)

    def around(self, path: str) -> Made | None:
        """The output that holds `path` as a part."""
        if is_external(path):
            return None
        return next((self._made[folder] for folder in ancestors(path) if folder in self._made), None)

    def _refuse_inside(self, path: str) -> None:
        holder = self.around(path)
        if holder is not None:
            inner = self._made[path]
            names = f"{inner.stage or inner.file} and {holder.path!r:.100} of {holder.stage or holder.file}"
            raise ConfigError(
                f"the outputs {path!r:.100} of {names} lie one in the other",
                file=inner.file,
                hint="let each write to a place of its own",
                code="dvc-file-invalid",
            )
