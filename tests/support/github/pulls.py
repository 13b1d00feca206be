"""Pull requests and what is said below them, as the stand-in answers."""

from typing import TYPE_CHECKING

from support.github.asked import Asked, too_long
from support.github.reply import Reply, invalid, refuse
from support.github.state import ACTIONS, Comment, Pull

if TYPE_CHECKING:
    from support.github.server import GitHubServer


def list_pulls(server: "GitHubServer", asked: Asked) -> Reply:
    state = asked.query.get("state", "open")
    found = [server.wire.pull(pull, alone=False) for pull in reversed(server.pulls.values())]
    if state != "all":
        found = [pull for pull in found if pull["state"] == state]
    # A head without an owner is no filter to GitHub: it lists all.
    if ":" in asked.query.get("head", ""):
        found = [
            pull for pull in found if (pull["head"]["label"] or "").lower() == asked.query["head"].lower()
        ]
    if asked.query.get("base"):
        found = [pull for pull in found if pull["base"]["ref"] == asked.query["base"]]
    if asked.query.get("sort") == "updated":
        down = asked.query.get("direction", "desc") == "desc"
        found.sort(key=lambda pull: str(pull["updated_at"]), reverse=down)
    return Reply(200, found, page_of="")


def read_pull(server: "GitHubServer", asked: Asked) -> Reply:
    pull = server.pulls.get(int(asked.parts[0]))
    if pull is None:
        return refuse(404, "Not Found")
    shown = server.wire.pull(pull)
    if pull.unknown > 0:
        pull.unknown -= 1
        shown["mergeable"] = None
    return Reply(200, shown)


def create_pull(server: "GitHubServer", asked: Asked) -> Reply:
    if asked.token.login == ACTIONS and not server.actions_may_open:
        return refuse(403, "GitHub Actions is not permitted to create or approve pull requests.")
    head, base = str(asked.body.get("head", "")), str(asked.body.get("base", ""))
    owner, _, name = head.rpartition(":")
    owner = owner or server.repository.partition("/")[0]
    if base not in server.branches:
        return invalid("PullRequest", field="base", code="invalid")
    if name not in server.branches:
        return invalid("PullRequest", field="head", code="invalid")
    if server.branches[name] == server.branches[base]:
        return invalid("PullRequest", message=f"No commits between {base} and {name}")
    for pull in server.pulls.values():
        if pull.state == "open" and (pull.head_ref, pull.base_ref) == (name, base):
            return invalid("PullRequest", message=f"A pull request already exists for {owner}:{name}.")
    if (refused := too_long(asked.body.get("body") or "")) is not None:
        return refused
    pull = server.add_pull(
        head_ref=name,
        head_sha=server.branches[name],
        base_ref=base,
        title=str(asked.body.get("title", "")),
        body=str(asked.body.get("body") or ""),
        draft=bool(asked.body.get("draft", False)),
        author=asked.token.login,
    )
    return Reply(201, server.wire.pull(pull))


def update_pull(server: "GitHubServer", asked: Asked) -> Reply:
    pull: Pull | None = server.pulls.get(int(asked.parts[0]))
    if pull is None:
        return refuse(404, "Not Found")
    if (refused := too_long(asked.body.get("body") or "")) is not None:
        return refused
    for name in ("title", "body", "state"):
        if name in asked.body:
            setattr(pull, name, asked.body[name])
    if "base" in asked.body:
        pull.base_ref = asked.body["base"]
        pull.base_sha = server.branches[pull.base_ref]
    return Reply(200, server.wire.pull(pull))


def add_labels(server: "GitHubServer", asked: Asked) -> Reply:
    pull = server.pulls.get(int(asked.parts[0]))
    if pull is None:
        return refuse(404, "Not Found")
    pull.labels += [name for name in asked.body.get("labels", []) if name not in pull.labels]
    return Reply(200, [{"name": name} for name in pull.labels])


def list_comments(server: "GitHubServer", asked: Asked) -> Reply:
    number = int(asked.parts[0])
    if number not in server.pulls:
        return refuse(404, "Not Found")
    found = [server.wire.comment(one) for one in server.comments if one.number == number]
    return Reply(200, found, page_of="")


def create_comment(server: "GitHubServer", asked: Asked) -> Reply:
    number = int(asked.parts[0])
    if number not in server.pulls:
        return refuse(404, "Not Found")
    if server.pulls[number].locked:
        return refuse(403, "Unable to create comment because issue is locked.")
    body = asked.body.get("body")
    if not body:
        return invalid("IssueComment", field="body", code="missing_field")
    if (refused := too_long(body)) is not None:
        return refused
    return Reply(201, server.wire.comment(server.add_comment(number, body, author=asked.token.login)))


def read_comment(server: "GitHubServer", asked: Asked) -> Reply:
    comment = next((one for one in server.comments if one.id == int(asked.parts[0])), None)
    return refuse(404, "Not Found") if comment is None else Reply(200, server.wire.comment(comment))


def update_comment(server: "GitHubServer", asked: Asked) -> Reply:
    comment: Comment | None = next((one for one in server.comments if one.id == int(asked.parts[0])), None)
    if comment is None:
        return refuse(404, "Not Found")
    if (refused := too_long(asked.body.get("body") or "")) is not None:
        return refused
    comment.body = asked.body["body"]
    return Reply(200, server.wire.comment(comment))
