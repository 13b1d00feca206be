"""The rows that two bundles are measured on: few, always the same, of those that both sides judged."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mergegate.arrays import to_arrow, to_numpy, to_texts
from mergegate.records.predictions import Predictions

ROWS = 2_000
_CANDIDATES = 10 * ROWS
_SEED = 0


def sample(old: Predictions | None, new: Predictions) -> Any:
    """A table of row_id and y_true (text, or numbers for regression) of at most ROWS of head's rows.

    Rows that base judged too come first: it was hardly trained on these, and then both are asked what
    neither has seen.
    """
    random = np.random.default_rng(_SEED)
    chosen = random.permutation(new.rows) if new.rows <= _CANDIDATES else _draw(random, new.rows)
    ids = new.row_id.take(to_arrow(chosen))
    if old is not None and old.row_id.type == ids.type:
        places = pc.index_in(old.row_id, value_set=ids).drop_null()
        shared = np.zeros(len(chosen), dtype=bool)
        shared[to_numpy(places)] = True
        chosen = chosen[np.argsort(~shared, kind="stable")]
    rows = np.sort(chosen[:ROWS])
    truth = new.y_true[rows]
    labels = to_texts([new.classes[code] for code in truth]) if new.classes else to_arrow(truth)
    return pa.Table.from_arrays([new.row_id.take(to_arrow(rows)), labels], names=["row_id", "y_true"])


def _draw(random: "np.random.Generator", rows: int) -> Any:
    """Some rows in random order; of ten million no permutation is made."""
    drawn = np.unique(random.integers(0, rows, _CANDIDATES))
    return random.permutation(drawn)
