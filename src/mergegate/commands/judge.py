"""`mergegate judge`: the trusted job's verdict on what a run brought."""

import os
import sys
from pathlib import Path

import click
import msgspec

from mergegate.commands.console import progress
from mergegate.flows.judging.document import write_judgement
from mergegate.flows.judging.judging import Source, exit_code, judge
from mergegate.forge.connection import connect
from mergegate.forge.events import read_event
from mergegate.records.judgement import Judgement

SERVER = "https://github.com"


@click.command("judge")
@click.option(
    "--event",
    "event_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The event's payload.  [default: GITHUB_EVENT_PATH]",
)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    default="judgement.json",
    show_default=True,
    help="Where the judgement goes.",
)
@click.option(
    "--project", "prefix", metavar="PREFIX", default="", help="The project's folder in the repository."
)
@click.option(
    "--remote",
    metavar="URL",
    envvar="MERGEGATE_REMOTE",
    help="Fetch git objects from here.  [default: GITHUB_SERVER_URL/GITHUB_REPOSITORY]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the judgement as JSON too.")
def command(event_file: Path | None, out: Path, prefix: str, remote: str | None, as_json: bool) -> int:
    """Judge the pull requests of a finished run, from its evidence and git's objects alone.

    For the job of comment.yml that a workflow_run starts, and for verify.yml. Nothing of a pull request is
    checked out or run, and no DVC remote is asked: files are believed where dvc.lock names their md5, the
    policy is the target branch's, and the bundle is scored here. Reads GITHUB_EVENT_NAME, GITHUB_EVENT_PATH,
    GITHUB_REPOSITORY, GITHUB_API_URL, GITHUB_SERVER_URL and GITHUB_TOKEN, which needs actions, contents and
    pull-requests: read.

    Then `mergegate status --judgement FILE` and `mergegate comment --judgement FILE` post what it says, in a
    job of their own.

    \b
    Exit codes: 0 all passes or there is nothing to judge, 1 a change fails, 2 usage or configuration,
    3 there is no verdict: evidence, git or GitHub failed. The judgement says it in every case but 2.
    """
    # One that breaks off must not leave an older judgement for the next job to post.
    out.unlink(missing_ok=True)
    event = read_event(os.environ, file=event_file)
    server = os.environ.get("GITHUB_SERVER_URL") or SERVER
    environment = dict(os.environ)
    # What is opened from here on is hostile: no process that is started may find the token.
    token = os.environ.pop("GITHUB_TOKEN", "")
    source = Source(
        url=remote or f"{server.rstrip('/')}/{event.repository}",
        token=token,
        prefix="" if prefix == "." else prefix.removeprefix("./").rstrip("/"),
        local=remote is not None,
    )
    with connect(environment, repository=event.repository) as github, progress("judging") as tell:
        judgement = judge(github, event, source, environment, tell=tell)
    judgement = write_judgement(judgement, out)
    _tell(judgement)
    if as_json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(judgement), indent=2) + b"\n")
    return exit_code(judgement)


def _tell(judgement: Judgement) -> None:
    """What was judged, on stderr."""
    if judgement.sentence:
        click.echo(f"nothing to judge: {judgement.sentence}", err=True)
    for judged in judgement.judged:
        name = f"pull request {judged.number}" if judged.number else "the merge queue's group"
        click.echo(f"{name} into {judged.base!r}: {judged.state}, {judged.description}", err=True)
