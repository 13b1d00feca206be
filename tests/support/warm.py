"""The commands `dvc` and `mergegate`, each in a process of its own that has the imports behind it.

Most of the time of a command on a small repository goes into importing DVC. A server imports it once, and
every command is a fork of that server: with its own folder, environment, streams and exit code, and gone
afterwards. What a command imports besides, the server imports before the next.

A test calls `run`; a shell starts them by a small program, `client`, that ends as the command ends.
"""

import atexit
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO

PROGRAMS = ("dvc", "mergegate")

TEMPORARY = tempfile.gettempdir()

TIMEOUT = 120
"""Seconds after which a command is ended by SIGALRM."""

CLIENT = """\
#!{python} -IS
import json, os, signal, socket, sys

server = socket.socket(socket.AF_UNIX)
server.connect({path!r})
command = [os.path.basename(sys.argv[0]), *sys.argv[1:]]
body = json.dumps([command, os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(server, [len(body).to_bytes(8, "big")], [0, 1, 2])
server.sendall(body)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda number, frame: server.send(bytes([number])))
answer = server.recv(8)
if not answer:
    sys.exit("the warm server is gone")
code = int(answer)
sys.exit(code if code >= 0 else 128 - code)
"""


def run(
    command: tuple[str, ...], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run `dvc …` or `mergegate …` as a program of that name would run there."""
    body = json.dumps([list(command), str(folder), dict(environment)]).encode()
    with (
        Path(os.devnull).open() as nothing,
        tempfile.TemporaryFile("w+") as out,
        tempfile.TemporaryFile("w+") as err,
        socket.socket(socket.AF_UNIX) as server,
    ):
        server.connect(_start())
        streams = [nothing.fileno(), out.fileno(), err.fileno()]
        socket.send_fds(server, [len(body).to_bytes(8, "big")], streams)
        server.sendall(body)
        answer = server.recv(8)
        assert answer, "the warm server is gone"
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(command, int(answer), out.read(), err.read())


def client() -> str:
    """The text of a program that, under a name of PROGRAMS, does what the program of that name would do."""
    return CLIENT.format(python=sys.executable, path=_start())


@cache
def _start() -> str:
    """Start the server; where it listens."""
    # Not where the test that happens to start it looks for what commands leave behind.
    folder = tempfile.TemporaryDirectory(prefix="warm-", dir=TEMPORARY)
    path = f"{folder.name}/socket"
    server = subprocess.Popen(
        # Without the folder of this file on its path, whose modules have names that others have too.
        [sys.executable, "-P", __file__, path],
        # Ctrl-C ends it by the end of its input, when nothing asks any more.
        start_new_session=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # One thread of BLAS, as mergegate asks for: what is computed must not depend on who imported it.
        env={
            "PATH": os.environ["PATH"],
            "HOME": os.devnull,
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_WAIT_POLICY": "passive",
        },
    )
    assert server.stdin is not None
    assert server.stdout is not None
    stdin = server.stdin
    assert server.stdout.readline() == "ready\n"

    def stop() -> None:
        stdin.close()
        server.wait()
        folder.cleanup()

    atexit.register(stop)
    return path


class _Server:
    """Answers any number of clients at once: a command may start another."""

    def __init__(self, path: str) -> None:
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(path)
        self.listening.listen()
        self.ready = selectors.DefaultSelector()
        self.ready.register(self.listening, selectors.EVENT_READ)
        self.running: set[int] = set()

    def serve(self, asked: IO[str]) -> None:
        """Serve until `asked` ends; what still runs ends with it."""
        self.ready.register(asked, selectors.EVENT_READ)
        while True:
            for key, _ in self.ready.select():
                if key.fileobj is asked:
                    for process in self.running:
                        with suppress(ProcessLookupError):
                            os.killpg(process, signal.SIGKILL)
                    return
                if key.fileobj is self.listening:
                    self._begin()
                elif key.fd in self.ready.get_map():
                    key.data()

    def _begin(self) -> None:
        caller, _ = self.listening.accept()
        size, streams, _, _ = socket.recv_fds(caller, 8, 3)
        with caller.makefile("rb") as file:
            body = file.read(int.from_bytes(size, "big"))
        told = tempfile.TemporaryFile("w+")  # noqa: SIM115 (its command's end closes it)
        gc.freeze()
        process = os.fork()
        if process == 0:
            # A session of its own, so that a signal reaches what the command starts.
            os.setsid()
            _become(body, streams, told)
        for stream in streams:
            os.close(stream)
        self.running.add(process)
        handle = os.pidfd_open(process)

        def signalled() -> None:
            sent = b""
            with suppress(OSError):
                sent = caller.recv(1)
            with suppress(ProcessLookupError):
                os.killpg(process, sent[0] if sent else signal.SIGKILL)
            if not sent:
                self.ready.unregister(caller)

        def ended() -> None:
            _, status = os.waitpid(process, 0)
            self.running.discard(process)
            self.ready.unregister(handle)
            os.close(handle)
            with suppress(KeyError):
                self.ready.unregister(caller)
            with suppress(OSError):
                caller.sendall(b"%d" % os.waitstatus_to_exitcode(status))
            caller.close()
            with told:
                _learn(told)

        self.ready.register(caller, selectors.EVENT_READ, signalled)
        self.ready.register(handle, selectors.EVENT_READ, ended)


def _become(body: bytes, streams: list[int], told: IO[str]) -> None:
    """Be the command until its end; what it imported is told."""
    command, folder, environment = json.loads(body)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
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


def _learn(told: IO[str]) -> None:
    """Import what a command imported."""
    told.seek(0)
    for name in told.read().split():
        with suppress(Exception):
            importlib.import_module(name)


def _call(program: str, arguments: list[str]) -> int:
    """What the program of this name does, its exit code."""
    called = importlib.import_module(f"{program}.cli")
    if program == "dvc":
        return int(called.main(arguments) or 0)
    called._prepare_streams()
    return int(called.run(arguments))


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w")
    asked = os.fdopen(os.dup(0))
    os.set_inheritable(answers.fileno(), False)
    server = _Server(sys.argv[1])
    answers.write("ready\n")
    answers.flush()
    server.serve(asked)
    # Nothing is left to do, and libraries that were imported would tell of their own leaks.
    os._exit(0)
