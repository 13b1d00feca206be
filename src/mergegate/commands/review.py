"""`mergegate review`: compare two revisions and judge the change."""

import importlib
import re
import sys
from pathlib import Path

import click
import msgspec

from mergegate import atomic, repo
from mergegate.commands import revisions
from mergegate.commands.console import progress, stdout
from mergegate.errors import UsageError
from mergegate.flows.reproduced import read_result
from mergegate.flows.review import Request, review
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
@revisions.base("Compare with this revision.")
@revisions.HEAD
@revisions.TARGET
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
@click.option(
    "--evidence",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Run head's bundles too, and place all that was opened here: a trusted job judges from it.",
)
@click.option(
    "--evidence-limit",
    metavar="BYTES",
    type=click.IntRange(min=1),
    default=2_000_000_000,
    show_default=True,
    help="The most bytes that the evidence may have.",
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
    target: str | None,
    out: Path | None,
    html: bool,
    opened: bool,
    report_url: str | None,
    explain: bool,
    evidence: Path | None,
    evidence_limit: int,
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
    request = Request(
        start=Path.cwd(),
        target=target,
        base=base,
        head=head,
        policy=policy,
        explain=explain,
        score=evidence is not None,
    )
    objects: dict[str, Path] = {}
    with progress("reviewing") as tell:
        result = review(request, progress=tell, opened=objects)
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
    if evidence is not None:
        packing = importlib.import_module("mergegate.flows.packing")
        told = read_result(repo.locate(Path.cwd()), result.head)
        packing.pack_evidence(objects, evidence, reproduction=told, limit=evidence_limit)
    if as_json:
        sys.stdout.buffer.write(data)
    else:
        terminal.render(result, stdout())
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
    return UsageError(
        f"the folder {DEFAULT_OUT} {why}: nothing is written through it", hint=hint, code="symbolic-link"
    )
