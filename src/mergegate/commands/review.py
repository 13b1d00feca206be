"""`mergegate review`: compare two revisions and judge the change."""

import sys
from pathlib import Path

import click
import msgspec
from rich.console import Console

from mergegate import atomic, repo
from mergegate.flows.review import WORKSPACE, Request, review
from mergegate.report import markdown, terminal

DEFAULT_OUT = "reports/review"


@click.command("review")
@click.option(
    "--base",
    metavar="REV",
    help="Compare with this revision.  [default: merge base with the policy's baseline]",
)
@click.option(
    "--head",
    metavar="REV",
    default=WORKSPACE,
    show_default=True,
    help="The change: a revision, or `workspace`.",
)
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=f"Where review.json and comment.md go.  [default: {DEFAULT_OUT}]",
)
@click.option("--json", "as_json", is_flag=True, help="Print review.json on stdout, no terminal view.")
@click.option(
    "--policy",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Judge by this policy.  [default: mergegate.yaml at the tip of the baseline]",
)
def command(base: str | None, head: str, out: Path | None, as_json: bool, policy: Path | None) -> int:
    """Compare two revisions and judge the change by the policy.

    Reads git and DVC objects; checks nothing out. Missing predictions are fetched from the DVC remote.

    Exit codes: 0 passed (or advisory), 1 a gate failed, 2 usage or configuration, 3 something broke.
    """
    request = Request(start=Path.cwd(), base=base, head=head, policy=policy)
    errors = Console(stderr=True)
    with errors.status("reviewing") if errors.is_terminal else _Quiet() as status:
        result = review(request, progress=status.update)
    folder = out or _make_default_folder()
    data = msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"
    atomic.write_bytes(folder / "review.json", data)
    atomic.write_text(folder / "comment.md", markdown.render(result))
    if as_json:
        sys.stdout.buffer.write(data)
    else:
        terminal.render(result, _Stdout())
    return result.verdict.exit_code


def _make_default_folder() -> Path:
    """The project's own folder for reviews, which git ignores: a review must not change what it reviews."""
    folder = repo.locate(Path.cwd()).root / DEFAULT_OUT
    if not (folder / ".gitignore").exists():
        atomic.write_text(folder / ".gitignore", "*\n")
    return folder


class _Stdout(Console):
    """rich ends the process with 1 when the reader goes away, which would read as a failed gate."""

    def on_broken_pipe(self) -> None:
        """Leave it to the one error handler."""
        raise BrokenPipeError


class _Quiet:
    """Stands for the spinner where stderr is no terminal."""

    def __enter__(self) -> "_Quiet":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def update(self, step: str) -> None:
        """Say nothing."""
