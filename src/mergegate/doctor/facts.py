"""What the local checks look at: gathered by mergegate.flows.doctor.local, each part by itself.

A part that could not be gathered is `Unseen` and says why: `seen(facts.policy)` then ends the check.
"""

import msgspec

from mergegate.config.policy import Policy
from mergegate.doctor.check import Unseen


class Place(msgspec.Struct, frozen=True):
    """Where the project is.

    `root` and `git_root` are absolute paths, `prefix` the way from the latter to the former, "" at the top.
    `default` is the default branch as it is told here, such as `origin/main`, None where there is none;
    `committed` says whether there is a commit at all, `dvc` whether DVC was initialised.
    """

    root: str
    git_root: str
    prefix: str = ""
    default: str | None = None
    committed: bool = True
    dvc: bool = True

    @property
    def branch(self) -> str:
        """The default branch by its name on the server, `main` where it is not known."""
        return "main" if self.default is None else self.default.removeprefix("origin/")


class Plugin(msgspec.Struct, frozen=True):
    """What a remote needs of DVC: `extra` is the part of DVC that speaks to it (`s3`)."""

    remote: str
    extra: str
    installed: bool
    default: bool


class Tools(msgspec.Struct, frozen=True):
    """Versions of what mergegate runs with: `dvc` None where it is not installed, `git` "" where unknown."""

    python: str
    mergegate: str
    git: str
    dvc: str | None
    plugins: tuple[Plugin, ...] = ()


class PolicyFile(msgspec.Struct, frozen=True):
    """A policy file: `policy` is None where there is no file or it is wrong.

    `problem` is then the first of its `problems`. `at` names the revision, "" for the workspace.
    """

    at: str
    present: bool
    policy: Policy | None = None
    problem: str = ""
    problems: int = 0


class Policies(msgspec.Struct, frozen=True):
    """The policy in the workspace, and that of the default branch's tip; None where there is none."""

    here: PolicyFile
    target: PolicyFile | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the local checks look at."""

    place: Place
    tools: Tools | Unseen
    policies: Policies | Unseen
