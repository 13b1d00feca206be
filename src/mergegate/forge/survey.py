"""One repository's settings, read and never changed, with a bound on how much is asked."""

import time
from collections.abc import Callable

import httpx

from mergegate.errors import ForgeError
from mergegate.forge.access import Access
from mergegate.forge.actions_settings import Actions
from mergegate.forge.names import check_api
from mergegate.forge.protections import Protections
from mergegate.forge.rest import Rest
from mergegate.forge.rulesets import Rulesets
from mergegate.forge.statuses import Statuses

MOST_REQUESTS = 250
"""Requests that one survey sends; a token has 5,000 an hour, a job's own 1,000."""

PATIENCE = 6.0
"""Seconds that one request may wait and be tried again: somebody is waiting for the answer."""


class Survey(Rulesets, Protections, Actions, Access, Statuses):
    """A repository, `owner/name`, at an API; every method may raise ForgeError.

    Raises UsageError for an address, name or token that is none.
    """

    def __init__(
        self,
        api_url: str,
        repository: str,
        token: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        rest = Rest(api_url, token, sleep=sleep, clock=clock, patience=PATIENCE, most=MOST_REQUESTS)
        super().__init__(rest, repository)

    @property
    def is_github_com(self) -> bool:
        """Whether this is GitHub itself, and no Enterprise."""
        return self._rest.host == "api.github.com"

    @property
    def asked(self) -> int:
        """Requests that were sent so far."""
        return self._rest.asked


def check_github(api_url: str) -> None:
    """Make sure, without a token, that a GitHub answers at an address. Raises ForgeError, and UsageError."""
    base = check_api(api_url)
    host = httpx.URL(base).host
    try:
        answer = httpx.get(f"{base}/meta", timeout=10, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise ForgeError(
            f"{host} can't be reached: {type(error).__name__}",
            hint="look at the network; an API elsewhere is named by --api-url https://HOST/api/v3",
            code="github-unreachable",
        ) from error
    if not any(name in answer.headers for name in ("x-github-request-id", "x-github-enterprise-version")):
        raise ForgeError(
            f"{host} does not answer as a GitHub does, so it was sent no token",
            hint="name the API: --api-url https://HOST/api/v3, or https://api.github.com",
            code="not-on-github",
        )
