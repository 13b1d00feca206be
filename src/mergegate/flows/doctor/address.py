"""Which repository of which GitHub: from what was asked, the environment, or the clone's own remote."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from mergegate import repo
from mergegate.errors import UsageError
from mergegate.flows.doctor.request import Request
from mergegate.repo import git

GITHUB = "github.com"
API = "https://api.github.com"

_CLOUD = ".ghe.com"
"""Where GitHub hosts enterprises of their own: HOST is SUBDOMAIN.ghe.com, its API api.SUBDOMAIN.ghe.com."""

_OURS = frozenset({GITHUB, "www.github.com", "ssh.github.com"})
_SCP = re.compile(r"(?:[^@/:]+@)?(\[[^\]]+\]|[^/:\[\]]+):(?!//)(.+)", re.DOTALL)
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}")


class Address(msgspec.Struct, frozen=True):
    """A repository, OWNER/NAME, and the API it is asked at; `guessed` where a remote's host alone says so."""

    repository: str
    api_url: str
    guessed: bool = False


def find_address(project: repo.Project, request: Request, environment: Mapping[str, str]) -> Address:
    """What was asked for; else what the remote `origin`, or the only one, says; else what Actions say.

    An Enterprise at HOST has its API at https://HOST/api/v3. Raises UsageError where nothing says it.
    """
    host, named = read_remote(_remote(project))
    repository = request.repository or named or environment.get("GITHUB_REPOSITORY", "")
    if not repository:
        raise UsageError(
            "no remote of this clone is a repository on GitHub",
            hint="name it: mergegate doctor --github --repository OWNER/NAME",
            code="not-on-github",
        )
    given = request.api_url or environment.get("GITHUB_API_URL", "")
    if given:
        return Address(repository, given)
    if not host or host in _OURS:
        return Address(repository, API)
    if host.endswith(_CLOUD):
        return Address(repository, f"https://api.{host}")
    return Address(repository, f"https://{host}/api/v3", guessed=True)


def read_remote(url: str) -> tuple[str, str]:
    """Host, and OWNER/NAME, of a remote's address; both empty for one that is neither https, ssh nor git."""
    if "://" in url:
        try:
            parts = urlsplit(url)
            host, path, scheme = parts.hostname or "", parts.path, parts.scheme
        except ValueError:
            return "", ""
        if scheme not in ("https", "http", "ssh", "git", "git+ssh"):
            return "", ""
    elif found := _SCP.fullmatch(url):
        host, path = found[1], found[2]
    else:
        return "", ""
    name = path.strip("/").removesuffix(".git")
    return (host.lower(), name) if _NAME.fullmatch(name) and _HOST.fullmatch(host) else ("", "")


def _remote(project: repo.Project) -> str:
    """The address of `origin`, or of the only remote; "" for none."""
    names = (git.ask(project.git_root, "remote") or "").split()
    name = "origin" if "origin" in names else names[0] if len(names) == 1 else ""
    return (git.ask(project.git_root, "remote", "get-url", name) or "") if name else ""
