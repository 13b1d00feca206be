"""The commands `dvc` and `mergegate`, each in a process of its own that has the imports behind it.

Most of the time of a command on a small repository goes into importing DVC. A server imports it once, and
every command is a fork of that server: with its own folder, environment, output and exit code, and gone
afterwards. What a command imports besides, the server imports before the next.
"""

import atexit
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any

PROGRAMS = ("dvc", "mergegate")

TIMEOUT = 120
"""Seconds after which a command is ended by SIGALRM."""


def run(
    command: tuple[str, ...], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run `dvc …` or `mergegate …` as a program of that name would run there."""
    server = _start()
    assert server.stdin is not None
    assert server.stdout is not None
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        places = [f"/proc/{os.getpid()}/fd/{file.fileno()}" for file in (out, err)]
        request = [list(command), str(folder), dict(environment), *places]
        server.stdin.write(json.dumps(request) + "\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(command, code, out.read(), err.read())


@cache
def _start() -> "subprocess.Popen[str]":
    server = subprocess.Popen(
        # Without the folder of this file on its path, whose modules have names that others have too.
        [sys.executable, "-P", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # One thread of BLAS, as mergegate asks for: what is computed must not depend on who imported it.
        env={"PATH": os.environ["PATH"], "HOME": os.devnull, "OPENBLAS_NUM_THREADS": "1"},
    )

    def stop() -> None:
        assert server.stdin is not None
        server.stdin.close()
        server.wait()

    atexit.register(stop)
    return server


def _serve(requests: IO[str], answers: IO[str]) -> None:
    """Answer each line, a command, with a line, its exit code."""
    for line in requests:
        gc.freeze()
        with tempfile.TemporaryFile("w+") as told:
            child = os.fork()
            if child == 0:
                _become(json.loads(line), told)
            _, status = os.waitpid(child, 0)
            answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
            answers.flush()
            told.seek(0)
            for name in told.read().split():
                with suppress(Exception):
                    importlib.import_module(name)


def _become(request: Any, told: IO[str]) -> None:
    """Be the command until its end; what it imported is told."""
    command, folder, environment, out, err = request
    for number, place in enumerate((os.devnull, out, err)):
        opened = os.open(place, os.O_RDWR)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    signal.alarm(TIMEOUT)
    sys.argv = list(command)
    known = set(sys.modules)
    code = 1
    try:
        code = _call(command[0], command[1:])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        # In the order of the imports: some modules can't be imported before those that need them.
        told.write(" ".join(name for name in sys.modules if name not in known))
        told.flush()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _call(program: str, arguments: list[str]) -> int:
    """What the program of this name does, its exit code."""
    called = importlib.import_module(f"{program}.cli")
    if program == "dvc":
        return int(called.main(arguments) or 0)
    called._prepare_streams()
    return int(called.run(arguments))


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w")
    requests = os.fdopen(os.dup(0))
    os.set_inheritable(answers.fileno(), False)
    _serve(requests, answers)
    # Nothing is left to do, and libraries that were imported would tell of their own leaks.
    os._exit(0)
