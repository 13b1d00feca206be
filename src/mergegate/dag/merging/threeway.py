"""The rule of every three-way merge: what one side alone touched is that side's."""

from collections.abc import Callable
from typing import Any

from mergegate.dag.params import same

ABSENT: Any = object()
"""The value of what a version does not have."""

CLASH: Any = object()
"""The result where both sides touched a value, each in its own way."""

Equal = Callable[[Any, Any], bool]


def merge_values(base: Any, ours: Any, theirs: Any, *, equal: Equal = same) -> Any:
    """One value of three versions; `base` is ABSENT where both sides made it.

    Equal values may differ in what `equal` does not look at: then the one that is not base's counts, and of
    two such the one whose text sorts last, so that the sides can be swapped.
    """

    def alike(a: Any, b: Any) -> bool:
        return a is b or (a is not ABSENT and b is not ABSENT and equal(a, b))

    if alike(ours, theirs):
        touched = [value for value in (ours, theirs) if base is ABSENT or value != base]
        return max(touched, key=repr) if touched else ours
    if alike(base, ours):
        return theirs
    return ours if alike(base, theirs) else CLASH
