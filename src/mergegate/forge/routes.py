"""What the groups of routes share: the repository that they are below."""

from types import TracebackType
from typing import Self

from mergegate.forge.names import check_repository
from mergegate.forge.rest import Rest


class Routes:
    """Routes below one repository, spoken to over one API; a context, which lets the connection go."""

    def __init__(self, rest: Rest, repository: str) -> None:
        self._rest = rest
        self.repository = check_repository(repository)

    @property
    def _at(self) -> str:
        return f"/repos/{self.repository}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.repository!r} at {self._rest.host})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._rest.close()
