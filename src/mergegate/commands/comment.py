"""`mergegate comment`: one comment on a pull request, by CML or by GitHub's API."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from mergegate.errors import MergegateError, UsageError
from mergegate.flows.posting.body import build_body, build_review_body
from mergegate.flows.posting.comment import Posted, Via, post_comment
from mergegate.flows.posting.outside import post_outside
from mergegate.flows.posting.standing import find_standing
from mergegate.forge.cml import Post
from mergegate.forge.connection import connect
from mergegate.forge.events import read_event
from mergegate.forge.mark import check_title
from mergegate.report import stored

SERVER = "https://github.com"
BROKEN = 3
PUBLIC = "images: CML publishes every local file that the comment links to a public host, readable by anybody"


@click.command("comment")
@click.option(
    "--judgement",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Post what `mergegate judge` wrote.",
)
@click.option(
    "--review",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Post a review.json on the pull request --pr.",
)
@click.option("--pr", "number", metavar="N", type=click.IntRange(min=1), help="The pull request's number.")
@click.option(
    "--via",
    type=click.Choice(["auto", "cml", "github"]),
    default="auto",
    show_default=True,
    help="`cml` must be there; `auto` takes it if it is, else GitHub's API.",
)
@click.option(
    "--driver",
    type=click.Choice(["github", "gitlab"]),
    default="github",
    show_default=True,
    help="Where the comment goes; GitLab by CML alone.",
)
@click.option("--repo", metavar="URL", help="The repository.  [default: the one that the job runs for]")
@click.option("--title", default="mergegate", show_default=True, help="What tells this comment from others.")
@click.option("--images", is_flag=True, help="Let CML publish linked local files, to a host that is public.")
@click.option("--json", "as_json", is_flag=True, help="Print what was posted as JSON.")
def command(
    judgement: Path | None,
    review: Path | None,
    number: int | None,
    via: Via,
    driver: str,
    repo: str | None,
    title: str,
    images: bool,
    as_json: bool,
) -> int:
    """Post a review as one comment, edited in place for ever after.

    The comment is found by CML's watermark with --title among those that the token's own account wrote; a
    copy by anybody else is ignored. CML 0.20.6 posts where it would find that same one; it reads the first 30
    comments alone, so beyond them GitHub's API edits, with the same mark. A text that stands already is not
    sent again. GITHUB_TOKEN needs pull-requests: write.

    \b
      mergegate comment --judgement judgement.json                 in comment.yml, after `mergegate judge`
      mergegate comment --review reports/review/review.json --pr 7
      mergegate comment --via cml --driver gitlab --pr 7 --review reports/review/review.json

    On GitLab the token is in REPO_TOKEN or GITLAB_TOKEN, and the repository in CI_PROJECT_URL.

    \b
    Exit codes: 0 posted, or nothing to post; 2 usage or configuration; 3 GitHub or CML refused, or there was
    no judgement and the comment says so.
    """
    title = check_title(title)
    if (judgement is None) == (review is None) or (review is None) != (number is None):
        raise UsageError("say what to post", hint="--judgement FILE, or --review FILE with --pr N")
    if images:
        if via == "github":
            raise UsageError("only CML publishes images", hint="take --via cml, or leave out --images")
        click.echo(f"note: {PUBLIC}", err=True)
    code = 0
    if review is not None and number is not None:
        found = stored.read(review)
        sha = found.head.sha
        if sha is None or found.head.workspace:
            raise UsageError(
                f"{review} is of a workspace, which no pull request has",
                hint="review a commit: mergegate review --head HEAD",
            )
        post = Post(
            driver=driver,
            url=repo or "",
            number=number,
            sha=sha,
            title=title,
            body=build_review_body(found, sha),
            images=images,
        )
        posted = [post_outside(post, via, os.environ)]
    elif judgement is not None:
        if driver != "github":
            raise UsageError(
                "a judgement is of GitHub's", hint="take --review FILE --pr N with --driver gitlab"
            )
        posted, code = _post_judgement(judgement, via, repo, title, images)
    _tell(posted)
    if as_json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(posted), indent=2) + b"\n")
    return code


def _post_judgement(
    file: Path, via: Via, repo: str | None, title: str, images: bool
) -> tuple[list[Posted], int]:
    """Post to every pull request of a judgement that still stands; one that fails doesn't stop the others."""
    event = read_event(os.environ)
    server = (os.environ.get("GITHUB_SERVER_URL") or SERVER).rstrip("/")
    posted: list[Posted] = []
    with connect(os.environ, repository=event.repository) as github:
        standing = find_standing(github, event, os.environ, file)
        for note in standing.notes:
            click.echo(f"note: {note}", err=True)
        failed: MergegateError | None = None
        for judged in standing.judged:
            if judged.number is None:
                continue
            post = Post(
                driver="github",
                url=repo or f"{server}/{event.repository}",
                number=judged.number,
                sha=standing.judgement.sha,
                title=title,
                body=build_body(standing.judgement, judged),
                images=images,
            )
            try:
                token = os.environ.get("GITHUB_TOKEN", "")
                posted.append(post_comment(github, post, via=via, token=token, environment=os.environ))
            except MergegateError as error:
                failed = failed or error
    if failed is not None:
        _tell(posted)
        raise failed
    return posted, 0 if standing.broken is None else BROKEN


def _tell(posted: Sequence[Posted]) -> None:
    """What was done, on stderr."""
    for each in posted:
        for note in each.notes:
            click.echo(f"note: {note}", err=True)
        by = {"cml": " by CML", "github": " by GitHub's API", None: ""}[each.by]
        at = f": {each.url}" if each.url.isprintable() and each.url else ""
        click.echo(f"the comment on {each.number} is {each.action}{by}{at}", err=True)
