"""A review whose data is in a bucket: `dvc push` and `pull`, and what a fresh clone asks the server for."""

import json
from pathlib import Path

import pytest

from support.projects import Project
from support.s3 import CREDENTIALS, serve


def test_a_fresh_clone_fetches_only_the_two_predictions_files(
    change: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with serve() as s3:
        s3.make_bucket("team")
        change.dvc("remote", "add", "--force", "--quiet", "--default", "bucket", "s3://team/data")
        change.dvc("remote", "modify", "--quiet", "bucket", "endpointurl", s3.url)
        change.git("switch", "--quiet", "main")
        change.dvc("checkout", "--quiet")
        change.dvc("push", "--quiet")
        change.git("switch", "--quiet", "change")
        change.dvc("checkout", "--quiet")
        change.dvc("push", "--quiet")
        change.commit("Keep the data in a bucket")

        clone = change.clone("fresh")
        clone.git("branch", "main", "origin/main")
        s3.requests.clear()
        ended = clone.mergegate("review", "--json")
        asked = sorted(s3.requests)

        assert ended.code == 0, ended.err
        result = json.loads(ended.out)
        assert result["models"][0]["rows"]["shared"] == 100
        assert asked == sorted(("GET", f"/team/data/{location(clone, rev)}") for rev in ("main", "change"))

        clone.dvc("pull", "--quiet")
        assert (clone.root / "reports/predictions.parquet").is_file()
        assert not any(secret in read_all(clone.root / ".dvc") for secret in (b"testing",))


def location(project: Project, revision: str) -> str:
    """Where a remote keeps a revision's predictions."""
    lock = project.git("show", f"origin/{revision}:dvc.lock").split("path: reports/predictions.parquet")[1]
    md5 = lock.split("md5: ")[1].split()[0]
    return f"files/md5/{md5[:2]}/{md5[2:]}"


def read_all(folder: Path) -> bytes:
    """Every byte of the configuration and of DVC's temporary files."""
    files = [path for path in folder.rglob("*") if path.is_file() and "cache" not in path.parts]
    return b"".join(path.read_bytes() for path in files)
