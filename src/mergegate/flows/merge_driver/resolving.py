"""Finish a conflicted merge of a .dvc file: one side's version of what both changed, the rest of both."""

from pathlib import Path

from mergegate import atomic, repo
from mergegate.errors import UsageError
from mergegate.flows.merge_driver.running import Merged, Versions, merge_file
from mergegate.repo import git


def resolve_conflict(start: Path, file: str, *, take: str) -> Merged:
    """Merge the conflicted `file`, a path from `start`, again, `take` ("ours" or "theirs") deciding.

    The result is written into the work tree, and left to be added. Raises UsageError for a file that is not
    in conflict.
    """
    top = repo.locate(start).git_root
    place = (start / file).absolute()
    path = place.relative_to(top).as_posix() if place.is_relative_to(top) else file
    ours, theirs = _stage(top, 2, path), _stage(top, 3, path)
    if ours is None or theirs is None:
        raise UsageError(
            f"{path} is not in conflict, or one side removed it", hint="`git status` lists what is"
        )
    merged = merge_file(Versions(path, _stage(top, 1, path) or b"", ours, theirs), top, prefer=take)
    if merged.data is not None:
        atomic.write_bytes(place, merged.data)
    return merged


def _stage(top: Path, number: int, path: str) -> bytes | None:
    """A version of a conflicted file in git's index."""
    try:
        return git.run(top, "cat-file", "blob", f":{number}:{path}")
    except git.GitError:
        return None
