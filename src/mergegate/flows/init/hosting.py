"""Where the repository is hosted, which branch changes enter, and whether a run there reaches the data."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from mergegate import repo
from mergegate.errors import ConfigError, UsageError
from mergegate.flows.init.request import Forge, Request
from mergegate.repo import git
from mergegate.repo.credentials import hide_credentials
from mergegate.repo.references import list_remotes
from mergegate.repo.settings import Settings, read_settings

_SCP = re.compile(r"(?:[^@/]+@)?([A-Za-z0-9.-]+):(?!//)(?:.+)")


class Hosting(msgspec.Struct, frozen=True, kw_only=True):
    """The forge, the host where it is known, the branch that changes enter; `told` says how.

    `open`: nothing told the forge. `detached`: nothing told the branch.
    """

    forge: Forge
    host: str = ""
    branch: str = "main"
    told: str = ""
    open: bool = False
    detached: bool = False

    @property
    def enterprise(self) -> bool:
        """A GitHub of one's own."""
        return self.forge == "github" and self.host not in ("", "github.com")


class DataRemote(msgspec.Struct, frozen=True, kw_only=True):
    """The DVC remote that reviews read: its name and kind; `none`: there is none.

    kind: `s3` a bucket, `inside` a folder of the repository, `outside` a folder of this machine, `other`.
    """

    name: str = ""
    kind: str = "none"
    url: str = ""


def find_hosting(project: repo.Project, request: Request) -> Hosting:
    """The forge as --forge says, else by the host of git's remote; `open` where nothing told."""
    found = _find_branch(project)
    branch, detached = found or "main", found is None
    remotes = list_remotes(project.git_root)
    name = "origin" if "origin" in remotes else next(iter(remotes), "")
    url = git.ask(project.git_root, "remote", "get-url", name) or "" if name else ""
    host = find_host(url)
    if request.forge is not None:
        return Hosting(
            forge=request.forge, host=host, branch=branch, told="as --forge says", detached=detached
        )
    for forge in ("github", "gitlab"):
        if forge in host:
            told = f"git's remote {name} is at {host}"
            return Hosting(forge=forge, host=host, branch=branch, told=told, detached=detached)
    why = f"git's remote {name} is at {host or hide_credentials(url)}" if name else "git has no remote"
    return Hosting(forge="none", host=host, branch=branch, told=why, open=True, detached=detached)


def find_host(url: str) -> str:
    """The host of a git URL in lower case; empty for a path."""
    if "://" in url:
        try:
            return (urlsplit(url).hostname or "").lower()
        except ValueError:
            return ""
    found = _SCP.fullmatch(url)
    return found[1].lower() if found and len(found[1]) > 1 else ""


def find_data_remote(project: repo.Project, request: Request) -> DataRemote:
    """The DVC remote that was named, else the default one. Raises UsageError for one that is not there."""
    if project.dvc_root is None:
        if request.remote:
            raise UsageError(
                f"--remote {request.remote}: DVC is not set up here", hint="run `dvc init` first"
            )
        return DataRemote()
    settings = read_settings(project.dvc_root / ".dvc")
    name = (request.remote or settings.default or _only(settings)).lower()
    if not name:
        return DataRemote()
    if name not in settings.remotes:
        known = ", ".join(settings.remotes) or "none"
        if request.remote:
            raise UsageError(
                f"there is no DVC remote {request.remote}", hint=f"`dvc remote list` has {known}"
            )
        raise ConfigError(
            f"the default remote {name} is not among DVC's remotes",
            file=".dvc/config",
            hint=f"it has {known}",
        )
    url = settings.remotes[name]
    return DataRemote(name=name, kind=_kind(url, project.git_root), url=hide_credentials(url))


def _only(settings: Settings) -> str:
    return next(iter(settings.remotes)) if len(settings.remotes) == 1 else ""


def _kind(url: str, top: Path) -> str:
    if url.startswith("s3://"):
        return "s3"
    if "://" in url:
        return "other"
    return "inside" if Path(url).is_relative_to(top) else "outside"


def _find_branch(project: repo.Project) -> str | None:
    """The branch that changes enter: the default one, else the one that is checked out; None for none."""
    default = repo.find_default_branch(project)
    if default is not None:
        return default.name.removeprefix("origin/")
    current = git.ask(project.git_root, "symbolic-ref", "--quiet", "--short", "HEAD")
    return (current or "").strip() or None
