"""Precision among the rows with the highest scores: what a team that can act on so many gets right."""

import numpy as np

from mergegate.stats.curve import Curve
from mergegate.stats.design import UndefinedError
from mergegate.stats.influence import Influence


def precision_at(curve: Curve, share: float) -> Influence:
    """Share of truly positive rows among the `share` (0 to 1) of all rows with the highest scores.

    Rows that tie for the last places share them. Where the cut falls is chance too: the influence
    is that of a mean above an estimated quantile, with the share of positives near the cut. For the first k
    of n rows the share is k / n. Raises UndefinedError for a share that is no row.
    """
    design = curve.design
    called = curve.hits + curve.alarms
    total = float(called[-1])
    wanted, rows = share * total, share * design.effective()
    # 1 / 49 of 49 rows is a row but for the last digit.
    if not 0 < share <= 1 or rows < 1 - 1e-9:
        raise UndefinedError(f"a share of {share:g} of {design.rows:,} rows holds no row")
    # How much of each score's rows is among the highest: all, none, a part of the last ones' places.
    width = np.diff(called, prepend=0.0)
    top = np.clip((wanted - called + width) / np.where(width > 0, width, 1.0), 0.0, 1.0)
    value = float(top @ curve.gained) / wanted
    reach = wanted * min(0.5, 0.5 * rows**-0.2)
    first = int(np.searchsorted(called, wanted - reach, side="right"))
    last = min(int(np.searchsorted(called, wanted + reach)), len(called) - 1)
    near = float(curve.gained[first : last + 1].sum() / width[first : last + 1].sum())
    rest = share * (value - near)
    return Influence(
        value=min(max(value, 0.0), 1.0),
        rows=curve.influence((top * (1 - near) - rest) / wanted, (-top * near - rest) / wanted),
        carried=rows,
        method="influence above a quantile, t",
        support=(0.0, 1.0),
    )
