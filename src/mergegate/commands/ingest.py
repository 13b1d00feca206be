"""`mergegate ingest`: new files of the policy's sources, as pull requests."""

import os
from pathlib import Path

import click
import msgspec

from mergegate.commands.console import progress
from mergegate.config.sources import TOKENS
from mergegate.flows.ingest.ingesting import ingest
from mergegate.flows.ingest.request import Request
from mergegate.report.ingest import ingest_lines


@click.command()
@click.argument("datasets", metavar="[DATASET]...", nargs=-1)
@click.option("--open-pr", is_flag=True, help="Push, and open or update one pull request a dataset.")
@click.option("--repro", is_flag=True, help="Run what reads the new files, so that dvc.lock is current.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option(
    "--corrections", is_flag=True, help="Let a file whose name is taken replace what is there under it."
)
@click.option(
    "--require-checks",
    is_flag=True,
    help="Exit with 2 where the token's pull requests would start no checks.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def command(
    datasets: tuple[str, ...],
    open_pr: bool,
    repro: bool,
    dry_run: bool,
    corrections: bool,
    require_checks: bool,
    as_json: bool,
) -> int:
    """Add what is new in the sources of the policy's datasets, each as a branch and a pull request.

    A dataset's `source:` is a command, a folder or a storage prefix. New files are read and held against the
    dataset: columns, keys, names, sizes. They join its list without the files that it has already, in a
    clean worktree of the target branch. Objects are pushed and seen on the DVC remote before git is pushed.
    Run it again at any time: what is proposed already is left alone, more files update the same pull request.

    \b
      mergegate ingest --dry-run                     what is new
      mergegate ingest data/raw/flights              a commit on mergegate/ingest/data-raw-flights
      mergegate ingest --open-pr --repro             for a schedule

    \b
    Environment, for --open-pr:
      MERGEGATE_TOKEN     an App's token: contents and pull requests, write
      GITHUB_TOKEN        used without it; its pull requests start no checks, which is said
      GITHUB_REPOSITORY   OWNER/NAME; also GITHUB_API_URL and GITHUB_SERVER_URL, as in Actions

    \b
    Exit codes: 0 done, or nothing new; 1 files were refused; 2 usage or configuration; 3 the source, git, the
    DVC remote or GitHub failed.
    """
    environment = dict(os.environ)
    # Nothing that this starts, a source's command or a stage, inherits what may push.
    for name in TOKENS:
        os.environ.pop(name, None)
    request = Request(
        start=Path.cwd(),
        datasets=datasets,
        open_pr=open_pr,
        repro=repro,
        dry_run=dry_run,
        corrections=corrections,
        require_checks=require_checks,
        environment=environment,
    )
    with progress("reading the policy") as tell:
        answer = ingest(request, progress=tell)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    else:
        for line in ingest_lines(answer):
            click.echo(line)
    for sentence in answer.warnings if as_json else ():
        click.echo(f"mergegate: {sentence}", err=True)
    return answer.exit_code
