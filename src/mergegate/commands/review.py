"""`mergegate review`: compare two revisions and judge the change."""

import sys
from pathlib import Path

import click
import msgspec

from mergegate import atomic, repo
from mergegate.commands.console import Stdout, progress
from mergegate.errors import UsageError
from mergegate.flows.review import WORKSPACE, Request, review
from mergegate.report import markdown, terminal

DEFAULT_OUT = "reports/review"
REVIEW = "review.json"
COMMENT = "comment.md"


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
    folder = out or _find_default_folder()
    # A review that breaks off must not leave an older one's word behind for a workflow to post.
    for name in (REVIEW, COMMENT):
        (folder / name).unlink(missing_ok=True)
    request = Request(start=Path.cwd(), base=base, head=head, policy=policy)
    with progress("reviewing") as tell:
        result = review(request, progress=tell)
    if out is None and not (folder / ".gitignore").exists():
        atomic.write_text(folder / ".gitignore", "*\n")
    data = msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"
    atomic.write_bytes(folder / REVIEW, data)
    atomic.write_text(folder / COMMENT, markdown.render(result))
    if as_json:
        sys.stdout.buffer.write(data)
    else:
        terminal.render(result, Stdout())
    return result.verdict.exit_code


def _find_default_folder() -> Path:
    """The project's own folder for reviews, which git ignores: a review must not change what it reviews.

    Raises UsageError where a symbolic link, which a pull request can bring, leads elsewhere.
    """
    root = repo.locate(Path.cwd()).root.resolve()
    folder = root / DEFAULT_OUT
    try:
        found = folder.resolve()
    except (OSError, RuntimeError) as error:  # a link that leads to itself
        raise _astray(f"can't be followed: {error}") from error
    if found != folder:
        raise _astray(f"leads by a symbolic link to {found}")
    return folder


def _astray(why: str) -> UsageError:
    hint = "remove the link, or say with `--out DIR` where the review may be written"
    return UsageError(f"the folder {DEFAULT_OUT} {why}: nothing is written through it", hint=hint)
