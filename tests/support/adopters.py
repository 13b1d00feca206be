"""Repositories of teams that never heard of mergegate, in their documented shapes, under real git and DVC.

`main` is as it was before; the branches `data` and `params` each change what they are called after,
reproduced, pushed and committed. A shape says how its files come to be; all the rest is the same for each.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from support.projects import Project

BRANCHES = ("data", "params")

INITIAL = {
    ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
    # Absolute: a checkout elsewhere has the same remote, as it would have the same bucket.
    ".dvc/config": "[core]\n    remote = store\n['remote \"store\"']\n    url = {remote}\n",
    ".dvcignore": "# Add patterns of files dvc should ignore, which could improve\n# the performance.\n",
}
"""What `dvc init` and `dvc remote add --default` write."""


@dataclass(frozen=True)
class Shape:
    """One way to keep a project.

    `write` makes the files and runs what makes the rest, in a repository that has `.dvc` unless `dvc` is
    False; `change_data` and `change_params` do the same for a change. `folder` is where the project lies in
    the repository.
    """

    name: str
    write: Callable[[Project], None]
    change_data: Callable[[Project], None]
    change_params: Callable[[Project], None]
    folder: str = ""
    dvc: bool = True


@dataclass(frozen=True)
class Adopter:
    """A built repository; `project` is the clone in which people work, on `main`. Copied before a change."""

    shape: Shape
    project: Project

    def copy(self, home: Path) -> "Adopter":
        return Adopter(self.shape, self.project.copy(home))


def build(shape: Shape, home: Path) -> Adopter:
    """The repository, whole, as it was before anybody heard of mergegate."""
    top = Project(home / "project", home)
    top.root.mkdir(parents=True)
    top.git("init", "--quiet", "--initial-branch", "main")
    # Where their pull requests are; nobody fetches from there.
    top.git("remote", "add", "origin", f"https://github.com/team/{shape.name}.git")
    project = Project(top.root / shape.folder, home) if shape.folder else top
    project.root.mkdir(parents=True, exist_ok=True)
    if shape.dvc:
        (home / "remote").mkdir()
        for path, text in INITIAL.items():
            project.write(path, text.format(remote=home / "remote"))
    shape.write(project)
    project.commit("Start")
    for branch, change in (("data", shape.change_data), ("params", shape.change_params)):
        project.git("switch", "--quiet", "--create", branch, "main")
        change(project)
        project.commit(f"Change the {branch}")
        project.git("switch", "--quiet", "main")
        if shape.dvc:
            project.dvc("checkout", "--quiet", "--force")
    if shape.dvc:
        # All at once: each command of DVC's costs a third of a second.
        project.dvc("push", "--quiet", "--all-branches")
    return Adopter(shape, project)


def replace(project: Project, path: str, old: str, new: str) -> None:
    """Edit a file as a person would; the text must be there."""
    text = (project.root / path).read_bytes().decode()
    assert old in text, f"{old!r} is not in {path}"
    project.write(path, text.replace(old, new))


def overwrite(project: Project, path: str, text: str | bytes) -> None:
    """Write over a file that DVC may have linked from its cache, read-only."""
    file = project.root / path
    if file.exists():
        file.chmod(0o644)
        file.unlink()
    project.write(path, text)
