"""`mergegate init`: set a repository up for reviews."""

import sys
from contextlib import nullcontext
from pathlib import Path

import click
import msgspec

from mergegate.commands.console import progress
from mergegate.errors import UsageError
from mergegate.flows.init.initialising import choose_action, initialise
from mergegate.flows.init.request import Forge, Mode, Request
from mergegate.flows.init.template import write_template
from mergegate.records.init import InitAnswer
from mergegate.report.escaping import visible

_LINE = 1_000
_DONE = {
    "created": ("wrote", "would write"),
    "updated": ("updated", "would update"),
    "extended": ("added lines to", "would add lines to"),
    "unchanged": ("already as it should be:", "already as it should be:"),
    "left": ("left alone", "would leave alone"),
}


@click.command()
@click.option("--yes", is_flag=True, help="Ask nothing; what can't be known is said.")
@click.option(
    "--model", "models", metavar="NAME", multiple=True, help="A model's name, one for each --predictions."
)
@click.option(
    "--predictions", metavar="FILE", multiple=True, help="A predictions file; may stand several times."
)
@click.option("--task", type=click.Choice(["binary", "multiclass", "regression"]), help="The models' task.")
@click.option("--positive", metavar="CLASS", help="The positive class of a binary task.")
@click.option("--data", metavar="PATH", multiple=True, help="Data to review; may stand several times.")
@click.option("--key", metavar="COLUMN", multiple=True, help="The columns that identify a row of --data.")
@click.option("--remote", metavar="NAME", help="The DVC remote that reviews read.  [default: DVC's]")
@click.option(
    "--forge",
    type=click.Choice(["github", "gitlab", "none"]),
    help="Where pull requests are opened.  [default: by git's remote]",
)
@click.option(
    "--mode", type=click.Choice(["advisory", "enforce"]), help="Of the policy.  [default: advisory]"
)
@click.option(
    "--action", metavar="OWNER/REPO@SHA", help="Pin workflows to it.  [default: this mergegate's commit]"
)
@click.option(
    "--template",
    type=click.Choice(["tabular"]),
    help="Begin a small whole project in this folder, which must be empty.",
)
@click.option("--upgrade", is_flag=True, help="Only move the pins of workflows that nobody touched.")
@click.option("--dry-run", is_flag=True, help="Write nothing; show what would change as a diff.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON; asks nothing.")
def command(
    yes: bool,
    models: tuple[str, ...],
    predictions: tuple[str, ...],
    task: str | None,
    positive: str | None,
    data: tuple[str, ...],
    key: tuple[str, ...],
    remote: str | None,
    forge: Forge | None,
    mode: Mode | None,
    action: str | None,
    template: str | None,
    upgrade: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Set this repository up: a policy in advisory mode, two workflows, and lines for git.

    Looks at pipeline, data and predictions, proposes bars from the current values, and tries a first review.
    What you have is never overwritten, and running it again updates only what nobody touched.

    \b
      mergegate init --dry-run
      mergegate init
      mergegate init --yes --predictions reports/predictions.parquet --model churn

    Exit codes: 0 done; 2 usage, or a file that can't be read; 3 something broke. Then nothing was written.
    """
    asking = not yes and not as_json and sys.stdin.isatty() and sys.stdout.isatty()
    # A spinner would draw over the question.
    with nullcontext(_hush) if asking else progress("looking around") as tell:
        request = Request(
            start=Path.cwd(),
            models=models,
            predictions=predictions,
            task=task,
            positive=positive,
            data=data,
            key=key,
            remote=remote,
            forge=forge,
            mode=mode,
            action=action,
            dry_run=dry_run,
            upgrade=upgrade,
            ask=_ask if asking else None,
            progress=tell,
        )
        answer = _begin(request) if template else initialise(request)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    else:
        _show(answer)
    return 0


def _begin(request: Request) -> InitAnswer:
    """The template, in the current folder. Raises UsageError for flags about a repository that is there."""
    told = {
        "--data": request.data,
        "--forge": request.forge,
        "--key": request.key,
        "--mode": request.mode,
        "--model": request.models,
        "--positive": request.positive,
        "--predictions": request.predictions,
        "--remote": request.remote,
        "--task": request.task,
        "--upgrade": request.upgrade,
    }
    if others := [flag for flag, value in told.items() if value]:
        raise UsageError(
            f"--template does not go with {', '.join(others)}",
            hint="it takes --action, --dry-run and --json; change the project once it is there",
        )
    return write_template(
        request.start, action=choose_action(request), dry_run=request.dry_run, progress=request.progress
    )


def _hush(step: str) -> None:
    pass


def _ask(question: str, answers: tuple[str, ...], default: str) -> str:
    """Ask on the terminal."""
    kind = click.Choice([visible(each, 100) for each in answers]) if answers else None
    told: str = click.prompt(visible(question, _LINE), type=kind, default=default, err=True)
    return told


def _show(answer: InitAnswer) -> None:
    for sentence in answer.found:
        click.echo(f"found: {visible(sentence, _LINE)}")
    for file in answer.files:
        words = _DONE[file.done][answer.dry_run]
        click.echo(
            f"{words} {visible(file.path, _LINE)}{f': {visible(file.why, _LINE)}' if file.why else ''}"
        )
    if answer.dry_run:
        for file in answer.files:
            click.echo(file.diff, nl=False)
    for sentence in answer.unknown:
        click.echo(f"not known: {visible(sentence, _LINE)}")
    if answer.snippet:
        click.echo("to write a predictions file:")
        for line in answer.snippet:
            click.echo(f"    {line}")
    if answer.review is not None:
        told = answer.review
        click.echo(f"first review: {visible(told.headline or told.problem, _LINE)}")
        if told.hint:
            click.echo(f"  {visible(told.hint, _LINE)}")
    for number, step in enumerate(answer.next, 1):
        click.echo(f"next {number}: {visible(step, _LINE)}")
