"""The one module that runs `cml`: a pinned version, a folder of its own as its home, bounded in time."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from mergegate.errors import ForgeError
from mergegate.forge.names import shown

VERSION = "0.20.6"
"""The version whose behaviour is known; a later one of 0.20 will do."""

_LAST = (0, 21)
_TIMEOUT = 120.0
_MOST_SAID = 400
# What a Node program needs to start and to reach a host; everything else stays out, the tokens first.
_KEPT = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
)
_INSTALL = f"install CML {VERSION} and put `cml` on PATH, or use --via github"


class Post(Struct, frozen=True, kw_only=True):
    """A comment that CML is to post: on request `number` of the repository at `url`, for the commit `sha`.

    `images`: linked local files are published to a public host.
    """

    driver: str
    url: str
    number: int
    sha: str
    title: str
    body: str
    images: bool = False


class Cml:
    """The `cml` command found on PATH; `token` goes to it by its environment and appears in no message."""

    def __init__(
        self, program: str, token: str, environment: Mapping[str, str], *, timeout: float = _TIMEOUT
    ) -> None:
        self._program = program
        self._token = token
        self._environment = {name: environment[name] for name in _KEPT if name in environment}
        self._timeout = timeout

    def check_version(self) -> None:
        """Raises ForgeError for a `cml` of another version, or one that doesn't start."""
        with tempfile.TemporaryDirectory(prefix="mergegate-cml-") as folder:
            said = self._run(["--version"], Path(folder), {}).strip()
        found = re.search(r"(?m)^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})\s*$", said)
        version = tuple(int(part) for part in found.groups()) if found else ()
        if not tuple(map(int, VERSION.split("."))) <= version < _LAST:
            raise ForgeError(
                f"`cml` is of version {shown(said.splitlines()[-1], 40) if said else 'unknown'}, "
                f"and {VERSION} is needed",
                hint=_INSTALL,
                code="cml-failed",
            )

    def update_comment(self, post: Post) -> None:
        """Post a comment, or update the last one with its mark that CML sees. Raises ForgeError."""
        with tempfile.TemporaryDirectory(prefix="mergegate-cml-") as name:
            folder = Path(name)
            file = folder / "comment.md"
            # CML adds the mark behind an empty line, and so do we: the same text either way.
            file.write_text(post.body.rstrip(), encoding="utf-8")
            arguments = [
                *("comment", "update"),
                f"--target=pr/{post.number}",
                f"--publish={'true' if post.images else 'false'}",
                f"--watermark-title={post.title}",
                *("--driver", post.driver),
                *("--repo", post.url),
                str(file),
            ]
            # The commit that CML writes into its mark; in a workflow_run it would be the default branch's.
            self._run(arguments, folder, {"GITHUB_SHA": post.sha, "CI_COMMIT_SHA": post.sha})

    def _run(self, arguments: list[str], home: Path, extra: Mapping[str, str]) -> str:
        """Run `cml`; what it said on stdout."""
        environment = self._environment | {
            # It writes `safe.directory=*` into the global git configuration: into this one.
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "TMPDIR": str(home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "ITERATIVE_DO_NOT_TRACK": "1",
            **extra,
        }
        if arguments[0] == "comment":
            environment["REPO_TOKEN"] = self._token
        with (home / "out").open("w+b") as out, (home / "err").open("w+b") as err:
            try:
                process = subprocess.Popen(
                    [self._program, *arguments],
                    cwd=home,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    start_new_session=True,
                )
            except OSError as error:
                raise ForgeError(
                    f"`cml` can't be started: {error.strerror}", hint=_INSTALL, code="cml-failed"
                ) from error
            try:
                code = process.wait(self._timeout)
            except subprocess.TimeoutExpired as error:
                raise ForgeError(
                    f"`cml {arguments[0]}` did not end within {self._timeout:.0f} s",
                    hint="look at the network; --via github posts without CML",
                    code="cml-failed",
                ) from error
            finally:
                _end(process)
            if code != 0:
                said = self._clean(_tail(err.fileno()) or _tail(out.fileno()))
                raise ForgeError(
                    f"`cml {arguments[0]}` ended with {code}: {said or 'no message'}",
                    hint="the token needs pull-requests: write; --via github posts without CML",
                    code="cml-failed",
                )
            return _tail(out.fileno()).decode(errors="replace")

    def _clean(self, said: bytes) -> str:
        """The end of what it said on one line, without the token."""
        text = said.decode(errors="replace").replace(self._token, "***")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return shown(" / ".join(lines[-3:]), _MOST_SAID)


def find_cml(
    token: str, environment: Mapping[str, str] | None = None, *, timeout: float = _TIMEOUT
) -> Cml | None:
    """The `cml` on PATH, of whatever version; None without one."""
    environment = os.environ if environment is None else environment
    program = shutil.which("cml", path=environment.get("PATH"))
    return None if program is None else Cml(program, token, environment, timeout=timeout)


def missing_cml() -> ForgeError:
    """The error for a `cml` that was asked for and is not there."""
    return ForgeError("`cml` is not on PATH", hint=_INSTALL, code="cml-failed")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process and all that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _tail(number: int) -> bytes:
    """The last bytes of an open file."""
    size = os.fstat(number).st_size
    return os.pread(number, 8192, max(0, size - 8192))
