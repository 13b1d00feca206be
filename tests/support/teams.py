"""A team that shares a git repository and a DVC remote, for `mergegate keep` and `backup`."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from mergegate.cli import run
from support.repositories import DVC_CONFIG, Repository

MONTH = 31 * 24 * 3600
POLICY = """version: 1
keep:
  shared_with: []
datasets:
  - {path: data, key: id}
"""


class Team:
    """A clone of a shared repository, whose DVC remotes are the folders `store` and `vault` beside it."""

    def __init__(
        self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.folder = folder
        self.store = folder / "store"
        self.vault = folder / "vault"
        self.store.mkdir()
        self.vault.mkdir()
        self.capsys = capsys
        self.monkeypatch = monkeypatch
        made = Repository.create(folder)
        made.write(
            ".dvc/config",
            DVC_CONFIG + "    remote = store\n['remote \"store\"']\n    url = ../../store\n"
            "['remote \"vault\"']\n    url = ../../vault\n",
        )
        made.write("mergegate.yaml", POLICY)
        made.write(".gitignore", "/data\n/model\n")
        self.made = made
        self.origin = folder / "origin.git"
        made.commit("Begin")
        made.run("git", "clone", "--quiet", "--bare", str(made.path), str(self.origin))
        made.git("remote", "add", "origin", str(self.origin))
        made.git("fetch", "--quiet", "origin")

    def put(self, data: bytes, *, suffix: str = "", legacy: bool = False, age: float = MONTH) -> str:
        """An object on the store, written `age` seconds ago; its name."""
        cache = "../store" if legacy else "../store/files/md5"
        name = self.made.add_object(data, suffix=suffix, cache=cache)
        then = time.time() - age
        os.utime(self.made.path / cache / name[:2] / name[2:], (then, then))
        return name

    def put_folder(self, **files: bytes) -> str:
        """A folder's list and its files on the store; the list's name."""
        entries = [{"md5": self.put(data), "relpath": name} for name, data in files.items()]
        return self.put(json.dumps(entries).encode(), suffix=".dir")

    def track(self, name: str, path: str = "data") -> None:
        self.made.write(f"{path}.dvc", f"outs:\n- md5: {name}\n  size: 1\n  hash: md5\n  path: {path}\n")

    def there(self, place: Path | None = None) -> set[str]:
        """The names of all files on the store."""
        top = place or self.store
        return {f"{file.parent.name}{file.name}" for file in top.rglob("*") if file.is_file()}

    def run(self, *arguments: str, code: int = 0) -> tuple[str, str]:
        self.monkeypatch.chdir(self.made.path)
        for key, value in self.made.environment.items():
            self.monkeypatch.setenv(key, value)
        found = run(list(arguments))
        out, err = self.capsys.readouterr()
        assert found == code, f"exit {found}\n{out}{err}"
        return out, err

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", code=code)[0])
