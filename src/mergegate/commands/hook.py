"""`mergegate hook`: look at what a push sends, before it is sent."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click

from mergegate import repo
from mergegate.errors import MergegateError
from mergegate.flows.hook import installing, looking
from mergegate.flows.hook.pushed import read_pushed
from mergegate.report.escaping import visible

LARGEST = 1_000_000
"""Characters of what git says that are read."""

_SENTENCE = 400
_NAME = 120


@click.group()
def command() -> None:
    """Warn before a push: a stale lock, objects that were not pushed, a leak."""


_STRICT = click.option("--strict", is_flag=True, help="Stop the push where something is wrong.")
_ASK = click.option(
    "--ask-remotes", is_flag=True, help="Ask remotes over the network too: takes some seconds."
)


@command.command()
@_STRICT
@_ASK
def install(strict: bool, ask_remotes: bool) -> int:
    """Let git run `mergegate hook run` before each push of this clone.

    A pre-push hook that is there already is kept and runs first. Where core.hooksPath leads to hooks that
    others share nothing is written, and the line to add is said.
    """
    done = installing.install_hook(Path.cwd(), strict=strict, ask_remotes=ask_remotes)
    click.echo(f"{done.path}: {'installed' if done.changed else 'was installed before'}")
    if done.chained:
        click.echo(f"  {done.chained} runs first")
    return 0


@command.command()
def uninstall() -> int:
    """Take the hook away; the one that was there before is in its place again."""
    done = installing.uninstall_hook(Path.cwd())
    restored = ", and what was there before is back" if done.chained else ""
    click.echo(
        f"{done.path}: {f'removed{restored}' if done.changed else 'is not there, or not of mergegate'}"
    )
    return 0


@command.command()
@click.argument("remote", required=False)
@click.argument("url", required=False)
@_STRICT
@_ASK
def run(remote: str | None, url: str | None, strict: bool, ask_remotes: bool) -> int:
    """Look at the commits that a push sends; git calls this with the names of the remote.

    Reads on stdin what git writes there; from pre-commit its variables; else HEAD is looked at. Warns within
    a second, on stderr: a lock that does not hang together, objects that a remote lacks, credentials in DVC's
    settings, training rows in an exam. No stage runs, nothing is fetched.

    Exit codes: 0 whatever was found, and whatever broke; with --strict 1 where there is a warning, 2 and 3
    as other commands.
    """
    began = time.monotonic()
    try:
        return _run(began, strict=strict, ask_remotes=ask_remotes)
    except MergegateError as error:
        if strict:
            raise
        said = visible(error.message.partition("\n")[0], _SENTENCE)
        click.echo(f"mergegate: {said}; nothing was looked at", err=True)
        return 0


def _run(began: float, *, strict: bool, ask_remotes: bool) -> int:
    lines = "" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.read(LARGEST)
    count = 0
    here = repo.locate(Path.cwd())
    sent = read_pushed(here, lines, os.environ)
    folders = looking.find_folders(here) if sent else ()
    for number, folder in enumerate(folders):
        if number and time.monotonic() - began > looking.PATIENCE:
            rest = len(folders) - number
            click.echo(
                f"mergegate: {rest:,} more {'project was' if rest == 1 else 'projects were'} not looked at",
                err=True,
            )
            break
        project = repo.locate(folder)
        for looked in looking.look(project, sent, ask_remotes=ask_remotes, began=began):
            count += len(looked.warned)
            for line in _tell(looked):
                click.echo(line, err=True)
    if count:
        goes = "the push is stopped" if strict else "the push goes on: these are warnings"
        click.echo(
            f"mergegate: {count:,} {'thing is' if count == 1 else 'things are'} wrong; {goes}", err=True
        )
    return 1 if count and strict else 0


def _tell(looked: looking.Looked) -> Iterator[str]:
    if not looked.warned and not looked.notes:
        return
    place = f" in {visible(looked.project, _NAME)}" if looked.project else ""
    yield f"mergegate: {visible(looked.sent.name, _NAME)} at {looked.sent.sha[:10]}{place}"
    for warned in looked.warned:
        yield f"  {warned.kind}: {visible(warned.what, _SENTENCE)}"
        if warned.mend:
            yield f"    next: {visible(warned.mend, _SENTENCE)}"
    for note in looked.notes:
        yield f"  note: {visible(note, _SENTENCE)}"
