"""The stand-in's HTTP: who asks, whether they may, pages, ETags, scripted failures, and the log."""

import hashlib
import json
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from support.github.asked import Asked
from support.github.reply import Reply, refuse
from support.github.routes import ABOVE, BELOW
from support.github.state import Failure, Request

if TYPE_CHECKING:
    from support.github.server import GitHubServer


def make_handler(github: "GitHubServer", *, storage: bool) -> type[BaseHTTPRequestHandler]:
    """What answers the requests of one port: the API's, or that where artifacts lie."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30
        # An answer in two packets would wait for the client's delayed acknowledgement.
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the log is `requests`."""

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def do_PATCH(self) -> None:
            self._serve()

        def do_PUT(self) -> None:
            self._serve()

        def do_DELETE(self) -> None:
            self._serve()

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query))
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = _token(self.headers.get("Authorization"))
            request = Request(
                self.command,
                parts.path,
                query,
                token,
                {name.lower(): value for name, value in self.headers.items()},
                _json(raw),
            )
            with github.lock:
                github.requests.append(request)
                if storage:
                    reply = _stored(github, request)
                    failure = _scripted(github, request)
                else:
                    failure = _scripted(github, request)
                    carried = failure is None or failure.carried_out
                    reply = _answer(github, request) if carried else Reply(200)
                if failure is not None:
                    reply = Reply(failure.status, failure.body, failure.headers)
                request.status = reply.status
            self._send(reply)

        def _send(self, reply: Reply) -> None:
            body = reply.body()
            if reply.status == 0:
                if body:
                    self._head(200, reply.headers, len(body) + 1000)
                    self.wfile.write(body)
                self.close_connection = True
                return
            self._head(reply.status, reply.headers, len(body))
            self.wfile.write(body)

        def _head(self, status: int, headers: dict[str, str], length: int) -> None:
            self.send_response(status)
            for name, value in ({"Content-Type": "application/json; charset=utf-8"} | headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(length))
            self.end_headers()

    return Handler


def _answer(github: "GitHubServer", request: Request) -> Reply:
    """What GitHub answers when nothing is broken."""
    headers = {
        "X-GitHub-Request-Id": f"0:{len(github.requests)}",
        "X-RateLimit-Limit": "5000",
        "X-RateLimit-Reset": str(github.reset),
    }
    if github.budget == 0:
        # https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api: 403 or 429
        return refuse(
            403,
            "API rate limit exceeded for installation ID 1.",
            headers=headers | {"X-RateLimit-Remaining": "0"},
        )
    reply = _route(github, request)
    if reply.page_of is not None:
        reply = _page(github, request, reply)
    if reply.status == 200 and request.method == "GET":
        tag = f'W/"{hashlib.sha256(reply.body()).hexdigest()}"'
        headers["ETag"] = tag
        if request.headers.get("if-none-match") == tag:
            reply = Reply(304)
    if github.budget is not None and reply.status != 304:
        github.budget -= 1
    headers["X-RateLimit-Remaining"] = str(4999 if github.budget is None else github.budget)
    reply.headers = headers | reply.headers
    return reply


def _route(github: "GitHubServer", request: Request) -> Reply:
    if not request.headers.get("user-agent"):
        return refuse(
            403,
            "Request forbidden by administrative rules. Please make sure your request has a "
            "User-Agent header",
        )
    graphql = f"{github.base.removesuffix('/v3')}/graphql"
    path = request.path
    if path == graphql:
        path = "/graphql"
    elif path.startswith(github.base):
        path = path.removeprefix(github.base)
    else:
        return refuse(404, "Not Found")
    if path == "/meta":
        return Reply(200, {"verifiable_password_authentication": False})
    if request.token is None:
        return refuse(401, "Requires authentication")
    token = github.tokens.get(request.token)
    if token is None:
        return refuse(401, "Bad credentials")
    routes, below = ABOVE, path
    if path.startswith("/repos/"):
        owner, _, rest = path.removeprefix("/repos/").partition("/")
        short, slash, rest = rest.partition("/")
        name, routes, below = f"{owner}/{short}", BELOW, slash + rest
        if name in github.renamed_from:
            query = f"?{urlencode(request.query)}" if request.query else ""
            target = f"{github.url}/repositories/1{below}{query}"
            # 301 to what reads, 307 to what writes: google/go-github#184, mislav/hub#1178.
            moved = {"message": "Moved Permanently", "url": target}
            return Reply(301 if request.method == "GET" else 307, moved, {"Location": target})
        if name.lower() != github.repository.lower():
            return refuse(404, "Not Found")
    elif path.startswith("/repositories/1"):
        routes, below = BELOW, path.removeprefix("/repositories/1")
    for route in routes:
        found = route.path.fullmatch(below)
        if found is None or route.method != request.method:
            continue
        accepted = "; ".join(f"{name}={level}" for name, level in route.needs.items())
        if not token.may(route.needs):
            if token.user and route.hidden:
                return refuse(404, "Not Found")
            who = "personal access token" if token.user else "integration"
            return refuse(
                403,
                f"Resource not accessible by {who}",
                headers={"X-Accepted-GitHub-Permissions": accepted} if accepted else {},
            )
        body = request.body if isinstance(request.body, dict) else {}
        return route.answer(github, Asked(found.groups(), request.query, body, token))
    return refuse(404, "Not Found")


def _page(github: "GitHubServer", request: Request, reply: Reply) -> Reply:
    """One page of a list: 30 entries unless more are asked for, never over 100."""
    entries = reply.data[reply.page_of] if reply.page_of else reply.data
    size = min(max(int(request.query.get("per_page", 30)), 1), 100)
    page = max(int(request.query.get("page", 1)), 1)
    last = max((len(entries) + size - 1) // size, 1)
    shown = entries[(page - 1) * size : page * size]
    links = {"next": page + 1, "last": last} if page < last else {}
    links |= {"prev": page - 1, "first": 1} if page > 1 else {}
    headers = {}
    if links:
        at = f"{github.url}{request.path.removeprefix(github.base)}"
        headers["Link"] = ", ".join(
            f'<{at}?{urlencode(request.query | {"page": str(number)})}>; rel="{name}"'
            for name, number in links.items()
        )
    data = {"total_count": len(entries), reply.page_of: shown} if reply.page_of else shown
    return Reply(reply.status, data, reply.headers | headers)


def _stored(github: "GitHubServer", request: Request) -> Reply:
    """An artifact's bytes, for whoever has the signed address; a token has no business here."""
    if "authorization" in request.headers:
        github.leaks.append(f"{request.method} {request.path}")
        # As Azure's storage answers.
        page = b"<?xml version='1.0'?><Error><Code>InvalidAuthenticationInfo</Code></Error>"
        return Reply(400, page, {"Content-Type": "application/xml"})
    identifier = request.path.rpartition("/")[2]
    artifact = github.artifacts.get(int(identifier)) if identifier.isdigit() else None
    if artifact is None or request.query.get("sig") != "signed":
        return Reply(
            403, b"<Error><Code>AuthenticationFailed</Code></Error>", {"Content-Type": "application/xml"}
        )
    return Reply(200, artifact.data, {"Content-Type": "application/zip"})


def _scripted(github: "GitHubServer", request: Request) -> Failure | None:
    for failure in github.failures:
        if failure.times > 0 and failure.method == request.method and failure.path.search(request.path):
            failure.times -= 1
            return failure
    return None


def _token(header: str | None) -> str | None:
    kind, _, token = (header or "").partition(" ")
    return token if kind.lower() in ("bearer", "token") else None


def _json(raw: bytes) -> object:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw
