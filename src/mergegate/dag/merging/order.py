"""The order of a merged mapping's keys, the same whichever side is ours."""

from collections.abc import Iterable


def merge_order(base: Iterable[str], ours: Iterable[str], theirs: Iterable[str]) -> list[str]:
    """All keys of three versions in one order.

    Known keys stand as in base, or as in the one side that put them otherwise; new ones follow the known key
    that they follow on their side.
    """
    old, a, b = list(base), list(ours), list(theirs)
    spine = _choose_spine(old, a, b)
    places = {key: (index, 0) for index, key in enumerate(spine)}
    new: dict[str, tuple[int, int]] = {}
    for side in (a, b):
        anchor, distance = -1, 0
        for key in side:
            if key in places:
                anchor, distance = places[key][0], 0
            else:
                distance += 1
                new[key] = min(new.get(key, (anchor, distance)), (anchor, distance))
    places |= new
    return sorted(places, key=lambda key: (*places[key], key))


def _choose_spine(base: list[str], ours: list[str], theirs: list[str]) -> list[str]:
    """Base's keys, in the order of the one side that changed it."""
    for side, other in ((ours, theirs), (theirs, ours)):
        if not _is_ordered_as(base, side) and _is_ordered_as(base, other):
            known, held = set(base), set(side)
            return [key for key in side if key in known] + [key for key in base if key not in held]
    return base


def _is_ordered_as(base: list[str], side: list[str]) -> bool:
    known, held = set(base), set(side)
    return [key for key in base if key in held] == [key for key in side if key in known]
