"""mergegate.yaml to a Policy: fast when it is right, explicit when it is not."""

import os
from functools import lru_cache
from pathlib import Path

import msgspec

from mergegate.config.checks import check
from mergegate.config.diagnosis import diagnose, is_of_other_version
from mergegate.config.document import MOST_BYTES, parse
from mergegate.config.paths import normalized
from mergegate.config.policy import POLICY_FILE, Policy
from mergegate.config.problem import PolicyError
from mergegate.errors import Code, ConfigError


@lru_cache(maxsize=8)
def load(data: bytes, *, file: str) -> Policy:
    """The policy in `data`, its paths normalised; `file` is what errors call it.

    A review loads the policy of base, head and target, mostly the same bytes: kept, so never to be altered.

    Raises PolicyError, a ConfigError, with every problem and its key path and line.
    """
    document = parse(data, file=file)
    try:
        policy = msgspec.convert(document.value, Policy)
    except msgspec.ValidationError as error:
        problems = diagnose(document) or [document.problem((), str(error))]
        code: Code | None = "policy-version" if is_of_other_version(document) else None
        raise PolicyError(problems, code=code) from error
    if problems := check(policy, document):
        raise PolicyError(problems)
    return normalized(policy)


def read(path: Path) -> Policy:
    """Load the policy file at `path`. Raises ConfigError, also when it can't be read."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        hint = f"name a policy file, or run where a {POLICY_FILE} is in this folder or one above"
        raise ConfigError(error.strerror or "it can't be read", file=named(path), hint=hint) from error
    return load(data, file=named(path))


def named(path: Path) -> str:
    """A path as text that can be printed and stored, also when its bytes are not UTF-8."""
    return os.fsencode(path).decode(errors="backslashreplace")


def find(start: Path) -> Path | None:
    """The nearest mergegate.yaml: in `start` or a folder above it, up to the git repository's root."""
    for folder in (start, *start.parents):
        if (folder / POLICY_FILE).is_file():
            return folder / POLICY_FILE
        if (folder / ".git").exists():
            return None
    return None
