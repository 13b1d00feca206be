"""`mergegate backup`: copy what a remote must keep to a second one."""

from pathlib import Path

import click
import msgspec

from mergegate.commands.console import progress
from mergegate.flows.keep.backup import Request, back_up
from mergegate.report.keep import backup_lines


@click.command()
@click.argument("target", metavar="REMOTE")
@click.option(
    "--from", "source", metavar="NAME", default="", help="The DVC remote to copy.  [default: the default one]"
)
@click.option("--check", is_flag=True, help="Read and hash also what the copy holds already.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def command(target: str, source: str, check: bool, as_json: bool) -> int:
    """Copy all that must be kept to the DVC remote REMOTE, and read it back there.

    Copies what `mergegate keep` would keep for a revision's sake. Each object is hashed before it is sent and
    after it was read back; a folder's list follows its files. Running it again copies what is new.

    \b
      dvc remote add vault s3://other-bucket/vault
      mergegate backup vault                copy what is new
      mergegate backup vault --check        and hash all that is there

    \b
    Exit codes: 0 the copy is whole; 1 a revision names what the source has lost; 2 usage or configuration;
    3 something could not be copied.
    """
    with progress("looking at the repository") as tell:
        answer = back_up(Request(start=Path.cwd(), target=target, source=source, check=check), progress=tell)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    else:
        for line in backup_lines(answer):
            click.echo(line)
    return 3 if answer.failed else 1 if answer.lost_total or answer.lost_lists or answer.unread else 0
