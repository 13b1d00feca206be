"""From the variables of GitHub Actions to a connection; httpx is imported only then."""

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from mergegate.errors import BrokenError, UsageError

if TYPE_CHECKING:
    from mergegate.forge.github import GitHub

API = "https://api.github.com"
"""Where GitHub's own API is; a GitHub Enterprise says its own by GITHUB_API_URL."""


def connect(environment: Mapping[str, str], *, repository: str = "") -> "GitHub":
    """Open `repository`, or GITHUB_REPOSITORY, with GITHUB_TOKEN at GITHUB_API_URL; nothing is sent yet.

    Raises UsageError for a missing or malformed variable, BrokenError where httpx is not installed.
    """
    repository = repository or environment.get("GITHUB_REPOSITORY", "")
    if not repository:
        raise UsageError(
            "GITHUB_REPOSITORY is not set",
            hint="run this in a workflow of GitHub Actions, or set it to OWNER/NAME",
            code="no-event",
        )
    try:
        module = importlib.import_module("mergegate.forge.github")
    except ModuleNotFoundError as error:
        if str(error.name).startswith("mergegate"):
            raise
        raise BrokenError(
            f"speaking to GitHub needs the Python package {error.name}, which is not installed",
            hint="pip install 'mergegate[github]'",
            code="package-missing",
        ) from error
    kind = cast("type[GitHub]", module.GitHub)
    return kind(environment.get("GITHUB_API_URL") or API, repository, environment.get("GITHUB_TOKEN", ""))
