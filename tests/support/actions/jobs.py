"""A job, step by step, as GitHub runs it: conditions, environment, outputs, composite actions."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.actions.language import Action, Job, Scope, Step, holds, read_action, text
from support.actions.machine import FailedStepError, Machine
from support.actions.runs import JobRun, Run, StepRun
from support.actions.uses import Call, Role, find_action

DEFAULT_PERMISSIONS = {"contents": "read", "packages": "read"}
"""Of a job whose workflow declares none, where the repository's default is the restricted one."""


@dataclass(frozen=True)
class Site:
    """What all jobs of a test share.

    `secrets` and `variables` are the repository's, `image` the environment of every step, `programs` folders
    on its PATH, `roles` AWS's by their names there, `actions` composite actions elsewhere by `owner/name`,
    `minute` how many seconds a time-out's minute has.
    """

    tools: Path
    secrets: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    image: Mapping[str, str] = field(default_factory=dict)
    programs: tuple[str, ...] = ()
    roles: Mapping[str, Role] = field(default_factory=dict)
    actions: Mapping[str, Path] = field(default_factory=dict)
    minute: float = 60.0


@dataclass
class Frame:
    """The steps that see one another: a job's, or a composite action's."""

    inputs: Mapping[str, Any]
    environment: dict[str, str]
    folder: Path | None = None
    steps: dict[str, StepRun] = field(default_factory=dict)
    failed: bool = False


def declared(permissions: dict[str, str] | str | None) -> dict[str, str]:
    """The permissions that a declaration gives; everything else is none."""
    if permissions is None:
        return dict(DEFAULT_PERMISSIONS)
    assert not isinstance(permissions, str), f"permissions: {permissions} gives more than a job can need"
    return {name: level for name, level in permissions.items() if level != "none"}


def lowered(permissions: Mapping[str, str]) -> dict[str, str]:
    """What a fork's or Dependabot's run gets of them: nothing to write, no identity."""
    return {name: "read" for name in permissions if name != "id-token"}


class JobRunner:
    """Runs one job on a machine of its own."""

    def __init__(self, run: Run, job: Job, site: Site, github: dict[str, Any], needs: dict[str, Any]) -> None:
        assert run.workflow is not None
        given = declared(run.workflow.permissions if job.permissions is None else job.permissions)
        self.permissions = given if run.writes else lowered(given)
        self.token = f"ghs_{secrets.token_hex(18)}"
        run.server.add_token(self.token, self.permissions)
        self.run, self.job, self.site, self.needs = run, job, site, needs
        folder = run.folder / f"{run.attempt}-{job.id}"
        self.machine = Machine(folder, run.repository, site.tools, site.image, path=list(site.programs))
        self.github = {**github, "token": self.token, "workspace": str(self.machine.workspace), "job": job.id}
        self.result = JobRun(job.id, "success", folder, permissions=self.permissions, token=self.token)
        self.frame = Frame(run.payload.get("inputs") or {}, {})
        event = self.machine.temp / "event.json"
        event.write_text(json.dumps(run.payload))
        self.github["event_path"] = str(event)

    def perform(self) -> JobRun:
        """Run every step whose condition holds; the job's result."""
        assert self.run.workflow is not None
        assert self.job.strategy is None, "the harness has no matrix"
        for environment in (self.run.workflow.env, self.job.env):
            self.frame.environment.update(self._texts(environment, self.frame))
        self._steps(self.job.steps, self.frame)
        self.result.steps = list(self.frame.steps.values())
        self.result.outputs = self._texts(self.job.outputs, self.frame)
        if self.run.cancelled:
            self.result.result = "cancelled"
        elif self.frame.failed:
            self.result.result = "failure"
        self.result.summaries = self.machine.summaries
        self.result.annotations = self.machine.annotations
        return self.result

    def _steps(self, steps: tuple[Step, ...], frame: Frame) -> None:
        for number, step in enumerate(steps):
            name = step.id or f"__{number}"
            done = StepRun(name, "skipped", "skipped")
            scope = self._scope(frame)
            if holds(step.condition, scope):
                done = self._step(name, step, frame)
            frame.steps[name] = done

    def _step(self, name: str, step: Step, frame: Frame) -> StepRun:
        inner = Frame(frame.inputs, dict(frame.environment), frame.folder, frame.steps, frame.failed)
        done = StepRun(name, "success", "success")
        self.machine.write(f"## {step.name or step.uses or name}")
        try:
            inner.environment.update(self._texts(step.env, frame))
            scope = self._scope(inner)
            if step.uses:
                done.outputs = self._use(text(step.uses, scope), step, inner)
            else:
                done.outputs = self._script(step, inner)
        except FailedStepError as error:
            done.outcome, done.sentence, done.outputs = "failure", str(error), error.outputs
            self.machine.write(f"##[error]{error}")
            self.machine.annotations.append(("error", str(error)))
            if text(step.continue_on_error, self._scope(frame)) != "true":
                done.conclusion = "failure"
                frame.failed = True
        return done

    def _script(self, step: Step, frame: Frame) -> dict[str, str]:
        assert self.run.workflow is not None
        scope = self._scope(frame)
        defaults = {**self.run.workflow.defaults.get("run", {}), **self.job.defaults.get("run", {})}
        if frame.folder is not None:
            defaults = {}
        shell = text(step.shell or defaults.get("shell", ""), scope)
        folder = text(step.working_directory or defaults.get("working-directory", ""), scope)
        return self.machine.run(
            text(step.run, scope),
            shell,
            self.machine.workspace / folder,
            {**self._variables(frame), **frame.environment},
            float(text(step.timeout_minutes, scope)) * self.site.minute,
        )

    def _use(self, uses: str, step: Step, frame: Frame) -> dict[str, str]:
        inputs = self._texts(step.inputs, frame)
        folder = self._action_folder(uses)
        if folder is not None:
            return self._composite(folder, inputs, frame)
        action = find_action(uses)
        unknown = inputs.keys() - action.inputs
        assert not unknown, f"{uses} has no input {sorted(unknown)}"
        return action.perform(
            Call(
                inputs,
                self.machine,
                self.run,
                self.job.id,
                self.permissions,
                self.token,
                self.github,
                self._environment(),
                self.site.roles,
            )
        )

    def _environment(self) -> str:
        """The environment that the job runs in, empty for none."""
        told = self.job.environment or ""
        return told if isinstance(told, str) else str(told["name"])

    def _action_folder(self, uses: str) -> Path | None:
        if uses.startswith("./"):
            return self.machine.workspace / uses
        name, _, commit = uses.partition("@")
        if name not in self.site.actions:
            return None
        assert len(commit) == 40, f"{uses} is not pinned to a commit"
        return self.site.actions[name]

    def _composite(self, folder: Path, inputs: dict[str, str], frame: Frame) -> dict[str, str]:
        file = next(
            (each for name in ("action.yml", "action.yaml") if (each := folder / name).is_file()), None
        )
        if file is None:
            raise FailedStepError(f"Can't find 'action.yml' or 'action.yaml' under '{folder}'")
        action: Action = read_action(file.name, file.read_text())
        unknown = inputs.keys() - action.inputs.keys()
        assert not unknown, f"{file} has no input {sorted(unknown)}"
        given: dict[str, str] = {}
        for name, told in action.inputs.items():
            given[name] = inputs.get(name, "") or text(told.get("default", ""), self._scope(frame))
        inner = Frame(given, dict(frame.environment), folder.resolve())
        self._steps(action.steps, inner)
        outputs = {name: text(told["value"], self._scope(inner)) for name, told in action.outputs.items()}
        if inner.failed:
            raise FailedStepError(f"a step of {file.parent.name}/{file.name} failed", outputs)
        return outputs

    def _texts(self, tree: Mapping[str, Any], frame: Frame) -> dict[str, str]:
        scope = self._scope(frame)
        return {name: text(value, scope) for name, value in tree.items()}

    def _scope(self, frame: Frame) -> Scope:
        run = self.run
        github = self.github | ({"action_path": str(frame.folder)} if frame.folder else {})
        known = {"GITHUB_TOKEN": self.token, **(self.site.secrets if run.writes else {})}
        contexts = {
            "github": github,
            "env": {**frame.environment, **self.machine.environment},
            "vars": self.site.variables,
            "secrets": {} if frame.folder else known,
            "inputs": frame.inputs,
            "steps": {
                name: {"outputs": step.outputs, "outcome": step.outcome, "conclusion": step.conclusion}
                for name, step in frame.steps.items()
            },
            "needs": self.needs,
            "job": {"status": "failure" if frame.failed else "success"},
            "runner": {
                "os": "Linux",
                "arch": "X64",
                "name": "harness",
                "temp": str(self.machine.temp),
                "tool_cache": str(self.machine.folder / "tool-cache"),
            },
            "matrix": {},
            "strategy": {},
        }
        status = {
            "success": not frame.failed and not run.cancelled,
            "failure": frame.failed and not run.cancelled,
            "cancelled": run.cancelled,
            "always": True,
        }
        return Scope(contexts, status, str(self.machine.workspace))

    def _variables(self, frame: Frame) -> dict[str, str]:
        """GITHUB_… and RUNNER_… as a step's script sees them."""
        shown = {name: value for name, value in self.github.items() if name not in ("token", "event")}
        found = {f"GITHUB_{name.upper()}": str(value) for name, value in shown.items()}
        if frame.folder is not None:
            found["GITHUB_ACTION_PATH"] = str(frame.folder)
        return found | {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64",
            "RUNNER_NAME": "harness",
            "RUNNER_TEMP": str(self.machine.temp),
            "RUNNER_TOOL_CACHE": str(self.machine.folder / "tool-cache"),
        }
