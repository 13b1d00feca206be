"""`mergegate keep`: clear a shared remote of what no revision needs."""

import sys
from pathlib import Path

import click
import msgspec

from mergegate.commands.console import progress
from mergegate.errors import UsageError
from mergegate.flows.keep.keeping import Request, delete, survey
from mergegate.records.keep import KeepAnswer
from mergegate.report.keep import deleted_lines, keep_lines


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
@click.option("--yes", is_flag=True, help="Delete without asking.")
@click.option("--remote", metavar="NAME", default="", help="The DVC remote.  [default: the default one]")
@click.option(
    "--older-than",
    metavar="DAYS",
    type=click.IntRange(min=1),
    help="Spare what was written within so many days.  [default: the policy's, else 30]",
)
@click.option(
    "--without",
    metavar="ID",
    multiple=True,
    help="Give up a folder's list that is nowhere (an md5 that ends in .dir), or a version of a DVC file "
    "that can't be read (git's name of it); may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON; asks nothing.")
def command(
    dry_run: bool, yes: bool, remote: str, older_than: int | None, without: tuple[str, ...], as_json: bool
) -> int:
    """Delete from a shared DVC remote what no revision needs.

    Kept is what any commit of any branch, tag, pull request, stash or reflog names, here, on git's remotes
    and in the repositories that the policy's `keep: shared_with` says share the DVC remote; what the
    workspace names; what is younger than a bound; and whatever is no DVC object.

    \b
      mergegate keep --dry-run              what would go, and what is lost
      mergegate keep --yes                  for a schedule

    \b
    Exit codes: 0 done, or nothing to do; 1 a branch or tag names what the remote has lost; 2 usage or
    configuration; 3 something could not be asked or deleted.
    """
    request = Request(start=Path.cwd(), remote=remote, older_than_days=older_than, without=without)
    with progress("looking at the repository") as tell:
        found = survey(request, progress=tell)
    answer = found.answer
    if not as_json:
        for line in keep_lines(answer):
            click.echo(line)
    if not dry_run and found.places:
        if not yes:
            _ask(answer, as_json=as_json)
        with progress("deleting") as tell:
            answer = delete(found, progress=tell)
        if not as_json:
            for line in deleted_lines(answer):
                click.echo(line)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    return 3 if answer.failed else 1 if answer.lost_total else 0


def _ask(answer: KeepAnswer, *, as_json: bool) -> None:
    """Ask before deleting; where nobody can answer, `--yes` must stand."""
    if as_json or not sys.stdin.isatty():
        raise UsageError("nobody is there to be asked", hint="add `--yes` to delete, or `--dry-run` to look")
    click.confirm(f"delete {answer.unneeded:,} objects?", abort=True, err=True)
