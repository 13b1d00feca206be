"""What the doctor is asked."""

from pathlib import Path

import msgspec


class Request(msgspec.Struct, frozen=True):
    """`start` is where the project is looked for; with `github` GitHub is asked too.

    `repository` (OWNER/NAME) and `api_url` say which, None what origin's address says.
    """

    start: Path
    github: bool = False
    repository: str | None = None
    api_url: str | None = None
