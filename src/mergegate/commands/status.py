"""`mergegate status`: where a change stands; in a workflow, the commit statuses of the pull-request loop."""

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from mergegate.commands import revisions
from mergegate.commands.console import stdout
from mergegate.errors import UsageError
from mergegate.flows.judging.subject import Nothing, find_subject
from mergegate.flows.posting.conflicts import set_conflicts
from mergegate.flows.posting.standing import find_standing
from mergegate.flows.posting.statuses import Set, set_judged, set_pending
from mergegate.forge.connection import connect
from mergegate.forge.event_kinds import Event
from mergegate.forge.events import read_event

if TYPE_CHECKING:
    from mergegate.forge.github import GitHub

BROKEN = 3


@click.command("status")
@click.option("--pending", is_flag=True, help="Say that a run has begun: its verdict is still to come.")
@click.option(
    "--judgement",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Set what `mergegate judge` wrote; an error where FILE is missing.",
)
@click.option(
    "--conflicts", is_flag=True, help="Mark the pull requests that conflict with the branch pushed to."
)
@revisions.TARGET
@click.option("--json", "as_json", is_flag=True, help="Print what stands now as JSON.")
def command(pending: bool, judgement: Path | None, conflicts: bool, target: str | None, as_json: bool) -> int:
    """Say on one screen where a change stands: what changed, what the gate will say, what to do next.

    Nothing is fetched, written or run. What the gate will say is the last review's word where that is of this
    very state; else it is told which gates will be judged, and what is known to fail.

    In a workflow it sets the commit statuses of the pull requests that an event is about: for comment.yml,
    whose jobs each name one of --pending (a run of review.yml is requested), --judgement (it
    has been judged) and --conflicts (the default branch was pushed to). A status is set only where it doesn't
    stand so already, never over the word of a newer run, and only while the pull request is open, its head
    and its target what was judged. GITHUB_TOKEN needs statuses: write, and actions and pull-requests: read.

    GitHub keeps at most 1,000 statuses of one name on a commit; a new commit begins anew.

    \b
    Exit codes: 0 told, or set; 2 usage or configuration; 3 GitHub refused, or there was no judgement and an
    error was set in its place.
    """
    asked = pending + conflicts + (judgement is not None)
    if not asked:
        return _tell_screen(target, as_json=as_json)
    if asked > 1 or target is not None:
        raise UsageError(
            "say which statuses to set",
            hint="one of --pending, --judgement FILE, --conflicts, and no --target",
        )
    event = read_event(os.environ)
    with connect(os.environ, repository=event.repository) as github:
        if judgement is not None:
            standing = find_standing(github, event, os.environ, judgement)
            found, notes = set_judged(github, standing), standing.notes
            code = 0 if standing.broken is None else BROKEN
        else:
            found, notes = _set_pending(github, event) if pending else _set_conflicts(github, event)
            code = 0
    _tell(found, notes)
    if as_json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    return code


def _tell_screen(target: str | None, *, as_json: bool) -> int:
    """The screen; what a workflow needs is not imported for it, nor the screen for a workflow."""
    standing = importlib.import_module("mergegate.flows.status.standing")
    found = standing.look(standing.Request(start=Path.cwd(), target=target))
    if as_json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    else:
        importlib.import_module("mergegate.report.status").render(found, stdout())
    return 0


def _set_pending(github: "GitHub", event: Event) -> tuple[tuple[Set, ...], tuple[str, ...]]:
    subject = find_subject(github, event, os.environ)
    if isinstance(subject, Nothing):
        return (), (subject.sentence,)
    return set_pending(github, subject, event.default_branch or github.default_branch()), ()


def _set_conflicts(github: "GitHub", event: Event) -> tuple[tuple[Set, ...], tuple[str, ...]]:
    default = event.default_branch or github.default_branch()
    if event.push is not None and event.push.ref != f"refs/heads/{default}":
        return (), (f"the push was not to {default}",)
    found = set_conflicts(github, default)
    return found.statuses, found.notes


def _tell(found: Sequence[Set], notes: Sequence[str]) -> None:
    """What was done, on stderr."""
    for note in notes:
        click.echo(f"note: {note}", err=True)
    for each in found:
        done = {"set": "set", "unchanged": "stands already", "newer": "a newer one stands"}[each.action]
        click.echo(f"{each.context} on {each.sha[:10]}: {each.state}, {each.description} ({done})", err=True)
