"""`mergegate push`: send what the remotes lack."""

from pathlib import Path

import click
import msgspec

from mergegate.commands.console import progress
from mergegate.flows.push import Request
from mergegate.flows.push import push as run_push
from mergegate.flows.verify.verifying import WORKSPACE
from mergegate.report.verify import push_lines


@click.command()
@click.argument("revision", metavar="[REV]", default=WORKSPACE)
@click.option("--to", metavar="REMOTE", default="", help="Send everything to this remote.")
@click.option(
    "--bytes", "read_bytes", is_flag=True, help="Read what is there too, and replace what has other bytes."
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def command(revision: str, to: str, read_bytes: bool, as_json: bool) -> int:
    """Push the objects of a revision, and say so only of what was seen on the remote.

    Each object is hashed before it is sent, and looked for with its size afterwards; a folder's list goes
    last, once all its files are there. What an interrupted push left out is found and sent, whatever DVC
    remembers. Run it again after any failure: what is there is not sent twice.

    \b
      mergegate push                  what the workspace's dvc.lock and .dvc files name
      mergegate push v1.4.0           what a tag names
      mergegate push --to backup      all of it, to another remote

    \b
    Exit codes:
      0  every object is on its remote
      2  no such revision, or a file that DVC would refuse
      3  something is lacking, and named; or the remote can't be used
    """
    with progress("reading the revision") as tell:
        answer = run_push(Request(Path.cwd(), revision, to, read_bytes=read_bytes), progress=tell)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    else:
        for line in push_lines(answer):
            click.echo(line)
    return answer.exit_code
