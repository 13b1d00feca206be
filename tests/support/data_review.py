"""A project whose data is under DVC and reviewed in this process."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mergegate.cli import run
from support.repositories import Repository

CACHE = ".dvc/cache/files/md5"
MONTHS, EXAM, TRAIN = "data/months", "data/exam.csv", "data/train.csv"
POLICY = f"""\
version: 1
datasets:
  - {{path: {MONTHS}, key: id, label: late}}
  - path: {EXAM}
    key: id
    label: late
    train: {TRAIN}
    known_later: [dep_delay]
    guideline: docs/labels.md
    approvers: [Mo]
"""


@dataclass
class Data:
    """A repository on a branch `change`, its remote a folder beside; `month(n)` is a file of `MONTHS`."""

    repository: Repository
    remote: Path

    @classmethod
    def build(cls, folder: Path, months: int) -> "Data":
        """`main` tracks some months, an exam and what was trained on, all pushed."""
        made = cls(Repository.create(folder), folder / "remote")
        made.remote.mkdir()
        for number in range(1, months + 1):
            made.repository.write(made.month(number), rows(number))
        made.repository.write(EXAM, rows(90, count=40))
        made.repository.write(TRAIN, rows(91, count=40))
        made.repository.write("docs/labels.md", "Late is late.\n")
        made.repository.write("mergegate.yaml", POLICY)
        made.repository.dvc("remote", "add", "--quiet", "--default", "store", "../remote")
        made.track("Start", MONTHS, EXAM, TRAIN)
        made.repository.git("switch", "--quiet", "--create", "change")
        return made

    def copy(self, folder: Path) -> "Data":
        """The same, to be changed freely: its remote too."""
        made = Data(self.repository.copy(folder), folder / "remote")
        made.remote.mkdir()
        made.push()
        return made

    @staticmethod
    def month(number: int) -> str:
        return f"{MONTHS}/2013-{number:02}.csv"

    def track(self, message: str, *paths: str) -> None:
        """Add, push and commit, as anyone would."""
        self.repository.dvc("add", "--quiet", *paths)
        self.push()
        self.repository.commit(message)

    def push(self) -> None:
        """Copy what the remote lacks: it keeps objects as the cache does, and DVC takes a second for it."""
        for file in self.cached():
            target = self.object(file.parent.name + file.name)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)

    def md5(self, path: str) -> str:
        """The md5 that a .dvc file or, for a file inside a folder, the folder's list says."""
        folder, _, name = path.rpartition("/")
        if (self.repository.path / f"{path}.dvc").exists():
            return (self.repository.path / f"{path}.dvc").read_text().split("md5: ")[1].split()[0]
        listed = self.object(self.md5(folder)).read_text()
        found: str = next(each["md5"] for each in json.loads(listed) if each["relpath"] == name)
        return found

    def object(self, md5: str) -> Path:
        """Where the remote keeps an object."""
        return self.remote / "files/md5" / md5[:2] / md5[2:]

    def forget(self) -> None:
        """Empty the cache, as in a fresh clone."""
        for file in self.cached():
            file.unlink()

    def cached(self) -> set[Path]:
        """The objects in the cache."""
        return set((self.repository.path / CACHE).glob("*/*"))

    def names(self) -> set[str]:
        """The md5 of each object in the cache."""
        return {file.parent.name + file.name for file in self.cached()}


def rows(month: int, *, count: int = 12, head: str = "id,delay,late", last: str = "") -> str:
    """A month's rows."""
    lines = (
        f"{month * 1000 + number},{number * 7 % 11},{'yes' if number % 3 == 0 else 'no'}{last}"
        for number in range(count)
    )
    return "\n".join([head, *lines]) + "\n"


@dataclass
class Reviewed:
    """How a review ended; `gates` by id, `data` by path."""

    code: int
    result: dict[str, Any]
    err: str

    @property
    def gates(self) -> dict[str, str]:
        return {gate["id"].removeprefix("data:"): gate["outcome"] for gate in self.result["gates"]}

    def data(self, path: str) -> dict[str, Any]:
        (found,) = [dataset for dataset in self.result["datasets"] if dataset["path"] == path]
        assert isinstance(found, dict)
        return found


def review(data: Data, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Reviewed:
    """Review what is committed on `change`; it must have come to a verdict."""
    monkeypatch.chdir(data.repository.path)
    code = run(["review", "--base", "main", "--head", "change", "--json"])
    said = capsys.readouterr()
    assert code in (0, 1), said.err
    return Reviewed(code, json.loads(said.out), said.err)
