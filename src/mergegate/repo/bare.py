"""A bare repository that holds what a review needs, fetched by a job that must never check out a change.

No work tree is ever made: no hook, filter, attribute, submodule or symbolic link of a change is heeded.
"""

import base64
import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from mergegate.errors import BrokenError, UsageError
from mergegate.repo import git
from mergegate.repo.project import Project

PATIENCE = 600.0
"""Seconds that one fetch may take."""

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_KEPT = ("GIT_SSL_CAINFO", "GIT_SSL_CAPATH")
_LONGEST_NAME = 250

_CONFIG = """\
[core]
	repositoryformatversion = 0
	bare = true
	filemode = false
	hooksPath = /dev/null
	attributesFile = /dev/null
	fsmonitor = false
[fetch]
	fsckObjects = true
	recurseSubmodules = false
	writeCommitGraph = false
[fetch "fsck"]
	# Old histories have these, and none of them can do harm.
	zeroPaddedFilemode = ignore
	missingSpaceBeforeDate = ignore
	badTimezone = ignore
[gc]
	auto = 0
[maintenance]
	auto = false
[protocol]
	allow = never
"""


class Wanted(msgspec.Struct, frozen=True):
    """What to fetch: the `default` branch, more `branches`, `commits` by full name, heads of `pulls`.

    A branch is then `origin/NAME`, the head of a pull request `pull/N`.
    """

    default: str
    branches: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    pulls: tuple[int, ...] = ()


def open_bare(
    url: str,
    wanted: Wanted,
    into: Path,
    *,
    cache: Path,
    token: str = "",
    prefix: str = "",
    local: bool = False,
) -> Project:
    """Fetch `wanted` from `url` into a new bare repository in the folder `into`; a project of it.

    `cache` is the folder with all the DVC objects there are, laid out as a DVC cache. The `token` reaches the
    fetch alone, by its environment. `local`: `url` may be a folder of this machine (`file://`). Raises
    UsageError for a URL or a name that can't be, BrokenError where the server refuses, or sends what git
    refuses.
    """
    _check_url(url, local=local)
    folder = into / "repository.git"
    for each in ("objects", "refs"):
        (folder / each).mkdir(parents=True)
    (folder / "config").write_text(_CONFIG)
    (folder / "HEAD").write_text(f"ref: refs/remotes/origin/{_check_branch(wanted.default)}\n")
    git.run(folder, "symbolic-ref", "refs/remotes/origin/HEAD", f"refs/remotes/origin/{wanted.default}")
    _fetch(folder, url, _refspecs(wanted), token)
    dvc = into / "dvc" / ".dvc"
    dvc.mkdir(parents=True)
    # Of a remote nothing is known, whatever the machine's own settings say.
    (dvc / "config").write_text(f"[cache]\n    dir = {cache.resolve()}\n[core]\n    remote =\n")
    return Project(git_root=folder, root=folder, prefix=_check_prefix(prefix), dvc_root=dvc.parent, bare=True)


def _fetch(folder: Path, url: str, refspecs: list[str], token: str) -> None:
    try:
        git.run(
            folder,
            *("-c", f"protocol.{urlsplit(url).scheme}.allow=always", "-c", "http.followRedirects=false"),
            *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"),
            *("--no-auto-maintenance", "--stdin", "--", url),
            stdin="".join(f"{each}\n" for each in refspecs).encode(),
            timeout=PATIENCE,
            variables=_variables(url, token),
        )
    except git.GitError as error:
        raise _explain(error) from error


def _refspecs(wanted: Wanted) -> list[str]:
    branches = dict.fromkeys((wanted.default, *wanted.branches))
    specs = [f"+refs/heads/{_check_branch(name)}:refs/remotes/origin/{name}" for name in branches]
    specs += [f"+refs/pull/{number:d}/head:refs/heads/pull/{number:d}" for number in wanted.pulls]
    for sha in dict.fromkeys(wanted.commits):
        if not _SHA.fullmatch(sha):
            raise UsageError(f"{sha[:80]!r} is no full name of a commit", hint="name it by its 40 hex digits")
        specs.append(sha)
    return specs


def _variables(url: str, token: str) -> Mapping[str, str]:
    """The environment of the fetch: no settings of this machine, and the token for this host alone."""
    found = {name: os.environ[name] for name in _KEPT if name in os.environ}
    found |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_COUNT": "0"}
    if token:
        parts = urlsplit(url)
        secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        found |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{parts.scheme}://{parts.netloc}/.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {secret}",
        }
    return found


def _check_url(url: str, *, local: bool) -> None:
    """Refuse what git would run, and what a token would cross in the clear."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        raise UsageError(
            "the repository's address is no URL", hint="it is https://HOST/OWNER/NAME"
        ) from error
    fine = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if parts.scheme == "file" and local:
        return
    if not fine or not host or "@" in parts.netloc:
        raise UsageError(
            f"{parts.scheme or 'this'} is no way in which a change may be fetched, or its URL names a user",
            hint="it is https://HOST/OWNER/NAME",
        )


def _check_branch(name: str) -> str:
    """The name of a branch, which anybody may have chosen, if git takes it."""
    fine = name.isprintable() and 0 < len(name.encode()) <= _LONGEST_NAME and name != "HEAD"
    if not fine or git.ask(Path.cwd(), "check-ref-format", f"refs/heads/{name}") is None:
        raise UsageError(f"{name[:80]!r} can't be the name of a branch", hint="rename the branch")
    return name


def _check_prefix(prefix: str) -> str:
    """The way to the project in the repository."""
    parts = prefix.split("/") if prefix else []
    if any(part in ("", ".", "..", ".git") for part in parts) or "\0" in prefix:
        raise UsageError(
            f"{prefix[:80]!r} is no folder of a repository", hint="name it as git does: models/late"
        )
    return prefix


def _explain(error: git.GitError) -> BrokenError:
    said = " ".join(error.output.split())
    if "fsck error" in said or "badTree" in said or "hasDot" in said:
        return BrokenError(
            f"git refuses what the change holds, as it could harm whoever checks it out: {said[:300]}",
            hint="make the branch anew without that file (`git fsck` names it), and push it",
        )
    if "Authentication failed" in said or "could not read Username" in said or "403" in said:
        hint = "the job needs the permission `contents: read`, and its token"
    elif "couldn't find remote ref" in said or "not our ref" in said:
        hint = "the branch was deleted or moved meanwhile: run this again"
    else:
        hint = "run this again; if it stays, look whether the server can be reached"
    return BrokenError(f"the change can't be fetched: {said[:300] or 'git gave no reason'}", hint=hint)
