"""What `mergegate ingest` is asked."""

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

Progress = Callable[[str], None]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What to ingest: the policy's datasets of those paths, all that have a source without any.

    `open_pr`: push, and open or update pull requests; else commits stay on local branches. `repro`: also run
    what reads the new files. `corrections`: files whose names are taken may replace what is there.
    `require_checks`: refuse a token whose pull requests start no workflows. `environment` is the caller's.
    """

    start: Path
    datasets: tuple[str, ...] = ()
    open_pr: bool = False
    repro: bool = False
    dry_run: bool = False
    corrections: bool = False
    require_checks: bool = False
    environment: Mapping[str, str] = {}


class RefusedError(Exception):
    """New files may not come in; `message` is a sentence, `hint` what to do next."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
