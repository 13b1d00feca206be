"""All of head's rows, weighed, clustered and sliced as base has it where both have the row.

A change must not choose how its own value is judged; only of the rows that are new does nobody else know.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mergegate.arrays import filled
from mergegate.compare import columns
from mergegate.compare.columns import Levels
from mergegate.compare.pairing import Pairing


def weights(head: Any, base: Any, pairing: Pairing, name: str) -> NDArray[np.float64]:
    """Weights (n,) by head's column (n,) and base's (m,). Raises UndefinedError where one can't be used."""
    found, theirs = columns.numbers(head, name).copy(), columns.numbers(base, name)
    # A new row may weigh as much as base's heaviest: a few must not outweigh all that both judged.
    np.minimum(found, theirs.max(initial=0.0), out=found)
    found[pairing.head] = theirs[pairing.base]
    return found


def clusters(head: Any, base: Any, pairing: Pairing, name: str) -> NDArray[np.int64]:
    """Clusters (n,) as codes; a new row is of base's cluster of the same value, where there is one.

    Raises UndefinedError where one of the columns can't be used.
    """
    own, theirs = columns.groups(head, name), columns.groups(base, name)
    values, known = columns.values(head, name), columns.values(base, name)
    table = len(known) + np.arange(len(values))
    try:
        place = filled(pc.index_in(values, value_set=known), -1)
        table = np.where(place >= 0, place, table)
    except pa.ArrowException:  # of another type: no value is the same
        pass
    found: NDArray[np.int64] = table.astype(np.int64)[own]
    found[pairing.head] = theirs[pairing.base]
    return found


def levels(head: Levels, base: Levels, pairing: Pairing, name: str) -> Levels:
    """The values of a slice column on all of head's rows. Raises UndefinedError where they are too many."""
    if isinstance(pairing.head, slice):
        return base.pick(pairing.base)  # no row is new
    new = np.ones(len(head.codes), np.bool_)
    new[pairing.head] = False
    rows = np.flatnonzero(new)
    parts = {"shared": base.pick(pairing.base), "new": head.pick(rows)}
    texts = columns.ordered({text for part in parts.values() for text in part.texts}, name)
    place = {text: number for number, text in enumerate(texts)}
    codes = np.empty(len(head.codes), np.uint8)
    for part, where in ((parts["shared"], pairing.head), (parts["new"], rows)):
        codes[where] = np.array([place[text] for text in part.texts], np.uint8).take(part.codes)
    return Levels(codes, texts)
