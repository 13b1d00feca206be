"""Asking somebody who may never answer: within a bound of time, and left behind after it."""

import queue
import threading
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


class LateError(Exception):
    """No answer came in time."""


def begin(ask: Callable[[], Found], patience: float) -> Callable[[], Found]:
    """Ask in the background; what is returned waits until `patience` seconds have passed since.

    It raises LateError then, and before that whatever asking raises.
    """
    answers: queue.SimpleQueue[tuple[Found | None, Exception | None]] = queue.SimpleQueue()
    ends = time.monotonic() + patience

    def answer() -> None:
        try:
            answers.put((ask(), None))
        except Exception as error:  # whatever it is, the one who waits is told
            answers.put((None, error))

    threading.Thread(target=answer, daemon=True).start()

    def wait() -> Found:
        try:
            found, error = answers.get(timeout=max(ends - time.monotonic(), 0.01))
        except queue.Empty:
            raise LateError from None
        if error is not None:
            raise error
        return found  # type: ignore[return-value]

    return wait
