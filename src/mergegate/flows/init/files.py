"""The files that init wants a repository to have, fitted to what was found."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from mergegate import repo
from mergegate.config.policy import POLICY_FILE
from mergegate.flows.init.existing import Existing
from mergegate.flows.init.hosting import DataRemote, Hosting
from mergegate.flows.init.pins import find_moved
from mergegate.flows.init.toolchain import Toolchain
from mergegate.flows.init.writing import Wanted
from mergegate.flows.merge_driver.installing import FILE, PATTERNS
from mergegate.repo import git
from mergegate.scaffold import gitlab, request_template, template
from mergegate.scaffold.mark import read_state, stamp
from mergegate.scaffold.workflows import (
    COMMENT,
    REVIEW,
    Fitting,
    render_comment,
    render_review,
    source_of,
)

IGNORED = ".gitignore"
_TEMPLATES = tuple(
    f"{folder}{name}"
    for folder in ("", ".github/", "docs/")
    for name in ("pull_request_template.md", "pull_request_template")
)


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What files are fitted to; `paths` are all that git has or would have, from the top of the repository.

    `policy` is the policy's text, None where a person's stays. `action` is `OWNER/REPO@REF` with a comment.
    """

    project: repo.Project
    hosting: Hosting
    remote: DataRemote
    toolchain: Toolchain
    existing: Existing
    paths: tuple[str, ...]
    policy: str | None
    action: str
    dvc: bool
    stages: bool


def wanted_files(ground: Ground, *, upgrade: bool) -> tuple[Wanted, ...]:
    """Every file, in the order in which they are told; an upgrade wants the ones with pins alone."""
    pinned = tuple(_pinned(ground))
    if upgrade:
        return _upgraded(ground, pinned)
    return (*_policy(ground), *pinned, *_about(ground))


def _upgraded(ground: Ground, pinned: tuple[Wanted, ...]) -> tuple[Wanted, ...]:
    """The files that are there and name versions: ours as they would be now, edited ones with pins moved."""
    top = ground.project.git_root
    ours = tuple(each for each in pinned if read_state(_content(top / each.path)) == "untouched")
    if ground.hosting.forge != "github":
        return ours
    return (*ours, *find_moved(top, ground.action, but=frozenset(each.path for each in ours)))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _policy(ground: Ground) -> Iterator[Wanted]:
    if ground.policy is not None:
        yield Wanted(_inside(ground, POLICY_FILE), ground.policy)


def _pinned(ground: Ground) -> Iterator[Wanted]:
    if (own := _inside(ground, template.MERGEGATE)) in ground.paths:
        yield Wanted(own, stamp(template.render_requirement(ground.action)))
    if ground.hosting.forge == "github":
        yield from _workflows(ground)
    elif ground.hosting.forge == "gitlab":
        yield _gitlab(ground)


def _workflows(ground: Ground) -> Iterator[Wanted]:
    toolchain = ground.toolchain
    fitting = Fitting(
        action=ground.action,
        branch=ground.hosting.branch,
        project=ground.project.prefix,
        python=toolchain.python,
        install=toolchain.steps,
        test=toolchain.test,
        role=ground.remote.kind == "s3",
        reproduce=ground.stages,
    )
    taken = ground.existing.taken
    both = f"{REVIEW} is another workflow's: comment.yml would judge its runs"
    another = _another_project(ground)
    nobody = "it is another workflow: rename that one, else nothing judges and posts"
    theirs = "it is another workflow: rename that one, for mergegate knows a run by this path"
    yield Wanted(REVIEW, stamp(render_review(fitting)), block=another or (theirs if REVIEW in taken else ""))
    block = both if REVIEW in taken else nobody if COMMENT in taken else ""
    yield Wanted(COMMENT, stamp(render_comment(fitting)), block=another or block)


def _another_project(ground: Ground) -> str:
    """Why the workflows stay as they are, where they review another folder."""
    reviewed = ground.existing.project
    if reviewed is None or reviewed == ground.project.prefix:
        return ""
    return (
        f"it reviews {reviewed or 'the top of the repository'}, and a repository has one status `mergegate`: "
        "put both projects into one policy, at the top"
    )


def _gitlab(ground: Ground) -> Wanted:
    extras = "judge,s3" if ground.remote.kind == "s3" else "judge"
    text = gitlab.render_job(
        python=ground.toolchain.python,
        install=[
            line for step in ground.toolchain.steps for line in step.script if ground.toolchain.portable
        ],
        source=f"mergegate[{extras}] @ {source_of(ground.action)}",
        project=ground.project.prefix,
    )
    there = _content(ground.project.git_root / gitlab.CI)
    return Wanted(gitlab.BESIDE if there and read_state(there) == "foreign" else gitlab.CI, stamp(text))


def _about(ground: Ground) -> Iterator[Wanted]:
    """Lines in git's own files, and the template of a pull request."""
    if ground.dvc:
        lines = tuple(f"{pattern} merge=mergegate" for pattern in PATTERNS)
        yield Wanted(
            FILE, lines=lines, comment="DVC's files are merged stage by stage: mergegate merge-driver install"
        )
    if git.ask(ground.project.root, "check-ignore", "--quiet", "reports/review/") is None:
        yield Wanted(_inside(ground, IGNORED), lines=("/reports/review/",), comment="What a review writes.")
    if ground.hosting.forge == "github":
        have = {path.lower() for path in ground.paths}
        theirs = any(path in have for path in _TEMPLATES) or any(
            "/pull_request_template/" in f"/{p}" for p in have
        )
        if not theirs:
            yield Wanted(request_template.FILE, request_template.TEXT)


def _inside(ground: Ground, path: str) -> str:
    return f"{ground.project.prefix}/{path}" if ground.project.prefix else path
