"""What the groups of routes share: the repository that they are below."""

from mergegate.forge.names import check_repository
from mergegate.forge.rest import Rest


class Routes:
    """Routes below one repository, spoken to over one API."""

    def __init__(self, rest: Rest, repository: str) -> None:
        self._rest = rest
        self.repository = check_repository(repository)

    @property
    def _at(self) -> str:
        return f"/repos/{self.repository}"
