"""Bars as people write them: few digits, rounded to where what they were read from still passes."""

import math

from mergegate import stats

SURE = 0.99
"""Confidence of base's own interval, whose worse limit is the bar: the next sample of it is to pass."""

FEW_ROWS = 50
"""Carrying rows below which no interval is to be trusted."""

MANY_ROWS = 200
"""Carrying rows from which intervals were measured to hold their word everywhere."""

_DIGITS = 2


def outward(limit: float, width: float, *, up: bool) -> float:
    """`limit` rounded up or down to two significant digits of `width`; as it is without a width."""
    if not width > 0 or not math.isfinite(width):
        return limit
    decimals = _DIGITS - 1 - math.floor(math.log10(width))
    step = 10.0**-decimals
    rounded = (math.ceil if up else math.floor)(limit / step) * step
    shown = round(rounded, decimals) + 0.0  # no −0
    # What a division could not hold must not turn the rounding round.
    beyond = shown < limit if up else shown > limit
    return round(shown + (step if up else -step), decimals) if beyond else shown


def margin(standard_error: float, df: float, confidence: float) -> float:
    """The smallest margin within which an equal model passes with 80 % probability, rounded up.

    (t + z) · SE: the same that a loss beyond the margin needs to be called with this power.
    """
    least = stats.smallest_detectable(standard_error, df=df, confidence=confidence)
    return outward(least, least, up=True)
