"""Where git looks for hooks in a clone."""

from pathlib import Path
from typing import Literal

import msgspec

from mergegate.repo import git
from mergegate.repo.project import Project

Whose = Literal["clone", "tracked", "shared"]


class Hooks(msgspec.Struct, frozen=True):
    """The folder of hooks. `whose`: of this clone alone; `tracked`, inside the work tree, where the team's
    own files are; or `shared` with other repositories by somebody's configuration.
    """

    folder: Path
    whose: Whose


def find_hooks(project: Project) -> Hooks:
    """The folder as the clone has it, not as git is told for our own commands."""
    top = project.git_root
    told = git.ask(top, "config", "--show-scope", "-z", "--type=path", "--get-all", "core.hooksPath") or ""
    fields = told.split("\0")
    own = [value for scope, value in zip(fields[0::2], fields[1::2], strict=False) if scope != "command"]
    common = (top / (git.ask(top, "rev-parse", "--git-common-dir") or ".git")).resolve()
    folder = (top / own[-1]).resolve() if own else common / "hooks"
    if folder.is_relative_to(common):
        return Hooks(folder, "clone")
    return Hooks(folder, "tracked" if folder.is_relative_to(top) else "shared")
