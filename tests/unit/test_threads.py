"""Two threads give what one gives."""

import threading

import numpy as np
import pytest

from mergegate import threads


@pytest.mark.parametrize("rows", [0, threads.WORTHWHILE])
@pytest.mark.parametrize("items", [0, 1, 2, 7])
def test_results_stand_in_the_order_of_the_items(items: int, rows: int) -> None:
    assert threads.each(lambda item: item * item, range(items), rows=rows) == [i * i for i in range(items)]


def test_much_work_is_done_by_two_threads_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_processors", lambda: 8)
    meeting = threading.Barrier(2, timeout=30)
    assert sorted(threads.each(lambda item: meeting.wait() >= 0, range(2), rows=threads.WORTHWHILE)) == [
        True,
        True,
    ]


def test_little_work_and_a_single_processor_stay_in_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    here = threading.get_ident()
    assert threads.both(threading.get_ident, threading.get_ident, rows=1_000) == (here, here)
    monkeypatch.setattr(threads, "_processors", lambda: 1)
    assert threads.both(threading.get_ident, threading.get_ident, rows=10**7) == (here, here)


@pytest.mark.parametrize("processors", [1, 2])
def test_the_first_items_error_is_raised(processors: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_processors", lambda: processors)

    def fail(item: int) -> int:
        raise ValueError(f"item {item}")

    for _ in range(20):
        with pytest.raises(ValueError, match="item 0"):
            threads.each(fail, range(5), rows=10**7)


def test_numpy_errors_are_ignored_in_every_thread_where_the_caller_ignores_them() -> None:
    zeros = np.zeros(2)
    with np.errstate(all="ignore"):
        found = threads.each(lambda place: float(np.log(zeros)[place]), (0, 1), rows=10**7)
    assert found == [-np.inf, -np.inf]


def test_there_are_never_more_than_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_processors", lambda: 8)
    seen: list[set[int]] = []

    def look(item: int) -> int:
        seen.append(set(threads.each(lambda _: threading.get_ident(), range(3), rows=10**7)))
        return item

    assert threads.each(look, range(4), rows=10**7) == [0, 1, 2, 3]
    assert all(len(found) == 1 for found in seen)
    assert len(set.union(*seen)) <= 2
    assert len(set(threads.each(lambda _: threading.get_ident(), range(3), rows=10**7))) <= 2
