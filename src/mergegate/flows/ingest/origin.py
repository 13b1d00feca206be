"""Git's remote, asked, fetched from and pushed to; a token goes to git by its environment alone."""

import base64
from collections.abc import Iterable, Mapping

import msgspec

from mergegate import repo
from mergegate.errors import BrokenError, UsageError
from mergegate.flows.ingest.request import RefusedError
from mergegate.repo import git
from mergegate.repo.references import list_remotes

PATIENCE = 600.0
"""Seconds that git may take over the network."""

_DENIED = ("403", "401", "permission", "denied", "could not read username", "authentication")
_MOVED = ("stale info", "fetch first", "non-fast-forward", "cannot lock ref")


class Origin(msgspec.Struct, frozen=True):
    """A git remote: its name, what its branches are, and the settings that let git in."""

    project: repo.Project
    name: str
    refs: Mapping[str, str]
    variables: Mapping[str, str]

    def tip(self, branch: str) -> str | None:
        """The commit of a branch, None for no such branch."""
        return self.refs.get(f"refs/heads/{branch}")

    def fetch(self, shas: Iterable[str]) -> None:
        """Bring commits; no ref is made or moved. Raises BrokenError."""
        missing = [sha for sha in dict.fromkeys(shas) if not _is_here(self.project, sha)]
        if missing:
            git.run(
                self.project.git_root,
                *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"),
                *("--no-auto-maintenance", "--", self.name, *missing),
                timeout=PATIENCE,
                variables=self.variables,
            )

    def push(self, branch: str, sha: str, expected: str | None) -> None:
        """Let a branch be that commit, if it still is `expected` there (None: if there is none).

        Raises RefusedError where somebody moved it meanwhile, BrokenError where git may not push.
        """
        ref = f"refs/heads/{branch}"
        try:
            git.run(
                self.project.git_root,
                *("push", "--quiet", "--no-verify", "--no-follow-tags", "--recurse-submodules=no"),
                *(f"--force-with-lease={ref}:{expected or ''}", "--", self.name, f"{sha}:{ref}"),
                timeout=PATIENCE,
                variables=self.variables,
            )
        except git.GitError as error:
            said = error.output.lower()
            if any(word in said for word in _MOVED):
                raise RefusedError(
                    f"somebody moved the branch {branch} meanwhile: it was not overwritten",
                    hint="run this again",
                ) from error
            if any(word in said for word in _DENIED):
                raise BrokenError(
                    f"git may not push the branch {branch} to {self.name}: {error.output.strip()[:300]}",
                    hint="the token needs `contents: write` on this repository: docs/ingest.md",
                ) from error
            raise


def open_origin(project: repo.Project, token: str, server: str) -> Origin:
    """Ask git's remote for its branches. Raises UsageError for none, BrokenError for one that is silent."""
    names = list_remotes(project.git_root)
    if not names:
        raise UsageError("git has no remote to push to", hint="run `git remote add origin URL`")
    name = "origin" if "origin" in names else names[0]
    variables = _let_in(token, server)
    try:
        listed = git.run(
            project.git_root, "ls-remote", "--quiet", "--", name, timeout=PATIENCE, variables=variables
        )
    except git.GitError as error:
        raise BrokenError(
            f"git's remote {name} can't be asked for its branches: {error.output.strip()[:300]}",
            hint="look at `git remote --verbose`, and whether the token may read the repository",
        ) from error
    refs = {}
    for line in listed.decode(errors="replace").splitlines():
        sha, _, ref = line.partition("\t")
        refs[ref] = sha
    return Origin(project, name, refs, variables)


def _let_in(token: str, server: str) -> dict[str, str]:
    """The environment that has git show a token to that server, and to no other."""
    if not token:
        return {}
    basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    key = f"http.{server.rstrip('/')}/.extraheader"
    # An empty value first: what a checkout left in the repository's own settings would be sent beside it.
    told = git.environment().get("GIT_CONFIG_COUNT", "")
    first = int(told) if told.isdecimal() else 0
    return {
        "GIT_CONFIG_COUNT": str(first + 2),
        f"GIT_CONFIG_KEY_{first}": key,
        f"GIT_CONFIG_VALUE_{first}": "",
        f"GIT_CONFIG_KEY_{first + 1}": key,
        f"GIT_CONFIG_VALUE_{first + 1}": f"AUTHORIZATION: basic {basic}",
    }


def _is_here(project: repo.Project, sha: str) -> bool:
    return git.ask(project.git_root, "cat-file", "-e", f"{sha}^{{commit}}") is not None
