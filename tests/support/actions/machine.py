"""The machine of one job: its folders, its environment, and a step's script under a shell."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from support.actions.programs import base_environment

SHELLS = {
    "": ("bash", "-e", "{0}"),
    "bash": ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "{0}"),
    "sh": ("sh", "-e", "{0}"),
    "python": ("python", "{0}"),
}

SUMMARY_LIMIT = 1024 * 1024
"""Bytes of a step's summary, over which GitHub shows nothing of it."""

FILES = ("output", "env", "path", "step_summary", "state")

RESERVED = re.compile(r"(?i)(GITHUB_|RUNNER_).*|CI|NODE_OPTIONS")


class FailedStepError(Exception):
    """A step failed, with the sentence that its log ends with; what it had put out until then stays."""

    def __init__(self, sentence: str, outputs: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.outputs = dict(outputs or {})


@dataclass
class Machine:
    """A fresh machine in `folder`; `repository` names the checkout's folder, as GitHub's runners do."""

    folder: Path
    repository: str
    tools: Path
    image: Mapping[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    summaries: list[str] = field(default_factory=list)
    annotations: list[tuple[str, str]] = field(default_factory=list)
    masks: list[str] = field(default_factory=list)
    _scripts: int = 0

    def __post_init__(self) -> None:
        for folder in (self.workspace, self.temp, self.home, self.folder / "tool-cache"):
            folder.mkdir(parents=True)
        self.log = self.folder / "log.txt"

    @property
    def workspace(self) -> Path:
        name = self.repository.split("/")[1]
        return self.folder / "work" / name / name

    @property
    def temp(self) -> Path:
        return self.folder / "temp"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def write(self, line: str) -> None:
        """Add a line to the job's log."""
        with self.log.open("a") as file:
            file.write(f"{line}\n")

    def set_up_python(self) -> Path:
        """Put a Python on PATH; its folder."""
        folder = self.folder / "tool-cache" / "python"
        if not folder.exists():
            shutil.copytree(self.tools / "python", folder)
        self.path.insert(0, str(folder))
        return folder

    def run(
        self,
        script: str,
        shell: str,
        folder: Path,
        environment: Mapping[str, str],
        seconds: float,
    ) -> dict[str, str]:
        """Run a step's script; its outputs. Raises FailedStepError."""
        self._scripts += 1
        file = self.temp / f"step-{self._scripts}{'.py' if shell == 'python' else '.sh'}"
        file.write_text(script)
        told = {name: self.temp / f"step-{self._scripts}.{name}" for name in FILES}
        for each in told.values():
            each.touch()
        if not folder.is_dir():
            raise FailedStepError(f"the working directory {folder} is not there")
        command = [part.replace("{0}", str(file)) for part in SHELLS.get(shell) or shell.split()]
        base = base_environment(self.home)
        given = {
            **base,
            **self.image,
            **self.environment,
            **environment,
            **{f"GITHUB_{name.upper()}": str(each) for name, each in told.items()},
        }
        given["PATH"] = os.pathsep.join((*self.path, given["PATH"]))
        start = self.log.stat().st_size if self.log.exists() else 0
        code = self._execute(command, folder, given, seconds)
        self._read_commands(start)
        outputs = _pairs(told["output"])
        for name, value in _pairs(told["env"]).items():
            if RESERVED.fullmatch(name):
                raise FailedStepError(f"a step may not set {name} in GITHUB_ENV")
            self.environment[name] = value
        self.path[:0] = reversed(told["path"].read_text().split("\n")[:-1])
        self._keep_summary(told["step_summary"])
        if code is None:
            raise FailedStepError(f"timed out after {seconds:g} seconds", outputs)
        if code:
            raise FailedStepError(f"Process completed with exit code {code}.", outputs)
        return outputs

    def _execute(
        self, command: list[str], folder: Path, environment: Mapping[str, str], seconds: float
    ) -> int | None:
        program = shutil.which(command[0], path=environment["PATH"])
        if program is None:
            raise FailedStepError(f"{command[0]}: command not found")
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [program, *command[1:]],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                return process.wait(seconds)
            except subprocess.TimeoutExpired:
                return None
            finally:
                # Nothing that a step left behind outlives it.
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _read_commands(self, start: int) -> None:
        """Read the commands that a step printed: annotations and masks."""
        stopped = ""
        for line in self.log.read_bytes()[start:].decode(errors="replace").splitlines():
            found = re.match(r"\s*::([a-z-]+)[^:]*::(.*)", line)
            if stopped:
                stopped = "" if line.strip() == f"::{stopped}::" else stopped
            elif found and found[1] == "stop-commands":
                stopped = found[2]
            elif found and found[1] == "add-mask":
                self.masks.append(found[2])
            elif found and found[1] in ("notice", "warning", "error"):
                self.annotations.append((found[1], found[2]))

    def _keep_summary(self, file: Path) -> None:
        if file.stat().st_size > SUMMARY_LIMIT:
            self.annotations.append(("error", "$GITHUB_STEP_SUMMARY upload aborted, larger than 1024k"))
        elif file.stat().st_size:
            self.summaries.append(file.read_text())


def _pairs(file: Path) -> dict[str, str]:
    """The pairs of a file of `name=value` and `name<<END … END`. Raises FailedStepError for anything else."""
    found = {}
    lines = iter(file.read_text().splitlines())
    for line in lines:
        equals, heredoc = line.find("="), line.find("<<")
        if not line:
            continue
        if heredoc >= 0 and (equals < 0 or heredoc < equals):
            name, _, end = line.partition("<<")
            value = []
            for more in lines:
                if more == end:
                    break
                value.append(more)
            else:
                raise FailedStepError(f"Invalid value. Matching delimiter not found '{end}'")
            found[name] = "\n".join(value)
        elif equals > 0:
            found[line[:equals]] = line[equals + 1 :]
        else:
            raise FailedStepError(f"Invalid format '{line}'")
    return found
