"""The first process of a group: run as a script, it starts the command and outlives it until nobody is left.

Its stdin is a pipe whose other end only the starter holds. When that end closes, be it because the starter
asks so, or because it was killed without a chance to clear up, the whole group is ended: asked first, then
forced. Nothing but the standard library is imported, so that it starts within a few milliseconds.

    python -I -S group_leader.py GRACE COMMAND [ARGUMENT…]
"""

import contextlib
import os
import pathlib
import select
import signal
import sys
import time

NOT_FOUND = 127
_STEP = 0.05
_ADOPT = 36  # PR_SET_CHILD_SUBREAPER


def main(grace: float, command: list[str]) -> int:
    """Run the command; its exit code, 128 and the signal's number where one ended it."""
    _adopt_orphans()
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    # The group's signals are for those in it; the leader must see them go.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    child = os.fork()
    if child == 0:
        _become(command)
    code = None
    while code is None:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(woken, 4096)
            code = _reap(child)
        if code is None and 0 in ready and not os.read(0, 4096):
            _end_group(grace)
            return 128 + signal.SIGKILL
    _end_adopted()
    return code


def _become(command: list[str]) -> None:
    """Turn the forked process into the command."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.execvp(command[0], command)  # noqa: S606  # nothing in it is for a shell
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode(errors="replace"))
    finally:
        os._exit(NOT_FOUND)


def _reap(child: int) -> int | None:
    """Collect all that ended; the exit code of `child` when it is among them."""
    code = None
    with contextlib.suppress(ChildProcessError):
        while True:
            number, status = os.waitpid(-1, os.WNOHANG)
            if number == 0:
                break
            if number == child:
                code = os.waitstatus_to_exitcode(status)
    return None if code is None else (128 - code if code < 0 else code)


def _end_group(grace: float) -> None:
    """Ask all of the group to end; after `grace` seconds force them."""
    os.killpg(0, signal.SIGTERM)
    until = time.monotonic() + grace
    while time.monotonic() < until:
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        time.sleep(_STEP)
    if not _end_adopted():
        os.killpg(0, signal.SIGKILL)


def _end_adopted() -> bool:
    """Force what was left running to end, also what left the group: the kernel made them our children.

    Whether nobody is left.
    """
    until = time.monotonic() + 2.0
    while time.monotonic() < until:
        for number in _descendants():
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(_STEP)
        except ChildProcessError:
            return True
    return False


def _descendants() -> list[int]:
    """All processes below this one; none where there is no /proc."""
    parents: dict[int, int] = {}
    with contextlib.suppress(OSError):
        for folder in pathlib.Path("/proc").iterdir():
            if folder.name.isdigit():
                with contextlib.suppress(OSError, ValueError, IndexError):
                    told = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
                    parents[int(folder.name)] = int(told[1])
    found: set[int] = set()
    new = {os.getpid()}
    while new:
        new = {number for number, parent in parents.items() if parent in new} - found
        found |= new
    return list(found)


def _adopt_orphans() -> None:
    """Have Linux make us the parent of those whose own parent ends."""
    if sys.platform == "linux":
        with contextlib.suppress(ImportError, OSError, AttributeError):
            import ctypes  # noqa: PLC0415  # a Python without it can do the rest

            ctypes.CDLL(None).prctl(_ADOPT, 1, 0, 0, 0)


if __name__ == "__main__":
    sys.stdout.flush()
    os._exit(main(float(sys.argv[1]), sys.argv[2:]))
