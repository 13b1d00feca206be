"""Comments below a pull request over the REST API."""

from collections.abc import Iterator

from msgspec import Struct

from mergegate.errors import ForgeError
from mergegate.forge.payloads import Account, Number
from mergegate.forge.routes import Routes

LONGEST_BODY = 65_536
"""Characters of a comment; GitHub refuses more."""

_WHO = "query { viewer { login } }"


class Comment(Struct, frozen=True, kw_only=True):
    """A comment; `author` is a login, empty once the account is gone."""

    id: int
    author: str
    body: str
    html_url: str


class _CommentPayload(Struct, frozen=True):
    id: Number
    body: str | None = None
    html_url: str = ""
    user: Account | None = None


class _Viewer(Struct, frozen=True):
    viewer: Account


class _Answered(Struct, frozen=True):
    data: _Viewer | None = None


class Comments(Routes):
    """Reads and writes comments."""

    def comments(self, number: int) -> Iterator[Comment]:
        """The comments below a pull request, oldest first, read as far as is asked for. Raises ForgeError."""
        seen: set[int] = set()
        pages = self._rest.pages(f"{self._at}/issues/{int(number)}/comments", list[_CommentPayload])
        for page in pages:
            # What is deleted meanwhile moves the others from page to page.
            yield from (_comment(one) for one in page if one.id not in seen)
            seen.update(one.id for one in page)

    def create_comment(self, number: int, body: str) -> Comment:
        """Write a comment; after a broken connection only if it isn't there. Raises ForgeError."""

        def written() -> _CommentPayload | None:
            me = self.whoami()
            mine = [
                one for one in self.comments(number) if one.author == me and one.body.strip() == body.strip()
            ]
            return _payload(mine[-1]) if mine else None

        path = f"{self._at}/issues/{int(number)}/comments"
        return _comment(self._rest.send("POST", path, {"body": body}, _CommentPayload, done=written))

    def update_comment(self, identifier: int, body: str) -> Comment:
        """Replace a comment's text. Raises ForgeError: status 404 where it was deleted."""
        path = f"{self._at}/issues/comments/{int(identifier)}"
        return _comment(self._rest.send("PATCH", path, {"body": body}, _CommentPayload))

    def whoami(self) -> str:
        """The login that the token writes as, `github-actions[bot]` for a job's own. Raises ForgeError."""
        if self._me is None:
            # An App's token may not ask REST's /user, but GraphQL's viewer answers to every token.
            answered = self._rest.query(_WHO, _Answered)
            if answered.data is None:
                raise ForgeError("GitHub doesn't say whose the token is", hint="look at the token")
            self._me = answered.data.viewer.login
        return self._me

    _me: str | None = None


def _comment(one: _CommentPayload) -> Comment:
    author = one.user.login if one.user else ""
    return Comment(id=one.id, author=author, body=one.body or "", html_url=one.html_url)


def _payload(one: Comment) -> _CommentPayload:
    return _CommentPayload(id=one.id, body=one.body, html_url=one.html_url, user=Account(login=one.author))
