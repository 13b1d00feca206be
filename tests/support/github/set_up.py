"""The settings as the stand-in's routes show them: to whom, and in which words it refuses."""

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from support.github.asked import Asked
from support.github.reply import Reply, refuse
from support.github.settings import ROLES, Environment, Ruleset

if TYPE_CHECKING:
    from support.github.server import GitHubServer


def branch(server: "GitHubServer", asked: Asked) -> Reply:
    """A branch: whether something protects it, and what of a classic protection everybody sees."""
    name = unquote(asked.parts[0])
    if name not in server.branches:
        return refuse(404, "Branch not found")
    found = server.settings.protections.get(name)
    checks = (found or {}).get("required_status_checks")
    level = (
        "off" if not checks else "everyone" if found and found["enforce_admins"]["enabled"] else "non_admins"
    )
    shown = checks or {"contexts": [], "checks": []}
    return Reply(
        200,
        {
            "name": name,
            "commit": {"sha": server.branches[name]},
            "protected": found is not None or bool(_rulesets(server, name)),
            "protection": {
                "enabled": found is not None,
                "required_status_checks": {
                    "enforcement_level": level,
                    "contexts": shown["contexts"],
                    "checks": shown["checks"],
                },
            },
            "protection_url": f"{server.url}/repos/{server.repository}/branches/{name}/protection",
        },
    )


def protection(server: "GitHubServer", asked: Asked) -> Reply:
    name = unquote(asked.parts[0])
    if name not in server.branches:
        return refuse(404, "Branch not found")
    found = server.settings.protections.get(name)
    return refuse(404, "Branch not protected") if found is None else Reply(200, found)


def matching_refs(server: "GitHubServer", asked: Asked) -> Reply:
    start = unquote(asked.parts[0])
    found = [name for name in sorted(server.branches) if name.startswith(start)]
    shown = [{"ref": f"refs/heads/{name}", "object": {"sha": server.branches[name]}} for name in found]
    return Reply(200, shown, page_of="")


def branch_rules(server: "GitHubServer", asked: Asked) -> Reply:
    """The rules in force; the branch need not exist."""
    found = [
        {
            **rule,
            "ruleset_source_type": "Organization" if each.organization else "Repository",
            "ruleset_source": each.organization or server.repository,
            "ruleset_id": each.id,
        }
        for each in _rulesets(server, unquote(asked.parts[0]))
        for rule in each.rules
    ]
    return Reply(200, found, page_of="")


def list_rulesets(server: "GitHubServer", asked: Asked) -> Reply:
    parents = asked.query.get("includes_parents", "true") == "true"
    found = [each for each in server.settings.rulesets if parents or not each.organization]
    return Reply(200, [_head(server, each) for each in found], page_of="")


def read_ruleset(server: "GitHubServer", asked: Asked) -> Reply:
    """One ruleset; who may bypass it, for those who may change it."""
    found = next((each for each in server.settings.rulesets if each.id == int(asked.parts[0])), None)
    if found is None:
        return refuse(404, "Not Found")
    may_change = asked.token.may(
        {"organization_administration" if found.organization else "administration": "write"}
    )
    shown = _head(server, found) | {
        "conditions": {"ref_name": {"include": found.include, "exclude": found.exclude}},
        "rules": found.rules,
        "current_user_can_bypass": "never",
    }
    return Reply(200, shown | ({"bypass_actors": found.bypass} if may_change else {}))


def collaborators(server: "GitHubServer", asked: Asked) -> Reply:
    if not asked.token.may({"contents": "write", "administration": "read"}):
        return refuse(403, "Must have push access to view repository collaborators.")
    shown = [
        server.wire.account(login) | {"permissions": _permissions(role), "role_name": role}
        for login, role in server.settings.collaborators.items()
    ]
    return Reply(200, shown, page_of="")


def keys(server: "GitHubServer", asked: Asked) -> Reply:
    return Reply(200, server.settings.keys, page_of="")


def actions(server: "GitHubServer", asked: Asked) -> Reply:
    return Reply(200, server.settings.actions)


def workflow_permissions(server: "GitHubServer", asked: Asked) -> Reply:
    return Reply(200, server.settings.workflow)


def fork_approval(server: "GitHubServer", asked: Asked) -> Reply:
    if server.settings.private:
        return refuse(422, "Fork PR approval is not allowed for private repositories.")
    return Reply(200, {"approval_policy": server.settings.fork_approval})


def private_forks(server: "GitHubServer", asked: Asked) -> Reply:
    if not server.settings.private:
        return refuse(422, "Fork PR workflow settings are only available for private repositories.")
    return Reply(200, server.settings.private_forks)


def oidc(server: "GitHubServer", asked: Asked) -> Reply:
    return Reply(200, server.settings.oidc)


def workflows(server: "GitHubServer", asked: Asked) -> Reply:
    paths = [path for path in server.settings.files if path.startswith(".github/workflows/")]
    shown = [
        {"id": number, "name": path, "path": path, "state": server.settings.states.get(path, "active")}
        for number, path in enumerate(paths, 1)
    ]
    return Reply(200, {"workflows": shown}, page_of="workflows")


def contents(server: "GitHubServer", asked: Asked) -> Reply:
    """A file, or what is right in a folder, of a branch; each has the default one's but for its own."""
    path = unquote(asked.parts[0])
    branch = asked.query.get("ref", server.default_branch).removeprefix("refs/heads/")
    if branch not in server.branches:
        return refuse(404, f"No commit found for the ref {asked.query['ref']}")
    data = (server.settings.files | server.settings.own_files.get(branch, {})).get(path)
    if data is not None:
        shown = base64.encodebytes(data).decode()
        return Reply(200, _entry(path, "file") | {"encoding": "base64", "content": shown, "size": len(data)})
    below = [
        name.removeprefix(f"{path}/").partition("/")
        for name in server.settings.files
        if name.startswith(f"{path}/")
    ]
    if not below:
        return refuse(404, "Not Found")
    kinds = {name: "dir" if slash else "file" for name, slash, _ in below}
    return Reply(200, [_entry(f"{path}/{name}", kind) for name, kind in kinds.items()])


def owners_errors(server: "GitHubServer", asked: Asked) -> Reply:
    return Reply(200, {"errors": server.settings.owners_errors})


def environment(server: "GitHubServer", asked: Asked) -> Reply:
    found = _environment(server, asked)
    if found is None:
        return refuse(404, "Not Found")
    rules: list[dict[str, Any]] = []
    if found.reviewers:
        people = [{"type": "User", "reviewer": server.wire.account(login)} for login in found.reviewers]
        rules.append(
            {"id": 1, "type": "required_reviewers", "prevent_self_review": True, "reviewers": people}
        )
    limited = found.protected or found.policies is not None
    if limited:
        rules.append({"id": 2, "type": "branch_policy"})
    limit = {"protected_branches": found.protected, "custom_branch_policies": found.policies is not None}
    return Reply(
        200,
        {
            "id": 1,
            "name": found.name,
            "can_admins_bypass": True,
            "protection_rules": rules,
            "deployment_branch_policy": limit if limited else None,
        },
    )


def environments(server: "GitHubServer", asked: Asked) -> Reply:
    shown = [{"id": number, "name": each.name} for number, each in enumerate(server.settings.environments)]
    return Reply(200, {"environments": shown}, page_of="environments")


def environment_secrets(server: "GitHubServer", asked: Asked) -> Reply:
    found = _environment(server, asked)
    return refuse(404, "Not Found") if found is None else _named(found.kept)


def branch_policies(server: "GitHubServer", asked: Asked) -> Reply:
    found = _environment(server, asked)
    if found is None:
        return refuse(404, "Not Found")
    shown = [{"id": 1, "name": name, "type": kind} for name, kind in found.policies or ()]
    return Reply(200, {"branch_policies": shown}, page_of="branch_policies")


def secrets(server: "GitHubServer", asked: Asked) -> Reply:
    return _named(server.settings.secrets)


def organization_secrets(server: "GitHubServer", asked: Asked) -> Reply:
    return _named(server.settings.organization_secrets)


def app(server: "GitHubServer", asked: Asked) -> Reply:
    number = server.settings.apps.get(asked.parts[0])
    return refuse(404, "Not Found") if number is None else Reply(200, {"id": number, "slug": asked.parts[0]})


def _named(names: list[str]) -> Reply:
    return Reply(200, {"secrets": [{"name": name} for name in names]}, page_of="secrets")


def _environment(server: "GitHubServer", asked: Asked) -> Environment | None:
    name = unquote(asked.parts[0])
    return next((each for each in server.settings.environments if each.name == name), None)


def _rulesets(server: "GitHubServer", name: str) -> list[Ruleset]:
    """Those in force for a branch."""
    found = (each for each in server.settings.rulesets if each.enforcement == "active")
    return [each for each in found if each.binds(name, server.default_branch)]


def _head(server: "GitHubServer", ruleset: Ruleset) -> dict[str, Any]:
    return {
        "id": ruleset.id,
        "name": ruleset.name,
        "target": ruleset.target,
        "source_type": "Organization" if ruleset.organization else "Repository",
        "source": ruleset.organization or server.repository,
        "enforcement": ruleset.enforcement,
        "node_id": f"RRS_{ruleset.id}",
    }


def _permissions(role: str) -> dict[str, bool]:
    level = ROLES.index(role)
    names = {"pull": "read", "triage": "triage", "push": "write", "maintain": "maintain", "admin": "admin"}
    return {name: level >= ROLES.index(least) for name, least in names.items()}


def _entry(path: str, kind: str) -> dict[str, Any]:
    return {"type": kind, "path": path, "name": path.rpartition("/")[2], "sha": "0" * 40}
