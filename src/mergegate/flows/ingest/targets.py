"""What a dataset is at the base: the .dvc file that tracks it, and the files that it names."""

from collections.abc import Mapping

import msgspec

from mergegate import repo
from mergegate.config.datasets import Dataset
from mergegate.dag.document import Document, parse
from mergegate.dag.paths import resolve
from mergegate.errors import UsageError
from mergegate.flows.evidence import Reading
from mergegate.records.pipeline import ObjectHash, TrackedPath


class Target(msgspec.Struct, frozen=True):
    """A tracked dataset: `name` is its object, `files` {path inside: md5}, "" for a file itself.

    `document` is its .dvc file, `at` the place of its entry there.
    """

    dataset: Dataset
    name: ObjectHash
    files: Mapping[str, str]
    document: Document
    at: int
    remote: str = ""

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of files."""
        return self.name.is_dir


def find_target(reading: Reading, objects: repo.Objects, dataset: Dataset) -> Target:
    """The dataset as base tracks it; a folder's list is fetched, and none of its files.

    Raises UsageError for one that is a stage's output, imported, not tracked, or tracked in a way that a new
    file can't be added to; ObjectError, RemoteError for a list that can't be had.
    """
    path = dataset.path
    _refuse_output(reading, path)
    entry = next((each for each in reading.pipeline.tracked if each.path == path), None)
    if entry is None:
        raise _untracked(reading, path)
    _refuse_kind(entry)
    document = parse(reading.files.read(entry.file) or b"", entry.file, at=reading.at)
    at = _find_entry(document, entry)
    held = document.mapping(document.data)["outs"][at]
    name = entry.hash
    if name is None:
        raise UsageError(f"{entry.file} records no checksum of {path}", hint=f"run `dvc add {path}`, commit")
    if name.legacy:
        raise UsageError(
            f"{path} was hashed by DVC 2: a new file can't join its list",
            hint="run `dvc cache migrate --dvc-files`, and merge that first",
        )
    if name.files or held.get("cloud"):
        raise UsageError(
            f"{path} is on a remote that keeps versions of files, not objects by checksum",
            hint="such data is added by `dvc add` and `dvc push` where all of it is",
        )
    files: Mapping[str, str] = {"": name.md5}
    if name.is_dir:
        objects.fetch([name], remote=entry.remote)
        files = objects.tree(name)
    return Target(dataset, name, files, document, at, entry.remote)


def _refuse_output(reading: Reading, path: str) -> None:
    for stage in reading.pipeline.stages:
        for out in stage.outs:
            if _overlap(path, out.path):
                raise UsageError(
                    f"{path} is written by the stage {stage.address}: its next run would drop new files",
                    hint="give the `source` to the dataset that this stage reads",
                )


def _refuse_kind(entry: TrackedPath) -> None:
    if entry.imported:
        raise UsageError(
            f"{entry.path} is imported ({entry.file}), and comes from where it was imported from",
            hint=f"run `dvc update {entry.file}`, or remove the `source`",
        )
    if not entry.cached:
        raise UsageError(
            f"{entry.path} is not in DVC's cache (`cache: false` in {entry.file})", hint="commit it to git"
        )


def _untracked(reading: Reading, path: str) -> UsageError:
    around = next((each for each in reading.pipeline.tracked if path.startswith(f"{each.path}/")), None)
    if around is not None:
        return UsageError(
            f"{path} is tracked as a part of {around.path} ({around.file})",
            hint=f"give the `source` to a dataset {around.path}, or track {path} by itself",
        )
    below = next((each for each in reading.pipeline.tracked if each.path.startswith(f"{path}/")), None)
    if below is not None:
        return UsageError(
            f"{path} is not tracked as one: {below.file} tracks a part of it",
            hint=f"track the folder as one with `dvc add {path}`, where all of it is",
        )
    return UsageError(
        f"no .dvc file at {reading.revision.name} tracks {path}",
        hint=f"add its first files by hand: `dvc add {path}`, commit, and merge",
    )


def _find_entry(document: Document, entry: TrackedPath) -> int:
    """Which of the outputs of its .dvc file it is."""
    values = document.mapping(document.data)
    folder = resolve(document.path.rpartition("/")[0], str(values.get("wdir") or "."))
    for index, out in enumerate(document.items(values.get("outs") or [], "outs")):
        if resolve(folder, str(document.mapping(out, "outs", index).get("path"))) == entry.path:
            return index
    raise document.wrong(f"has no entry for {entry.path}", "outs")


def _overlap(a: str, b: str) -> bool:
    return a == b or a.startswith(f"{b}/") or b.startswith(f"{a}/")
