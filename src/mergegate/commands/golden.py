"""`mergegate golden`: answers that the model owes, added and checked."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from mergegate.amounts import amount
from mergegate.commands.console import progress
from mergegate.flows.golden.adding import Request, add_golden
from mergegate.flows.golden.checking import check_golden
from mergegate.records.explain import FlipInput, GoldenRow
from mergegate.records.golden import CheckedModel
from mergegate.report.escaping import visible

_CELL = 80
_TEXT = 2_000


@click.group()
def command() -> None:
    """Add or check golden rows: answers that the model owes, each with a reason.

    docs/golden-set.md says what stands in a golden file.
    """


@command.command()
@click.option("--row-id", metavar="ID", required=True, help="The row of the policy's `evaluation.inputs`.")
@click.option("--why", metavar="TEXT", required=True, help="Why the model owes this answer.")
@click.option("--model", metavar="NAME", help="The model.  [default: the policy's only one]")
@click.option(
    "--expected", metavar="VALUE", help="What it must answer.  [default: y_true of the predictions]"
)
@click.option("--tolerance", metavar="NUMBER", type=float, help="How far a number may be off.")
@click.option(
    "--min-probability", metavar="NUMBER", type=float, help="Ask only for this probability of the class."
)
@click.option("--not-worse", is_flag=True, help="Ask only to be no worse than base.")
@click.option(
    "--file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The CSV or YAML file to append to.  [default: golden/MODEL.csv]",
)
@click.option("--author", metavar="NAME", help="Who answers for the row.  [default: git's user.name]")
@click.option("--name", metavar="NAME", help="What the row is called.  [default: its row_id]")
@click.option("--with-private", is_flag=True, help="Write values of private columns too.")
@click.option("--json", "as_json", is_flag=True, help="Print what was added as JSON.")
def add(as_json: bool, **options: Any) -> int:
    """Make a row of the evaluation a golden row.

    Takes the inputs of the row from the policy's `evaluation.inputs`, and appends it to a golden file. A row
    that is there already is left as it is.

    \b
      mergegate golden add --row-id 2013-3-8-EV-4572-EWR-1915 --why "Snow, evening, Newark: warn them."

    \b
    Exit codes: 0 added, or there already; 2 the row, the file or an option won't do; 3 something broke.
    """
    with progress("looking the row up"):
        told = add_golden(Request(start=Path.cwd(), **options))
    if as_json:
        _print(told)
        return 0
    owes = "no worse than base" if told.not_worse else f"expects {visible(told.expected or '', _CELL)}"
    verb = "added" if told.added else "there already:"
    click.echo(f"{told.file}: {verb} {visible(told.name, _CELL)}, {owes}")
    click.echo(f"  why: {visible(told.reason, _TEXT)} ({visible(told.author, _CELL)})")
    for note in told.notes:
        click.echo(f"  {note}")
    return 0


@command.command()
@click.option("--model", metavar="NAME", help="Check this model only.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def check(model: str | None, as_json: bool) -> int:
    """Ask the workspace's bundle every golden row of the workspace.

    Base's answers stand beside those of rows that fail. Where a change alters or removes rows, a review still
    judges by the target's.

    \b
    Exit codes: 0 no more rows fail than may, 1 more do, 2 a file or option won't do, 3 something broke.
    """
    with progress("reading golden rows") as tell:
        found = check_golden(Path.cwd(), model=model, progress=tell)
    if as_json:
        _print(found)
    else:
        for each in found.models:
            for line in _lines(each):
                click.echo(line)
    return 0 if found.passed else 1


def _lines(model: CheckedModel) -> Iterator[str]:
    golden = model.golden
    if not golden.failed:
        yield f"{model.name}: {amount(golden.rows, 'golden row')} {'holds' if golden.rows == 1 else 'hold'}"
    else:
        allowed = f", and up to {model.max_failed:,} may" if model.max_failed else ""
        verb = "fails" if golden.failed == 1 else "fail"
        yield f"{model.name}: {golden.failed:,} of {amount(golden.rows, 'golden row')} {verb}{allowed}"
    for row in golden.failures:
        yield from _failure(row)
    if golden.failed > len(golden.failures):
        yield f"  and {golden.failed - len(golden.failures):,} more"
    for note in golden.notes:
        yield f"  {visible(note, _TEXT)}"


def _failure(row: GoldenRow) -> Iterator[str]:
    yield f"  {visible(row.name, _CELL)} ({visible(row.file, _CELL)})"
    beside = (
        f"; base answers {visible(row.base, _CELL)}" if row.base is not None and not row.not_worse else ""
    )
    yield f"    {visible(row.problem or row.fault, _TEXT)}{beside}"
    yield f"    why: {visible(row.reason, _TEXT)} ({visible(row.author, _CELL)})"
    yield f"    inputs: {', '.join(_input(each) for each in row.inputs)}"


def _input(each: FlipInput) -> str:
    value = "private" if each.hidden else "missing" if each.value is None else visible(each.value, _CELL)
    return f"{visible(each.name, _CELL)} {value}"


def _print(answer: object) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
