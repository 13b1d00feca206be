"""A command's whole group ends with it, however that comes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mergegate.errors import BrokenError
from mergegate.repo.process import Ended, await_group, run_group

# Writes its own number, and waits until it is ended.
WAITING = (
    "import os, pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); time.sleep(600)"
)


def run(folder: Path, *command: str, timeout: float | None = None, grace: float = 5.0) -> Ended:
    return run_group(
        command, folder=folder, environment=os.environ, log=folder / "log", timeout=timeout, grace=grace
    )


def lives(number: int) -> bool:
    """Whether a process runs; one that ended and was not collected does not."""
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def wait_for(path: Path) -> int:
    """The number that a process writes into a file, once it is there."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if path.exists() and (text := path.read_text()):
            return int(text)
        os.sched_yield()
    raise AssertionError(f"{path} was never written")


def test_the_exit_code_and_all_output_are_told(tmp_path: Path) -> None:
    ended = run(tmp_path, "sh", "-c", "echo out; echo err >&2; exit 3")
    assert (ended.code, ended.tail, ended.timed_out) == (3, "out\nerr\n", False)
    assert (tmp_path / "log").read_text() == "out\nerr\n"


def test_a_command_that_is_not_there_ends_with_127(tmp_path: Path) -> None:
    ended = run(tmp_path, "no-such-command")
    assert (ended.code, ended.tail) == (127, "no-such-command: No such file or directory\n")


def test_a_signal_is_told_as_shells_tell_it(tmp_path: Path) -> None:
    assert run(tmp_path, "sh", "-c", "kill -SEGV $$").code == 128 + signal.SIGSEGV


def test_stdin_is_empty(tmp_path: Path) -> None:
    assert run(tmp_path, "sh", "-c", "cat; echo done", timeout=20).tail == "done\n"


def test_a_command_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    child = tmp_path / "child"
    ended = run(
        tmp_path, "sh", "-c", f'"{sys.executable}" -c "{WAITING}" {child} & wait', timeout=1.0, grace=2.0
    )
    assert ended.timed_out
    assert not lives(wait_for(child))


def test_one_that_ignores_being_asked_is_forced(tmp_path: Path) -> None:
    # Without a child, of whose end the shell could tell before its own.
    ended = run(tmp_path, "sh", "-c", "trap '' TERM; echo up; while :; do :; done", timeout=0.5, grace=0.3)
    assert (ended.timed_out, ended.code, ended.tail) == (True, 128 + signal.SIGKILL, "up\n")


def test_what_a_command_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    child = tmp_path / "child"
    script = f'"{sys.executable}" -c "{WAITING}" {child} & while [ ! -s {child} ]; do :; done; echo left'
    assert run(tmp_path, "sh", "-c", script).tail == "left\n"
    assert not lives(wait_for(child))


def test_one_that_left_the_group_ends_too(tmp_path: Path) -> None:
    child = tmp_path / "child"
    script = (
        f'setsid "{sys.executable}" -c "{WAITING}" {child} & while [ ! -s {child} ]; do :; done; echo left'
    )
    assert run(tmp_path, "sh", "-c", script).tail == "left\n"
    assert not lives(wait_for(child))


def test_the_group_ends_with_a_leader_that_is_killed(tmp_path: Path) -> None:
    child = tmp_path / "child"
    started = f'"{sys.executable}" -c "{WAITING}" {child} & while [ ! -s {child} ]; do :; done'
    script = f"{started}; kill -KILL $PPID; wait"
    ended = run(tmp_path, "sh", "-c", script, timeout=60)
    assert (ended.code, ended.timed_out) == (128 + signal.SIGKILL, False)
    number = wait_for(child)
    # Whoever is its parent now has yet to collect it.
    until = time.monotonic() + 20
    while lives(number) and time.monotonic() < until:
        os.sched_yield()
    assert not lives(number)


def test_a_log_is_bounded_and_the_end_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mergegate.repo.process.LARGEST_LOG", 1000)
    monkeypatch.setattr("mergegate.repo.process.LONGEST_TAIL", 20)
    ended = run(tmp_path, sys.executable, "-c", "for i in range(100_000): print(i)")
    assert ended.tail == "6\n99997\n99998\n99999\n"
    kept = (tmp_path / "log").read_text()
    assert kept.startswith("0\n1\n2\n")
    assert kept.endswith("\n[the rest is not kept]\n")
    assert len(kept) == 1000 + len("\n[the rest is not kept]\n")


def test_a_log_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    with pytest.raises(BrokenError, match=r"its log .*log not be written: Is a directory"):
        run(tmp_path, "true")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_lives_on_when_its_starter_is_ended(tmp_path: Path, number: int) -> None:
    child = tmp_path / "child"
    script = (
        "import os, pathlib, signal, sys\n"
        "from mergegate.repo.process import run_group\n"
        "signal.signal(signal.SIGTERM, signal.default_int_handler)\n"
        f"command = [sys.executable, '-c', {WAITING!r}, {str(child)!r}]\n"
        "here = pathlib.Path()\n"
        "run_group(command, folder=here, environment=os.environ, log=here / 'log', note=here / 'note')\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path, stderr=subprocess.DEVNULL) as starter:
        started = wait_for(child)
        starter.send_signal(number)
        starter.wait(timeout=20)
        # One that was killed could not clear up; whoever comes next waits for what it left.
        assert (tmp_path / "note").exists() == (number == signal.SIGKILL)
        await_group(tmp_path / "note")
        assert not lives(started)
        assert not (tmp_path / "note").exists()
