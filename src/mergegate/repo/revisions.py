"""Names of revisions to commits, and what two of them have in common."""

import difflib
import itertools
import re
from typing import NamedTuple

from mergegate.errors import UsageError
from mergegate.records.review import Revision
from mergegate.repo import git
from mergegate.repo.project import Project

WORKSPACE = "workspace"
"""The name of the files on disk, where a revision is asked for."""

LONGEST_SUBJECT = 120
"""Characters of a commit's subject that are kept."""

_MOST_OF_MESSAGE = 4_096
"""Bytes of a commit's message that its subject is looked for in."""

MOST_MERGES = 50
"""Merge commits of one change that are looked at."""

_ENCODING = re.compile(rb"^encoding (\S+)$", re.MULTILINE)


def resolve(project: Project, name: str) -> Revision:
    """The commit that `name` stands for. Raises UsageError for an unknown name, with the nearest ones."""
    found = _find(project, name) if name else None
    if found is None:
        raise _unknown(project, name)
    return Revision(name=name, sha=found.sha, subject=found.subject)


def find_branch(project: Project, name: str) -> Revision | None:
    """The tip of a branch: origin's as last fetched, else the local one; None when there is neither.

    origin's first: it is where a change is merged, and a local branch of that name may be old. Only branches
    count: a tag of the same name would win in `resolve`.
    """
    for folder, shown in (("refs/remotes/origin/", f"origin/{name}"), ("refs/heads/", name)):
        found = _find(project, f"{folder}{name}")
        if found is not None:
            return Revision(name=shown, sha=found.sha, subject=found.subject)
    return None


def find_default_branch(project: Project) -> Revision | None:
    """The tip of the branch that changes are merged into: origin's HEAD, else main or master."""
    named = git.ask(project.git_root, "symbolic-ref", "--quiet", "refs/remotes/origin/HEAD") or ""
    names = [named.removeprefix("refs/remotes/origin/").strip(), "main", "master"]
    return next((found for name in names if name and (found := find_branch(project, name))), None)


def workspace_revision(project: Project) -> Revision:
    """The files on disk, on top of HEAD; `sha` is None before the first commit."""
    found = _find(project, "HEAD")
    return Revision(
        name=WORKSPACE,
        sha=found.sha if found else None,
        workspace=True,
        subject=found.subject if found else "",
    )


def merge_base(project: Project, a: Revision | str, b: Revision | str) -> str:
    """The commit that two revisions have in common, as 40 hex digits.

    Raises UsageError when there is none, and says so when a shallow clone may hide it.
    """
    ours, theirs = (resolve(project, side) if isinstance(side, str) else side for side in (a, b))
    if ours.sha is None or theirs.sha is None:
        raise UsageError(
            "the repository has no commit yet, so there is nothing to compare with",
            hint="commit first",
            code="no-commit",
        )
    found = git.ask(project.git_root, "merge-base", ours.sha, theirs.sha)
    if found:
        return found.splitlines()[0]
    names = f"{_show(ours.name)} and {_show(theirs.name)}"
    if is_shallow(project):
        raise UsageError(
            f"{names} have no common ancestor in this shallow clone",
            hint="run `git fetch --unshallow` or `git fetch --deepen 100` (in actions: `fetch-depth: 0`)",
            code="shallow-clone",
        )
    raise UsageError(
        f"{names} have no common ancestor: their histories are unrelated",
        hint="name the revision to compare with by --base",
        code="unrelated-histories",
    )


def find_merges(project: Project, base: str, head: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The newest merge commits of `head` that `base` lacks, each with its parents; at most MOST_MERGES."""
    listed = git.run(
        project.git_root,
        *("rev-list", "--merges", "--parents", f"--max-count={MOST_MERGES}", head, f"^{base}"),
    )
    lines = [line.split() for line in listed.decode().splitlines()]
    return tuple((words[0], tuple(words[1:])) for words in lines)


def read_trailers(project: Project, key: str, since: str, until: str) -> frozenset[str]:
    """The values of a trailer (`Key: value` at the end of a message) in the commits after `since`."""
    shown = git.run(
        project.git_root,
        *("log", "--no-show-signature", f"--format=%(trailers:key={key},valueonly)", until, f"^{since}"),
    )
    return frozenset(line.strip() for line in shown.decode(errors="replace").splitlines() if line.strip())


def find_submodule(project: Project, revision: Revision, folder: str) -> str | None:
    """The commit that a submodule stands at, None for no submodule; in the workspace as it is checked out."""
    if revision.workspace:
        checked_out = project.root / folder / ".git"
        if checked_out.exists():
            return git.ask(project.root / folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        name = f":./{folder}"
    else:
        name = f"{revision.sha}:./{folder}"
    return git.ask(project.root, "rev-parse", "--verify", "--quiet", "--end-of-options", name)


def is_shallow(project: Project) -> bool:
    """Whether the clone lacks older commits."""
    return git.ask(project.git_root, "rev-parse", "--is-shallow-repository") == "true"


class _Commit(NamedTuple):
    sha: str
    subject: str


def _find(project: Project, name: str) -> _Commit | None:
    """The commit that `name` stands for, None where git has none, or several, of that name."""
    with git.Blobs(project.git_root) as objects:
        found = objects.find_commit(name)
    return None if found is None else _Commit(found[0], _read_subject(found[1]))


def _read_subject(commit: bytes) -> str:
    """The first paragraph of a commit's message in one line, as `git log --format=%s` shows it."""
    about, _, message = commit.partition(b"\n\n")
    message, named = message.lstrip(b"\n")[:_MOST_OF_MESSAGE], _ENCODING.search(about)
    try:
        text = message.decode(named[1].decode() if named else "utf-8", errors="replace")
    except (LookupError, UnicodeError):
        text = message.decode(errors="replace")
    lines = (line.rstrip() for line in text.split("\n"))
    subject = " ".join(itertools.takewhile(bool, lines)).strip()
    return subject if len(subject) <= LONGEST_SUBJECT else subject[: LONGEST_SUBJECT - 1] + "…"


def _unknown(project: Project, name: str) -> UsageError:
    """The error for a name that is no commit: the nearest names, or how to fetch it."""
    listed = git.ask(project.git_root, "for-each-ref", "--format=%(refname:short)") or ""
    names = [ref for ref in listed.splitlines() if ref]
    near = [ref for ref in names if ref.endswith(f"/{name}")] or difflib.get_close_matches(name, names, n=3)
    remotes = (git.ask(project.git_root, "remote") or "").split()
    if near:
        hint = "did you mean " + " or ".join(f"`{ref}`" for ref in near[:3]) + "?"
    elif remotes and name and not name.startswith("-"):
        remote = "origin" if "origin" in remotes else remotes[0]
        deeper = "; the clone is shallow: or run `git fetch --unshallow`" if is_shallow(project) else ""
        hint = f"if it is on the server, run `git fetch {remote} {_show(name)}`{deeper}"
    else:
        hint = "`git branch --all` and `git tag` list the names you can use"
    return UsageError(
        f"{_show(name)!r} is no revision of this repository", hint=hint, code="unknown-revision"
    )


def _show(name: str) -> str:
    return name if len(name) <= 100 else name[:99] + "…"
