"""Two models timed in turns: a slower one is called slower, an equal one is not."""

import time
from collections.abc import Callable

import pytest

from mergegate.bundle.latency import FEWEST_ROUNDS, ROUNDS, TURNS, Ask, time_in_turns
from mergegate.bundle.scoring_messages import Turns

CONFIDENCE = 0.9999
"""A busy machine must not fail a test."""


def worker(steps: int, calls: list[int] | None = None) -> Callable[[], Ask]:
    """What opens a model that takes so many steps a row."""

    def ask(row: int) -> None:
        if calls is not None:
            calls.append(row)
        for _ in range(steps):
            pass

    return lambda: ask


def timed(base: int, head: int, rows: int = 10) -> Turns:
    return time_in_turns(worker(base), worker(head), rows=rows, confidence=CONFIDENCE)


def test_a_slower_model_is_called_slower_and_a_faster_one_faster() -> None:
    slower, faster = timed(1_000, 5_000), timed(5_000, 1_000)
    assert 1.0 < slower.low <= slower.ratio <= slower.high
    assert faster.low <= faster.ratio <= faster.high < 1.0
    assert slower.head > slower.base > 0
    assert (slower.rows, slower.repeats) == (10, ROUNDS * TURNS)


def test_an_equal_model_has_one_inside_its_interval() -> None:
    found = timed(2_000, 2_000)
    assert found.low <= 1.0 <= found.high


def test_times_are_of_one_row() -> None:
    def asks() -> Ask:
        return lambda row: time.thread_time() if row else None

    started = time.perf_counter()
    found = time_in_turns(asks, worker(3_000), rows=5, confidence=CONFIDENCE)
    taken = time.perf_counter() - started
    assert found.base < found.head < taken / 100


def test_a_model_is_asked_for_every_row_and_no_other() -> None:
    calls: list[int] = []
    time_in_turns(worker(100, calls), worker(100), rows=7, confidence=CONFIDENCE)
    assert set(calls) == set(range(7))


def test_a_wider_confidence_gives_a_wider_interval_of_the_same_size_of_effect() -> None:
    found = [
        time_in_turns(worker(1_000), worker(1_000), rows=3, confidence=confidence)
        for confidence in (0.6, CONFIDENCE)
    ]
    narrow, wide = (each.high / each.low for each in found)
    assert narrow < wide


def test_a_model_that_takes_long_is_asked_in_fewer_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mergegate.bundle.latency.BUDGET", 0.0)
    assert timed(1_000, 1_000).repeats == FEWEST_ROUNDS * TURNS
