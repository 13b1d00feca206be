"""The one module that runs git: in a cleaned environment, with no pager, prompt, hook or monitor."""

import os
import re
import subprocess
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO

from mergegate.errors import BrokenError, Code, UsageError
from mergegate.repo.credentials import hide_credentials

TIMEOUT = 120.0
"""Seconds that one git command may take."""

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes of the largest file that is read from git or the workspace; data beyond that belongs to DVC."""

# What a caller's environment may say: how to find and configure git, never which repository or index to use.
_KEPT = ("GIT_CONFIG_", "GIT_EXEC_PATH", "GIT_CEILING_DIRECTORIES")
_SETTINGS = (
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.quotePath=false",
    "-c",
    "core.pager=cat",
)


class GitError(BrokenError):
    """A git command ended with an error; `status` is its exit code, `output` what it said on stderr."""

    code: Code = "git-failed"

    def __init__(self, arguments: Iterable[str], status: int, output: str) -> None:
        command = hide_credentials("git " + " ".join(arguments))
        said = hide_credentials(output).strip()[:500] or "no message"
        super().__init__(f"`{command[:200]}` failed: {said}", hint=_hint(output))
        self.status = status
        self.output = output


def environment() -> dict[str, str]:
    """The environment git runs in: the caller's, less what would redirect it (as inside a hook)."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_") or k.startswith(_KEPT)}
    kept.pop("GIT_CONFIG_PARAMETERS", None)
    return kept | {
        "LC_ALL": "C",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        # A replacement ref would let a name stand for other bytes than its own.
        "GIT_NO_REPLACE_OBJECTS": "1",
        # Nor may commits have other parents than their own; git warns of a file that is there.
        "GIT_GRAFT_FILE": "/dev/null/none",
    }


def run(
    folder: Path,
    *arguments: str,
    stdin: bytes = b"",
    timeout: float = TIMEOUT,
    variables: Mapping[str, str] | None = None,
) -> bytes:
    """Run one git command in `folder`, with `stdin` and at most `timeout` seconds; its stdout.

    `variables` are added to the environment of this command alone.

    Raises GitError for a non-zero exit, UsageError when git is not installed.
    """
    try:
        done = subprocess.run(
            ["git", "--no-pager", *_SETTINGS, *arguments],
            cwd=folder,
            env=environment() | dict(variables or {}),
            stdin=None if stdin else subprocess.DEVNULL,
            input=stdin or None,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError as error:
        raise _not_started(folder) from error
    except subprocess.TimeoutExpired as error:
        raise BrokenError(
            f"`git {arguments[0]}` did not end within {timeout:.0f} s",
            hint="look for a slow disk or another git process that holds a lock",
        ) from error
    if done.returncode != 0:
        raise GitError(arguments, done.returncode, done.stderr.decode(errors="replace"))
    return done.stdout


def ask(folder: Path, *arguments: str) -> str | None:
    """Run one git command whose failure is an answer; its stdout without the last newline, else None."""
    try:
        return run(folder, *arguments).decode(errors="surrogateescape").removesuffix("\n")
    except GitError:
        return None


class Blobs:
    """The bytes of objects by name: one long-lived `git cat-file --batch` for all that are open at once.

    A context manager: closing the last one of a repository ends the process.
    """

    def __init__(self, folder: Path) -> None:
        self._process = _share(folder)
        self._open = True

    def __enter__(self) -> "Blobs":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, sha: str, *, name: str) -> bytes:
        """The bytes of blob `sha`; `name` is what errors call it.

        Raises UsageError beyond LARGEST_FILE, BrokenError for an object that git lacks.
        """
        found = self._process.ask(sha.encode(), name)
        if found is None:
            raise BrokenError(
                f"git has no object {sha} for {name[:200]}",
                hint="the clone is incomplete: run `git fsck`, or clone again",
                code="git-object-missing",
            )
        return found[1]

    def find_commit(self, name: str) -> tuple[str, bytes] | None:
        """The full name and the bytes of the one commit that `name` stands for, None for none."""
        try:
            question = os.fsencode(f"{name}^{{commit}}")
        except UnicodeEncodeError:  # half of a surrogate pair is in no name
            return None
        return None if b"\n" in question else self._process.ask(question, name)

    def close(self) -> None:
        """End the process, unless another one needs it."""
        if self._open:
            self._open = False
            _leave(self._process)


class _BatchProcess:
    """The process behind all open `Blobs` of a folder: started when first asked, and after it was ended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.users = 0
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, question: bytes, name: str) -> tuple[str, bytes] | None:
        """The full name and the bytes of an object, None where git has none, or several, of that name."""
        with self._lock:
            questions, answers = self._streams()
            try:
                questions.write(question + b"\n")
                questions.flush()
                header = answers.readline()
            except BrokenPipeError:
                header = b""
            if not header.endswith(b"\n"):
                self._end()
                return None
            found = _HEADER.fullmatch(header)
            if found is None:
                return None
            size = int(found[2])
            if size > LARGEST_FILE:
                # What git has begun to send can't be stopped but by ending it; the next read starts another.
                self._end()
                raise too_large(name, size)
            content = answers.read(size)
            answers.read(1)
            if len(content) != size:
                self._end()
                raise BrokenError(
                    f"git ended while it sent {name[:200]}", hint="run `git fsck`", code="git-object-missing"
                )
            return found[1].decode(), content

    def end(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        process.terminate()
        process.wait()

    def _streams(self) -> tuple[IO[bytes], IO[bytes]]:
        """The running process's stdin and stdout."""
        if self._process is None:
            try:
                self._process = subprocess.Popen(
                    ["git", "--no-pager", *_SETTINGS, "cat-file", "--batch"],
                    cwd=self.folder,
                    env=environment(),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            except FileNotFoundError as error:
                raise _not_started(self.folder) from error
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise BrokenError("git runs without its pipes")
        return process.stdin, process.stdout


_HEADER = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64}) (?:commit|tree|blob|tag) ([0-9]+)\n")
_shared: dict[Path, _BatchProcess] = {}
_sharing = threading.Lock()


def _share(folder: Path) -> _BatchProcess:
    """The folder's process, with one user more."""
    with _sharing:
        process = _shared.setdefault(folder, _BatchProcess(folder))
        process.users += 1
        return process


def _leave(process: _BatchProcess) -> None:
    """One user less; the last one ends it."""
    with _sharing:
        process.users -= 1
        if process.users:
            return
        del _shared[process.folder]
    process.end()


def too_large(name: str, size: int) -> UsageError:
    """The error for a file that is too large to be read."""
    return UsageError(
        f"{name[:200]} has {size:,} bytes, and files over {LARGEST_FILE:,} bytes are not read from git",
        hint="track it with `dvc add`",
    )


def _not_started(folder: Path) -> UsageError:
    if not folder.is_dir():
        return UsageError(
            f"{folder} is not a folder", hint="run this inside a git repository", code="not-a-repository"
        )
    return UsageError("git is not installed", hint="install git 2.30 or newer", code="git-missing")


def _hint(output: str) -> str:
    if "dubious ownership" in output:
        return "the folder belongs to another user: run `git config --global --add safe.directory FOLDER`"
    return "run the same git command to see more"
