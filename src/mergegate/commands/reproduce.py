"""`mergegate reproduce`: run again what a change claims, in a clean place, and compare."""

import os
from pathlib import Path

import click
import msgspec

from mergegate import atomic, repo
from mergegate.commands import revisions
from mergegate.commands.console import progress
from mergegate.errors import UsageError
from mergegate.flows.reproduce import Request, Teller, reproduce
from mergegate.report.reproduce import lines

FOLDER = "reports/review"
RESULT = "reproduce.json"


@click.command("reproduce")
@click.argument("revision", metavar="[REV]", default="HEAD", required=False)
@click.argument("stages", metavar="[STAGE]...", nargs=-1)
@revisions.base("What is believed.")
@revisions.TARGET
@click.option("--twice", is_flag=True, help="Run twice: are the outputs the same, byte for byte?")
@click.option("--all", "every", is_flag=True, help="Run every stage, changed or not.")
@click.option("--push", is_flag=True, help="Push the objects of dvc.lock once they are reproduced.")
@click.option("--here", is_flag=True, help="Run in the workspace, as `dvc repro` does; REV must be HEAD.")
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    help="End a stage that takes longer.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    revision: str,
    stages: tuple[str, ...],
    base: str | None,
    target: str | None,
    twice: bool,
    every: bool,
    push: bool,
    here: bool,
    timeout: float | None,
    as_json: bool,
) -> int:
    """Run again what REV claims to have run, and compare the outcome with its dvc.lock.

    Stages whose lock block is not base's run, forced and without DVC's run-cache, in a clean git worktree
    with the shared cache; all else is believed as base is. Only what these stages read is downloaded. This
    runs the revision's own code: only do it where you would run `dvc repro` of it.

    \b
      mergegate reproduce                      what HEAD changed
      mergegate reproduce origin/pr --timeout 3600
      mergegate reproduce HEAD train evaluate  only these stages
      mergegate reproduce --all --twice        is the whole pipeline deterministic?

    \b
    Exit codes: 0 dvc.lock is true, 1 it is not or a stage fails, 2 usage or configuration, 3 something broke.
    """
    # One that breaks off must not leave an older word behind.
    folder = _find_folder()
    (folder / RESULT).unlink(missing_ok=True)
    request = Request(
        start=Path.cwd(),
        head=revision,
        base=base,
        target=target,
        stages=stages,
        twice=twice,
        every=every,
        push=push,
        here=here,
        timeout=timeout,
    )
    with progress("reproducing") as tell:
        told = reproduce(request, Teller(step=tell, line=lambda text: click.echo(text, err=True)))
    data = msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"
    if not (folder / ".gitignore").exists():
        atomic.write_text(folder / ".gitignore", "*\n")
    atomic.write_bytes(folder / RESULT, data)
    if as_json:
        click.echo(data.decode(), nl=False)
    else:
        for line in lines(told):
            click.echo(line)
    return told.exit_code


def _find_folder() -> Path:
    """Where reviews lie, which git ignores. Raises UsageError where a link leads elsewhere."""
    root = repo.locate(Path.cwd()).root.resolve()
    folder = root / FOLDER
    if Path(os.path.realpath(folder)) != folder:
        raise UsageError(
            f"the folder {FOLDER} leads by a symbolic link to {os.path.realpath(folder)}: nothing is written",
            hint="remove the link",
            code="symbolic-link",
        )
    return folder
