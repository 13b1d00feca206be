"""Both sides' predictions, read at the same time."""

from msgspec.structs import replace

from mergegate import repo, threads
from mergegate.config.policy import Evaluation
from mergegate.flows.alignment import align
from mergegate.flows.evidence import Evidence, Reading, find_predictions, read_found

BYTES_A_ROW = 20
"""Of a compressed file of predictions, roughly."""


def read_pair(
    base: Reading, head: Reading, objects: repo.Objects, evaluation: Evaluation
) -> tuple[Evidence, Evidence]:
    """Read the predictions of both sides, as `evidence.read_predictions` does each, and align them.

    They are found one after the other, since git and DVC are asked, and read at once where they are large.
    """
    places = [find_predictions(side, objects, evaluation) for side in (base, head)]
    size = sum(place.size for place in places if place.problem is None)
    old, new = threads.both(
        lambda: read_found(base, places[0], evaluation),
        lambda: read_found(head, places[1], evaluation),
        rows=size // BYTES_A_ROW,
    )
    if old.predictions is None or new.predictions is None:
        return old, new
    return replace(old, predictions=align(old.predictions, new.predictions)), new
