"""Time per row of two models, asked in turns: what disturbs the machine disturbs both.

Two sessions of one and the same graph differ by a few per cent for as long as they live, by where their
memory happens to lie. So both are opened anew for each round, a round's turns alternate which goes first, and
the interval is Student's t over the rounds' log ratios: the rounds are what is independent.
"""

import gc
import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from mergegate.bundle.scoring_messages import Turns
from mergegate.stats.distributions import t_quantile

ROUNDS = 10
FEWEST_ROUNDS = 4
TURNS = 6
"""Turns of a round; even, so that either goes first as often."""

TURN = 0.002
"""Seconds that a turn of the faster should last: far above the clock's own grain."""

LONGEST_TURN = 0.02
"""Seconds that a turn of the slower should not be longer than."""

BUDGET = 15.0
"""Seconds that all may take, unless even FEWEST_ROUNDS rounds of single rows take longer."""

MOST_CALLS = 2_000

Ask = Callable[[int], object]
"""Asks the model for one of the rows."""


def time_in_turns(base: Callable[[], Ask], head: Callable[[], Ask], *, rows: int, confidence: float) -> Turns:
    """Seconds per row of two models, each called row by row on `rows` rows, and head's time over base's.

    `base` and `head` open a model anew.
    """
    started = time.perf_counter()
    sides = base(), head()
    opening = time.perf_counter() - started
    slow, quick = sorted((_single(ask, rows) for ask in sides), reverse=True)
    calls = max(1, min(MOST_CALLS, math.ceil(TURN / quick), math.ceil(LONGEST_TURN / slow)))
    cost = opening + TURNS * calls * (slow + quick) + 1e-6
    rounds = max(FEWEST_ROUNDS, min(ROUNDS, int(BUDGET / cost)))
    logs, bases, heads = [], [], []
    with _undisturbed():
        for number in range(rounds):
            opened = (base(), head()) if number % 2 else tuple(reversed((head(), base())))
            for ask in opened:
                _time(ask, rows, min(calls, rows))
            turns = [_turn(opened, rows, calls, swapped=turn % 2 == 1) for turn in range(TURNS)]
            logs.append(statistics.median(math.log(theirs / ours) for ours, theirs in turns))
            bases += [ours / calls for ours, _ in turns]
            heads += [theirs / calls for _, theirs in turns]
    middle = statistics.fmean(logs)
    reach = t_quantile(0.5 + confidence / 2, rounds - 1) * statistics.stdev(logs) / math.sqrt(rounds)
    return Turns(
        base=statistics.median(bases),
        head=statistics.median(heads),
        ratio=math.exp(middle),
        low=math.exp(middle - reach),
        high=math.exp(middle + reach),
        rows=rows,
        repeats=rounds * TURNS,
    )


def _single(ask: Ask, rows: int) -> float:
    """Seconds that one row takes once the model has warmed up."""
    _time(ask, rows, 2)
    return min(_time(ask, rows, 1) for _ in range(3))


def _turn(opened: Sequence[Ask], rows: int, calls: int, *, swapped: bool) -> tuple[float, float]:
    """Seconds of base and of head for the same rows, one after the other."""
    if swapped:
        theirs = _time(opened[1], rows, calls)
        return _time(opened[0], rows, calls), theirs
    ours = _time(opened[0], rows, calls)
    return ours, _time(opened[1], rows, calls)


def _time(ask: Ask, rows: int, calls: int) -> float:
    started = time.perf_counter()
    for call in range(calls):
        ask(call % rows)
    return max(time.perf_counter() - started, 1e-9)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """No collection of garbage falls into a turn."""
    enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
