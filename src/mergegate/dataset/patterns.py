"""What all changed cells of a column have in common: another unit, a shift in time, case, spaces."""

from collections.abc import Mapping

from mergegate.dataset.cells import Changed, Moves


def find_patterns(changed: Changed, moves: Mapping[int, Moves]) -> dict[int, str]:
    """The pattern of each column that has one, by its place."""
    return {}
