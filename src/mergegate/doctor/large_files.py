"""Does git hold what DVC should?"""

import shlex
from collections.abc import Iterator

from mergegate.doctor.check import seen
from mergegate.doctor.facts import Facts, LargeFile
from mergegate.records.doctor import Ailment

LOOKS_FOR = "files in git that are too large for it, and files that it would add by mistake"
FINDS_HOLES = False

CHECK = "large-files"

REFUSED = 100 * 1024 * 1024
"""Bytes from which GitHub refuses a file."""

HEAVY = 1024 * 1024 * 1024
"""Bytes of a history that every fresh clone in a workflow waits for."""

MOST = 5


def check(facts: Facts) -> Iterator[Ailment]:
    """Say which files belong in DVC."""
    clone = seen(facts.clone)
    for file in clone.large[:MOST]:
        yield _tell(file)
    if len(clone.large) > MOST:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"{len(clone.large) - MOST:,} more files of 10 MB and more",
            why="each version of each stays in every clone for ever",
            mend="git ls-files -z | xargs -0 du -m | sort -rn | head",
        )
    if clone.packed >= HEAVY:
        yield Ailment(
            check=CHECK,
            level="note",
            what=f"the history has {clone.packed / 1e9:.1f} GB",
            why="a review clones all of it, each time",
            mend="git filter-repo --analyze shows what it consists of; to rewrite it is a decision of the "
            "whole team",
        )
    if clone.unseen:
        yield Ailment(
            check=CHECK,
            level="note",
            what=f"not all files were looked at: {clone.unseen}",
            why="a large one may be among them",
            mend="git ls-files -z | xargs -0 du -m | sort -rn | head",
        )


def _tell(file: LargeFile) -> Ailment:
    size, path = f"{file.size / 1e6:,.0f} MB", shlex.quote(file.path)
    if not file.tracked:
        return Ailment(
            check=CHECK,
            level="note",
            what=f"{file.path} has {size}, and neither git nor DVC knows it",
            why="`git add .` would put it into the history for ever",
            mend=f"dvc add {path}, or name it in .gitignore",
            where=file.path,
        )
    refused = file.size >= REFUSED
    return Ailment(
        check=CHECK,
        level="fault" if refused else "warning",
        what=f"git holds {file.path}, {size}",
        why="GitHub refuses a push with it"
        if refused
        else "each version of it stays in every clone for ever",
        mend=f"git rm --cached {path} && dvc add {path}",
        where=file.path,
    )
