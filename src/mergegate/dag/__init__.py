"""A revision's DVC pipeline: what it declares, what its lock records, where the two disagree."""

from mergegate.dag.chain import chain
from mergegate.dag.changes import param_changes, stage_changes
from mergegate.dag.files import Files, Tree
from mergegate.dag.merges import TRAILER, merged, suspicious
from mergegate.dag.planning import RUNS, Planned, plan, stages_of
from mergegate.dag.reading import read

__all__ = [
    "RUNS",
    "TRAILER",
    "Files",
    "Planned",
    "Tree",
    "chain",
    "merged",
    "param_changes",
    "plan",
    "read",
    "stage_changes",
    "stages_of",
    "suspicious",
]
