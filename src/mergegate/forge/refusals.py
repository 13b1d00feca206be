"""What went wrong with a request, as a sentence with a next step; the token is in none of them."""

import re

import httpx
import msgspec

from mergegate.errors import Code, ForgeError
from mergegate.forge.answer import Answer
from mergegate.forge.names import shown
from mergegate.forge.patience import UNTRUSTED, limited, resets_in

HIDDEN = "***"
"""What stands in a sentence where the token was."""

_PERMISSION = re.compile(r"([a-z_]{1,40})=(read|write|admin)")
# Where GitHub doesn't name the permission itself (GitHub Enterprise Server before 3.10), by route.
_NEEDED = (
    (re.compile(r"/statuses/|/statuses$"), "statuses"),
    (re.compile(r"/actions/"), "actions"),
    (re.compile(r"/issues/|/pulls"), "pull-requests"),
)

_NEXT = (
    (
        403,
        "not permitted to create or approve",
        "allow it under Settings, Actions, General; or take an App's token: its pull requests start checks",
    ),
    (403, "is locked", "unlock the pull request's conversation"),
    (403, "archived", "unarchive the repository"),
    (403, "SAML", "authorise the token for the organisation's single sign-on"),
    (403, "", "look at the token's rights, and at the rules of the repository and its organisation"),
    (410, "", "an artifact is kept for some days only: run its workflow again"),
    (422, "too long", "GitHub takes 65,536 characters in a text and 140 in a status's description"),
    (422, "maximum number of statuses", "a commit takes 1,000 statuses of one name: push a new commit"),
    (0, "", "correct what is named, or report it with this sentence"),
)
"""What to do next, by status (0: any) and by words of GitHub's own; the first that fits."""


class Told(msgspec.Struct, frozen=True):
    """The body of a refusal."""

    message: str = ""
    errors: list[object] | None = None


def refusal(
    method: str,
    path: str,
    host: str,
    sent: Answer | Exception,
    *,
    token: str,
    now: float,
) -> ForgeError:
    """The error for a request that was refused, or got no answer because of an exception."""
    asked = f"{method} {shown(path)}"
    if not isinstance(sent, Answer):
        return _unreachable(asked, host, sent, token)
    answer = sent
    if answer.status >= 500:
        return ForgeError(
            f"{host} is out of order: it answered {asked} with {answer.status}, again and again",
            hint="wait, then run the job again; https://www.githubstatus.com tells of outages",
            status=answer.status,
            code="github-outage",
        )
    limit = limited(answer)
    if limit is not None:
        return _limited(asked, answer, limit, now)
    said = _said(answer, token)
    message, hint = _sentence(method, path, asked, answer, said)
    return ForgeError(message, hint=hint, status=answer.status, code=_code(answer.status, said))


def _unreachable(asked: str, host: str, fault: Exception, token: str) -> ForgeError:
    kind = "took too long to answer" if isinstance(fault, httpx.TimeoutException) else "can't be reached"
    if isinstance(fault, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError):
        kind = "cut the connection"
    # Not every error of httpx has words of its own.
    reason = _clean(str(fault), token) or type(fault).__name__
    if UNTRUSTED in reason:
        return ForgeError(
            f"{host} has a certificate that is not trusted, so nothing was sent: {reason}",
            hint="look at GITHUB_API_URL; name your own authority's certificate by SSL_CERT_FILE",
            code="github-unreachable",
        )
    return ForgeError(
        f"{host} {kind}: {asked}: {reason}",
        hint="look at GITHUB_API_URL and the network, then run the job again",
        code="github-unreachable",
    )


def _limited(asked: str, answer: Answer, limit: str, now: float) -> ForgeError:
    if limit == "secondary":
        return ForgeError(
            f"GitHub refuses {asked}: too much was asked in a short time (a secondary rate limit)",
            hint="run the job again in some minutes; let fewer jobs write at once",
            status=answer.status,
            code="rate-limit",
        )
    left = resets_in(answer, now)
    when = "within the hour" if left is None else f"in {int(left // 60) + 1} min"
    return ForgeError(
        f"GitHub refuses {asked}: the token's requests of this hour are used up",
        hint=f"run the job again {when}",
        status=answer.status,
        code="rate-limit",
    )


def _sentence(method: str, path: str, asked: str, answer: Answer, said: str) -> tuple[str, str]:
    """Message and hint for a refusal that no waiting changes."""
    status = answer.status
    told = f"GitHub answered {asked} with {status}" + (f": {said}" if said else "")
    if status == 401:
        return (
            f"GitHub doesn't accept the token ({said or status}): it is wrong, revoked, or its job has ended",
            'give the step `env: {GITHUB_TOKEN: "${{ github.token }}"}`, and look at the token\'s expiry',
        )
    if status == 403 and "Resource not accessible" in said:
        needed = _permission(method, path, answer)
        return (
            f"the token may not do {asked} ({said}): it lacks {needed}",
            f"under `permissions:` give the job {needed}; a fork's pull request gets read at most",
        )
    if status == 404:
        return (
            f"GitHub knows nothing at {asked}, or hides it from this token",
            f"look at the name; the token needs {_permission(method, path, answer)}",
        )
    if status in (301, 302, 307, 308):
        return (
            f"GitHub answered {asked} with {status}: the repository has another name now",
            "use the new name: GITHUB_REPOSITORY, or the remote's URL",
        )
    return told, next(hint for number, words, hint in _NEXT if number in (status, 0) and words in said)


_CODES: dict[int, Code] = {401: "token-refused", 404: "not-on-github"}


def _code(status: int, said: str) -> Code:
    """What the refusal is called."""
    if status == 403 and "Resource not accessible" in said:
        return "permission-missing"
    return _CODES.get(status, "forge-error")


def _permission(method: str, path: str, answer: Answer) -> str:
    """The permissions that would do, as a workflow writes them."""
    # Semicolons part what would do by itself, commas what is needed together.
    ways = [
        " and ".join(f"{name.replace('_', '-')}: {level}" for name, level in _PERMISSION.findall(way))
        for way in answer.headers.get("x-accepted-github-permissions", "")[:400].split(";")
    ]
    if any(ways):
        return " or ".join(dict.fromkeys(filter(None, ways)))
    level = "read" if method == "GET" else "write"
    name = next((name for route, name in _NEEDED if route.search(path)), "contents")
    return f"{name}: {level}"


def _said(answer: Answer, token: str) -> str:
    """GitHub's own words: the message, and those of its errors."""
    try:
        told = msgspec.json.decode(answer.body, type=Told)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return "a web page, not data" if answer.is_page else ""
    parts = [told.message]
    for error in (told.errors or [])[:3]:
        if isinstance(error, str):
            parts.append(error)
        elif isinstance(error, dict):
            parts.append(str(error.get("message") or f"{error.get('field', '')} {error.get('code', '')}"))
    return _clean("; ".join(part.strip() for part in parts if part.strip()), token)


def _clean(text: str, token: str) -> str:
    """On one line, bounded, without the token and without what makes a signed address valid."""
    return shown(re.sub(r"(https?://[^\s?]*)\?\S*", r"\1?…", text.replace(token, HIDDEN)))
