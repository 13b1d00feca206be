"""What `mergegate init` is asked to do."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

Forge = Literal["github", "gitlab", "none"]
Mode = Literal["advisory", "enforce"]

Ask = Callable[[str, tuple[str, ...], str], str]
"""Ask a person: a question, the answers there are (none: any text), the one that stands for a bare return."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What flags say; None and () mean that nothing was said.

    `models` name the `predictions` beside them, in their order. `remote` is a DVC remote's name. `action` is
    `OWNER/REPO@REF`. `upgrade` moves pins and writes nothing else. `ask` is None where nobody can answer.
    """

    start: Path = Path()
    models: tuple[str, ...] = ()
    predictions: tuple[str, ...] = ()
    task: str | None = None
    positive: str | None = None
    data: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    remote: str | None = None
    forge: Forge | None = None
    mode: Mode | None = None
    action: str | None = None
    dry_run: bool = False
    upgrade: bool = False
    ask: Ask | None = None
    progress: Callable[[str], None] = lambda step: None
