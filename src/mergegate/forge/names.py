"""Names that travel to and from GitHub, checked before they become part of a URL, a ref or a sentence."""

import re
from urllib.parse import urlsplit

from mergegate.errors import UsageError

LONGEST_REF = 255
"""Bytes of a ref's name; GitHub refuses longer ones."""

SHA = r"\A[0-9a-f]{40}([0-9a-f]{24})?\Z"
"""A commit's full name, as a regular expression."""

LOCAL = ("127.0.0.1", "localhost", "::1")
"""Hosts that may be spoken to without TLS."""

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}/(?!\.{1,2}$)[A-Za-z0-9_.-]{1,100}")
_SHA = re.compile(SHA)
# What `git check-ref-format` refuses.
_NO_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[/-]|[/.]$|(^|/)\.|\.lock(/|$)|^@$")


def check_repository(name: str) -> str:
    """The name, `owner/repository`, when it is one. Raises UsageError."""
    if not _REPOSITORY.fullmatch(name):
        raise UsageError(f"'{shown(name)}' is no repository's name", hint="a repository is named OWNER/NAME")
    return name


def check_sha(sha: str) -> str:
    """The commit's name, 40 or 64 lower-case hexadecimal digits, when it is one. Raises UsageError."""
    if not _SHA.fullmatch(sha):
        raise UsageError(
            f"'{shown(sha)}' is no commit's full name",
            hint="take all 40 digits, as `git rev-parse HEAD` prints them",
        )
    return sha


def check_branch(name: str) -> str:
    """The name of a branch, or of a full ref, when git would allow it. Raises UsageError."""
    if not name or _NO_REF.search(name) or len(name.encode("utf-8", "replace")) > LONGEST_REF:
        raise UsageError(
            f"'{shown(name)}' is no name that git allows a branch",
            hint="rename the branch; `git check-ref-format --branch NAME` says what is allowed",
        )
    return name


def check_api(url: str) -> str:
    """The address of an API, without a slash at its end, if a token may be sent there. Raises UsageError."""
    try:
        parts = urlsplit(url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)
        safe = safe and bool(parts.hostname) and not (parts.username or parts.query or parts.fragment)
        safe = safe and url.isascii() and url.isprintable() and " " not in url
    except ValueError:
        safe = False
    if not safe:
        raise UsageError(
            "GITHUB_API_URL is no address of an API that a token may be sent to",
            hint="it begins with https://, as https://api.github.com or https://HOST/api/v3",
        )
    return url.rstrip("/")


def check_token(token: str) -> str:
    """The token, when it can be one. Raises UsageError, which doesn't tell it."""
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(
            "GITHUB_TOKEN is missing, or is no token",
            hint='give the step `env: {GITHUB_TOKEN: "${{ github.token }}"}`',
            code="token-missing",
        )
    return token


def shown(text: str, limit: int = 300) -> str:
    """Somebody's text on one line of a sentence: cut, control and bidirectional signs escaped."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in cut
    )
