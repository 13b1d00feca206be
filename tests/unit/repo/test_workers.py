"""Many things asked at once, and nobody held up by one that never answers."""

import threading

import pytest

from mergegate.repo import workers
from mergegate.repo.workers import ask_each


def test_answers_come_in_the_order_of_the_questions() -> None:
    assert ask_each(lambda number: number * number, list(range(100)), at_once=7) == [
        number * number for number in range(100)
    ]
    assert ask_each(len, [], at_once=7) == []


def test_so_many_are_asked_at_the_same_time_and_no_more() -> None:
    together = threading.Barrier(3, timeout=20)
    assert len(set(ask_each(lambda _: together.wait(), [0, 1, 2], at_once=3))) == 3
    names = ask_each(lambda _: threading.current_thread().name, list(range(50)), at_once=2)
    assert len(set(names)) <= 2


def test_an_error_is_raised_at_once_and_nothing_more_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PATIENCE", 0.01)
    release, asked = threading.Event(), []

    def act(number: int) -> None:
        asked.append(number)
        if number == 0:
            release.wait(20)
        else:
            raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match="gone"):
        ask_each(act, [0, 1, 2, 3], at_once=2)
    assert not release.is_set()
    release.set()
    assert asked in ([0, 1], [1, 0])
