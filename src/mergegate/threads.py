"""Two threads for work that lets the interpreter go: reading Parquet, sorting and counting large arrays."""

import contextvars
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from mergegate import memory

Item = TypeVar("Item")
Result = TypeVar("Result")
First = TypeVar("First")
Second = TypeVar("Second")

_SHARED: contextvars.ContextVar[bool] = contextvars.ContextVar("shared", default=False)
"""Whether the work of this thread is shared already."""

WORTHWHILE = 100_000
"""Rows from which a second thread saves more than it costs."""


def each(function: Callable[[Item], Result], items: Iterable[Item], *, rows: int) -> list[Result]:
    """Apply a function to every item: results in the items' order, and the same with one thread or two.

    `rows` says how much there is to do; little is done in this thread alone, and so is what one of the two
    asks for: there are never more than two, since each holds arrays of its own. Of several errors the first
    item's is raised.
    """
    todo = list(items)
    memory.keep_freed()
    if rows < WORTHWHILE or len(todo) < 2 or _SHARED.get() or _processors() < 2:
        return [function(item) for item in todo]
    results: dict[int, Result] = {}
    errors: dict[int, BaseException] = {}
    places = iter(range(len(todo)))
    lock = threading.Lock()

    def work() -> None:
        _SHARED.set(True)
        while not errors:
            with lock:
                place = next(places, None)
            if place is None:
                return
            try:
                results[place] = function(todo[place])
            except BaseException as error:
                errors[place] = error

    # numpy keeps what `errstate` says in the context.
    other = threading.Thread(target=contextvars.copy_context().run, args=(work,), daemon=True)
    other.start()
    contextvars.copy_context().run(work)
    other.join()
    if errors:
        raise errors[min(errors)]
    return [results[place] for place in range(len(todo))]


def both(first: Callable[[], First], second: Callable[[], Second], *, rows: int) -> tuple[First, Second]:
    """Call two functions, at the same time where there is much to do; arguments as of `each`."""
    calls: tuple[Callable[[], Any], ...] = (first, second)
    one, other = each(lambda call: call(), calls, rows=rows)
    return one, other


def _processors() -> int:
    """Processors that this process may use, as far as the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
