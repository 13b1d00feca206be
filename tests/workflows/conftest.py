import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from support.actions.hosting import Hosting
from support.actions.language import NODE
from support.loop import Scene, Template, build
from support.repositories import Repository

Start = Callable[..., tuple[Hosting, Repository]]


@pytest.fixture(autouse=True)
def parser() -> None:
    """Skips without GitHub's parser, where node is there."""
    if not (NODE / "node_modules" / "@actions" / "workflow-parser").is_dir():
        pytest.skip("needs @actions/workflow-parser: npm ci --prefix tests/node")


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


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The project that every scene begins with, never to be changed."""
    return build(tmp_path_factory.mktemp("template") / "home")


@pytest.fixture
def scene(template: Template, tmp_path: Path) -> Iterator[Callable[..., Scene]]:
    """Makes scenes, each a copy of the project and hosted on its own."""
    with ExitStack() as open_scenes:
        numbers = itertools.count(1)

        def begin(**site: Any) -> Scene:
            return open_scenes.enter_context(Scene(template, tmp_path / f"scene-{next(numbers)}", **site))

        yield begin
