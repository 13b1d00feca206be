"""What binds the protected branches: rulesets, an organisation's too, and classic protections."""

import re
from collections.abc import Sequence
from functools import partial

from mergegate.doctor.check import Unseen
from mergegate.doctor.on_github.facts import STATUS, Branch, Guard, Reviews
from mergegate.doctor.on_github.guarding import RULESETS
from mergegate.errors import ForgeError
from mergegate.flows.doctor.local import attempt
from mergegate.forge.names import shown
from mergegate.forge.protections import ProtectedChecks, Protection, ProtectionSummary
from mergegate.forge.rulesets import BranchRule, BypassActor, RuleParameters, Ruleset
from mergegate.forge.survey import Survey

MOST_BRANCHES = 10
"""Protected branches that are looked at."""

ACTIONS_APP = 15368
"""The number of GitHub Actions as an App, at github.com."""

ADMINISTRATORS = "repository administrators"

_ROLES = {1: "read", 2: "maintain", 3: "triage", 4: "write", 5: "admin"}


def read_branches(survey: Survey, default: str, protected: Sequence[str]) -> tuple[tuple[Branch, ...], str]:
    """The default branch and those that the policy's patterns name; and which were left out, "" for none.

    Raises ForgeError where the branches can't be listed.
    """
    names = [(default, "", True)]
    for pattern in protected:
        start = pattern.partition("*")[0]
        listed = [name for name in survey.branches_like(start) if _fits(pattern, name)]
        fresh = [name for name in listed if name != default and all(name != known for known, _, _ in names)]
        names += [(name, pattern, True) for name in fresh]
        if not listed:
            names.append((_example(pattern), pattern, False))
    rulesets: dict[int, Ruleset | Unseen] = {}
    found = tuple(
        Branch(
            name=shown(name),
            pattern=shown(pattern),
            exists=exists,
            guards=attempt(partial(_guards, survey, name, exists, rulesets)),
        )
        for name, pattern, exists in names[:MOST_BRANCHES]
    )
    to_come = [
        example
        for pattern in protected[:MOST_BRANCHES]
        if "*" in pattern and (example := _find_unbound(survey, pattern, found, rulesets)) is not None
    ]
    more = len(names) - MOST_BRANCHES
    return (
        (*found, *to_come),
        f"only {MOST_BRANCHES} of {len(names):,} protected branches were looked at" if more > 0 else "",
    )


def _example(pattern: str) -> str:
    return pattern.replace("*", "example")


def _find_unbound(
    survey: Survey, pattern: str, found: Sequence[Branch], rulesets: dict[int, Ruleset | Unseen]
) -> Branch | None:
    """A branch that may be made by a pattern whose others rulesets bind, and that none would bind."""
    here = [each for each in found if each.pattern == shown(pattern)]
    if not any(each.exists and _is_ruled(each) for each in here):
        return None
    name = _example(pattern)
    guards = attempt(partial(_guards, survey, name, False, rulesets))
    if not isinstance(guards, Unseen) and any(each.sources or each.blocks_creation for each in guards):
        return None
    return Branch(name=shown(name), pattern=shown(pattern), exists=False, guards=guards)


def _is_ruled(branch: Branch) -> bool:
    """Whether a ruleset requires the status there."""
    guards = () if isinstance(branch.guards, Unseen) else branch.guards
    return any(each.sources and each.where.startswith(RULESETS) for each in guards)


def find_idle(survey: Survey) -> tuple[str, ...]:
    """Rulesets for branches that are not in force. Raises ForgeError."""
    found = (each for each in survey.rulesets() if each.target == "branch" and each.enforcement != "active")
    return tuple(f"the ruleset {shown(each.name, 80)!r} ({shown(each.enforcement, 20)})" for each in found)


def find_actions_app(survey: Survey) -> int:
    """The number of GitHub Actions as an App: an Enterprise has its own, and is asked. Raises ForgeError."""
    return ACTIONS_APP if survey.is_github_com else survey.app_id("github-actions")


def _fits(pattern: str, name: str) -> bool:
    """Whether a pattern of the policy's, in which `*` stands for any text, is this branch."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.DOTALL) is not None


def _guards(
    survey: Survey, name: str, exists: bool, rulesets: dict[int, Ruleset | Unseen]
) -> tuple[Guard, ...]:
    rules: dict[int, list[BranchRule]] = {}
    for rule in survey.branch_rules(name):
        rules.setdefault(rule.ruleset_id, []).append(rule)
    guards = [_ruleset_guard(survey, each, rulesets) for each in rules.values()]
    if not exists:
        hidden = (
            "a classic branch protection of branches that do not exist yet can't be asked for: use a ruleset"
        )
        return (*guards, Guard(name="a branch protection", where=RULESETS, hidden=hidden))
    state = survey.branch_state(name)
    if state is not None and state.protection is not None and state.protection.enabled:
        guards.append(_protection_guard(survey, name, state.protection))
    return tuple(guards)


def _ruleset_guard(survey: Survey, rules: list[BranchRule], known: dict[int, Ruleset | Unseen]) -> Guard:
    first = rules[0]
    if first.ruleset_id not in known:
        known[first.ruleset_id] = attempt(lambda: survey.ruleset(first.ruleset_id))
    ruleset = known[first.ruleset_id]
    name = f"{first.ruleset_id}" if isinstance(ruleset, Unseen) else shown(ruleset.name, 80)
    above = first.ruleset_source_type != "Repository"
    owner = f" of {shown(first.ruleset_source, 80)}" if above else ""
    parameters = {rule.type: rule.parameters or RuleParameters() for rule in rules}
    checks = parameters.get("required_status_checks", RuleParameters())
    asked = parameters.get("pull_request")
    return Guard(
        name=f"the ruleset {name!r}{owner}",
        where=f"{RULESETS} → {name}{owner}",
        sources=tuple(
            each.integration_id for each in checks.required_status_checks if _is_ours(each.context)
        ),
        spares_new=checks.do_not_enforce_on_create and "creation" not in parameters,
        strict=checks.strict_required_status_checks_policy,
        # A queue that asks the status of a group's last commit alone lets the others by.
        queue="merge_queue" in parameters and parameters["merge_queue"].grouping_strategy != "HEADGREEN",
        reviews=None
        if asked is None
        else Reviews(
            approvals=asked.required_approving_review_count,
            code_owners=asked.require_code_owner_review,
            stale_dismissed=asked.dismiss_stale_reviews_on_push,
            last_push=asked.require_last_push_approval,
        ),
        blocks_force_pushes="non_fast_forward" in parameters,
        blocks_deletion="deletion" in parameters,
        blocks_creation="creation" in parameters,
        bypass=_bypass(ruleset, f"the ruleset {name!r}{owner}", above=above),
        pushers=_bypass(ruleset, f"the ruleset {name!r}{owner}", above=above, merging="pull_request"),
    )


def _bypass(
    ruleset: Ruleset | Unseen, name: str, *, above: bool, merging: str = ""
) -> tuple[str, ...] | Unseen:
    """Who may pass a ruleset by, in words, less those who may only when `merging`."""
    if isinstance(ruleset, Unseen):
        return ruleset
    if ruleset.bypass_actors is None:
        who = (
            "an owner's token of the organisation"
            if above
            else "an administrator's token, or administration: write"
        )
        return Unseen(f"who may bypass {name} is told only to who may change it: it takes {who}")
    harmless = ("never", merging)
    return tuple(
        dict.fromkeys(_actor(each) for each in ruleset.bypass_actors if each.bypass_mode not in harmless)
    )


def _actor(actor: BypassActor) -> str:
    match actor.actor_type:
        case "RepositoryRole":
            role = _ROLES.get(actor.actor_id or 0, f"number {actor.actor_id}")
            return ADMINISTRATORS if role == "admin" else f"everybody with the role {role}"
        case "OrganizationAdmin":
            return "owners of the organisation"
        case "EnterpriseOwner":
            return "owners of the enterprise"
        case "DeployKey":
            return "every deploy key"
        case "Integration":
            return f"the App number {actor.actor_id}"
        case kind:
            return f"the {shown(kind, 40).lower()} number {actor.actor_id}"


def _protection_guard(survey: Survey, name: str, summary: ProtectionSummary) -> Guard:
    """A classic protection; who is no administrator sees of it what is required, and hardly more."""
    called = "the branch protection"
    where = f"Settings → Branches → {shown(name)}"
    try:
        found = survey.protection(name)
    except ForgeError as error:
        if error.status not in (403, 404):
            raise
        required = summary.required_status_checks or ProtectedChecks()
        hidden = (
            f"only an administrator's token, or administration: read, shows all of {called} of {shown(name)}"
        )
        known = {"everyone": (), "non_admins": (ADMINISTRATORS,)}
        return Guard(
            name=called,
            where=where,
            sources=_sources(required),
            bypass=known.get(required.enforcement_level, Unseen(hidden)),
            pushers=known.get(required.enforcement_level, Unseen(hidden)),
            hidden=hidden,
        )
    return _whole_protection(found, called, where)


def _whole_protection(found: Protection, name: str, where: str) -> Guard:
    required = found.required_status_checks or ProtectedChecks()
    asked = found.required_pull_request_reviews
    allowed = asked.bypass_pull_request_allowances if asked else None
    passing = () if found.enforce_admins and found.enforce_admins.enabled else (ADMINISTRATORS,)
    return Guard(
        name=name,
        where=where,
        sources=_sources(required),
        strict=required.strict,
        reviews=None
        if asked is None
        else Reviews(
            approvals=asked.required_approving_review_count,
            code_owners=asked.require_code_owner_reviews,
            stale_dismissed=asked.dismiss_stale_reviews,
            last_push=asked.require_last_push_approval,
        ),
        exempt=(
            *(shown(each.login) for each in (allowed.users if allowed else ())),
            *(f"the team {shown(each.slug)}" for each in (allowed.teams if allowed else ())),
            *(f"the App {shown(each.slug)}" for each in (allowed.apps if allowed else ())),
        ),
        blocks_force_pushes=not (found.allow_force_pushes and found.allow_force_pushes.enabled),
        blocks_deletion=not (found.allow_deletions and found.allow_deletions.enabled),
        bypass=passing,
        pushers=passing,
    )


def _sources(required: ProtectedChecks) -> tuple[int | None, ...]:
    """The Apps that the status may come from; older servers name no App, and -1 is any."""
    if not required.checks:
        return tuple(None for context in required.contexts if _is_ours(context))
    ours = (each.app_id for each in required.checks if _is_ours(each.context))
    return tuple(None if app in (None, -1) else app for app in ours)


def _is_ours(context: str) -> bool:
    # GitHub takes two names for one that differ in their case alone.
    return context.casefold() == STATUS
