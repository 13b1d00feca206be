"""`mergegate merge-driver`: dvc.lock merged stage by stage, tracked folders file by file, inside git."""

import shlex
from pathlib import Path

import click
import msgspec

from mergegate.flows.merge_driver.installing import FILE, Setup, install_driver, uninstall_driver
from mergegate.flows.merge_driver.resolving import resolve_conflict
from mergegate.flows.merge_driver.running import MARKER, Call, Merged, run_driver
from mergegate.report.escaping import visible

_LINE = 1_000


@click.group()
def command() -> None:
    """Merge dvc.lock stage by stage and tracked folders file by file, inside `git merge`.

    docs/merging.md says what it does, and what to type where GitHub merges.
    """


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print what was changed as JSON.")
def install(as_json: bool) -> int:
    """Tell git to merge dvc.lock and .dvc files with mergegate.

    Writes two lines into .gitattributes, to be committed once for the team, and the command into this clone's
    own configuration: each clone runs this once. DVC's own driver (`merge=dvc`) is replaced.

    \b
      mergegate merge-driver install
      git add .gitattributes && git commit -m "Merge DVC's files with mergegate"

    Exit codes: 0 installed, or there already; 2 no git repository.
    """
    done = install_driver(Path.cwd())
    if as_json:
        _print(done)
        return 0
    changed = False
    for old, new in done.replaced:
        changed = True
        click.echo(f"{FILE}: `{visible(old, _LINE)}` is now `{visible(new, _LINE)}`")
    for line in done.added:
        changed = True
        click.echo(f"{FILE}: added `{line}`")
    click.echo(f"this clone: {'told git what to run' if done.configured else 'knows what to run already'}")
    for note in done.notes:
        click.echo(f"  {visible(note, _LINE)}", err=True)
    if changed:
        click.echo(f'next: git add {FILE} && git commit -m "Merge DVC\'s files with mergegate"')
    click.echo("each other clone: mergegate merge-driver install")
    return 0


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print what was changed as JSON.")
def uninstall(as_json: bool) -> int:
    """Take away what `install` wrote.

    Exit codes: 0 gone, or was not there; 2 no git repository.
    """
    done = uninstall_driver(Path.cwd())
    if as_json:
        _print(done)
        return 0
    for line in done.removed:
        click.echo(f"{FILE}: removed from `{visible(line, _LINE)}`")
    click.echo(f"this clone: {'git is told nothing any more' if done.configured else 'git was told nothing'}")
    return 0


@command.command()
@click.argument("base", type=click.Path(path_type=Path))
@click.argument("ours", type=click.Path(path_type=Path))
@click.argument("theirs", type=click.Path(path_type=Path))
@click.argument("path")
@click.argument("marker", default=str(MARKER))
@click.argument("names", nargs=-1)
def run(base: Path, ours: Path, theirs: Path, path: str, marker: str, names: tuple[str, ...]) -> int:
    """Merge one file, as git calls it: the result goes into OURS.

    `install` tells git to. The arguments are git's %O %A %B %P %L %S %X %Y.

    Exit codes: 0 merged, 1 in conflict, more: not merged. Unless merged, OURS holds both sides between
    conflict markers.
    """
    our_name, their_name = (_name(names, index, word) for index, word in ((1, "ours"), (2, "theirs")))
    call = Call(
        base=base,
        ours=ours,
        theirs=theirs,
        path=path,
        marker=min(int(marker), 200) if marker.isascii() and marker.isdecimal() else MARKER,
        our_name=our_name,
        their_name=their_name,
    )
    return _say(run_driver(call, Path.cwd()))


@command.command()
@click.argument("file")
@click.option(
    "--take",
    type=click.Choice(["ours", "theirs"]),
    required=True,
    help="Whose version of what both sides changed. In a rebase `ours` is the branch rebased onto.",
)
def resolve(file: str, take: str) -> int:
    """Finish the conflict of a .dvc file: files that both sides changed from one, all others from both.

    \b
      mergegate merge-driver resolve data/raw.dvc --take theirs
      git add data/raw.dvc

    Exit codes: 0 written, 1 still in conflict, 2 FILE is not in conflict.
    """
    merged = resolve_conflict(Path.cwd(), file, take=take)
    code = _say(merged)
    if code == 0:
        click.echo(f"{visible(file, _LINE)}: written")
        click.echo(f"next: git add {visible(shlex.quote(file), _LINE)}")
    return code


def _say(merged: Merged) -> int:
    for line in merged.said:
        indent = " " * (len(line) - len(line.lstrip()))
        click.echo(f"{indent}{visible(line.strip(), _LINE)}", err=True)
    return 0 if merged.data is not None else 1


def _name(names: tuple[str, ...], index: int, otherwise: str) -> str:
    """A side's name; older gits hand on the placeholder itself."""
    name = names[index] if len(names) > index else ""
    return otherwise if not name or name.startswith("%") else visible(name, 200)


def _print(answer: Setup) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
