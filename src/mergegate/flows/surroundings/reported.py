"""Importances as the pipeline reports them in its metrics file: shown where none are measured."""

from collections.abc import Mapping

from mergegate.bundle.scoring_messages import Shuffled
from mergegate.compare.reported import Value

_SECTIONS = ("importance.", "importances.", "permutation_importance.")
_MEANS, _SPREADS = ("mean", "importance"), ("spread", "std")
NAMED = "what the pipeline reports"


def read_importances(claims: Mapping[str, Value]) -> dict[str, Shuffled]:
    """Input → what is reported of it: `importance.hour`, or `importance.hour.mean` and `….spread`."""
    means: dict[str, float] = {}
    spreads: dict[str, float] = {}
    for key, value in claims.items():
        name = _input(key)
        if not name or isinstance(value, bool | str | None):
            continue
        head, _, last = name.rpartition(".")
        if head and last in _SPREADS:
            spreads[head] = float(value)
        else:
            means[head if head and last in _MEANS else name] = float(value)
    return {name: Shuffled(mean, spreads.get(name, 0.0)) for name, mean in means.items()}


def without_importances(claims: Mapping[str, Value]) -> dict[str, Value]:
    """What else the file reports."""
    return {key: value for key, value in claims.items() if not _input(key)}


def _input(key: str) -> str:
    """What stands behind the section's name, "" for a key of no such section."""
    return next((key[len(section) :] for section in _SECTIONS if key.startswith(section)), "")
