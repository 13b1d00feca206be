"""Golden rows, answered by a side's bundle in a child process."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mergegate import golden, repo
from mergegate.arrays import to_arrow
from mergegate.bundle import folder
from mergegate.bundle.contents import MANIFEST, MAX_MANIFEST, parse_manifest
from mergegate.bundle.scoring import Files, Limits, Scores, score
from mergegate.config.policy import Evaluation, Model
from mergegate.errors import BrokenError, ContractError
from mergegate.flows.evidence import Reading
from mergegate.flows.folders import place_bundle
from mergegate.golden import Answer, Answers, Fitted, Row
from mergegate.predictions.contract import BreachError
from mergegate.predictions.labels import classes_of
from mergegate.records.manifest import Manifest

ROWS = "the golden rows"
LIMITS = Limits(seconds=120.0)


class Placed(msgspec.Struct, frozen=True):
    """A side's bundle at hand: its folder, what people call its files, its manifest, and that one's bytes."""

    folder: Path
    files: Files
    manifest: Manifest
    written: bytes


@contextmanager
def placed_bundle(model: Model, reading: Reading, objects: repo.Objects) -> Iterator[Placed]:
    """The bundle of a side in a folder of its own, for as long as it is used.

    Raises NothingThereError for none, ContractError for one that won't do, ObjectError for one that can't be
    had, BrokenError where it can't be placed.
    """
    if model.bundle is None:
        raise ValueError("the policy names no bundle")
    try:
        with TemporaryDirectory(prefix="mergegate-") as name:
            place = Path(name).resolve() / "bundle"
            files = place_bundle(reading, objects, model.bundle, place)
            called = reading.name(f"{model.bundle}/{MANIFEST}")
            try:
                written = folder.read_file(place / MANIFEST, limit=MAX_MANIFEST)
                manifest = parse_manifest(written, place / MANIFEST)
            except ContractError as error:
                raise ContractError(error.reason, file=called, hint=error.hint) from error
            yield Placed(place, files, manifest, written)
    except OSError as error:
        raise BrokenError(
            f"a temporary file can't be written: {error.strerror}", hint="free some space"
        ) from error


def ask(
    placed: Placed,
    rows: Sequence[Row],
    evaluation: Evaluation,
    *,
    private: Collection[str] = (),
    limits: Limits = LIMITS,
) -> Answers:
    """Run a bundle on golden rows; rows that it does not take are problems of theirs.

    Binary answers heed the policy's threshold. Raises ContractError for a bundle that won't do, or a limit
    that was hit, BrokenError where it can't be run.
    """
    manifest = placed.manifest
    if manifest.task != evaluation.task:
        raise ContractError(
            f"it is a {manifest.task} model, and the policy says {evaluation.task}",
            file=placed.files.name,
            hint="train for the task of the policy, or mend the policy",
        )
    fitted = golden.fit(rows, manifest, private=private)
    given: list[Answer | None] = [None] * len(rows)
    if fitted.asked:
        scores = _score(placed, fitted, evaluation, limits)
        for place, answer in zip(fitted.asked, _answers(scores, evaluation, placed.files.name), strict=True):
            given[place] = answer
    return Answers(given=given, classes=manifest.classes, problems=fitted.problems)


def _score(placed: Placed, fitted: Fitted, evaluation: Evaluation, limits: Limits) -> Scores:
    # Not pa.array, which imports pandas wherever it is installed.
    ids = to_arrow(np.arange(len(fitted.asked), dtype=np.int64))
    columns: dict[str, Any] = {"row_id": ids}
    for name, numbers in fitted.numbers.items():
        columns[name] = to_arrow(np.array(numbers, np.float64))
    for name, texts in fitted.texts.items():
        builder = pa.lib.StringBuilder()
        builder.append_values(texts)
        columns[name] = builder.finish()
    path = placed.folder.parent / "rows.parquet"
    pq.write_table(pa.Table.from_arrays(list(columns.values()), names=list(columns)), path)
    scores = score(
        placed.folder,
        files=placed.files,
        task=evaluation.task,
        row_id=ids,
        asked=ROWS,
        inputs=Files(ROWS, {ROWS: str(path)}),
        limits=limits,
    )
    if len(scores.rows) != len(fitted.asked):
        raise ContractError(
            f"it answers {len(scores.rows):,} of {len(fitted.asked):,} golden rows",
            file=placed.files.name,
            hint="export the model again with `mergegate.bundle.save`",
        )
    return scores


def _answers(scores: Scores, evaluation: Evaluation, name: str) -> Iterator[Answer]:
    """Each row's answer, in order."""
    classes, chances = scores.classes, scores.probabilities
    if not classes:
        for number in scores.y_pred.tolist():
            yield Answer(number=number)
        return
    codes = scores.y_pred.tolist()
    if evaluation.task == "binary" and evaluation.threshold is not None:
        if chances is None:
            raise ContractError(
                "it gives no probabilities to hold against the policy's threshold",
                file=name,
                hint="export a model with `predict_proba`, or take `threshold` from the policy",
            )
        positive = _positive(classes, evaluation, name)
        codes = np.where(chances[:, positive] >= evaluation.threshold, positive, 1 - positive).tolist()
    for place, code in enumerate(codes):
        of_classes = None if chances is None else dict(zip(classes, chances[place].tolist(), strict=True))
        yield Answer(label=classes[code], chances=of_classes)


def _positive(classes: tuple[str, ...], evaluation: Evaluation, name: str) -> int:
    try:
        return classes.index(classes_of(classes, task="binary", positive=evaluation.positive)[-1])
    except BreachError as breach:
        raise ContractError(breach.message, file=name, hint=breach.hint) from breach
