"""The repository itself, who may write to it, and its files over the REST API."""

import base64
import binascii
from urllib.parse import quote

from msgspec import Struct

from mergegate.errors import ForgeError
from mergegate.forge.names import check_branch
from mergegate.forge.payloads import Account, Name, Text
from mergegate.forge.routes import Routes

LARGEST_FILE = 2**20
"""Bytes of a file that is read; GitHub sends no larger one this way."""


class Rights(Struct, frozen=True):
    """What somebody may."""

    admin: bool = False
    maintain: bool = False
    push: bool = False


class _Owner(Struct, frozen=True):
    login: Name
    type: Name = "User"


class RepositoryState(Struct, frozen=True):
    """A repository; `permissions` are the token's own."""

    full_name: Name
    default_branch: Name
    owner: _Owner
    private: bool = False
    permissions: Rights | None = None

    @property
    def organization(self) -> bool:
        """Whether an organisation owns it, and no person."""
        return self.owner.type == "Organization"


class Collaborator(Struct, frozen=True):
    """A person with access; an organisation's members and owners are among them."""

    login: Name
    permissions: Rights


class DeployKey(Struct, frozen=True):
    """A key that a machine pushes with, unless it may only read."""

    title: Name
    read_only: bool


class _Entry(Struct, frozen=True):
    path: Name
    type: Name


class _File(Struct, frozen=True):
    content: str = ""
    encoding: Name = "base64"


class OwnersError(Struct, frozen=True):
    """An error in CODEOWNERS: in which line, counted from 1, and of which kind (`Unknown owner`)."""

    line: int
    kind: Name
    path: Name = ""
    message: Text = ""


class _Errors(Struct, frozen=True):
    errors: tuple[OwnersError, ...] = ()


class RecentPull(Struct, frozen=True):
    """A pull request as a list shows it; the times are ISO 8601, in UTC."""

    number: int
    state: Name
    updated_at: Name
    head: "_Side"
    base: "_Side"
    merged_at: Name | None = None
    user: Account | None = None


class _Side(Struct, frozen=True):
    ref: Name
    sha: Name


class Access(Routes):
    """Reads the repository, people and files."""

    def repository_state(self) -> RepositoryState:
        """The repository. Raises ForgeError."""
        return self._rest.get(self._at, RepositoryState)

    def collaborators(self) -> tuple[Collaborator, ...]:
        """Everybody with access. Raises ForgeError: only those who may write may ask."""
        pages = self._rest.pages(f"{self._at}/collaborators", list[Collaborator])
        return tuple(one for page in pages for one in page)

    def deploy_keys(self) -> tuple[DeployKey, ...]:
        """The keys of machines. Raises ForgeError."""
        return tuple(one for page in self._rest.pages(f"{self._at}/keys", list[DeployKey]) for one in page)

    def list_files(self, folder: str, branch: str) -> tuple[str, ...]:
        """Paths of the files right in a folder; none where there is no such folder. Raises ForgeError."""
        try:
            found = self._rest.get(f"{self._at}/contents/{quote(folder)}", list[_Entry], ref=_full(branch))
        except ForgeError as error:
            if error.status == 404:
                return ()
            raise
        return tuple(one.path for one in found if one.type == "file")

    def read_file(self, path: str, branch: str) -> bytes | None:
        """The bytes of a file; None where there is none. Raises ForgeError, also for what is too large."""
        try:
            found = self._rest.get(f"{self._at}/contents/{quote(path)}", _File, ref=_full(branch))
        except ForgeError as error:
            if error.status == 404:
                return None
            raise
        try:
            if found.encoding != "base64" or len(found.content) > 2 * LARGEST_FILE:
                raise ValueError
            return base64.b64decode(found.content)
        except (ValueError, binascii.Error) as error:
            raise ForgeError(
                f"{path} can't be read by the API: it is too large, or no plain file",
                hint="look at the file itself",
            ) from error

    def owners_errors(self, branch: str = "") -> tuple[OwnersError, ...]:
        """What GitHub can't use of a branch's CODEOWNERS, by default the default one's. Raises ForgeError."""
        of = {"ref": check_branch(branch)} if branch else {}
        return self._rest.get(f"{self._at}/codeowners/errors", _Errors, **of).errors

    def recent_pulls(self, most: int) -> tuple[RecentPull, ...]:
        """The pull requests that moved last, open or not, at most `most` (≤ 100). Raises ForgeError."""
        return tuple(
            self._rest.get(
                f"{self._at}/pulls",
                list[RecentPull],
                state="all",
                sort="updated",
                direction="desc",
                per_page=most,
            )
        )


def _full(branch: str) -> str:
    """A branch as no tag can be called."""
    return f"refs/heads/{check_branch(branch)}"
