"""What workflow runs leave: artifacts, read without the token, bounded and compared with their digest."""

import hashlib
from pathlib import Path

import httpx
from msgspec import Struct

from mergegate.atomic import replacing
from mergegate.errors import BrokenError, ForgeError
from mergegate.forge.names import shown
from mergegate.forge.payloads import Number
from mergegate.forge.routes import Routes


class Artifact(Struct, frozen=True, kw_only=True):
    """A file that a run left; `digest` is `sha256:…` of the zip where GitHub tells it, `size` in bytes."""

    id: int
    name: str
    size: int
    expired: bool
    created_at: str
    digest: str | None


class _ArtifactPayload(Struct, frozen=True):
    id: Number
    name: str
    size_in_bytes: int
    expired: bool
    created_at: str | None = None
    digest: str | None = None


class _Artifacts(Struct, frozen=True):
    artifacts: list[_ArtifactPayload]


class Artifacts(Routes):
    """Reads what runs left."""

    def artifacts(self, run_id: int) -> tuple[Artifact, ...]:
        """What a run left, of all its attempts, newest first. Raises ForgeError."""
        pages = self._rest.pages(f"{self._at}/actions/runs/{int(run_id)}/artifacts", _Artifacts)
        found = {
            one.id: Artifact(
                id=one.id,
                name=one.name,
                size=one.size_in_bytes,
                expired=one.expired,
                created_at=one.created_at or "",
                digest=one.digest,
            )
            for page in pages
            for one in page.artifacts
        }
        return tuple(sorted(found.values(), key=lambda one: one.id, reverse=True))

    def download(self, artifact: Artifact, file: Path, limit: int) -> None:
        """Write an artifact's zip to `file`, at most `limit` bytes of it, and compare it with its digest.

        The file appears whole or not at all. Raises ForgeError: status 410 for an artifact that has expired.
        """
        path = f"{self._at}/actions/artifacts/{artifact.id}/zip"
        name = shown(artifact.name)
        if artifact.expired:
            raise ForgeError(
                f"the artifact {name} has expired",
                hint="run its workflow again",
                status=410,
                code="artifact-expired",
            )
        if artifact.size > limit:
            raise _too_large(name, limit)
        try:
            with replacing(file) as landing:
                self._rest.transfer(path, lambda response: _write(response, landing, artifact, limit))
        except OSError as error:
            raise BrokenError(
                f"{file} can't be written: {error.strerror}", hint="look at the disk"
            ) from error


def _write(response: httpx.Response, landing: Path, artifact: Artifact, limit: int) -> None:
    """Write one answer's body, from the beginning."""
    name = shown(artifact.name)
    found = hashlib.sha256()
    written = 0
    with landing.open("wb") as stream:
        for chunk in response.iter_raw():
            written += len(chunk)
            if written > limit:
                raise _too_large(name, limit)
            found.update(chunk)
            stream.write(chunk)
    told = artifact.digest
    if told is not None and told.startswith("sha256:") and told != f"sha256:{found.hexdigest()}":
        raise ForgeError(
            f"the artifact {name} has other bytes than GitHub says (sha256 {found.hexdigest()})",
            hint="run the job again",
        )


def _too_large(name: str, limit: int) -> ForgeError:
    return ForgeError(f"the artifact {name} is over {limit:,} bytes", hint="upload fewer or smaller files")
