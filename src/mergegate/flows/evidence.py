"""The files a verdict rests on, of one side: found, fetched where missing, and only believed by their md5."""

from contextlib import suppress
from pathlib import Path

import msgspec
import numpy as np

from mergegate import predictions, repo
from mergegate.config.policy import Evaluation, Policy
from mergegate.errors import ContractError, ObjectError
from mergegate.records.pipeline import ObjectHash, Pipeline
from mergegate.records.predictions import Predictions
from mergegate.records.review import Problem, Revision, Side


def name_in_errors(revision: Revision) -> str:
    """A commit by its name; a file of the workspace needs no more than its path."""
    return "" if revision.workspace else revision.name


class Reading(msgspec.Struct, frozen=True):
    """One side of the review as read: its revision, its files, and what its DVC files say."""

    side: Side
    revision: Revision
    files: repo.Snapshot
    pipeline: Pipeline
    problems: tuple[Problem, ...] = ()

    @property
    def at(self) -> str:
        """The revision as errors about its files name it; "" for the workspace."""
        return name_in_errors(self.revision)

    def name(self, path: str) -> str:
        """`path` as people should see it: in the workspace, or at a revision."""
        return f"{path} at {self.at}" if self.at else path

    def problem(self, path: str, error: ContractError | ObjectError) -> Problem:
        """What is wrong with a contract file, as the review records it."""
        message = error.reason if isinstance(error, ContractError) else error.message
        return Problem(side=self.side, path=path, message=message, hint=error.hint)


class Evidence(msgspec.Struct, frozen=True):
    """A side's predictions, or the problem with them; `locked` when a lock or .dvc file names their md5."""

    predictions: Predictions | None
    problem: Problem | None
    locked: bool


class Found(msgspec.Struct, frozen=True):
    """Where a side's predictions are, or the problem with finding them; `locked` as in Evidence."""

    source: Path | bytes
    problem: Problem | None
    locked: bool

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size


def read_predictions(reading: Reading, objects: repo.Objects, evaluation: Evaluation) -> Evidence:
    """Read the predictions that the side's lock names; those in git or the bare workspace where none does."""
    return read_found(reading, find_predictions(reading, objects, evaluation), evaluation)


def find_predictions(reading: Reading, objects: repo.Objects, evaluation: Evaluation) -> Found:
    """Find, and fetch, what `read_predictions` reads."""
    path = evaluation.predictions
    locked = False
    try:
        locked = find_object(reading, objects, path) is not None or reading.pipeline.hash_of(path) is not None
        source = find_source(reading, objects, path)
        if source is None:
            raise ContractError(
                "there is no such file, and neither dvc.lock nor a .dvc file names it",
                file=reading.name(path),
                hint="run `dvc repro`, and commit dvc.lock",
            )
    except (ContractError, ObjectError) as error:
        return Found(b"", reading.problem(path, error), locked)
    return Found(source, None, locked)


def read_found(reading: Reading, found: Found, evaluation: Evaluation) -> Evidence:
    """Read predictions that were found."""
    if found.problem is not None:
        return Evidence(None, found.problem, found.locked)
    path = evaluation.predictions
    name = reading.name(path)
    try:
        read = predictions.read_named(
            found.source, path=path, task=evaluation.task, positive=evaluation.positive, name=name
        )
        return Evidence(decide(read, evaluation, name=name), None, found.locked)
    except ContractError as error:
        return Evidence(None, reading.problem(path, error), found.locked)


def decide(found: Predictions, evaluation: Evaluation, *, name: str) -> Predictions:
    """The predictions with the classes that the policy's threshold gives; as they are without one."""
    if evaluation.threshold is None:
        return found
    if found.probabilities is None:
        raise ContractError(
            "has no proba_<class> columns to hold against the policy's threshold",
            file=name,
            hint="write the probabilities, or take `threshold` from the policy",
        )
    positive = found.probabilities[:, -1] >= evaluation.threshold
    named = np.where(positive, len(found.classes) - 1, 0).astype(np.int32)
    return msgspec.structs.replace(found, y_pred=named)


def read_file(reading: Reading, objects: repo.Objects, path: str) -> bytes | None:
    """A small file of one side, by its locked md5 or from git; None when the side has none."""
    source = find_source(reading, objects, path)
    return source.read_bytes() if isinstance(source, Path) else source


def find_source(reading: Reading, objects: repo.Objects, path: str) -> Path | bytes | None:
    """Where the bytes are: the object that the lock names, else what git or the workspace holds."""
    locked = find_object(reading, objects, path)
    if locked is None:
        return reading.files.read(path)
    if locked.is_dir:
        hint = f"name one file of it in the policy, such as {path}/predictions.parquet, or write one file"
        raise ContractError("is a folder, not a file", file=reading.name(path), hint=hint)
    return objects.open(locked)


def find_object(reading: Reading, objects: repo.Objects, path: str) -> ObjectHash | None:
    """The DVC object of a file, by its own entry or that of a folder that holds it; None for one in git.

    Raises ObjectError when a folder's list can't be had.
    """
    pipeline = reading.pipeline
    own = pipeline.hash_of(path)
    if own is not None:
        return own if _cached(pipeline, path) else None
    parts = path.split("/")
    for depth in range(len(parts) - 1, 0, -1):
        folder, inside = "/".join(parts[:depth]), "/".join(parts[depth:])
        listed = pipeline.hash_of(folder)
        if listed is not None and listed.is_dir and _cached(pipeline, folder):
            with suppress(ObjectError):  # what could not be fetched is told by opening it
                objects.fetch([listed])
            md5 = objects.tree(listed).get(inside)
            return None if md5 is None else ObjectHash(md5=md5, legacy=listed.legacy)
    return None


def _cached(pipeline: Pipeline, path: str) -> bool:
    """Whether DVC holds the bytes: not so for an output with `cache: false`, which is in git."""
    return all(out.cached for stage in pipeline.stages for out in stage.outs if out.path == path)


def needed_files(policy: Policy, reading: Reading, objects: repo.Objects) -> list[ObjectHash]:
    """The DVC objects of one side that a review opens whatever changed."""
    evaluations = [model.evaluation for model in policy.models.values()]
    paths = {path for each in evaluations for path in (each.predictions, each.metrics) if path is not None}
    needed = []
    for path in sorted(paths):
        with suppress(ObjectError):  # told again, as a problem, by whoever opens the file
            found = find_object(reading, objects, path)
            needed += [found] if found is not None and not found.is_dir else []
    return needed
