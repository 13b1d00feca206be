"""One comment for each pull request: found by CML's mark and its author, edited in place, never doubled."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import msgspec

from mergegate.errors import ForgeError
from mergegate.forge.cml import Cml, Post, find_cml, missing_cml
from mergegate.forge.mark import READ_BY_CML, add_mark, bears_mark

if TYPE_CHECKING:
    from mergegate.forge.github import Comment, GitHub

Via = Literal["auto", "cml", "github"]


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the comment on pull request `number`, and by whom; `notes` are for people."""

    number: int
    action: Literal["created", "updated", "unchanged"]
    by: Literal["cml", "github"] | None
    url: str = ""
    notes: tuple[str, ...] = ()


class Seen(msgspec.Struct, frozen=True):
    """The comments that bear the mark: `own`, oldest first, and `pick`, which CML would update."""

    own: tuple["Comment", ...]
    pick: "Comment | None"

    @property
    def newest(self) -> "Comment | None":
        """The one that is ours to edit."""
        return self.own[-1] if self.own else None

    @property
    def cml_agrees(self) -> bool:
        """Whether CML would update the comment that we would, or create one where we would."""
        newest = self.newest
        if newest is None or self.pick is None:
            return newest is None and self.pick is None
        return newest.id == self.pick.id


def look(github: "GitHub", number: int, title: str) -> Seen:
    """Find the comments that bear the mark; a stranger's copy is never ours. Raises ForgeError."""
    me = github.whoami()
    own, pick = [], None
    for place, comment in enumerate(github.comments(number)):
        if not bears_mark(comment.body, title):
            continue
        if comment.author == me:
            own.append(comment)
        if place < READ_BY_CML:
            pick = comment
    return Seen(tuple(own), pick)


def post_comment(
    github: "GitHub", post: Post, *, via: Via, token: str, environment: Mapping[str, str]
) -> Posted:
    """Bring the comment to what `post` says, by CML where it does the right thing, else by GitHub's API.

    A text that stands already is not sent again. Raises ForgeError; with `auto` CML's own failures are notes.
    """
    full = add_mark(post.body.rstrip(), post.title, post.sha)
    seen = look(github, post.number, post.title)
    if seen.newest is not None and _same(seen.newest.body, full):
        url, older = seen.newest.html_url, _duplicates(seen)
        return Posted(number=post.number, action="unchanged", by=None, url=url, notes=older)
    notes: tuple[str, ...] = ()
    if via != "github":
        try:
            cml = _ready(token, environment)
            if seen.cml_agrees:
                return _by_cml(github, cml, post, full, seen)
            notes = (
                f"CML reads the first {READ_BY_CML} comments of any author and would take another one: "
                "posted by GitHub's API",
            )
        except ForgeError as error:
            if via == "cml":
                raise
            notes = (f"{error.message}: posted by GitHub's API",)
            # It may have posted before it failed.
            seen = look(github, post.number, post.title)
            if seen.newest is not None and _same(seen.newest.body, full):
                there = f"{error.message}; the comment is there all the same"
                return Posted(
                    number=post.number,
                    action="updated",
                    by="cml",
                    url=seen.newest.html_url,
                    notes=(there, *_duplicates(seen)),
                )
    return _by_github(github, post, full, seen, notes)


def _ready(token: str, environment: Mapping[str, str]) -> Cml:
    """CML, of the version that is known. Raises ForgeError."""
    cml = find_cml(token, environment)
    if cml is None:
        raise missing_cml()
    cml.check_version()
    return cml


def _by_cml(github: "GitHub", cml: Cml, post: Post, full: str, before: Seen) -> Posted:
    """Let CML post, and look what came of it."""
    cml.update_comment(post)
    seen = look(github, post.number, post.title)
    newest = seen.newest
    # Published images have other addresses than the files that were linked.
    if newest is None or not (post.images or _same(newest.body, full)):
        raise ForgeError(
            "`cml` ended well, but the comment is not what it should be",
            hint="look whether CML's token and this one are of one account; --via github posts without CML",
        )
    return Posted(
        number=post.number,
        action="created" if before.newest is None else "updated",
        by="cml",
        url=newest.html_url,
        notes=_duplicates(seen),
    )


def _by_github(github: "GitHub", post: Post, full: str, seen: Seen, notes: tuple[str, ...]) -> Posted:
    """Edit our comment, or create it where there is none, or no longer."""
    if seen.newest is not None:
        try:
            edited = github.update_comment(seen.newest.id, full)
        except ForgeError as error:
            if error.status != 404:
                raise
        else:
            said = (*notes, *_duplicates(seen))
            return Posted(number=post.number, action="updated", by="github", url=edited.html_url, notes=said)
    created = github.create_comment(post.number, full)
    after = look(github, post.number, post.title)
    said = (*notes, *_duplicates(after))
    return Posted(number=post.number, action="created", by="github", url=created.html_url, notes=said)


def _duplicates(seen: Seen) -> tuple[str, ...]:
    """That older comments of ours are there too, which nothing updates."""
    older = len(seen.own) - 1
    if older < 1:
        return ()
    count = "an older comment of ours is" if older == 1 else f"{older} older comments of ours are"
    return (f"{count} there too, as from before: delete what is no longer needed",)


def _same(one: str, other: str) -> bool:
    """Whether GitHub, which trims texts and ends lines in its own way, shows both alike."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()
