"""Threads that ask a storage for many things at once, and hold nobody up who wants to end."""

import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeVar

PATIENCE = 2.0
"""Seconds that an interrupted command leaves its threads to clear up; then it goes on without them."""

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def ask_each(act: Callable[[Item], Answer], items: Sequence[Item], *, at_once: int) -> list[Answer]:
    """What `act` says of each item, in their order, at most `at_once` at the same time.

    The first thing that it raises is raised here, and so is Ctrl-C, at once: nothing is begun any more, and a
    server that never answers is not waited for, as an executor of threads would.
    """
    todo: SimpleQueue[tuple[int, Item]] = SimpleQueue()
    done: SimpleQueue[tuple[int, Answer] | BaseException] = SimpleQueue()
    ended = threading.Event()
    for each in enumerate(items):
        todo.put(each)

    def work() -> None:
        while not ended.is_set():
            try:
                index, item = todo.get_nowait()
            except Empty:
                return
            try:
                done.put((index, act(item)))
            except BaseException as error:  # raised again where the answers are collected
                ended.set()
                done.put(error)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(at_once, len(items)))]
    answers: dict[int, Answer] = {}
    try:
        for thread in threads:
            thread.start()
        while len(answers) < len(items):
            told = done.get()
            if isinstance(told, BaseException):
                raise told
            answers[told[0]] = told[1]
    finally:
        ended.set()
        until = time.monotonic() + PATIENCE
        for thread in threads:
            if thread.ident is not None:
                thread.join(max(0.0, until - time.monotonic()))
    return [answers[index] for index in range(len(items))]
