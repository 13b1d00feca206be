"""Which policy judges: that at the tip of the branch the change wants to enter, never the change's own."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from mergegate import config, repo
from mergegate.config.policy import POLICY_FILE, Policy
from mergegate.errors import ConfigError, UsageError
from mergegate.records.review import PolicySource, Revision

NO_POLICY_HINT = (
    f"write a {POLICY_FILE}: `version: 1`, and under `models` what to judge; docs/policy.md has an example"
)


class ChosenPolicy(NamedTuple):
    """The policy that judges, and where it came from; `head_error` says what is wrong with head's own."""

    policy: Policy
    source: PolicySource
    head_error: ConfigError | None


def choose_policy(
    project: repo.Project, head: repo.Snapshot, *, base: str | None, file: Path | None
) -> tuple[ChosenPolicy, str]:
    """Choose the policy; also the name of the revision it is the policy of (`main`, or what `--base` names).

    The tip of the policy's `baseline` where that branch exists, else `base`; head's own only when neither has
    a policy yet. `file` overrides all. Raises ConfigError for a wrong policy, UsageError when there is none.
    """
    head_data = head.read(POLICY_FILE)
    head_policy, head_error = _try_load(head_data)
    baseline = head_policy.baseline if head_policy else Policy(version=1).baseline
    target = _tip(project, baseline) or (repo.resolve(project, base) if base else None)
    name = target.name if target else baseline
    if file is not None:
        data = _read_file(file)
        source = PolicySource(path=str(file), origin="file", revision=None, sha256=_sha256(data))
        return ChosenPolicy(config.load(data, file=str(file)), source, head_error), name
    if target is not None:
        target_data = repo.read_at(project, target, POLICY_FILE)
        if target_data is not None:
            source = PolicySource(
                path=POLICY_FILE,
                origin="target",
                revision=target,
                sha256=_sha256(target_data),
                changed_in_head=target_data != head_data,
            )
            policy = config.load(target_data, file=f"{POLICY_FILE} at {target.name}")
            return ChosenPolicy(policy, source, head_error), name
    if head_data is None:
        raise UsageError(
            f"there is no policy: {POLICY_FILE} is neither here nor at {name}", hint=NO_POLICY_HINT
        )
    source = PolicySource(path=POLICY_FILE, origin="head", revision=None, sha256=_sha256(head_data))
    return ChosenPolicy(config.load(head_data, file=POLICY_FILE), source, None), name


def _try_load(data: bytes | None) -> tuple[Policy | None, ConfigError | None]:
    """Load head's policy; its fault is a finding, not the end of the review."""
    if data is None:
        return None, None
    try:
        return config.load(data, file=POLICY_FILE), None
    except ConfigError as error:
        return None, error


def _tip(project: repo.Project, branch: str) -> Revision | None:
    """The tip of a branch, local first as git resolves it, then origin's; None when there is neither."""
    for name in (branch, f"origin/{branch}"):
        try:
            return repo.resolve(project, name)
        except UsageError:
            continue
    return None


def _read_file(file: Path) -> bytes:
    """Read the policy named on the command line."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}", hint="--policy takes a readable policy file") from error


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
