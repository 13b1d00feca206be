"""What stages read and git does not hold: fetched by checksum, and put in place whole before a stage runs."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from mergegate import repo
from mergegate.dag.needs import Part, parts
from mergegate.dag.outputs import Outputs
from mergegate.errors import ObjectError
from mergegate.records.pipeline import ObjectHash, Stage
from mergegate.records.reproduce import Downloads
from mergegate.repo.placing import Placed, check_unharmed, place


class Inputs:
    """The inputs of one revision's stages, in one tree.

    `links` are the kinds of links that put an object in place, the preferred first.
    """

    def __init__(self, objects: repo.Objects, outputs: Outputs, links: tuple[str, ...]) -> None:
        self._objects = objects
        self._outputs = outputs
        self._links = links
        self._sources: dict[str, Path] = {}
        self.downloads = Downloads()

    def fetch(self, stages: Iterable[Stage], *, made: Collection[str], root: Path | None = None) -> None:
        """Bring what the stages read into the cache, less the outputs of the stages `made`, which will be
        made, and what is below `root` already.

        Raises ObjectError for what is nowhere, RemoteError for a remote that can't be read.
        """
        found = [part for stage in stages for part in self._parts(stage, made)]
        names = {part: part.made.hash for part in found if part.made.hash is not None}
        for remote in dict.fromkeys(part.made.remote for part in names):
            here = {part: name for part, name in names.items() if part.made.remote == remote}
            self.bring([name for name in here.values() if name.is_dir], remote=remote)
            files = [
                file
                for part, name in here.items()
                for path, file in self._files(part, name).items()
                if root is None or not (root / path).exists()
            ]
            self.bring(files, remote=remote)

    def bring(self, names: Iterable[ObjectHash], *, remote: str = "") -> None:
        """Fetch objects, counting what was not here."""
        missing = {
            (name.md5, name.legacy): name for name in names if not name.files and not self._objects.have(name)
        }
        self._objects.fetch(missing.values(), remote=remote)
        sizes = [self._objects.size(name) or 0 for name in missing.values()]
        self.downloads = Downloads(
            objects=self.downloads.objects + len(sizes), bytes=self.downloads.bytes + sum(sizes)
        )

    def open(self, name: ObjectHash, *, remote: str = "") -> Path:
        """The path of a verified object, fetched if missing. Raises ObjectError, RemoteError."""
        self.bring([name], remote=remote)
        return self._objects.open(name)

    def tree(self, name: ObjectHash, *, remote: str = "") -> Mapping[str, str]:
        """A folder's files, its list fetched if missing. Raises ObjectError, RemoteError."""
        self.bring([name], remote=remote)
        return self._objects.tree(name)

    def place(
        self, stage: Stage, project: repo.Project, *, made: Collection[str], keep: bool = False
    ) -> Mapping[str, Placed]:
        """Put all that a stage reads into a project's tree, each object hashed as it is read.

        What stages `made` wrote is there already; with `keep` all else that is there stays too. The paths
        that were put there.
        """
        placed: dict[str, Placed] = {}
        for part in self._parts(stage, made):
            name = part.made.hash
            if name is None:
                raise ObjectError(
                    f"{stage.address} reads {part.path}, and nothing records a checksum of it",
                    hint="run `dvc repro` or `dvc commit`, and commit dvc.lock",
                )
            for path, file in self._files(part, name).items():
                if keep and (project.root / path).exists():
                    continue
                if file.md5 not in self._sources:
                    self._sources[file.md5] = self._objects.open(file)
                placed[path] = place(
                    self._sources[file.md5],
                    project.root,
                    path,
                    file.md5,
                    links=self._links,
                    legacy=file.legacy,
                )
        return placed

    def check(self, placed: Mapping[str, Placed]) -> None:
        """Raise ObjectError when a stage wrote through a link into the cache."""
        if any(kind in ("hardlink", "symlink") for kind in self._links):
            check_unharmed(placed)

    def _parts(self, stage: Stage, made: Collection[str]) -> list[Part]:
        """What a stage reads of DVC's, each once, less what is made."""
        return [
            part
            for part in dict.fromkeys(parts(stage, self._outputs))
            if part.made.cached and part.made.stage not in made
        ]

    def _files(self, part: Part, name: ObjectHash) -> Mapping[str, ObjectHash]:
        """The files of a part, by their path."""
        if not name.is_dir:
            return {part.made.path: name}
        listed = self._objects.tree(name)
        start = f"{part.inside}/" if part.inside else ""
        return {
            f"{part.made.path}/{inside}": ObjectHash(md5=md5, legacy=name.legacy)
            for inside, md5 in listed.items()
            if inside == part.inside or inside.startswith(start)
        }
