"""`mergegate review`: compare two revisions and judge the change."""

import importlib
import re
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
PAGE = "report.html"
_LONGEST_URL = 500
_URL = re.compile(r"https?://[A-Za-z0-9._~:/?#@&=%+,;-]+")


def _check_url(context: click.Context, option: click.Parameter, given: str | None) -> str | None:
    """An address that a comment can link to, and nothing that Markdown would read otherwise."""
    if given is None or (_URL.fullmatch(given) and len(given) <= _LONGEST_URL):
        return given
    raise click.BadParameter("it is no http or https address", context, option)


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
    help=f"Where review.json, comment.md and report.html go.  [default: {DEFAULT_OUT}]",
)
@click.option("--html", is_flag=True, help=f"Write {PAGE} too: the whole review as one page.")
@click.option("--open", "opened", is_flag=True, help="Write the page and open it in a browser.")
@click.option(
    "--report-url",
    metavar="URL",
    callback=_check_url,
    help="Where the page will be found: the comment links to it.",
)
@click.option(
    "--explain", is_flag=True, help="Measure importances and latency of both bundles too: a second or more."
)
@click.option("--json", "as_json", is_flag=True, help="Print review.json on stdout, no terminal view.")
@click.option(
    "--policy",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Judge by this policy.  [default: mergegate.yaml at the tip of the baseline]",
)
def command(
    base: str | None,
    head: str,
    out: Path | None,
    html: bool,
    opened: bool,
    report_url: str | None,
    explain: bool,
    as_json: bool,
    policy: Path | None,
) -> int:
    """Compare two revisions and judge the change by the policy.

    Reads git and DVC objects; checks nothing out. Missing predictions are fetched from the DVC remote.

    Exit codes: 0 passed (or advisory), 1 a gate failed, 2 usage or configuration, 3 something broke.
    """
    folder = out or _find_default_folder()
    # A review that breaks off must not leave an older one's word behind for a workflow to post.
    for name in (REVIEW, COMMENT, PAGE):
        (folder / name).unlink(missing_ok=True)
    request = Request(start=Path.cwd(), base=base, head=head, policy=policy, explain=explain)
    with progress("reviewing") as tell:
        result = review(request, progress=tell)
    if out is None and not (folder / ".gitignore").exists():
        atomic.write_text(folder / ".gitignore", "*\n")
    data = msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"
    atomic.write_bytes(folder / REVIEW, data)
    atomic.write_text(folder / COMMENT, markdown.render(result, report_url=report_url or ""))
    if html or opened:
        page = importlib.import_module("mergegate.report.html.review")
        atomic.write_text(folder / PAGE, page.render(result))
    if opened:
        importlib.import_module("webbrowser").open((folder / PAGE).resolve().as_uri())
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
