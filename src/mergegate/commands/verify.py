"""`mergegate verify`: is this revision whole and true?"""

from pathlib import Path

import click
import msgspec

from mergegate.commands.console import progress
from mergegate.flows.verify.verifying import WORKSPACE, Request
from mergegate.flows.verify.verifying import verify as run_verify
from mergegate.report.verify import verification_lines


@click.command()
@click.argument("revision", metavar="[REV]", default=WORKSPACE)
@click.option("--remote", is_flag=True, help="Ask the remotes for every object, by name and size.")
@click.option(
    "--bytes", "read_bytes", is_flag=True, help="Read and hash every object there too; nothing is kept."
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def command(revision: str, remote: bool, read_bytes: bool, as_json: bool) -> int:
    """Verify that a revision is whole and true.

    Holds dvc.lock against dvc.yaml, params, git and the .dvc files; looks at what merges and edits did to it
    since the default branch; with --remote, looks for each object, and each file of each folder, on the
    remote that should hold it. Every finding names the command that mends it; docs/why-verify.md has them
    beside what DVC says. Nothing is checked out, and no remote is asked unless told to.

    \b
      mergegate verify                      the workspace's dvc.lock and .dvc files
      mergegate verify HEAD --remote        before a pull request
      mergegate verify v1.4.0 --bytes       a release, down to its bytes

    \b
    Exit codes:
      0  whole and true, as far as was asked
      1  something breaks it
      2  no such revision, or a file that DVC would refuse
      3  a remote, or some objects on it, could not be asked
    """
    with progress("reading the revision") as tell:
        answer = run_verify(
            Request(Path.cwd(), revision, remote=remote, read_bytes=read_bytes), progress=tell
        )
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    else:
        for line in verification_lines(answer):
            click.echo(line)
    return answer.exit_code
