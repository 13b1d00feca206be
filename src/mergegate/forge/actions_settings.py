"""Settings of GitHub Actions over the REST API; administrators alone may read most of them."""

from urllib.parse import quote

from msgspec import Struct

from mergegate.errors import ForgeError
from mergegate.forge.payloads import Name, Number
from mergegate.forge.routes import Routes


class ActionsSettings(Struct, frozen=True):
    """Whether Actions run, and which; older servers leave the last two out."""

    enabled: bool
    allowed_actions: Name = "all"
    sha_pinning_required: bool | None = None


class TokenSettings(Struct, frozen=True):
    """What a job's own token may where nothing is declared."""

    default_workflow_permissions: Name
    can_approve_pull_request_reviews: bool = False


class ForkApproval(Struct, frozen=True):
    """Whose runs wait for approval, of those who propose from a fork of a public repository."""

    approval_policy: Name


class PrivateForks(Struct, frozen=True):
    """What runs of forks of a private repository are given."""

    run_workflows_from_fork_pull_requests: bool
    send_write_tokens_to_workflows: bool = False
    send_secrets_and_variables: bool = False
    require_approval_for_fork_pr_workflows: bool = False


class OidcSubject(Struct, frozen=True):
    """What the subject of a run's OIDC token is made of."""

    use_default: bool
    include_claim_keys: tuple[Name, ...] = ()


class RegisteredWorkflow(Struct, frozen=True):
    """A workflow that GitHub knows; `state` is active, or says who switched it off."""

    path: Name
    state: Name


class BranchPolicy(Struct, frozen=True):
    """What may deploy: a pattern of names, of `branch`es or `tag`s."""

    name: Name
    type: Name = "branch"


class Limit(Struct, frozen=True):
    """What an environment's deployments are limited to."""

    protected_branches: bool = False
    custom_branch_policies: bool = False


class _Rule(Struct, frozen=True):
    type: Name
    reviewers: tuple[object, ...] = ()


class DeploymentEnvironment(Struct, frozen=True):
    """An environment; `deployment_branch_policy` is None where any branch may use it."""

    name: Name
    deployment_branch_policy: Limit | None = None
    protection_rules: tuple[_Rule, ...] = ()

    @property
    def reviewers(self) -> int:
        """How many people or teams may approve a job that uses it; 0 where none needs to."""
        return sum(len(rule.reviewers) for rule in self.protection_rules if rule.type == "required_reviewers")


class _Policies(Struct, frozen=True):
    branch_policies: list[BranchPolicy]


class _Secret(Struct, frozen=True):
    name: Name


class _Secrets(Struct, frozen=True):
    secrets: list[_Secret]


class _Environments(Struct, frozen=True):
    environments: list[_Secret]


class _Workflows(Struct, frozen=True):
    workflows: list[RegisteredWorkflow]


class _App(Struct, frozen=True):
    id: Number


class Actions(Routes):
    """Reads the settings of Actions."""

    def actions_settings(self) -> ActionsSettings:
        """Whether Actions run, and which. Raises ForgeError."""
        return self._rest.get(f"{self._at}/actions/permissions", ActionsSettings)

    def token_settings(self) -> TokenSettings:
        """What a job's own token may by default. Raises ForgeError."""
        return self._rest.get(f"{self._at}/actions/permissions/workflow", TokenSettings)

    def fork_approval(self) -> ForkApproval:
        """Whose runs wait for approval; a private repository refuses with 422. Raises ForgeError."""
        return self._rest.get(f"{self._at}/actions/permissions/fork-pr-contributor-approval", ForkApproval)

    def private_forks(self) -> PrivateForks:
        """What forks of a private repository are given. Raises ForgeError."""
        return self._rest.get(f"{self._at}/actions/permissions/fork-pr-workflows-private-repos", PrivateForks)

    def oidc_subject(self) -> OidcSubject:
        """How the subject of OIDC tokens is made. Raises ForgeError."""
        return self._rest.get(f"{self._at}/actions/oidc/customization/sub", OidcSubject)

    def workflows(self) -> tuple[RegisteredWorkflow, ...]:
        """The workflows that GitHub knows. Raises ForgeError."""
        pages = self._rest.pages(f"{self._at}/actions/workflows", _Workflows)
        return tuple(one for page in pages for one in page.workflows)

    def environment(self, name: str) -> DeploymentEnvironment | None:
        """An environment; None where there is none. Raises ForgeError."""
        try:
            return self._rest.get(f"{self._at}/environments/{quote(name, safe='')}", DeploymentEnvironment)
        except ForgeError as error:
            if error.status == 404:
                return None
            raise

    def environments(self) -> tuple[str, ...]:
        """The names of all environments. Raises ForgeError."""
        pages = self._rest.pages(f"{self._at}/environments", _Environments)
        return tuple(one.name for page in pages for one in page.environments)

    def environment_secrets(self, environment: str) -> tuple[str, ...]:
        """The names of an environment's secrets. Raises ForgeError."""
        path = f"{self._at}/environments/{quote(environment, safe='')}/secrets"
        return tuple(one.name for page in self._rest.pages(path, _Secrets) for one in page.secrets)

    def branch_policies(self, environment: str) -> tuple[BranchPolicy, ...]:
        """The branches and tags that may use an environment. Raises ForgeError."""
        path = f"{self._at}/environments/{quote(environment, safe='')}/deployment-branch-policies"
        return tuple(one for page in self._rest.pages(path, _Policies) for one in page.branch_policies)

    def secret_names(self, *, organization: bool) -> tuple[str, ...]:
        """The names of the secrets that every workflow may read: the repository's, its organisation's too.

        Raises ForgeError.
        """
        found: dict[str, None] = {}
        for kind in ("secrets", "organization-secrets") if organization else ("secrets",):
            for page in self._rest.pages(f"{self._at}/actions/{kind}", _Secrets):
                found |= dict.fromkeys(one.name for one in page.secrets)
        return tuple(found)

    def app_id(self, slug: str) -> int:
        """The number of an App, by its name in addresses. Raises ForgeError."""
        return self._rest.get(f"/apps/{quote(slug, safe='')}", _App).id
