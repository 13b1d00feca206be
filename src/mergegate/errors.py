"""What mergegate raises, and the exit code each error stands for.

    MergegateError
    ├── UsageError            2   the question can't be answered as asked: wrong folder, revision, flag
    │   ├── ConfigError       2   a file that steers us is wrong; names file, key path and line
    │   └── ContractError     2   predictions, metrics or a bundle are not what their contract says
    └── BrokenError           3   the tool's surroundings failed: git, DVC, disk, network
        ├── ForgeError        3   GitHub or CML refuse, or can't be reached
        ├── RemoteError       3   a DVC remote can't be reached or read
        └── ObjectError       3   a DVC object is missing or not what its name says

A failed gate is no error: it is a verdict, and exits with 1. Inside a review a ContractError or ObjectError
becomes a finding that fails a gate, never an exception that hides the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

# Start-up pays for every import, and the path is only a name here.
if TYPE_CHECKING:
    from pathlib import Path


class MergegateError(Exception):
    """Base of all errors meant for people: what happened, where, and `hint`, what to do next."""

    exit_code = 3

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(MergegateError):
    """The question can't be answered as asked."""

    exit_code = 2


class ConfigError(UsageError):
    """A configuration file is wrong.

    `file` is as the user would name it, `key` the path inside (`models.late.gates.metrics[0].name`),
    `line` 1-based.
    """

    def __init__(
        self, message: str, *, file: str | Path, key: str = "", line: int | None = None, hint: str = ""
    ) -> None:
        where = str(file) + (f":{line}" if line is not None else "") + (f", {key}" if key else "")
        super().__init__(f"{where}: {message}", hint=hint)
        self.file = str(file)
        self.key = key
        self.line = line


class ContractError(UsageError):
    """Predictions, metrics or a bundle are not what their contract says; `file` names the culprit."""

    def __init__(self, message: str, *, file: str | Path, hint: str = "") -> None:
        super().__init__(f"{file}: {message}", hint=hint)
        self.file = str(file)
        self.reason = message


class BrokenError(MergegateError):
    """The tool's surroundings failed: git, DVC, the disk, the network."""


class ForgeError(BrokenError):
    """GitHub or CML refuse, or can't be reached; `status` is the HTTP status, None where there was none."""

    def __init__(self, message: str, *, hint: str = "", status: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status


class RemoteError(BrokenError):
    """A DVC remote can't be reached or read: nothing is known of what it holds."""


class ObjectError(BrokenError):
    """A DVC object is missing, or its bytes are not what its name says."""
