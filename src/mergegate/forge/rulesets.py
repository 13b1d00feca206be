"""Rulesets over the REST API: what binds a branch, and who may pass it by."""

from urllib.parse import quote

from msgspec import Struct

from mergegate.forge.names import check_branch
from mergegate.forge.payloads import Name, Number
from mergegate.forge.routes import Routes


class RequiredCheck(Struct, frozen=True):
    """A status or check that is required; `integration_id` is the App it must come from, None for any."""

    context: Name
    integration_id: int | None = None


class RuleParameters(Struct, frozen=True):
    """What the rules that we know are set to; a rule has only those of its own type."""

    required_status_checks: tuple[RequiredCheck, ...] = ()
    strict_required_status_checks_policy: bool = False
    do_not_enforce_on_create: bool = False
    required_approving_review_count: int = 0
    require_code_owner_review: bool = False
    require_last_push_approval: bool = False
    dismiss_stale_reviews_on_push: bool = False
    grouping_strategy: Name = "ALLGREEN"


class BranchRule(Struct, frozen=True):
    """A rule that holds for a branch, and the ruleset that it is of."""

    type: Name
    ruleset_id: Number
    ruleset_source_type: Name = "Repository"
    ruleset_source: Name = ""
    parameters: RuleParameters | None = None


class BypassActor(Struct, frozen=True):
    """Who may pass a ruleset by; `actor_id` is null for deploy keys and owners."""

    actor_type: Name
    actor_id: int | None = None
    bypass_mode: Name = "always"


class Ruleset(Struct, frozen=True):
    """A ruleset; who may pass it by is told only to tokens that may change it: None where it was not."""

    id: Number
    name: Name
    enforcement: Name
    target: Name = "branch"
    source_type: Name = "Repository"
    source: Name = ""
    bypass_actors: tuple[BypassActor, ...] | None = None


class Rulesets(Routes):
    """Reads rulesets."""

    def branch_rules(self, branch: str) -> tuple[BranchRule, ...]:
        """The rules in force for a branch, existing or not, an organisation's among them.

        Rulesets that are switched off or only evaluated have none. Raises ForgeError.
        """
        path = f"{self._at}/rules/branches/{quote(check_branch(branch), safe='')}"
        return tuple(rule for page in self._rest.pages(path, list[BranchRule]) for rule in page)

    def rulesets(self) -> tuple[Ruleset, ...]:
        """All rulesets, also those not in force, without who may pass them by. Raises ForgeError."""
        pages = self._rest.pages(f"{self._at}/rulesets", list[Ruleset], includes_parents="true")
        return tuple(one for page in pages for one in page)

    def ruleset(self, identifier: int) -> Ruleset:
        """One ruleset. Raises ForgeError."""
        return self._rest.get(f"{self._at}/rulesets/{int(identifier)}", Ruleset)
