"""Three-way merges of what DVC writes: dvc.lock stage by stage, .dvc files, a folder's list of files."""

from mergegate.dag.merging.lock import LeftOut, MergedLock, merge_locks
from mergegate.dag.merging.tracked import Lists, MergedTracked, Sizes, merge_tracked

__all__ = [
    "LeftOut",
    "Lists",
    "MergedLock",
    "MergedTracked",
    "Sizes",
    "merge_locks",
    "merge_tracked",
]
