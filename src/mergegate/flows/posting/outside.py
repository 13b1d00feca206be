"""Posting a review by itself, outside of comment.yml: on GitHub, or on GitLab through CML."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from mergegate.errors import UsageError
from mergegate.flows.posting.comment import Posted, Via, post_comment
from mergegate.forge.cml import Post, find_cml, missing_cml
from mergegate.forge.connection import connect

SERVER = "https://github.com"


def post_outside(post: Post, via: Via, environment: Mapping[str, str]) -> Posted:
    """Post to the request that `post` names, whose empty `url` is then the job's own repository.

    Raises UsageError for a repository or a token that is not named, ForgeError.
    """
    if post.driver == "gitlab":
        return _on_gitlab(post, via, environment)
    name = _name(post.url) if post.url else ""
    with connect(environment, repository=name) as github:
        server = (environment.get("GITHUB_SERVER_URL") or SERVER).rstrip("/")
        post = msgspec.structs.replace(post, url=post.url or f"{server}/{github.repository}")
        pull = github.pull_request(post.number)
        if pull.state != "open" or pull.head_sha != post.sha:
            what = "closed" if pull.state != "open" else f"at {pull.head_sha[:10]}"
            raise UsageError(
                f"the review is of {post.sha[:10]}, and pull request {post.number} is {what}",
                hint="review its head as it is now",
            )
        token = environment.get("GITHUB_TOKEN", "")
        return post_comment(github, post, via=via, token=token, environment=environment)


def _on_gitlab(post: Post, via: Via, environment: Mapping[str, str]) -> Posted:
    """CML alone speaks to GitLab; whether the comment was there before, it doesn't say."""
    if via == "github":
        raise UsageError("GitHub's API is not GitLab's", hint="take --via cml with --driver gitlab")
    url = post.url or environment.get("CI_PROJECT_URL", "")
    if urlsplit(url).scheme != "https":
        raise UsageError(
            "the project's address is not known", hint="name it by --repo https://HOST/GROUP/PROJECT"
        )
    token = environment.get("REPO_TOKEN") or environment.get("GITLAB_TOKEN") or ""
    if not token:
        raise UsageError(
            "REPO_TOKEN is not set", hint="give the job a project access token with the scope `api`"
        )
    cml = find_cml(token, environment)
    if cml is None:
        raise missing_cml()
    cml.check_version()
    cml.update_comment(msgspec.structs.replace(post, url=url))
    return Posted(number=post.number, action="updated", by="cml", url="")


def _name(url: str) -> str:
    """OWNER/NAME of a repository's address."""
    path = urlsplit(url).path.strip("/").removesuffix(".git")
    if path.count("/") != 1:
        raise UsageError(f"{url[:100]!r} is no address of a repository", hint="it is https://HOST/OWNER/NAME")
    return path
