"""The policy's datasets between base and head: rows, labels, exam, and who answers for the labels."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from mergegate import repo
from mergegate.config.datasets import Dataset, effective_gates, key_columns, training_path
from mergegate.config.policy import Policy
from mergegate.dataset.privacy import Mask
from mergegate.dataset.question import Exam, Question
from mergegate.dataset.source import Source
from mergegate.errors import BrokenError, UsageError
from mergegate.flows.comparing import compare_listings, open_source
from mergegate.flows.dataroom import open_room
from mergegate.flows.evidence import Reading
from mergegate.flows.folders import NothingThereError
from mergegate.flows.listings import Listing
from mergegate.flows.tracked import list_side
from mergegate.records.data import Author, DatasetReview, LabelChanges, Leak
from mergegate.records.review import DataChange

TRAILER = "Labels-approved-by"


class Change(msgspec.Struct, frozen=True):
    """What a review is of: two readings, and how to get at their files."""

    project: repo.Project
    base: Reading
    head: Reading
    objects: repo.Objects


def review_datasets(
    policy: Policy, change: Change, progress: Callable[[str], None]
) -> tuple[DatasetReview, ...]:
    """Every dataset of the policy, in its order; one that can't be compared says why and hides no other."""
    with TemporaryDirectory(prefix="mergegate-") as folder:
        work = _Work(policy, change, Path(folder), progress)
        return tuple(work.review(dataset) for dataset in policy.datasets)


def count_unread(
    datasets: Sequence[DatasetReview], described: Sequence[DataChange]
) -> tuple[DatasetReview, ...]:
    """The reviews with the rows of files that are alike on both sides, where base's rows are counted."""
    whole = {each.path: each.rows_old for each in described}
    return tuple(_count_unread(found, whole.get(found.path)) for found in datasets)


def hide_files(policy: Policy, described: Sequence[DataChange]) -> tuple[DataChange, ...]:
    """The changes without the private values that stand in the names of a dataset's folders."""
    return tuple(_hide_files(policy, change) for change in described)


class _Work:
    """One review under way; listings are had once."""

    def __init__(self, policy: Policy, change: Change, folder: Path, progress: Callable[[str], None]) -> None:
        self._policy, self._change, self._folder, self._progress = policy, change, folder, progress
        self._listings: dict[tuple[str, str], Listing | None] = {}

    def review(self, dataset: Dataset) -> DatasetReview:
        """One dataset."""
        question = Question(
            key=key_columns(dataset),
            label=dataset.label,
            inputs=dataset.inputs,
            slices=dataset.slices,
            private=dataset.private,
        )
        try:
            base, head = (self._list(side, dataset.path) for side in (self._change.base, self._change.head))
            found = compare_listings(dataset.path, base, head, question, self._progress)
            if found.labels is not None:
                found = msgspec.structs.replace(found, labels=self._answer_for(dataset, found.labels))
            return msgspec.structs.replace(found, leaks=self._examine(dataset))
        except (UsageError, BrokenError) as error:
            mask = self._mask(dataset)
            problem, hint = mask.text(error.message), mask.text(error.hint)
            return DatasetReview(path=dataset.path, problem=problem, hint=hint)

    def _list(self, reading: Reading, path: str) -> Listing | None:
        """A side's files; None where it has no such dataset."""
        at = (reading.side, path)
        if at not in self._listings:
            found = None
            # What is there and can't be listed is a problem of its own, never an absence.
            with suppress(NothingThereError):
                found = list_side(reading, self._change.objects, path, self._folder)
            self._listings[at] = found
        return self._listings[at]

    def _mask(self, dataset: Dataset) -> Mask:
        """Hides private values in the names of a dataset's folders, as far as these are known."""
        sides = (
            self._listings.get((reading.side, dataset.path))
            for reading in (self._change.base, self._change.head)
        )
        return Mask.of(dataset.private, *(side.files if side else () for side in sides))

    def _examine(self, dataset: Dataset) -> tuple[Leak, ...]:
        """What is wrong with an evaluation set beside what is trained on; nothing where neither moved."""
        change, train = self._change, training_path(self._policy, dataset)
        if train is None:
            return ()
        sides = [
            (self._list(side, dataset.path), self._list(side, train)) for side in (change.base, change.head)
        ]
        (old_exam, old_train), (exam, trained) = sides
        if exam is None or (_files(old_exam), _files(old_train)) == (_files(exam), _files(trained)):
            return ()
        self._progress(f"holding {dataset.path} against {train}")
        evaluation = open_source(exam, tuple(exam.files))
        if evaluation is None:
            return ()
        asked = Exam(
            evaluation=evaluation,
            train=_whole(trained),
            base_evaluation=_whole(old_exam),
            base_train=_whole(old_train),
            key=key_columns(dataset),
            label=dataset.label,
            group=dataset.group,
            time=dataset.time,
            inputs=dataset.inputs,
            known_later=dataset.known_later,
            private=dataset.private,
            strong=effective_gates(self._policy, dataset).max_single_feature_strength,
        )
        with open_room()() as room:
            return room.examine(asked)

    def _answer_for(self, dataset: Dataset, labels: LabelChanges) -> LabelChanges:
        """Who changed the labels, by what guideline, and who approved."""
        change = self._change
        since, until = change.base.revision.sha, change.head.revision.sha
        authors: tuple[Author, ...] = ()
        approved: tuple[str, ...] = ()
        if since is not None and until is not None and since != until:
            counted = repo.count_commits(change.project, since, until, tuple(self._named(dataset.path)))
            authors = tuple(Author(name=name, commits=commits) for name, commits in counted.most_common(10))
            approved = tuple(sorted(repo.read_trailers(change.project, TRAILER, since, until)))
        return msgspec.structs.replace(
            labels,
            authors=authors,
            guideline=dataset.guideline or "",
            guideline_changed=self._guideline_changed(dataset),
            approved_by=approved,
            approval_needed=bool(dataset.approvers),
        )

    def _named(self, path: str) -> Iterator[str]:
        """The files of git that say what the dataset is: the path, its .dvc file, the lock of its stage."""
        yield path
        for side in (self._change.base, self._change.head):
            yield from (entry.file for entry in side.pipeline.tracked if _within(path, entry.path))
            for block in side.pipeline.locked:
                if any(_within(path, out.path) for out in block.outs):
                    yield block.file.removesuffix("dvc.yaml") + "dvc.lock"

    def _guideline_changed(self, dataset: Dataset) -> bool | None:
        if dataset.guideline is None:
            return None
        return self._change.base.files.read(dataset.guideline) != self._change.head.files.read(
            dataset.guideline
        )


def _count_unread(found: DatasetReview, rows: int | None) -> DatasetReview:
    if rows is None or found.rows is None:
        return found
    return msgspec.structs.replace(found, rows_skipped=max(rows - found.rows.old, 0))


def _hide_files(policy: Policy, change: DataChange) -> DataChange:
    private = {
        name for dataset in policy.datasets if _within(dataset.path, change.path) for name in dataset.private
    }
    if not private:
        return change
    old = [file.path for file in change.files if file.change != "added"]
    new = [file.path for file in change.files if file.change != "removed"]
    # Files that did not change are not listed: without one that is gone, no folder's column is known as new.
    gone = change.files_removed > 0
    mask = Mask.of(private, old, new) if gone else Mask.of(private)
    files = tuple(msgspec.structs.replace(file, path=mask.name(file.path)) for file in change.files)
    return msgspec.structs.replace(change, files=files, note=mask.text(change.note))


def _whole(listing: Listing | None) -> Source | None:
    return None if listing is None else open_source(listing, tuple(listing.files))


def _files(listing: Listing | None) -> dict[str, str]:
    return dict(listing.files) if listing else {}


def _within(path: str, tracked: str) -> bool:
    """Whether one of two paths is the other, or holds it."""
    return path == tracked or path.startswith(f"{tracked}/") or tracked.startswith(f"{path}/")
