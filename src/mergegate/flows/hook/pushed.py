"""What a push is of: the lines that git writes for the hook, or what pre-commit says in their place."""

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from mergegate import repo
from mergegate.repo import git

MOST = 5
"""Commits of one push that are looked at."""

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_FROM, _TO, _BRANCH = "PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF", "PRE_COMMIT_LOCAL_BRANCH"


class Sent(msgspec.Struct, frozen=True):
    """A commit that is pushed, under its branch's or tag's name; `known` is what the other side has of it."""

    name: str
    sha: str
    known: str | None


def read_pushed(project: repo.Project, lines: str, environment: Mapping[str, str]) -> tuple[Sent, ...]:
    """The commits of a push, each once; none for a deletion, or for a tag that is of no commit.

    Without lines: those of pre-commit's variables, else HEAD.
    """
    pushed = list(_parse(lines) if lines.strip() else _stand_in(environment))
    commits = _find_commits(project, {name for _, *both in pushed for name in both})
    found: dict[str, Sent] = {}
    for name, local, remote in pushed:
        sha = commits.get(local)
        if sha is not None:
            found.setdefault(sha, Sent(name, sha, commits.get(remote)))
    return tuple(found.values())


def _parse(lines: str) -> Iterator[tuple[str, str, str]]:
    """(name, pushed, what the other side has) of each line `<local ref> <sha> <remote ref> <sha>`."""
    for line in lines.splitlines():
        words = line.rsplit(" ", 3)
        if len(words) == 4 and _SHA.fullmatch(words[1]) and words[1].strip("0"):
            name = words[0].removeprefix("refs/heads/").removeprefix("refs/tags/")
            yield name, words[1], words[3]


def _stand_in(environment: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    pushed = environment.get(_TO, "")
    if not pushed:
        yield "HEAD", "HEAD", ""
    elif _SHA.fullmatch(pushed) and pushed.strip("0"):
        name = environment.get(_BRANCH, "HEAD").removeprefix("refs/heads/")
        yield name, pushed, environment.get(_FROM, "")


def _find_commits(project: repo.Project, names: Iterable[str]) -> dict[str, str]:
    """The commits that full names, or HEAD, stand for in this clone, asked at once: a push may be of many."""
    asked = [name for name in names if name == "HEAD" or (_SHA.fullmatch(name) and name.strip("0"))]
    if not asked:
        return {}
    questions = "".join(f"{name}^{{commit}}\n" for name in asked).encode()
    told = git.run(
        project.git_root,
        "cat-file",
        "--batch-check=%(objectname)",
        stdin=questions,
        # A partial clone would ask the server for each commit that is not here.
        variables={"GIT_NO_LAZY_FETCH": "1"},
    )
    answers = zip(asked, told.decode().splitlines(), strict=True)
    return {name: answer for name, answer in answers if _SHA.fullmatch(answer)}
