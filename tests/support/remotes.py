"""A repository with an empty DVC remote: a folder, or a bucket of a running S3 server."""

import hashlib
from pathlib import Path

import pytest

from support.repositories import DVC_CONFIG, Repository
from support.s3 import CREDENTIALS, S3


def make_with_remote(kind: str, folder: Path, server: S3, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """The repository; `kind` is `folder` or `s3`, for which this process becomes the server's user."""
    made = Repository.create(folder)
    if kind == "folder":
        (folder / "store").mkdir()
        made.write(
            ".dvc/config", DVC_CONFIG + "    remote = store\n['remote \"store\"']\n    url = ../../store\n"
        )
        return made
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    bucket = f"bucket-{hashlib.md5(str(folder).encode()).hexdigest()}"
    server.make_bucket(bucket)
    made.write(".dvc/config", server.config(bucket))
    return made
