"""Where git stands: the branch, what is not committed, how far it is from other branches."""

from collections.abc import Iterator

import msgspec

from mergegate.repo import git
from mergegate.repo.project import Project

_DOING = {
    "MERGE_HEAD": "merge",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
}


class State(msgspec.Struct, frozen=True):
    """The work tree of a project; paths are from its root.

    `branch` is None where HEAD is detached. `upstream` is "" where the branch follows none, and `unpushed`
    counts the commits that it lacks, None where it is gone. `remotes` are git's, `origin` first.
    """

    branch: str | None
    upstream: str = ""
    unpushed: int | None = None
    edited: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    conflicted: tuple[str, ...] = ()
    doing: str = ""
    remotes: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """Everything that is not committed."""
        return (*self.edited, *self.untracked, *self.conflicted)


def read_state(project: Project) -> State:
    """Ask git once how the work tree differs from HEAD. Raises BrokenError."""
    told = git.run(
        project.root,
        *(
            "status",
            "--porcelain=v2",
            "--branch",
            "-z",
            "--no-renames",
            "--untracked-files=normal",
            "--",
            ".",
        ),
    )
    about: dict[str, str] = {}
    found: dict[str, list[str]] = {"edited": [], "untracked": [], "conflicted": []}
    for line in told.decode(errors="backslashreplace").split("\0"):
        if line.startswith("# "):
            key, _, value = line[2:].partition(" ")
            about[key] = value
        elif line:
            kind, path = _entry(line)
            found[kind].append(path.removeprefix(f"{project.prefix}/") if project.prefix else path)
    branch = about.get("branch.head", "(detached)")
    ahead = about.get("branch.ab", "").partition(" ")[0].removeprefix("+")
    return State(
        branch=None if branch == "(detached)" else branch,
        upstream=about.get("branch.upstream", ""),
        unpushed=int(ahead) if ahead else None,
        edited=tuple(found["edited"]),
        untracked=tuple(found["untracked"]),
        conflicted=tuple(found["conflicted"]),
        doing=_doing(project),
        remotes=_remotes(project),
    )


def count_apart(project: Project, ours: str, theirs: str) -> tuple[int, int]:
    """How many commits `ours` has that `theirs` lacks, and the other way round."""
    told = git.run(project.git_root, "rev-list", "--left-right", "--count", f"{ours}...{theirs}", "--")
    left, right = told.split()
    return int(left), int(right)


def list_changed(project: Project, since: str, until: str | None = None) -> tuple[str, ...]:
    """Paths of the project that differ between a commit and another, or the work tree where none is named.

    Files that git does not know are not among them.
    """
    revisions = [since] if until is None else [since, until]
    told = git.run(
        project.root,
        *("diff", "--name-only", "--no-renames", "--no-ext-diff", "--ignore-submodules=none", "--relative"),
        *("-z", *revisions, "--", "."),
    )
    return tuple(path for path in told.decode(errors="backslashreplace").split("\0") if path)


def _remotes(project: Project) -> tuple[str, ...]:
    named = (git.ask(project.git_root, "remote") or "").splitlines()
    return tuple(sorted(named, key=lambda name: name != "origin"))


def _entry(line: str) -> tuple[str, str]:
    """What a line of porcelain v2 says of which path."""
    if line[0] == "?":
        return "untracked", line[2:]
    fields = {"1": 8, "u": 10}.get(line[0], 8)
    return "conflicted" if line[0] == "u" else "edited", line.split(" ", fields)[fields]


def _doing(project: Project) -> str:
    """What git has begun and not ended."""
    return next(_begun(project), "")


def _begun(project: Project) -> Iterator[str]:
    folder = git.ask(project.root, "rev-parse", "--absolute-git-dir")
    if folder is not None:
        place = project.root / folder
        yield from (word for name, word in _DOING.items() if (place / name).exists())
