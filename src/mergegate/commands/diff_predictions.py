"""`mergegate diff predictions`: two files beside each other, without git, DVC or a policy."""

import importlib
import sys
from pathlib import Path
from typing import Any, get_args

import click
import msgspec

from mergegate.atomic import write_text
from mergegate.commands.console import progress, stdout
from mergegate.commands.page import check_page
from mergegate.flows.diff import Request, diff_predictions
from mergegate.records.metrics import Task
from mergegate.report import predictions as view

_FILE = click.Path(path_type=Path)


@click.command("predictions")
@click.argument("base", metavar="A", type=_FILE)
@click.argument("head", metavar="B", type=_FILE)
@click.option("--task", type=click.Choice(get_args(Task)), help="What is predicted.  [default: as it looks]")
@click.option("--positive", metavar="LABEL", help="The positive class.  [default: 1 of 0 and 1, or true]")
@click.option(
    "--threshold",
    metavar="P",
    type=float,
    help="Call a row positive from this probability on, not by y_pred.",
)
@click.option(
    "--quantile", metavar="Q", type=float, help="The quantile that y_pred estimates, for mean_pinball_loss."
)
@click.option("--cluster", metavar="COLUMN", help="Rows with the same value depend on each other.")
@click.option("--weight", metavar="COLUMN", help="Each row's weight.")
@click.option(
    "--slices",
    metavar="COLUMN",
    multiple=True,
    help="Compare the metrics named (else the main ones) where it has each of its values too; repeatable.",
)
@click.option(
    "--loss",
    "losses",
    metavar="COLUMN",
    multiple=True,
    help="A metric: its mean, lower is better; repeatable.",
)
@click.option("--confidence", metavar="C", type=float, default=0.95, show_default=True, help="Of intervals.")
@click.option(
    "--min-rows",
    metavar="N",
    type=int,
    default=50,
    show_default=True,
    help="With fewer, the data can't tell.",
)
@click.option(
    "--metric", "metrics", metavar="NAME", multiple=True, help="Only this metric; repeatable.  [default: all]"
)
@click.option(
    "--explain/--no-explain",
    default=True,
    help="Tell which answers changed, and where B lost more than elsewhere.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
@click.option("--html", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Write a page.")
def command(as_json: bool, html: Path | None, **options: Any) -> int:
    """Is B better than A, worse, or can't it be told?

    A and B are predictions files of two models: Parquet with row_id, y_true, y_pred and, for classifiers,
    proba_<class>; or CSV (.csv, .tsv) or JSON lines (.jsonl, .ndjson) with the same columns. They are
    compared on the rows that both have.

    Exit codes: 0 compared, whatever came of it; 2 a file or an option can't be used; 3 something broke.
    """
    check_page(html, options["base"], options["head"])
    with progress("comparing") as tell:
        found = diff_predictions(Request(**options), tell)
    names = (str(options["base"]), str(options["head"]))
    if html is not None:
        page = importlib.import_module("mergegate.report.html.predictions")
        write_text(html, page.render_predictions(found.record(), names=names))
    if as_json:
        data = msgspec.json.format(msgspec.json.encode(found.record()), indent=2)
        sys.stdout.buffer.write(data + b"\n")
        return 0
    metrics, notes = found.for_people()
    view.render(
        found.found.rows,
        metrics,
        task=found.task,
        names=names,
        parts=(found.parts.flips, found.parts.segments),
        notes=notes,
        confidence=found.confidence,
        console=stdout(),
    )
    return 0
