"""The exams of a policy whose own rows, or whose training rows, a push moves."""

import msgspec

from mergegate import config
from mergegate.config.datasets import Dataset, DatasetGates, effective_gates, training_path
from mergegate.config.policy import POLICY_FILE
from mergegate.errors import MergegateError
from mergegate.records.pipeline import Pipeline


class Exam(msgspec.Struct, frozen=True):
    """A dataset, the path of the rows that are trained on beside it, and its gates as they hold."""

    dataset: Dataset
    train: str
    gates: DatasetGates


def find_exams(policy: bytes, base: Pipeline | None, head: Pipeline) -> tuple[Exam, ...]:
    """Those of the policy that moved since base; all without one. None for a policy that can't be read."""
    try:
        read = config.load(policy, file=POLICY_FILE)
    except MergegateError:
        return ()
    found = ((dataset, training_path(read, dataset)) for dataset in read.datasets)
    return tuple(
        Exam(dataset, train, effective_gates(read, dataset))
        for dataset, train in found
        if train is not None and any(_moved(path, base, head) for path in (dataset.path, train))
    )


def _moved(path: str, base: Pipeline | None, head: Pipeline) -> bool:
    if base is None:
        return True
    before, after = base.hash_of(path), head.hash_of(path)
    return (before and before.md5) != (after and after.md5)
