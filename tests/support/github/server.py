"""GitHub's REST API on 127.0.0.1, as far as the pull-request loop speaks to it, with its limits and refusals.

with GitHubServer() as github:
    github.add_token("job", {"statuses": "write"})
    pull = github.add_pull(head_sha=SHA)
    ... GITHUB_API_URL=github.url GITHUB_REPOSITORY=github.repository GITHUB_TOKEN=job ...
    assert github.statuses[-1].state == "success"
"""

import hashlib
import json
import re
import threading
from collections.abc import Mapping
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from support.github.handler import make_handler
from support.github.settings import Settings
from support.github.state import (
    Artifact,
    Comment,
    Failure,
    Pull,
    Request,
    Run,
    Status,
    Token,
)
from support.github.wire import Wire

SECONDARY = json.dumps(
    {
        "message": "You have exceeded a secondary rate limit. "
        "Please wait a few minutes before you try again.",
        "documentation_url": "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api",
    }
).encode()
"""What GitHub says when too much was asked in a short time; clients look for these very words."""


class GitHubServer:
    """One repository. All state may be read and set between requests.

    `base` is the API's path, `/api/v3` for a GitHub Enterprise. Without a call of `add_token` the token
    `token` may do all. `commits`, where it is a set, are the only SHAs that take a status. A token that
    arrives where artifacts lie is kept in `leaks`, and stopping then fails. `budget` requests are
    left of the token's hour, None for more than anyone asks; `reset` is when it is full again.
    `actions_may_open` is the setting by which a job's own token opens pull requests, `settings` the others.
    """

    def __init__(
        self, repository: str = "team/flights", *, default_branch: str = "main", base: str = ""
    ) -> None:
        self.repository = repository
        self.default_branch = default_branch
        self.base = base
        self.site = "https://github.example"
        self.branches: dict[str, str] = {default_branch: "0" * 39 + "1"}
        self.pulls: dict[int, Pull] = {}
        self.runs: dict[int, Run] = {}
        self.artifacts: dict[int, Artifact] = {}
        self.statuses: list[Status] = []
        self.comments: list[Comment] = []
        self.commits: set[str] | None = None
        self.tokens: dict[str, Token] = {"token": Token()}
        self.renamed_from: set[str] = set()
        self.actions_may_open = True
        self.settings = Settings()
        self.budget: int | None = None
        self.reset = 4_000_000_000
        self.requests: list[Request] = []
        self.failures: list[Failure] = []
        self.leaks: list[str] = []
        self.lock = threading.RLock()
        self.url = ""
        self._last_id = 100
        self._servers: list[ThreadingHTTPServer] = []

    @property
    def wire(self) -> Wire:
        return Wire(self.url, self.site, self.repository, self.default_branch, self.settings.private)

    def start(self) -> Self:
        """Listen, on a port for the API and on another for artifacts."""
        for storage in (False, True):
            server = ThreadingHTTPServer(("127.0.0.1", 0), make_handler(self, storage=storage))
            server.daemon_threads = True
            self._servers.append(server)
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._servers[0].server_port}{self.base}"
        return self

    def stop(self) -> None:
        """Listen no more. Fails the test whose client sent a token along with a redirect."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._servers.clear()
        assert not self.leaks, f"a token was sent where artifacts lie: {self.leaks}"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def add_token(
        self,
        token: str,
        permissions: Mapping[str, str],
        *,
        login: str = "github-actions[bot]",
        user: bool = False,
    ) -> Token:
        """A token with the permissions of a job, in a workflow's words: {"pull-requests": "write"}."""
        self.tokens[token] = Token(login, dict(permissions), user)
        return self.tokens[token]

    def add_pull(self, *, head_sha: str, head_ref: str = "change", **others: Any) -> Pull:
        """Open a pull request: of a branch here unless `head_repository` says otherwise."""
        others.setdefault("number", max([*self.pulls, *(c.number for c in self.comments), 0]) + 1)
        others.setdefault("base_ref", self.default_branch)
        others.setdefault("base_sha", self.branches.get(others["base_ref"], "0" * 39 + "1"))
        others.setdefault("head_repository", self.repository)
        pull = Pull(head_sha=head_sha, head_ref=head_ref, **others)
        self.pulls[pull.number] = pull
        return pull

    def add_run(self, *, head_sha: str, head_branch: str = "change", **others: Any) -> Run:
        """A run of review.yml that ended well, unless something else is said."""
        others.setdefault("id", self.next_id())
        others.setdefault("number", len(self.runs) + 1)
        run = Run(head_sha=head_sha, head_branch=head_branch, **others)
        self.runs[run.id] = run
        return run

    def add_artifact(self, run_id: int, name: str, data: bytes, **others: Any) -> Artifact:
        """What a run left: `data` is a zip."""
        others.setdefault("digest", f"sha256:{hashlib.sha256(data).hexdigest()}")
        artifact = Artifact(id=self.next_id(), run_id=run_id, name=name, data=data, **others)
        self.artifacts[artifact.id] = artifact
        return artifact

    def add_comment(self, number: int, body: str, *, author: str = "ada") -> Comment:
        comment = Comment(self.next_id(), number, body, author)
        self.comments.append(comment)
        return comment

    def fail(
        self,
        method: str,
        path: str,
        status: int,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b'{"message": "Server Error"}',
        times: int = 1,
        carried_out: bool = False,
    ) -> None:
        """Answer the next `times` requests so whose path matches; status 0 cuts the connection."""
        self.failures.append(
            Failure(method, re.compile(path), status, dict(headers or {}), body, times, carried_out)
        )

    def limit(
        self, method: str, path: str, *, status: int = 403, retry_after: int | None = 1, times: int = 1
    ) -> None:
        """Refuse the next requests so by the secondary limit."""
        told = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self.fail(method, path, status, headers=told, body=SECONDARY, times=times)

    def asked(self, method: str, path: str) -> list[Request]:
        """The requests so far whose path matches."""
        return [one for one in self.requests if one.method == method and re.search(path, one.path)]

    def storage_address(self, artifact: Artifact) -> str:
        """Where an artifact's bytes lie: another host, as far as a client can tell."""
        return f"http://127.0.0.1:{self._servers[1].server_port}/storage/{artifact.id}?sig=signed"
