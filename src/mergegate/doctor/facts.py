"""What the local checks look at: gathered by mergegate.flows.doctor.local, each part by itself.

A part that could not be gathered is `Unseen` and says why: `seen(facts.policy)` then ends the check.
"""

from datetime import date

import msgspec

from mergegate.config.policy import POLICY_FILE, Policy
from mergegate.doctor.check import BlindError, Unseen, seen
from mergegate.doctor.workflow import Workflow
from mergegate.records.verify import RemoteCheck, VerifyFinding


class Place(msgspec.Struct, frozen=True):
    """Where the project is.

    `root` and `git_root` are absolute paths, `prefix` the way from the latter to the former, "" at the top.
    `default` is the default branch as it is told here, such as `origin/main`, None where there is none;
    `committed` says whether there is a commit at all, `dvc` whether DVC was initialised. `elsewhere` is the
    file by which another forge than GitHub runs jobs, "" for none.
    """

    root: str
    git_root: str
    prefix: str = ""
    default: str | None = None
    committed: bool = True
    dvc: bool = True
    elsewhere: str = ""

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

    @property
    def judges(self) -> PolicyFile:
        """The file that judges changes: the default branch's, or the workspace's while that has none."""
        return self.target if self.target is not None and self.target.present else self.here

    @property
    def where(self) -> str:
        """Where the policy that judges stands."""
        return f"{POLICY_FILE} at {self.judges.at}" if self.judges.at else POLICY_FILE


class WorkflowFile(msgspec.Struct, frozen=True):
    """A file of .github/workflows: `workflow` is None for one that GitHub would not run, `problem` says why.

    `at` names the revision, "" for the workspace.
    """

    path: str
    at: str
    workflow: Workflow | None
    problem: str = ""

    @property
    def name(self) -> str:
        """The file's name in its folder."""
        return self.path.rpartition("/")[2]

    @property
    def where(self) -> str:
        """The file as people should look for it."""
        return f"{self.path} at {self.at}" if self.at else self.path


class Workflows(msgspec.Struct, frozen=True):
    """The workflows of the workspace, and those of the default branch, None where there is no such branch."""

    here: tuple[WorkflowFile, ...]
    target: tuple[WorkflowFile, ...] | None = None

    @property
    def files(self) -> tuple[WorkflowFile, ...]:
        """Every file once: as the default branch has it, and as it is here where that differs."""
        known = {file.path: file for file in self.target or ()}
        differing = [
            file
            for file in self.here
            if file.path not in known or known[file.path].workflow != file.workflow or file.workflow is None
        ]
        return (*known.values(), *differing)

    @property
    def read(self) -> tuple[tuple[WorkflowFile, Workflow], ...]:
        """Those of `files` that could be read."""
        return tuple((file, file.workflow) for file in self.files if file.workflow is not None)


class Owners(msgspec.Struct, frozen=True):
    """The file of owners that counts, `path` "" where there is none; `at` names the revision."""

    path: str
    at: str
    text: str


class MeasuredGate(msgspec.Struct, frozen=True, kw_only=True):
    """A gate on a metric, and what the model has now.

    `low` and `high` are the limits of its 99 % interval, None where the sample can't tell. `margin` is the
    loss that the gate allows, `judged` the smallest that this evaluation could judge. `carried` rows carry
    the metric; `slices_short` of its `slices` have fewer than `min_rows`. `strict`: insufficient fails.
    """

    model: str
    metric: str
    value: float
    low: float | None
    high: float | None
    carried: float
    min_rows: int
    min: float | None = None
    max: float | None = None
    margin: float | None = None
    judged: float | None = None
    slices: int = 0
    slices_short: int = 0
    strict: bool = False

    @property
    def id(self) -> str:
        """The gate, as the review calls it."""
        return f"{self.model}/{self.metric}"


class Measured(msgspec.Struct, frozen=True):
    """What was measured; `unseen` says of which models nothing could be, and why."""

    gates: tuple[MeasuredGate, ...]
    unseen: tuple[tuple[str, str], ...] = ()


class ConfigText(msgspec.Struct, frozen=True):
    """A version of one of DVC's settings files; `commit` where it is an older one."""

    path: str
    text: str
    commit: str = ""


class Settings(msgspec.Struct, frozen=True):
    """DVC's settings that git tracks, as they are and as they were, and every path that git tracks.

    `unseen` says why the history was not looked through, "" where it was. `addresses` are places, file and
    line, in DVC's other files where an address has a password in it.
    """

    now: tuple[ConfigText, ...]
    before: tuple[ConfigText, ...]
    tracked: frozenset[str]
    unseen: str = ""
    addresses: tuple[tuple[str, int], ...] = ()


class MergeDriver(msgspec.Struct, frozen=True):
    """How git merges DVC's files here.

    `values` maps each way in which files are merged (`mergegate`, `dvc`, `text` …) to one of them; `command`
    is what this clone runs for `mergegate`, "" for nothing, and `program` whether its program is there.
    """

    values: tuple[tuple[str, str], ...]
    command: str
    program: bool = True


class Hook(msgspec.Struct, frozen=True):
    """The hook that git runs before a push: `path` is where it would be, `kinds` whose it is.

    `own`: the folder is this clone's alone, and not one that a team tracks or other repositories share.
    """

    path: str
    present: bool
    kinds: tuple[str, ...] = ()
    own: bool = True


class LargeFile(msgspec.Struct, frozen=True):
    """A file that git holds, or would add; `size` in bytes."""

    path: str
    size: int
    tracked: bool = True


class Clone(msgspec.Struct, frozen=True):
    """What this clone holds: large files, the largest first, and the bytes of its whole history."""

    large: tuple[LargeFile, ...]
    packed: int = 0
    unseen: str = ""


class Lock(msgspec.Struct, frozen=True):
    """What `mergegate verify` finds in the workspace's files; `problem`: DVC would refuse one of them."""

    findings: tuple[VerifyFinding, ...] = ()
    stages: int = 0
    tracked: int = 0
    problem: str = ""
    hint: str = ""


class Presence(msgspec.Struct, frozen=True):
    """What the remotes say of the objects that the workspace names; `wanted` counts these.

    `slow` says why not all was asked: too many objects, or no answer in time; "" where all was. `outside`
    is the default remote's name and folder where that is a folder of this machine outside of the repository.
    """

    remotes: tuple[RemoteCheck, ...] = ()
    findings: tuple[VerifyFinding, ...] = ()
    wanted: int = 0
    slow: str = ""
    outside: tuple[str, str] | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the local checks look at.

    `branches` are origin's, as last fetched. `measured` is of the policy that judges. `commit` is the one
    that the mergegate which is running was built from, None where nothing tells.
    """

    place: Place
    tools: Tools | Unseen
    policies: Policies | Unseen
    workflows: Workflows | Unseen
    owners: Owners | Unseen
    branches: tuple[str, ...] | Unseen
    measured: Measured | Unseen
    settings: Settings | Unseen
    driver: MergeDriver | Unseen
    hook: Hook | Unseen
    clone: Clone | Unseen
    lock: Lock | Unseen
    presence: Presence | Unseen
    today: date
    commit: str | None = None

    @property
    def policy(self) -> Policy | None:
        """The policy that judges, None where there is none. Raises BlindError where it is wrong."""
        policies = seen(self.policies)
        if policies.judges.problem:
            raise BlindError(f"the policy is wrong: {policies.judges.problem}")
        return policies.judges.policy

    @property
    def policy_file(self) -> str:
        """Where the policy that judges stands."""
        return seen(self.policies).where
