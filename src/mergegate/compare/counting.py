"""How many rows base and head share, and what share of any one class is gone or labelled otherwise."""

import numpy as np

from mergegate.compare.pairing import Pairing
from mergegate.records.comparison import RowCounts
from mergegate.records.predictions import Predictions


def count_rows(base: Predictions | None, head: Predictions | None, pairing: Pairing | None) -> RowCounts:
    """How many rows each side has, and how many are shared, new, gone or labelled otherwise."""
    gone_most, changed_most = _most(base, pairing) if base and pairing else (0.0, 0.0)
    return RowCounts(
        base=base.rows if base else None,
        head=head.rows if head else None,
        shared=pairing.shared if pairing else 0,
        new=pairing.new if pairing else head.rows if head else 0,
        gone=pairing.gone if pairing else base.rows if base else 0,
        labels_changed=int(pairing.labels_changed.sum()) if pairing else 0,
        gone_most=gone_most,
        labels_changed_most=changed_most,
    )


def _most(base: Predictions, pairing: Pairing) -> tuple[float, float]:
    """The largest shares of a class of base's that are gone, and whose label changed; 0 for regression."""
    changed = pairing.labels_changed
    if not base.classes or not (pairing.gone or changed.any()):
        return 0.0, 0.0
    truth, count = base.y_true[pairing.base], len(base.classes)
    had, shared = np.bincount(base.y_true, minlength=count), np.bincount(truth, minlength=count)
    turned = np.bincount(truth[changed], minlength=count)
    # A class without rows has lost none.
    shares = ((had - shared) / np.maximum(had, 1), turned / np.maximum(shared, 1))
    return float(shares[0].max()), float(shares[1].max())
