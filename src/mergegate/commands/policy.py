"""`mergegate policy`: is mergegate.yaml right, what does it cover, what may stand in it?"""

import os
from pathlib import Path

import click
import msgspec

from mergegate import config
from mergegate.amounts import amount
from mergegate.config import POLICY_FILE, Policy, PolicyError, Problem
from mergegate.config.loader import named
from mergegate.config.schema import schema_text
from mergegate.errors import ConfigError

SCHEMA = 1
"""Version of what `--json` prints."""


class ModelSummary(msgspec.Struct, frozen=True):
    """A model and how many bars its metric gates hold."""

    name: str
    task: str
    gates: int


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """What `policy check --json` prints; `code` is null when it is valid, the summary when it is not."""

    schema: int = SCHEMA
    valid: bool
    file: str
    errors: tuple[Problem, ...] = ()
    code: str | None = None
    mode: str | None = None
    baseline: str | None = None
    models: tuple[ModelSummary, ...] | None = None
    datasets: tuple[str, ...] | None = None


@click.group()
def command() -> None:
    """Check the policy file, or print what may stand in it."""


@command.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result and all errors as JSON.")
def check(file: Path | None, as_json: bool) -> int:
    """Check FILE and say what it covers.

    FILE is by default the mergegate.yaml in this folder or the nearest one above, up to the root of the git
    repository. Every error is told at once, with its line.

    Exit codes: 0 the policy is valid, 2 it is not.
    """
    try:
        path = file or _nearest()
        policy = config.read(path)
    except ConfigError as error:
        if not as_json:
            raise
        _print(CheckResult(valid=False, file=error.file, errors=_problems(error), code=error.code))
        return error.exit_code
    if as_json:
        _print(_summary(policy, path))
    else:
        click.echo(f"{named(path)}: {_sentence(policy)}")
    return 0


@command.command()
def schema() -> int:
    """Print the JSON Schema of the policy file, for editors and for checks of one's own.

    \b
      mergegate policy schema > policy.schema.json

    The first line of mergegate.yaml tells an editor with a YAML language server where it lies:

    \b
      # yaml-language-server: $schema=policy.schema.json
    """
    click.echo(schema_text(), nl=False)
    return 0


def _nearest() -> Path:
    """The policy file of the current folder, as a path from there."""
    found = config.find(Path.cwd())
    if found is None:
        hint = f"name one: mergegate policy check path/to/{POLICY_FILE}"
        raise ConfigError(
            "not in this folder or above it", file=POLICY_FILE, hint=hint, code="policy-missing"
        )
    return Path(os.path.relpath(found))


def _problems(error: ConfigError) -> tuple[Problem, ...]:
    """Every problem of an error; one for a file that can't be read."""
    if isinstance(error, PolicyError):
        return error.problems
    reason = error.message.removeprefix(f"{error.file}: ")
    return (Problem(file=error.file, key=error.key, line=error.line, message=reason, hint=error.hint),)


def _summary(policy: Policy, path: Path) -> CheckResult:
    """A valid policy's coverage as data."""
    models = tuple(
        ModelSummary(name, model.evaluation.task, len(model.gates.metrics))
        for name, model in policy.models.items()
    )
    return CheckResult(
        valid=True,
        file=named(path),
        mode=policy.mode,
        baseline=policy.baseline,
        models=models,
        datasets=tuple(dataset.path for dataset in policy.datasets),
    )


def _sentence(policy: Policy) -> str:
    """A valid policy's coverage on one line."""
    gates = sum(len(model.gates.metrics) for model in policy.models.values())
    names = f" ({', '.join(policy.models)})" if policy.models else ""
    parts = (
        f"{amount(len(policy.models), 'model')}{names}",
        amount(gates, "metric gate"),
        amount(len(policy.datasets), "dataset"),
        f"mode {policy.mode}",
    )
    return f"valid: {', '.join(parts)}"


def _print(result: CheckResult) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(result)).decode())
