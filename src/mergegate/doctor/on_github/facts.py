"""What the checks of GitHub's settings look at: gathered by mergegate.flows.doctor.github.

A part that the token could not see is `Unseen` and says why: `seen(facts.people)` then ends the check.
"""

from typing import Literal

import msgspec

from mergegate.doctor.check import Unseen
from mergegate.doctor.facts import PolicyFile
from mergegate.doctor.workflow import Job, Workflow

STATUS = "mergegate"
"""The status that protected branches require."""


class Reviews(msgspec.Struct, frozen=True):
    """What a pull request needs before it enters a branch."""

    approvals: int = 0
    code_owners: bool = False
    stale_dismissed: bool = False
    last_push: bool = False


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """A ruleset, or a classic branch protection, as far as it binds one branch.

    `sources`: the Apps that the required status `mergegate` may come from, None among them for any; empty
    where it is not required. `bypass`: in words, who may pass it by, `pushers` those of them who may push
    too, and not only merge. `exempt`: who needs no pull request.
    `spares_new`: a branch that is made need not have the status. `blocks_creation`: none may be made.
    `hidden` says why the rest could not be seen, "" where it could.
    """

    name: str
    where: str
    sources: tuple[int | None, ...] = ()
    spares_new: bool = False
    strict: bool = False
    queue: bool = False
    reviews: Reviews | None = None
    exempt: tuple[str, ...] = ()
    blocks_force_pushes: bool = False
    blocks_deletion: bool = False
    blocks_creation: bool = False
    bypass: tuple[str, ...] | Unseen = ()
    pushers: tuple[str, ...] | Unseen = ()
    hidden: str = ""


class Owners(msgspec.Struct, frozen=True):
    """CODEOWNERS: its path, "" where there is none, its text, and how many errors GitHub finds in it.

    `unusable` are the lines, from 1, that name nobody whom GitHub could ask.
    """

    path: str
    text: str = ""
    errors: int = 0
    unusable: frozenset[int] = frozenset()


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """A branch that a change enters only by the status: the default one, or one that `protected:` names.

    `policy` and `owners` are its own, by which a change that enters it is judged; None where they are the
    default branch's, or there is no such branch.

    `pattern` is the policy's, "" for the default branch. Where no branch of the pattern exists `name` is an
    example of one, and `exists` is false: rulesets bind it already, a classic protection can't be seen.
    """

    name: str
    guards: tuple[Guard, ...] | Unseen
    pattern: str = ""
    exists: bool = True
    policy: PolicyFile | Unseen | None = None
    owners: Owners | Unseen | None = None

    @property
    def shown(self) -> str:
        """The branch, in a sentence."""
        return self.name if self.exists else f"{self.pattern} (such as {self.name})"


class People(msgspec.Struct, frozen=True):
    """Logins of who may write: `admins` may also change settings, `writers` may not."""

    admins: tuple[str, ...]
    writers: tuple[str, ...]


class Hosted(msgspec.Struct, frozen=True, kw_only=True):
    """A workflow on the default branch, None where it could not be read: `problem` then says why.

    `state` is what GitHub says of it: active, disabled_manually, disabled_inactivity; None where it doesn't
    know it.
    """

    path: str
    workflow: Workflow | None
    state: str | None = None
    problem: str = ""

    @property
    def file(self) -> str:
        """The file's name."""
        return self.path.rpartition("/")[2]

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Its jobs, as far as it could be read."""
        return self.workflow.jobs if self.workflow else ()


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """An environment, whether a job names it or none.

    `limit`: any branch may use it, those that are protected, or those of `patterns`, each a name and whether
    it is of a branch or a tag. `reviewers` may approve a job that uses it. `secrets` are its names.
    """

    name: str
    exists: bool
    limit: Literal["none", "protected", "chosen"] = "none"
    patterns: tuple[tuple[str, str], ...] = ()
    reviewers: int = 0
    secrets: tuple[str, ...] = ()


class Actions(msgspec.Struct, frozen=True):
    """Whether Actions run; which; whether they must be pinned: None where this GitHub doesn't know that."""

    enabled: bool
    allowed: str
    pinned: bool | None


class Tokens(msgspec.Struct, frozen=True):
    """What a job's token may by default, and whether it may approve."""

    default: str
    approves: bool


class Forks(msgspec.Struct, frozen=True):
    """Runs of forks: whose wait for approval; in a private repository also what they are given."""

    policy: str
    run: bool = True
    write_tokens: bool = False
    secrets: bool = False


class Subject(msgspec.Struct, frozen=True):
    """The claims that the subject of a run's OIDC token is made of; none by default."""

    claims: tuple[str, ...]


class Word(msgspec.Struct, frozen=True):
    """A status `mergegate`: who set it to what."""

    state: str
    creator: str


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """A pull request into a protected branch that moved in the last seven days.

    `words` are the statuses `mergegate` of its head, the newest first.
    """

    number: int
    base: str
    merged: bool
    words: tuple[Word, ...]


class GitHubFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the checks look at; `asked` counts the requests that it took.

    `left_out` says which protected branches were not looked at, "" for none; `idle` names rulesets that are
    not in force. `actions_app` is the number of GitHub Actions itself. `policy` is the policy's path,
    `judges` what the default branch has there, and `required_strength` what it asks for. `secrets` names
    those that any workflow of any branch may read.
    """

    repository: str
    default_branch: str
    private: bool
    policy: str
    required_strength: str | None
    branches: tuple[Branch, ...] | Unseen
    left_out: str
    idle: tuple[str, ...] | Unseen
    actions_app: int | Unseen
    people: People | Unseen
    keys: tuple[str, ...] | Unseen
    actions: Actions | Unseen
    tokens: Tokens | Unseen
    forks: Forks | Unseen
    subject: Subject | Unseen
    workflows: tuple[Hosted, ...] | Unseen
    environments: tuple[Environment, ...] | Unseen
    secrets: tuple[str, ...] | Unseen
    owners: Owners | Unseen
    moved: tuple[Moved, ...] | Unseen
    judges: PolicyFile | Unseen = Unseen("the policy was not asked for")
    asked: int = 0
