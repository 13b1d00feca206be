"""What `mergegate reproduce` is asked, and whom it tells what it does."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from mergegate.repo.process import GRACE


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What to reproduce: `head` a revision; `stages` only these, all that the plan says without any.

    `base` None means the merge base with `target`, of which None means the policy's baseline. `every`: all
    stages, whatever the plan says.
    `here`: in the workspace, not in a clean worktree. `timeout` is in seconds, for one stage.
    """

    start: Path
    head: str = "HEAD"
    base: str | None = None
    target: str | None = None
    stages: tuple[str, ...] = ()
    twice: bool = False
    every: bool = False
    push: bool = False
    here: bool = False
    timeout: float | None = None
    grace: float = GRACE


class Teller(msgspec.Struct, frozen=True):
    """`step` is told what is being done now, over and over; `line` what is done, once, for good."""

    step: Callable[[str], None] = lambda text: None
    line: Callable[[str], None] = lambda text: None
