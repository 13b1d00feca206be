"""Symbolic links of a revision: what DVC follows when it writes data into the workspace."""

from mergegate.records.review import Revision
from mergegate.repo import git
from mergegate.repo.project import Project
from mergegate.repo.snapshot import ODD_BYTES, Snapshot

_LINK = "120000"


def find_links(project: Project, revision: Revision, files: Snapshot) -> frozenset[str]:
    """The files of a revision that are symbolic links, from the project root."""
    if revision.workspace:
        return frozenset(path for path in files.paths() if (project.root / path).is_symlink())
    listed = git.run(project.git_root, "ls-tree", "-r", "-z", "--full-tree", revision.sha or "HEAD")
    start = f"{project.prefix}/" if project.prefix else ""
    entries = (line.partition("\t") for line in listed.decode(errors=ODD_BYTES).split("\0"))
    return frozenset(
        path[len(start) :] for about, _, path in entries if about.startswith(_LINK) and path.startswith(start)
    )
