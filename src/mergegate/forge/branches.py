"""The repository and its branches over the REST API."""

from urllib.parse import quote

from msgspec import Struct

from mergegate.forge.names import check_branch
from mergegate.forge.payloads import RepositoryPayload
from mergegate.forge.routes import Routes


class _Object(Struct, frozen=True):
    sha: str


class _Ref(Struct, frozen=True):
    object: _Object


class Branches(Routes):
    """Reads what the repository's branches are."""

    def default_branch(self) -> str:
        """The name of the default branch. Raises ForgeError."""
        return self._rest.get(self._at, RepositoryPayload).default_branch or ""

    def branch_tip(self, name: str) -> str:
        """The SHA that a branch points to. Raises ForgeError: status 404 where there is no such branch."""
        path = f"{self._at}/git/ref/heads/{quote(check_branch(name), safe='/')}"
        return self._rest.get(path, _Ref).object.sha
