"""Run the child that runs a bundle: no secret in its environment, bounded time, ended with all it started."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import msgspec

from mergegate.bundle import folder as disk
from mergegate.bundle.folder import printable
from mergegate.bundle.scoring_messages import JOB, LOG, REPORT, Failure, Job, Report, gigabytes
from mergegate.errors import BrokenError, ContractError

CHILD = "mergegate.bundle.scoring_child"
MAX_REPORT = 1_000_000
_KEPT = ("LD_LIBRARY_PATH", "SYSTEMROOT")
_TAIL = 2_000


def run(job: Job, folder: Path, *, seconds: float) -> Report:
    """Do `job` in a child process that shares `folder`; it may take `seconds` of wall-clock time.

    Raises ContractError when a file is at fault or a limit was hit, BrokenError when the surroundings are.
    """
    (folder / JOB).write_bytes(msgspec.json.encode(job))
    code = _run(folder, seconds, job)
    if code != 0:
        _explain_end(code, folder, job)
    report = _read_report(folder)
    if report.failure is not None:
        _raise(report.failure, job)
    return report


def _run(folder: Path, seconds: float, job: Job) -> int:
    """The child's exit code; its whole process group is gone when this returns or raises."""
    try:
        with (folder / LOG).open("wb") as log:
            child = subprocess.Popen(
                [sys.executable, "-I", "-m", CHILD, str(folder)],
                # The child ends itself when this pipe does, should this process be killed.
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=folder,
                env=_environment(folder),
                start_new_session=True,
            )
    except OSError as error:
        raise BrokenError(
            f"{sys.executable} can't be started to run a bundle: {error.strerror}",
            hint="look at memory and disk",
        ) from error
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        _too_slow(job)
    finally:
        _end(child)


def _end(child: "subprocess.Popen[bytes]") -> None:
    if child.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    if child.stdin is not None:
        child.stdin.close()
    child.wait()


def _environment(folder: Path) -> dict[str, str]:
    """What the child may see: nothing of ours but how to find libraries. One thread each saves memory."""
    return {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        "LC_ALL": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "MALLOC_ARENA_MAX": "2",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _read_report(folder: Path) -> Report:
    try:
        return msgspec.json.decode(disk.read_file(folder / REPORT, limit=MAX_REPORT), type=Report)
    except (ContractError, msgspec.DecodeError) as error:
        raise BrokenError("the process that runs a bundle left no report", hint=_log(folder)) from error


def _raise(failure: Failure, job: Job) -> NoReturn:
    if failure.kind == "memory":
        _too_large(job)
    if failure.kind == "contract":
        raise ContractError(failure.message, file=failure.file, hint=failure.hint)
    raise BrokenError(failure.message, hint=failure.hint)


def _explain_end(code: int, folder: Path, job: Job) -> NoReturn:
    """Say why the child ended without a word."""
    if code == -signal.SIGXCPU:
        _too_slow(job)
    log = _log(folder)
    if "alloc" in log or "MemoryError" in log or code == -signal.SIGKILL:
        _too_large(job)
    if code < 0:
        raise ContractError(
            f"running it crashed ({signal.Signals(-code).name}); it may have needed more than "
            f"{gigabytes(job.memory)} of memory",
            file=job.files.name,
            hint="export the model again with `mergegate.bundle.save`",
        )
    raise BrokenError(f"the process that runs a bundle ended with the code {code}", hint=log)


def _too_slow(job: Job) -> NoReturn:
    raise ContractError(
        f"running it on {job.inputs.name} took longer than {job.seconds:,} s",
        file=job.files.name,
        hint="make the model or the inputs smaller",
    )


def _too_large(job: Job) -> NoReturn:
    raise ContractError(
        f"running it on {job.inputs.name} needed more than {gigabytes(job.memory)} of memory",
        file=job.files.name,
        hint="make the model or the inputs smaller",
    )


def _log(folder: Path) -> str:
    """The last line that the child wrote."""
    with suppress(OSError), (folder / LOG).open("rb") as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL))
        lines = log.read(_TAIL).decode(errors="replace").strip().splitlines()
        return " ".join(
            printable(line[at : at + 80]) for line in lines[-1:] for at in range(0, 240, 80)
        ).strip()
    return ""
