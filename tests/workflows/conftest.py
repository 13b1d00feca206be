from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.actions.hosting import Hosting
from support.repositories import Repository

Start = Callable[..., tuple[Hosting, Repository]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Makes a hosted repository whose `main` holds the files given, and a working copy of it."""
    made: list[Hosting] = []

    def begin(files: dict[str, str], **site: Any) -> tuple[Hosting, Repository]:
        hosting = Hosting(tmp_path / "hosted", **site)
        made.append(hosting)
        work = Repository.create(tmp_path / "work", dvc=False)
        for path, text in files.items():
            work.write(path, text)
        work.commit("Start")
        hosting.push(work.path)
        return hosting, work

    yield begin
    for hosting in made:
        hosting.__exit__()
