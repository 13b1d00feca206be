"""What GitHub's settings show: each part by itself, so that what a token may not see hides nothing else."""

import os
import time
from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from mergegate import repo
from mergegate.config.policy import POLICY_FILE, Policy
from mergegate.doctor.check import Unseen
from mergegate.doctor.facts import Facts, PolicyFile
from mergegate.doctor.on_github.facts import (
    Actions,
    Branch,
    Forks,
    GitHubFacts,
    People,
    Subject,
    Tokens,
)
from mergegate.errors import ForgeError, UsageError
from mergegate.flows.doctor.address import find_address
from mergegate.flows.doctor.github_branches import find_actions_app, find_idle, read_branches
from mergegate.flows.doctor.github_moved import read_moved
from mergegate.flows.doctor.github_owners import read_owners
from mergegate.flows.doctor.github_workflows import read_environments, read_hosted
from mergegate.flows.doctor.local import attempt, load_policy
from mergegate.flows.doctor.request import Request
from mergegate.forge.access import RepositoryState
from mergegate.forge.names import shown
from mergegate.forge.survey import Survey, check_github

Part = TypeVar("Part")

ADMINISTRATION = "the token of an administrator, or one with administration: read"


def gather(
    project: repo.Project,
    request: Request,
    local: Facts,
    *,
    tell: Callable[[str], None] = lambda step: None,
    clock: Callable[[], float] = time.time,
) -> GitHubFacts:
    """Ask GitHub for everything that the checks look at, as far as the token may see it. Changes nothing.

    Raises a MergegateError where nothing can be seen: no token, no repository, no network.
    """
    address = find_address(project, request, os.environ)
    token = os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN") or ""
    if not token:
        raise UsageError(
            "GitHub was not asked: there is no token",
            hint="GH_TOKEN=$(gh auth token) mergegate doctor --github; an administrator's sees most",
            code="token-missing",
        )
    if address.guessed:
        # A token must not go to a host only because a remote lies there.
        check_github(address.api_url)
    tell(f"asking {address.repository}")
    with Survey(address.api_url, address.repository, token) as survey:
        state = survey.repository_state()
        return _gather(survey, state, project, local, tell, clock())


def _gather(
    survey: Survey,
    state: RepositoryState,
    project: repo.Project,
    local: Facts,
    tell: Callable[[str], None],
    now: float,
) -> GitHubFacts:
    default = state.default_branch
    prefix = f"{project.prefix}/" if project.prefix else ""
    path = f"{prefix}{POLICY_FILE}"
    judges = _see(
        "the policy",
        "contents: read",
        lambda: load_policy(survey.read_file(path, default), f"{shown(default)} on GitHub"),
    )
    policy, doubt = _policy(local, judges)
    tell("asking for rules")
    protected = policy.protected if policy else ()
    read = _see("what protects branches", "contents: read", lambda: read_branches(survey, default, protected))
    branches, left_out = (read, "") if isinstance(read, Unseen) else read
    tell("asking for workflows")
    workflows = _see(
        "the workflows", "contents: read and actions: read", lambda: read_hosted(survey, default)
    )
    tell("asking for settings")
    known: tuple[Branch, ...] = () if isinstance(branches, Unseen) else branches
    if not isinstance(branches, Unseen):
        branches = tuple(_with_own(survey, branch, path, judges) for branch in branches)
    facts = GitHubFacts(
        repository=survey.repository,
        default_branch=shown(default),
        private=state.private,
        policy=path,
        judges=judges,
        required_strength=policy.required_strength if policy else None,
        branches=branches,
        left_out=doubt or left_out,
        idle=_see("rulesets", "metadata: read", lambda: find_idle(survey)),
        actions_app=_see("the number of GitHub Actions", "any token", lambda: find_actions_app(survey)),
        people=_see("who may write", "the token of somebody who may write", lambda: _people(survey)),
        keys=_see("deploy keys", ADMINISTRATION, lambda: _keys(survey)),
        actions=_see("which actions may run", ADMINISTRATION, lambda: _actions(survey)),
        tokens=_see("what a job's token may by default", ADMINISTRATION, lambda: _tokens(survey)),
        forks=_see("what runs of forks may", ADMINISTRATION, lambda: _forks(survey, private=state.private)),
        subject=_see("the subject of OIDC tokens", "actions: read", lambda: _subject(survey)),
        workflows=workflows,
        environments=_see(
            "environments",
            "actions: read and environments: read",
            lambda: read_environments(survey, workflows),
        ),
        secrets=_see(
            "the names of secrets",
            "an administrator's token, or secrets: read",
            lambda: survey.secret_names(organization=state.organization),
        ),
        owners=_see("CODEOWNERS", "contents: read", lambda: read_owners(survey, default, default=True)),
        moved=_see(
            "pull requests and statuses",
            "pull-requests: read and statuses: read",
            lambda: read_moved(survey, known, now),
        ),
    )
    tell(f"asked {survey.asked:,} times")
    return replace(facts, asked=survey.asked)


def _see(what: str, needs: str, gather: Callable[[], Part]) -> Part | Unseen:
    """A part of the facts; where the token may not see it, what would let it."""

    def look() -> Part:
        try:
            return gather()
        except ForgeError as error:
            if error.status in (403, 404) and error.code != "rate-limit":
                unknown = ", or this GitHub does not know it" if error.status == 404 else ""
                raise UsageError(
                    f"this token may not see {what}{unknown}: it takes {needs}", code="permission-missing"
                ) from error
            raise

    return attempt(look)


def _policy(local: Facts, judges: PolicyFile | Unseen) -> tuple[Policy | None, str]:
    """The policy that GitHub has, else the clone's; and what is left out where it is not known."""
    if isinstance(judges, PolicyFile) and judges.policy is not None:
        return judges.policy, ""
    doubt = f"which branches `protected:` of {POLICY_FILE} names is not known"
    if isinstance(local.policies, Unseen):
        return None, doubt
    target = local.policies.target
    found = target if target is not None and target.present else local.policies.here
    if isinstance(judges, Unseen):
        return found.policy, f"{doubt}: {judges.why}"
    return found.policy, doubt if judges.present or (found.present and found.policy is None) else ""


def _with_own(survey: Survey, branch: Branch, path: str, judges: PolicyFile | Unseen) -> Branch:
    """A branch with the policy and the owners by which a change that enters it is judged."""
    if not branch.pattern or not branch.exists:
        return branch
    own = _see(
        f"the policy of {branch.name}",
        "contents: read",
        lambda: load_policy(survey.read_file(path, branch.name), f"{branch.name} on GitHub"),
    )
    same = isinstance(own, PolicyFile) and (
        not own.present
        or (isinstance(judges, PolicyFile) and own.policy == judges.policy and not own.problem)
    )
    owners = _see(f"CODEOWNERS of {branch.name}", "contents: read", lambda: read_owners(survey, branch.name))
    return replace(branch, policy=None if same else own, owners=owners)


def _people(survey: Survey) -> People:
    everybody = survey.collaborators()
    admins = tuple(shown(each.login) for each in everybody if each.permissions.admin)
    may = [each for each in everybody if each.permissions.push or each.permissions.maintain]
    return People(admins, tuple(shown(each.login) for each in may if not each.permissions.admin))


def _keys(survey: Survey) -> tuple[str, ...]:
    """Those that may write."""
    return tuple(shown(each.title, 80) for each in survey.deploy_keys() if not each.read_only)


def _actions(survey: Survey) -> Actions:
    found = survey.actions_settings()
    return Actions(found.enabled, found.allowed_actions, found.sha_pinning_required)


def _tokens(survey: Survey) -> Tokens:
    found = survey.token_settings()
    return Tokens(found.default_workflow_permissions, found.can_approve_pull_request_reviews)


def _forks(survey: Survey, *, private: bool) -> Forks:
    if not private:
        return Forks(survey.fork_approval().approval_policy)
    found = survey.private_forks()
    return Forks(
        "",
        run=found.run_workflows_from_fork_pull_requests,
        write_tokens=found.send_write_tokens_to_workflows,
        secrets=found.send_secrets_and_variables,
    )


def _subject(survey: Survey) -> Subject:
    found = survey.oidc_subject()
    return Subject(() if found.use_default else tuple(shown(each, 80) for each in found.include_claim_keys))
