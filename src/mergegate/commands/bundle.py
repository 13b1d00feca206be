"""`mergegate bundle`: verify or show a model bundle."""

from pathlib import Path

import click
import msgspec

from mergegate import bundle
from mergegate.bundle.folder import printable
from mergegate.errors import ContractError
from mergegate.records.manifest import InputColumn, Manifest

SHOWN_CATEGORIES = 6


@click.group()
def command() -> None:
    """Verify or show a model bundle: model.onnx, manifest.json, reference.json."""


@command.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def verify(path: Path, as_json: bool) -> int:
    """Check a bundle's files, sums, schema and graph; nothing in it is executed.

    Exit codes: 0 it is what its manifest says, 1 it is not, 2 there is no bundle.
    """
    try:
        contents = bundle.verify(path)
    except ContractError as error:
        if as_json:
            click.echo(_json({"path": str(path), "ok": False, "problem": error.message, "hint": error.hint}))
        click.echo(f"refused: {error.message}", err=True)
        if error.hint:
            click.echo(f"  next: {error.hint}", err=True)
        return 1
    manifest = contents.manifest
    if as_json:
        files = {file.path: file.sha256 for file in manifest.files}
        click.echo(_json({"path": str(path), "ok": True, "name": manifest.name, "files": files}))
    else:
        size = sum(file.size for file in manifest.files)
        click.echo(
            f"{path}: ok, {printable(manifest.name)}, {manifest.task}, "
            f"{len(manifest.inputs)} inputs, {size:,} bytes"
        )
    return 0


@command.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as JSON.")
def show(path: Path, as_json: bool) -> int:
    """Show what a bundle's model takes and gives.

    The files are checked against the manifest first; the graph is not opened.
    """
    manifest = bundle.read(path).manifest
    if as_json:
        click.echo(_json(manifest))
        return 0
    for line in _lines(manifest):
        click.echo(line)
    return 0


def _lines(manifest: Manifest) -> list[str]:
    width = max(len(printable(column.name)) for column in manifest.inputs)
    answers = " | ".join(printable(label) for label in manifest.classes[:20]) or "a number"
    lines = [
        f"{printable(manifest.name)}: {manifest.task} model of {printable(manifest.target)} ({answers})",
        "inputs:",
        *(f"  {printable(column.name):<{width}}  {_describe(column)}" for column in manifest.inputs),
        "files:",
        *(
            f"  {file.path:<14}  {file.size:>10,} bytes  sha256 {file.sha256[:16]}…"
            for file in manifest.files
        ),
    ]
    if manifest.parity is not None:
        lines.append(f"parity: proven within {manifest.parity:g} of the fitted estimator")
    versions = ", ".join(f"{printable(name)} {printable(text)}" for name, text in manifest.versions.items())
    return [*lines, f"written with: {versions}"]


def _describe(column: InputColumn) -> str:
    if column.kind == "number":
        known = column.low is not None and column.high is not None
        text = f"number   {column.low:g} … {column.high:g}" if known else "number   never known in training"
    else:
        more = len(column.categories) - SHOWN_CATEGORIES
        shown = ", ".join(printable(value) for value in column.categories[:SHOWN_CATEGORIES])
        text = f"category {shown}" + (f", … {more} more" if more > 0 else "")
    refused = [what for what, taken in (("missing", column.missing), ("unseen", column.unseen)) if not taken]
    if column.kind == "number":
        refused = [what for what in refused if what == "missing"]
    return text + (f"  (refuses {' and '.join(refused)} values)" if refused else "")


def _json(answer: object) -> str:
    return msgspec.json.format(msgspec.json.encode(answer), indent=2).decode()
