"""Exact tests of rows that two models decide differently; `stats.mcnemar` is that of no difference at all."""

from mergegate.stats.distributions import binomial_cdf


def lost_beyond(lost: int, won: int, rows: int, drift: float) -> float:
    """Exact one-sided p-value of the claim that head lost more of these rows than the others' `drift`.

    `lost` of the rows only base got right, `won` only head; `drift` is the others' net share lost, -1 to 1.
    Given how many rows were decided differently, `lost` is binomial. Without drift it is McNemar's test
    (1947; exact as in Mosteller 1952); with it the chance of a lost row is the one that makes the drift.
    """
    if min(lost, won) < 0 or lost + won > rows:
        raise ValueError("counts of rows can't be negative, nor more than there are")
    decided = lost + won
    if not decided:
        return 1.0
    chance = min(max((1 + drift * rows / decided) / 2, 0.0), 1.0)
    # At least `lost` losses are at most `won` wins.
    return binomial_cdf(won, decided, 1 - chance)
