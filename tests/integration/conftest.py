from collections.abc import Iterator
from pathlib import Path

import pytest

from support.github.server import GitHubServer
from support.jobs import Jobs, open_jobs
from support.projects import Project, build_project


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One project per worker, never to be changed: `project` copies it."""
    return build_project(tmp_path_factory.mktemp("built") / "home")


@pytest.fixture
def project(built: Project, tmp_path: Path) -> Project:
    """A reproduced, pushed and committed project on `main`."""
    return built.copy(tmp_path / "home")


@pytest.fixture(scope="session")
def built_change(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = built.copy(tmp_path_factory.mktemp("changed") / "home")
    project.git("switch", "--quiet", "--create", "change")
    project.set_strength(0.9)
    project.dvc("repro", "--quiet")
    project.dvc("push", "--quiet")
    project.commit("Raise the strength")
    return project


@pytest.fixture
def change(built_change: Project, tmp_path: Path) -> Project:
    """`project` with a branch `change` checked out: one param moved, reproduced, pushed, committed."""
    return built_change.copy(tmp_path / "home")


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with GitHubServer() as github:
        yield github


@pytest.fixture
def jobs(built_change: Project, github: GitHubServer, tmp_path: Path) -> Jobs:
    """`change` pushed to a repository whose trusted jobs can be run; `main` is checked out."""
    project = built_change.copy(tmp_path / "home")
    project.git("switch", "--quiet", "main")
    jobs = open_jobs(project, github)
    jobs.push("change")
    return jobs


@pytest.fixture
def head(jobs: Jobs) -> str:
    """The commit of `change`."""
    return jobs.project.git("rev-parse", "change").strip()
