"""Run a command in a process group of its own, so that nothing of it lives on: not after Ctrl-C, a time-out,
or the sudden death of this process.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

import msgspec

from mergegate.errors import BrokenError

LARGEST_LOG = 32 * 1024 * 1024
"""Bytes of a command's output that its log keeps."""

LONGEST_TAIL = 16 * 1024
"""Bytes of the end of a command's output that are kept besides."""

GRACE = 5.0
"""Seconds between asking a group to end and forcing it."""

_LEADER = Path(__file__).with_name("group_leader.py")
_TICK = 0.5
_BRIEF = 0.01
_LEFT = 2.0
"""Seconds that output is waited for once the command has ended."""


class Ended(msgspec.Struct, frozen=True):
    """How a command ended; `tail` is the end of what it wrote to stdout and stderr, as it came.

    `code` is its exit code, 128 and the signal's number where one ended it.
    """

    code: int
    seconds: float
    tail: str
    timed_out: bool = False


def run_group(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
    timeout: float | None = None,
    grace: float = GRACE,
    tell: Callable[[float], None] = lambda seconds: None,
    note: Path | None = None,
) -> Ended:
    """Run a command until it ends, with no stdin; all that it started ends with it.

    `log` receives its output, `tell` the seconds so far now and then, the file `note` the group's number
    while it runs, for `await_group`. Whatever exception arrives meanwhile,
    Ctrl-C too, ends the group before it goes on. Raises BrokenError when the log can't be written or no
    process be started.
    """
    started = time.monotonic()
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as kept:
            leader = _start(command, folder, environment, grace)
            try:
                if note is not None:
                    note.write_text(str(leader.pid))
                output = _Output(leader, kept)
                timed_out = output.follow(started, timeout, tell)
                code = _wait(leader) if not timed_out else _end(leader, grace)
                output.drain()
            finally:
                _end(leader, grace)
                _close(leader.stdout)
                if note is not None:
                    note.unlink(missing_ok=True)
    except OSError as error:
        raise BrokenError(
            f"{command[0]} can't be run, or its log {log} not be written: {error.strerror}",
            hint="look for a full disk, missing permissions or too many processes",
        ) from error
    return Ended(code, time.monotonic() - started, output.tail, timed_out)


def await_group(note: Path) -> None:
    """Wait until the group has ended that a killed process noted: it was asked to when its starter went."""
    try:
        number = int(note.read_text())
    except (OSError, ValueError):
        return
    until = time.monotonic() + GRACE + 2 * _LEFT
    with contextlib.suppress(ProcessLookupError, PermissionError):
        while time.monotonic() < until:
            os.killpg(number, 0)
            time.sleep(10 * _BRIEF)
    note.unlink(missing_ok=True)


def _start(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], grace: float
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(_LEADER), str(grace), *command],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


class _Output:
    """What a group writes: the start into the log, the end into memory."""

    def __init__(self, leader: subprocess.Popen[bytes], log: IO[bytes]) -> None:
        if leader.stdout is None:
            raise BrokenError("a process runs without its pipe")
        self._number = leader.stdout.fileno()
        self._leader = leader
        self._log = log
        self._logged = 0
        self._tail = b""
        self._open = True
        os.set_blocking(self._number, False)

    @property
    def tail(self) -> str:
        return self._tail.decode(errors="replace")

    def follow(self, started: float, timeout: float | None, tell: Callable[[float], None]) -> bool:
        """Read until the leader has ended; whether the time was up before."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._number, selectors.EVENT_READ)
            while True:
                elapsed = time.monotonic() - started
                if timeout is not None and elapsed >= timeout:
                    return not _has_ended(self._leader)
                wait = _TICK if timeout is None else min(_TICK, timeout - elapsed)
                if self._open and selector.select(wait):
                    self._read()
                    continue
                if _has_ended(self._leader):
                    return False
                if not self._open:  # it closed its output and goes on
                    time.sleep(_BRIEF)
                tell(time.monotonic() - started)

    def drain(self) -> None:
        """Read what is left, for a short while: one who left the group may hold the pipe."""
        until = time.monotonic() + _LEFT
        with selectors.DefaultSelector() as selector:
            selector.register(self._number, selectors.EVENT_READ)
            while self._open and (left := until - time.monotonic()) > 0:
                if selector.select(left):
                    self._read()

    def _read(self) -> None:
        try:
            chunk = os.read(self._number, 65_536)
        except BlockingIOError:
            return
        self._open = bool(chunk)
        room = LARGEST_LOG - self._logged
        if chunk and room > 0:
            self._log.write(chunk[:room])
            self._log.flush()
            self._logged += len(chunk)
            if len(chunk) >= room:
                self._log.write(b"\n[the rest is not kept]\n")
        self._tail = (self._tail + chunk)[-LONGEST_TAIL:]


def _has_ended(leader: subprocess.Popen[bytes]) -> bool:
    """Whether the leader has ended, which is left to be collected: its number stays its own."""
    return os.waitid(os.P_PID, leader.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _wait(leader: subprocess.Popen[bytes]) -> int:
    """Collect an ended leader once nobody of its group is left; its exit code."""
    if leader.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader.pid, signal.SIGKILL)
        leader.wait()
    _close(leader.stdin)
    return leader.returncode if leader.returncode >= 0 else 128 - leader.returncode


def _end(leader: subprocess.Popen[bytes], grace: float) -> int:
    """End the group if it still runs: the closing pipe tells the leader to."""
    if leader.returncode is not None:
        return leader.returncode
    _close(leader.stdin)
    until = time.monotonic() + grace + _LEFT
    while not _has_ended(leader) and time.monotonic() < until:
        time.sleep(_BRIEF)
    return _wait(leader)


def _close(stream: IO[bytes] | None) -> None:
    if stream is not None:
        with contextlib.suppress(OSError):
            stream.close()
