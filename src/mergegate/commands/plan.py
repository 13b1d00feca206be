"""`mergegate plan`: what a change must run again, what that needs, and what it will likely cost."""

import sys
from pathlib import Path

import click
import msgspec

from mergegate.commands import revisions
from mergegate.commands.console import progress, stdout
from mergegate.flows.planning import Request, plan
from mergegate.report import plan as words


@click.command("plan")
@revisions.base("What dvc.lock of this revision says is believed.")
@revisions.HEAD
@revisions.TARGET
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def command(base: str | None, head: str, target: str | None, as_json: bool) -> int:
    """Say which stages a change must run again and why, what must be downloaded, and about how long it takes.

    A stage runs when what it reads or declares is not what dvc.lock says it ran with, and when its block of
    dvc.lock is not base's: that is a claim until it was run. Nothing is fetched, written or run.

    \b
      mergegate plan                        the workspace, against its merge base with main
      mergegate plan --head HEAD            the last commit alone
      mergegate plan --base v1.2 --json     for a machine, since a tag

    \b
    Exit codes: 0 planned; 1 a stage that may run can't, as what it reads is nowhere; 2 usage or
    configuration, stages that wait for each other among them; 3 something broke.
    """
    with progress("planning"):
        found = plan(Request(start=Path.cwd(), base=base, head=head, target=target))
    if as_json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    else:
        words.render(found, stdout())
    return 1 if found.problems else 0
