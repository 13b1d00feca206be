"""The files that GitHub reads: workflows and owners, here and on the default branch."""

import posixpath
from collections.abc import Iterator

from msgspec.structs import replace

from mergegate import repo
from mergegate.doctor import workflow
from mergegate.doctor.facts import Owners, WorkflowFile, Workflows
from mergegate.doctor.workflow_text import WorkflowError
from mergegate.errors import UsageError
from mergegate.records.review import Revision

FOLDER = ".github/workflows"
OWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for owners; the first file there is the one that counts."""

MOST_FILES = 200
"""Workflows that are read."""

NEEDED = ("review.yml", "comment.yml", "verify.yml")

ELSEWHERE = (
    ".gitlab-ci.yml",
    "bitbucket-pipelines.yml",
    "azure-pipelines.yml",
    "Jenkinsfile",
    ".circleci/config.yml",
)
"""Files of other places that run jobs."""


def read_workflows(project: repo.Project, default: Revision | None) -> Workflows:
    """All workflows of the workspace, and of the default branch's tip."""
    top = _top(project)
    with repo.open_workspace(top) as files:
        here = tuple(_read(files, ""))
    if default is None:
        return Workflows(here)
    with repo.open_commit(top, default) as files:
        return Workflows(here, tuple(_read(files, default.name)))


def read_owners(project: repo.Project, default: Revision | None) -> Owners:
    """The owners that count for a change: those of the branch that it enters, else the workspace's."""
    top = _top(project)
    with repo.open_workspace(top) if default is None else repo.open_commit(top, default) as files:
        at = default.name if default else ""
        for path in OWNERS:
            if (data := files.read(path)) is not None:
                return Owners(path, at, data.decode("utf-8", errors="replace"))
    return Owners("", at, "")


def find_elsewhere(project: repo.Project) -> str:
    """The file by which another forge runs jobs; "" for none."""
    return next((name for name in ELSEWHERE if (project.git_root / name).is_file()), "")


def _top(project: repo.Project) -> repo.Project:
    """The repository as a project: GitHub reads from its root, wherever the project lies."""
    return replace(project, root=project.git_root, prefix="")


def _read(files: repo.Snapshot, at: str) -> Iterator[WorkflowFile]:
    paths = [
        path
        for path in files.paths()
        if posixpath.dirname(path) == FOLDER and path.endswith((".yml", ".yaml"))
    ]
    for path in sorted(paths, key=first)[:MOST_FILES]:
        yield _parse(path, at, files)


def first(path: str) -> tuple[bool, str]:
    """Sorts workflows: those that mergegate's pages name before all others."""
    return posixpath.basename(path) not in NEEDED, path


def _parse(path: str, at: str, files: repo.Snapshot) -> WorkflowFile:
    try:
        text = (files.read(path) or b"").decode("utf-8")
        return WorkflowFile(path, at, workflow.read(text))
    except UnicodeDecodeError:
        return WorkflowFile(path, at, None, "it is not UTF-8")
    except (WorkflowError, UsageError) as error:
        return WorkflowFile(path, at, None, str(error))
