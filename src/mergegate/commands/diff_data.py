"""`mergegate diff data`: what changed between two files or folders, or between two revisions of one."""

import csv
import importlib
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from mergegate.atomic import write_text
from mergegate.commands.console import progress, stdout
from mergegate.commands.page import check_page
from mergegate.errors import UsageError
from mergegate.flows.diff_data import Request, diff_data

Command = TypeVar("Command", bound=Callable[..., Any])


def _split(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """Columns named one by one, or several with commas between them, as in a line of CSV."""
    try:
        named = [name for text in given for name in _read(text)]
    except csv.Error as error:
        raise click.BadParameter(f"{given[-1]!r} has a quote that is not closed", context, option) from error
    if not all(named):
        raise click.BadParameter("it names no column", context, option)
    return tuple(dict.fromkeys(named))


def _read(text: str) -> list[str]:
    """The names between commas; one that holds a comma stands in quotes, and may hold ends of lines too."""
    if '"' not in text:
        return text.split(",")
    lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    return lines[0] if len(lines) == 1 else [""]


def _columns(*names: str, help: str) -> Callable[[Command], Command]:
    return click.option(*names, metavar="COLUMNS", multiple=True, callback=_split, help=help)


@click.command("data")
@click.argument("base", metavar="A")
@click.argument("head", metavar="B")
@_columns("--key", help="What identifies a row: one column, or several with commas.  [default: found]")
@click.option("--label", metavar="COLUMN", help="What is learnt: show which labels were edited.")
@_columns("--slices", help="Count label edits, and look for shift, where these have each of their values.")
@_columns("--private", help="Never show a value of these.")
@click.option("--shift/--no-shift", default=True, help="Hold added rows against A's distributions.")
@click.option("--rows-only", is_flag=True, help="Compare rows and cells alone, which takes half the time.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.option("--html", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Write a page.")
def command(as_json: bool, html: Path | None, **options: Any) -> int:
    """What changed from A to B: rows, schema, values, labels, shift?

    A and B are files or folders (Parquet, CSV, JSON lines), or REV:path in a git repository, such as
    main:data/raw or workspace:data/raw. Rows are matched by --key; without one a plausible key is looked
    for, and without any they are compared as they are. A column with a comma in its name goes in quotes:
    --key '"a,b",c'.

    \b
    Exit codes: 0 compared, whatever came of it; 2 a file or an option can't be used; 3 something broke.
    """
    check_page(html, options["base"], options["head"])
    with progress("comparing") as tell:
        found = diff_data(Request(**options), tell)
    if html is not None:
        page = importlib.import_module("mergegate.report.data.page")
        write_text(html, page.html_page(found.dataset))
    if as_json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    else:
        importlib.import_module("mergegate.report.data.terminal").render_terminal(stdout(), found.dataset)
    if found.dataset.problem:
        raise UsageError(found.dataset.problem, hint=found.dataset.hint)
    return 0
