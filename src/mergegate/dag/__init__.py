"""A revision's DVC pipeline: what it declares, what its lock records, where the two disagree."""

from mergegate.dag.files import Files, Tree
from mergegate.dag.reading import read

__all__ = ["Files", "Tree", "read"]
