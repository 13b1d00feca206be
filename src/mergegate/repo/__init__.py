"""What a revision holds: git's files and DVC's objects, read without checking anything out."""

from mergegate.repo.authors import count_commits
from mergegate.repo.git import Blobs
from mergegate.repo.objects import Objects
from mergegate.repo.project import Project, locate
from mergegate.repo.revisions import (
    WORKSPACE,
    find_branch,
    find_default_branch,
    find_merges,
    find_submodule,
    is_shallow,
    merge_base,
    read_trailers,
    resolve,
    workspace_revision,
)
from mergegate.repo.snapshot import (
    CommitSnapshot,
    Snapshot,
    WorkspaceSnapshot,
    open_commit,
    open_workspace,
    read_at,
)

__all__ = [
    "WORKSPACE",
    "Blobs",
    "CommitSnapshot",
    "Objects",
    "Project",
    "Snapshot",
    "WorkspaceSnapshot",
    "count_commits",
    "find_branch",
    "find_default_branch",
    "find_merges",
    "find_submodule",
    "is_shallow",
    "locate",
    "merge_base",
    "open_commit",
    "open_workspace",
    "read_at",
    "read_trailers",
    "resolve",
    "workspace_revision",
]
