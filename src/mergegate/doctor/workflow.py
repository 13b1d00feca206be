"""A workflow of GitHub Actions as data, as far as the checks ask: triggers, jobs, permissions, steps.

What is no workflow is told as such.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from mergegate.doctor.workflow_text import WorkflowError, load

Kind = Literal["untrusted", "trusted", ""]
"""What mergegate does in a job: runs the change's code, judges or posts, or nothing."""

UNTRUSTED = frozenset({"review", "verify", "reproduce", "plan"})
TRUSTED = frozenset({"pending", "judge", "post", "conflicts", "status", "comment"})
"""Inputs `run` of the action, and commands of the same rank."""

COMMAND = re.compile(
    r"(?:^|[\s;&|/\"'])mergegate[\"']?(?:\s|\\\n)+"
    r"(?:(review|reproduce|plan|judge|comment)\b|(status)\s[^\n]{0,200}?--(?:pending|judgement|conflicts)\b)"
)
"""mergegate's commands in a script; `status` by itself shows a screen and sets nothing."""


class Step(msgspec.Struct, frozen=True):
    """One step. `given` are its inputs and `env` its variables, as text."""

    name: str = ""
    uses: str = ""
    run: str = ""
    condition: str = ""
    given: Mapping[str, str] = {}
    env: Mapping[str, str] = {}
    forgiven: bool = False
    """Whether its failure is passed over (`continue-on-error`)."""

    @property
    def action(self) -> str:
        """The action without its version, in lower case."""
        return self.uses.partition("@")[0].lower()

    @property
    def does(self) -> str:
        """What mergegate's action is told to do in it; "" where it is another one."""
        told = self.given.get("run", "")
        ours = self.action == "./" or self.action.rpartition("/")[2] == "mergegate"
        # A fork of the action may bear any name; no other action is told to judge.
        return told if ours or (self.uses and told in UNTRUSTED | TRUSTED) else ""


class Job(msgspec.Struct, frozen=True):
    """One job. `permissions` is None where it says nothing; `{"*": "write"}` stands for `write-all`."""

    key: str
    name: str
    condition: str = ""
    permissions: Mapping[str, str] | None = None
    environment: str = ""
    runs_on: str = ""
    uses: str = ""
    images: tuple[str, ...] = ()
    """Container images that it runs in, or beside."""
    needs: tuple[str, ...] = ()
    matrix: bool = False
    forgiven: bool = False
    inherits: bool = False
    """Whether it hands all secrets to a workflow that it calls."""
    secrets: tuple[str, ...] = ()
    """Names of secrets, in upper case, that stand anywhere in it or are the workflow's, less GITHUB_TOKEN."""
    steps: tuple[Step, ...] = ()

    @property
    def runs(self) -> frozenset[str]:
        """What mergegate does in it: inputs `run` of its action, or its commands."""
        found = {step.does for step in self.steps if step.does}
        for step in self.steps:
            found |= {one or other for one, other in COMMAND.findall(step.run)}
        return frozenset(found)

    @property
    def kind(self) -> Kind:
        """Whether it runs a change's code, or is trusted because it judges or posts."""
        if self.runs & UNTRUSTED:
            return "untrusted"
        return "trusted" if self.runs & TRUSTED else ""


class Workflow(msgspec.Struct, frozen=True):
    """One workflow. `on` maps an event to its filters as text (`branches` → `main`)."""

    name: str
    on: Mapping[str, Mapping[str, tuple[str, ...]]]
    permissions: Mapping[str, str] | None
    cancels: bool
    jobs: tuple[Job, ...]

    def permissions_of(self, job: Job) -> Mapping[str, str] | None:
        """What a job's token may do as far as files say; None: whatever the repository's default is."""
        return self.permissions if job.permissions is None else job.permissions


def read(text: str) -> Workflow:
    """Read a workflow. Raises WorkflowError for what GitHub would not run."""
    found = load(text)
    if not isinstance(found, dict) or not isinstance(found.get("jobs"), dict):
        raise WorkflowError("it has no jobs")
    shared = tuple(_secrets({"env": found.get("env")}))
    jobs = tuple(
        _job(str(key), body, shared) for key, body in found["jobs"].items() if isinstance(body, dict)
    )
    concurrency = found.get("concurrency")
    return Workflow(
        name=_text(found.get("name")),
        on=_triggers(found.get("on")),
        permissions=_permissions(found.get("permissions")),
        cancels=isinstance(concurrency, dict)
        and _text(concurrency.get("cancel-in-progress")) not in ("", "false"),
        jobs=jobs,
    )


def _job(key: str, body: Mapping[str, Any], shared: tuple[str, ...]) -> Job:
    environment = body.get("environment")
    if isinstance(environment, dict):
        environment = environment.get("name")
    needs = body.get("needs")
    steps = body.get("steps")
    strategy = body.get("strategy")
    return Job(
        key=key,
        name=_text(body.get("name")) or key,
        condition=_text(body.get("if")),
        permissions=_permissions(body.get("permissions")),
        environment=_text(environment),
        runs_on=" ".join(_texts(body.get("runs-on"))),
        uses=_text(body.get("uses")),
        images=tuple(_images(body)),
        needs=_texts(needs),
        matrix=isinstance(strategy, dict) and "matrix" in strategy,
        forgiven=_text(body.get("continue-on-error")) not in ("", "false"),
        inherits=_text(body.get("secrets")) == "inherit",
        secrets=tuple(dict.fromkeys((*shared, *_secrets(body)))),
        steps=tuple(_step(each) for each in steps if isinstance(each, dict))
        if isinstance(steps, list)
        else (),
    )


def _images(body: Mapping[str, Any]) -> Iterator[str]:
    services = body.get("services")
    for each in (body.get("container"), *(services.values() if isinstance(services, dict) else ())):
        if image := _text(each.get("image") if isinstance(each, dict) else each):
            yield image


def _step(body: Mapping[str, Any]) -> Step:
    return Step(
        name=_text(body.get("name")),
        uses=_text(body.get("uses")),
        run=_text(body.get("run")),
        condition=_text(body.get("if")),
        given=_mapping(body.get("with")),
        env=_mapping(body.get("env")),
        forgiven=_text(body.get("continue-on-error")) not in ("", "false"),
    )


def _triggers(value: object) -> dict[str, dict[str, tuple[str, ...]]]:
    if isinstance(value, dict):
        return {
            str(event): {str(key): _texts(item) for key, item in filters.items()}
            if isinstance(filters, dict)
            else {}
            for event, filters in value.items()
        }
    return {event: {} for event in _texts(value)}


def _permissions(value: object) -> dict[str, str] | None:
    if isinstance(value, dict):
        return {str(key): _text(item) for key, item in value.items()}
    return {"*": value.removesuffix("-all")} if isinstance(value, str) else None


ALL = "all of them"

_SECRET = re.compile(r"\bsecrets\s*(?:\.\s*([A-Za-z_][\w-]*)|\[\s*'([^']+)'\s*\])", re.IGNORECASE)
_ALL_SECRETS = re.compile(r"\btojson\s*\(\s*secrets\b|\bsecrets\s*\[(?!\s*')|\bsecrets\.\*", re.IGNORECASE)


def _secrets(body: Mapping[str, Any]) -> Iterator[str]:
    """Names of the secrets that a job's text names."""
    waiting: list[object] = [body]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str) and "secrets" in item.lower():
            yield from secrets_in(item)


def secrets_in(text: str) -> Iterator[str]:
    """Names of the secrets that a text names, in upper case, less GITHUB_TOKEN; `ALL` for all at once."""
    for found in _SECRET.finditer(text):
        # GitHub takes two names for one that differ in their case alone.
        name = (found[1] or found[2]).upper()
        if name != "GITHUB_TOKEN":
            yield name
    if _ALL_SECRETS.search(text):
        yield ALL


def _mapping(value: object) -> dict[str, str]:
    return {str(key): _text(item) for key, item in value.items()} if isinstance(value, dict) else {}


def _texts(value: object) -> tuple[str, ...]:
    """A list of texts, one text, or a mapping's values (`runs-on: {group: …}`)."""
    if isinstance(value, dict):
        return tuple(text for item in value.values() for text in _texts(item))
    if isinstance(value, list):
        return tuple(text for item in value if (text := _text(item)))
    return (text,) if (text := _text(value)) else ()


def _text(value: object) -> str:
    """A scalar as text; "" for nothing and for what is no scalar."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).strip() if isinstance(value, str | int | float) else ""
