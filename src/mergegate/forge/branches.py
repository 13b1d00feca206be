"""The repository and its branches over the REST API."""

from typing import Annotated
from urllib.parse import quote

from msgspec import Meta, Struct

from mergegate.forge.names import SHA, check_branch
from mergegate.forge.payloads import Name
from mergegate.forge.routes import Routes


class _Repository(Struct, frozen=True):
    default_branch: Name


class _Object(Struct, frozen=True):
    sha: Annotated[str, Meta(pattern=SHA)]


class _Ref(Struct, frozen=True):
    object: _Object


class Branches(Routes):
    """Reads what the repository's branches are."""

    def default_branch(self) -> str:
        """The name of the default branch. Raises ForgeError."""
        return self._rest.get(self._at, _Repository).default_branch

    def branch_tip(self, name: str) -> str:
        """The SHA that a branch points to. Raises ForgeError: status 404 where there is no such branch."""
        path = f"{self._at}/git/ref/heads/{quote(check_branch(name), safe='/')}"
        return self._rest.get(path, _Ref).object.sha
