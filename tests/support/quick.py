"""Real git and DVC repositories in which `dvc` and `mergegate` start at once."""

import shlex
import subprocess
from pathlib import Path

from support import warm
from support.repositories import Repository


class Quick(Repository):
    """A repository whose `dvc` and `mergegate` start at once."""

    def run(self, *command: str, folder: str = ".") -> str:
        done = self.attempt(*command, folder=folder)
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def attempt(self, *command: str, folder: str = ".") -> subprocess.CompletedProcess[str]:
        """Run a command, whatever its exit code."""
        program = Path(command[0]).name
        if program in warm.PROGRAMS:
            return warm.run((program, *command[1:]), self.path / folder, self.environment)
        return subprocess.run(
            command,
            cwd=self.path / folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def ask(made: Quick, command: str) -> subprocess.CompletedProcess[str]:
    """Run commands of a shell joined by `&&`, whatever the exit code."""
    for part in command.split(" && "):
        done = made.attempt(*shlex.split(part))
        if done.returncode:
            break
    return done
