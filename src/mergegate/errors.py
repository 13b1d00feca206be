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

Each error has a `code` that stays the same from version to version: its class's, or one that says more of
what happened. `mergegate explain CODE` tells of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

# Start-up pays for every import, and the path is only a name here.
if TYPE_CHECKING:
    from pathlib import Path


GeneralCode = Literal[
    "usage-error",
    "config-error",
    "contract-error",
    "broken",
    "forge-error",
    "remote-error",
    "object-error",
    "unknown-name",
    "file-unusable",
]
"""Of whole classes of errors: what there is to say of them stands in the error itself."""

SpecificCode = Literal[
    # Where it was asked.
    "not-a-repository",
    "no-commit",
    "no-dvc",
    "no-target-branch",
    "unknown-revision",
    "shallow-clone",
    "unrelated-histories",
    "symbolic-link",
    "no-event",
    # Files that steer us.
    "policy-missing",
    "policy-invalid",
    "policy-version",
    "dvc-file-invalid",
    "params-invalid",
    "conflict-markers",
    "templates-need-dvc",
    "stage-cycle",
    # Files that a pipeline writes.
    "predictions-invalid",
    "metrics-invalid",
    "evidence-refused",
    # DVC's objects and remotes.
    "object-missing",
    "object-damaged",
    "cache-unwritable",
    "no-remote",
    "remote-unreachable",
    "remote-keeps-versions",
    # GitHub and CML.
    "token-missing",
    "token-refused",
    "permission-missing",
    "not-on-github",
    "rate-limit",
    "github-unreachable",
    "github-outage",
    "github-answer",
    "artifact-expired",
    "cml-failed",
    # The machine.
    "git-missing",
    "git-failed",
    "git-object-missing",
    "package-missing",
    "disk-full",
    "busy",
    "internal-error",
]
"""Of one thing that happens, and what to do about it."""

Code = Literal[GeneralCode, SpecificCode]


class MergegateError(Exception):
    """Base of all errors meant for people: what happened, where, and `hint`, what to do next."""

    exit_code = 3
    code: Code = "broken"

    def __init__(self, message: str, *, hint: str = "", code: Code | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code is not None:
            self.code = code


class UsageError(MergegateError):
    """The question can't be answered as asked."""

    exit_code = 2
    code: Code = "usage-error"


class ConfigError(UsageError):
    """A configuration file is wrong.

    `file` is as the user would name it, `key` the path inside (`models.late.gates.metrics[0].name`),
    `line` 1-based.
    """

    code: Code = "config-error"

    def __init__(
        self,
        message: str,
        *,
        file: str | Path,
        key: str = "",
        line: int | None = None,
        hint: str = "",
        code: Code | None = None,
    ) -> None:
        where = str(file) + (f":{line}" if line is not None else "") + (f", {key}" if key else "")
        super().__init__(f"{where}: {message}", hint=hint, code=code)
        self.file = str(file)
        self.key = key
        self.line = line


class ContractError(UsageError):
    """Predictions, metrics or a bundle are not what their contract says; `file` names the culprit."""

    code: Code = "contract-error"

    def __init__(self, message: str, *, file: str | Path, hint: str = "", code: Code | None = None) -> None:
        super().__init__(f"{file}: {message}", hint=hint, code=code)
        self.file = str(file)
        self.reason = message


class BrokenError(MergegateError):
    """The tool's surroundings failed: git, DVC, the disk, the network."""


class ForgeError(BrokenError):
    """GitHub or CML refuse, or can't be reached; `status` is the HTTP status, None where there was none."""

    code: Code = "forge-error"

    def __init__(
        self, message: str, *, hint: str = "", status: int | None = None, code: Code | None = None
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.status = status


class RemoteError(BrokenError):
    """A DVC remote can't be reached or read: nothing is known of what it holds."""

    code: Code = "remote-error"


class ObjectError(BrokenError):
    """A DVC object is missing, or its bytes are not what its name says."""

    code: Code = "object-error"
