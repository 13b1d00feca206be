"""The studentised bootstrap of a mean, seeded by its own rows: a second judge gets the same numbers."""

import hashlib

import numpy as np

from mergegate.stats.design import Design, Floats
from mergegate.stats.pivots import Resampled

RESAMPLES = 1_999


def bootstrap_t(value: float, error: float, influence: Floats, design: Design) -> Resampled:
    """Bootstrap-t of a mean with `error` > 0 from its rows' influence (n,) (Hall 1992, section 3.2).

    The seed is a hash of the rows, whatever their order; exchanging base and head mirrors the result.
    """
    weight = np.ones(design.rows) if design.weight is None else design.weight
    order = np.lexsort((weight, influence))
    mirrored = float(np.sum(influence[order] ** 3)) < 0
    if mirrored:
        order = np.lexsort((weight, -influence))
        influence = -influence
    rows, weight = influence[order], weight[order] / weight.sum()
    seed = hashlib.blake2b(_digits(rows / error) + _digits(weight), digest_size=16)
    counts = _counts(int.from_bytes(seed.digest(), "little"), len(rows))
    pivots = _pivots(rows / error, weight, counts)
    return Resampled(value, error, np.sort(-pivots if mirrored else pivots))


def _digits(values: Floats) -> bytes:
    """Bytes of the values to nine digits: what rounding leaves, and the sign of a zero, must not matter."""
    return (np.round(values, 9) + 0.0).tobytes()


def _counts(seed: int, rows: int) -> Floats:
    """How often each row is drawn (RESAMPLES, rows), from a bit stream that never changes (NEP 19)."""
    raw = np.random.PCG64(seed).random_raw(RESAMPLES * rows)
    drawn = (raw >> np.uint64(32)) * np.uint64(rows) >> np.uint64(32)
    cells = drawn.astype(np.int64).reshape(RESAMPLES, rows) + rows * np.arange(RESAMPLES)[:, np.newaxis]
    return np.bincount(cells.ravel(), minlength=RESAMPLES * rows).reshape(RESAMPLES, rows).astype(np.float64)


def _pivots(rows: Floats, weight: Floats, counts: Floats) -> Floats:
    """(mean* − mean) / standard error*, both as the mean's own, for each resample."""
    powers = np.stack([rows, weight, rows**2, rows * weight, weight**2], axis=1)
    summed, weights, squares, products, weight_squares = (counts @ powers).T
    with np.errstate(all="ignore"):
        shift = summed / weights
        apart = squares - 2 * shift * products + shift**2 * weight_squares
        # What is left of equal rows after rounding is no spread.
        apart[apart < 1e-12 * squares] = 0.0
        effective = weights**2 / weight_squares
        correction = np.where(effective > 1, effective / (effective - 1), np.inf)
        error = np.sqrt(apart * correction) / weights
        pivots = np.where(error > 0, shift / error, np.sign(shift) * np.inf)
    # A resample of equal rows that sits on the mean says nothing either way.
    return np.where(np.isnan(pivots), 0.0, pivots)
