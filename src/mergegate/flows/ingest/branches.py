"""The branch of a dataset's new files, and the commits on it that are ours.

A commit of ours says which dataset it is of and which tree it has: one that a person amended has another
tree, one that a person put on top says nothing. Only a branch whose tip is ours is ever replaced.
"""

import hashlib
import re
from collections.abc import Sequence

import msgspec

from mergegate import repo
from mergegate.errors import UsageError
from mergegate.flows.ingest.request import RefusedError
from mergegate.repo import git
from mergegate.report.escaping import visible

FOLDER = "mergegate/ingest/"
"""Begins the name of every such branch."""

_LONGEST = 80
_ODD = re.compile(r"[^A-Za-z0-9_]+")
_OURS = re.compile(
    r"^Mergegate-Ingest: (?P<path>\S.*)\nMergegate-Tree: (?P<tree>[0-9a-f]{40,64})\n"
    r"Mergegate-Reproduced: (?P<reproduced>yes|no)$",
    re.MULTILINE,
)
_TREE = re.compile(rb"^tree ([0-9a-f]{40,64})\n(?:parent ([0-9a-f]{40,64})\n)?")
_NAME, _EMAIL = "mergegate", "mergegate@localhost"


class Ours(msgspec.Struct, frozen=True):
    """A commit of ours: what it stands on, and whether the pipeline ran for it."""

    sha: str
    parent: str
    reproduced: bool


def branch_of(project: repo.Project, path: str, others: Sequence[str] = ()) -> str:
    """The branch of a dataset's new files: `mergegate/ingest/data-raw-flights` of `data/raw/flights`.

    One that a dataset of `others` would have too, or that says too little of it, ends in a checksum.
    """
    whole = _whole(project, path)
    slug = _slug(whole)
    alike = [each for each in others if each != path and _slug(_whole(project, each)) == slug]
    if alike or not whole.isascii() or len(slug) > _LONGEST or not slug:
        digest = hashlib.sha256(whole.encode(errors="replace")).hexdigest()[:8]
        slug = f"{slug[:_LONGEST]}-{digest}".strip("-")
    return f"{FOLDER}{slug}"


def read_ours(project: repo.Project, sha: str, path: str) -> Ours | None:
    """The commit as one of ours for that dataset, None for any other."""
    with git.Blobs(project.git_root) as objects:
        found = objects.find_commit(sha)
    if found is None:
        return None
    head, message = found[1], found[1].partition(b"\n\n")[2].decode(errors="replace")
    tree, said = _TREE.match(head), _OURS.search(message.strip())
    if tree is None or said is None or tree[2] is None:
        return None
    if said["tree"] != tree[1].decode() or said["path"] != _told(project, path):
        return None
    return Ours(found[0], tree[2].decode(), said["reproduced"] == "yes")


def refuse_foreign(
    project: repo.Project, branch: str, sha: str | None, path: str, *, base: str = ""
) -> Ours | None:
    """The branch's tip as ours, None for no branch, or one that `base` holds already.

    Raises RefusedError where a person worked on it: nothing of theirs may get lost.
    """
    if sha is None:
        return None
    ours = read_ours(project, sha, path)
    if (
        ours is None
        and base
        and git.ask(project.git_root, "merge-base", "--is-ancestor", sha, base) is not None
    ):
        return None
    if ours is None:
        raise RefusedError(
            f"somebody worked on the branch {branch} ({sha[:10]}): it is not overwritten",
            hint="merge or close its pull request and delete the branch, then run this again",
        )
    return ours


def commit(
    project: repo.Project, base: str, path: str, subject: str, paths: Sequence[str], *, reproduced: bool
) -> str:
    """Commit `paths` of a clean checkout on top of `base`; the commit's name. No ref moves, no hook runs."""
    git.run(project.root, "add", "--force", "--", *(f":(literal){each}" for each in paths))
    tree = git.run(project.git_root, "write-tree").decode().strip()
    message = (
        f"{subject}\n\nMade by `mergegate ingest`.\n\nMergegate-Ingest: {_told(project, path)}\n"
        f"Mergegate-Tree: {tree}\nMergegate-Reproduced: {'yes' if reproduced else 'no'}\n"
    )
    made = git.run(
        project.git_root, *_author(project), "commit-tree", tree, "-p", base, stdin=message.encode()
    )
    return made.decode().strip()


def restore(tree: repo.Project) -> None:
    """Have a clean checkout's tracked files as they were, whatever a source's command did to them."""
    own = ":(top,exclude,glob)**/.dvc/config.local"
    git.run(tree.git_root, "checkout", "--force", "--", ":(top)", own)


def find_local(project: repo.Project, branch: str) -> str | None:
    """The tip of a branch of this clone."""
    return git.ask(project.git_root, "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}^{{commit}}")


def move_local(project: repo.Project, branch: str, sha: str) -> None:
    """Let a branch of this clone be that commit. Raises UsageError for one that is checked out."""
    try:
        git.run(project.git_root, "branch", "--force", "--no-track", branch, sha)
    except git.GitError as error:
        raise UsageError(
            f"the branch {branch} can't be moved: {error.output.strip()[:300]}",
            hint="check another branch out, and run this again",
        ) from error


def _author(project: repo.Project) -> tuple[str, ...]:
    """Settings that name an author where git knows none."""
    told = [git.ask(project.git_root, "config", "--get", key) for key in ("user.name", "user.email")]
    return () if all(told) else ("-c", f"user.name={_NAME}", "-c", f"user.email={_EMAIL}")


def _whole(project: repo.Project, path: str) -> str:
    return f"{project.prefix}/{path}" if project.prefix else path


def _told(project: repo.Project, path: str) -> str:
    """The dataset on one line of a message, in which brackets could keep checks from running."""
    return visible(_whole(project, path), 1000).replace("[", "(").replace("]", ")")


def _slug(whole: str) -> str:
    return _ODD.sub("-", whole).strip("-")
