"""The rules that a workflow or the action must keep: each says what breaks it, so that each can be tried."""

import re
from collections.abc import Callable

from support.workflow_files import PINS, TRUSTED, jobs, parse, steps

USES = re.compile(r"^\s*(?:- )?uses:\s*(\S+)(?:\s+#\s*(\S+))?", re.MULTILINE)


def find_unpinned(text: str) -> list[str]:
    """Actions that are not the commit of the table, with its version as a comment."""
    return [
        f"{used} {version}".strip()
        for used, version in USES.findall(text)
        if used != "./" and (used.partition("@")[2], version) != PINS.get(used.partition("@")[0])
    ]


def find_expressions_in_scripts(text: str) -> list[str]:
    """Scripts into which GitHub would write text before a shell reads it: they take it by `env`."""
    return [str(step.get("name")) for step in steps(parse(text)) if "${{" in str(step.get("run", ""))]


def find_kept_credentials(text: str) -> list[str]:
    """Checkouts that leave the token in the clone's settings."""
    return [
        str(step.get("name"))
        for step in steps(parse(text))
        if str(step.get("uses")).startswith("actions/checkout@")
        and step.get("with", {}).get("persist-credentials") is not False
    ]


def find_caches(text: str) -> list[str]:
    """Steps that restore what an earlier run left."""
    return [
        str(step.get("name"))
        for step in steps(parse(text))
        if "cache" in str(step.get("uses")).partition("@")[0]
        or any("cache" in key for key in step.get("with", {}))
    ]


def find_wide_permissions(text: str) -> list[str]:
    """A workflow that gives every job something, and jobs that don't say what they need."""
    workflow = parse(text)
    whole = [] if workflow.get("permissions") == {} else ["the workflow"]
    return whole + [name for name, job in jobs(workflow) if not isinstance(job.get("permissions"), dict)]


def find_endless_jobs(text: str) -> list[str]:
    """Jobs without a time-out that an owner would still be awake for."""
    return [name for name, job in jobs(parse(text)) if not 1 <= job.get("timeout-minutes", 360) <= 180]


def find_namesakes(text: str) -> list[str]:
    """Jobs that bear the status's name: a check run of it would be required beside the status."""
    return [
        name
        for name, job in jobs(parse(text))
        if "mergegate" in (name.lower(), str(job.get("name", name)).strip().lower())
    ]


def find_touched_trust(text: str) -> list[str]:
    """Trusted jobs that run more than the action, or on more than the default branch's commit."""
    found = []
    for name, job in jobs(parse(text)):
        if name not in TRUSTED:
            continue
        for step in job["steps"]:
            used = str(step.get("uses", "")).partition("@")[0]
            plain = used == "actions/checkout" and step.get("with") == {"persist-credentials": False}
            if not plain and used not in ("./", "mergegate/mergegate"):
                found.append(f"{name}: {step.get('name')}")
    return found


def find_dangerous_triggers(text: str) -> list[str]:
    """Triggers that give a stranger's event the repository's rights; filters that leave a check waiting."""
    on = parse(text)["on"]
    found = [name for name in on if name in ("pull_request_target", "issue_comment", "issues", "discussion")]
    for name in ("pull_request", "merge_group"):
        filters = set(on.get(name) or {}) - {"types"}
        found += [f"{name}: {each}" for each in sorted(filters)]
    return found


def find_secrets(text: str) -> list[str]:
    """Jobs that name a secret outside of an environment, which is what keeps other branches from it."""
    return [name for name, job in jobs(parse(text)) if "secrets." in str(job) and not job.get("environment")]


OF_ALL: tuple[Callable[[str], list[str]], ...] = (find_unpinned,)
OF_STEPS = (find_expressions_in_scripts, find_kept_credentials, find_caches)
OF_WORKFLOWS = (
    find_wide_permissions,
    find_endless_jobs,
    find_namesakes,
    find_touched_trust,
    find_dangerous_triggers,
    find_secrets,
)
