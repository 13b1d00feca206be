"""Which policy judges: that at the tip of the branch the change wants to enter, never the change's own."""

import hashlib
import shlex
from pathlib import Path
from typing import NamedTuple

import msgspec

from mergegate import config, repo
from mergegate.config.policy import POLICY_FILE, Policy
from mergegate.errors import ConfigError, UsageError
from mergegate.flows.policy_changes import policy_changes
from mergegate.records.review import PolicySource, Revision

NO_POLICY_HINT = (
    f"write a {POLICY_FILE}: `version: 1`, and under `models` what to judge; docs/policy.md has an example"
)


class _Found(NamedTuple):
    """The revision that the change wants to enter; the policy there is, and where; None for none."""

    target: Revision
    data: bytes | None
    at: Revision


class ChosenPolicy(NamedTuple):
    """The policy that judges, where it came from, and `target`, the revision that the change wants to enter.

    `head_problem` says what is wrong with head's own policy, None when nothing is.
    """

    policy: Policy
    source: PolicySource
    target: Revision
    head_problem: str | None


def choose_policy(
    project: repo.Project,
    head: repo.Snapshot,
    *,
    base: str | None,
    file: Path | None,
    target: str | None = None,
) -> ChosenPolicy:
    """Choose the policy: that of `target`, or of the default branch while `target` has none.

    Without `target`: that of the default branch, or of the `baseline` which that one names.

    Nothing in head has a say while the default branch has a policy. While it has none, that of `base` judges,
    then head's own, with the note that it is the first. `file` overrides all. Raises ConfigError for a wrong
    policy, UsageError when there is none or no branch to enter.
    """
    head_data = head.read(POLICY_FILE)
    head_policy, head_problem = _try_load(head_data)
    entered, data, at = _find_target(project, head_policy, base, target)
    if file is not None:
        given = _read_file(file)
        source = PolicySource(path=str(file), origin="file", revision=None, sha256=_sha256(given))
        return ChosenPolicy(config.load(given, file=str(file)), source, entered, head_problem)
    if data is not None:
        source = PolicySource(
            path=POLICY_FILE,
            origin="target",
            revision=at,
            sha256=_sha256(data),
            changed_in_head=data != head_data,
        )
        if head_data is None:
            head_problem = "the change deletes it: after the merge nothing would be judged"
        policy = _load_target(data, at)
        if source.changed_in_head and head_policy is not None:
            source = msgspec.structs.replace(source, changes=policy_changes(policy, head_policy))
        return ChosenPolicy(policy, source, entered, head_problem)
    if head_data is None:
        raise UsageError(
            f"there is no policy: {POLICY_FILE} is neither here nor at {entered.name}",
            hint=NO_POLICY_HINT,
            code="policy-missing",
        )
    source = PolicySource(path=POLICY_FILE, origin="head", revision=None, sha256=_sha256(head_data))
    return ChosenPolicy(config.load(head_data, file=POLICY_FILE), source, entered, None)


def forgive_unedited(chosen: ChosenPolicy, head: repo.Snapshot, base: repo.Snapshot) -> ChosenPolicy:
    """The policy as it was chosen, less an edit that is none of the change's.

    Where head has what base has, the same policy or none, the target moved on, and no merge takes that back.
    """
    if not chosen.source.changed_in_head or head.read(POLICY_FILE) != base.read(POLICY_FILE):
        return chosen
    source = msgspec.structs.replace(chosen.source, changed_in_head=False, changes=())
    return chosen._replace(source=source, head_problem=None)


def find_target(
    project: repo.Project, head: repo.Snapshot, *, base: str | None = None, target: str | None = None
) -> Revision:
    """The revision that the change wants to enter, as `choose_policy` finds it; a policy need not be there.

    Raises as `choose_policy` does.
    """
    return _find_target(project, _try_load(head.read(POLICY_FILE))[0], base, target).target


def _find_target(
    project: repo.Project, head_policy: Policy | None, base: str | None, asked: str | None
) -> _Found:
    default = repo.find_default_branch(project)
    data = repo.read_at(project, default, POLICY_FILE) if default else None
    if asked is not None:
        entered = _at(project, find_revision(project, asked))
        return _Found(entered.target, data, default) if entered.data is None and default else entered
    if default is not None and data is not None:
        baseline = _load_target(data, default).baseline
        if baseline == default.name.removeprefix("origin/"):
            return _Found(default, data, default)
        return _at(project, _require_branch(project, baseline, f"{POLICY_FILE} at {default.name}"))
    if base is not None:
        return _at(project, find_revision(project, base))
    if head_policy is not None and head_policy.baseline != Policy(version=1).baseline:
        return _at(project, _require_branch(project, head_policy.baseline, POLICY_FILE))
    if default is None:
        raise UsageError(
            "there is no branch main or master to compare with",
            hint="name the revision by --base",
            code="no-target-branch",
        )
    return _Found(default, None, default)


def _at(project: repo.Project, target: Revision) -> _Found:
    """The policy at the revision that the change wants to enter itself."""
    return _Found(target, repo.read_at(project, target, POLICY_FILE), target)


def find_base(project: repo.Project, asked: str | None, target: Revision, head: Revision) -> Revision:
    """The base as asked for, else the merge base with the target, under a name that people know."""
    if asked is not None:
        return find_revision(project, asked)
    sha = repo.merge_base(project, target, head)
    if sha == target.sha:
        return target
    return msgspec.structs.replace(repo.resolve(project, sha), name=f"the merge base with {target.name}")


def find_revision(project: repo.Project, name: str) -> Revision:
    """The revision of that name; where only origin has the branch, origin's."""
    try:
        return repo.resolve(project, name)
    except UsageError:
        branch = repo.find_branch(project, name)
        if branch is None:
            raise
        return branch


def _require_branch(project: repo.Project, name: str, where: str) -> Revision:
    """The tip of the branch that a policy names."""
    branch = repo.find_branch(project, name)
    if branch is None:
        raise UsageError(
            f"{where} names the baseline {name}, which is no branch here or of origin",
            hint=f"run `git fetch origin {shlex.quote(name)}`, or mend `baseline`",
            code="no-target-branch",
        )
    return branch


def _load_target(data: bytes, target: Revision) -> Policy:
    """The target's policy. Its fault stops every review, that of the change which mends it too."""
    try:
        return config.load(data, file=f"{POLICY_FILE} at {target.name}")
    except ConfigError as error:
        error.hint = f"{error.hint}; to review the change that mends it, name its file by --policy".lstrip(
            "; "
        )
        raise


def _try_load(data: bytes | None) -> tuple[Policy | None, str | None]:
    """Load head's policy; its fault is a finding, not the end of the review."""
    if data is None:
        return None, None
    try:
        return config.load(data, file=POLICY_FILE), None
    except ConfigError as error:
        return None, error.message.splitlines()[0]


def _read_file(file: Path) -> bytes:
    """Read the policy named on the command line."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}", hint="--policy takes a readable policy file") from error


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
