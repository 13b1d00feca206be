"""A revision's DVC pipeline: what it declares, what its lock records, where the two disagree."""

from mergegate.dag.chain import chain
from mergegate.dag.changes import param_changes, stage_changes
from mergegate.dag.files import Files, Tree
from mergegate.dag.merges import TRAILER, merged, suspicious
from mergegate.dag.reading import read

__all__ = [
    "TRAILER",
    "Files",
    "Tree",
    "chain",
    "merged",
    "param_changes",
    "read",
    "stage_changes",
    "suspicious",
]
