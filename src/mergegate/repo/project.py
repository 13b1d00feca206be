"""Where the project is: its git repository, its root, its DVC repository."""

from pathlib import Path

import msgspec

from mergegate.config.policy import POLICY_FILE
from mergegate.errors import UsageError
from mergegate.repo import git


class Project(msgspec.Struct, frozen=True):
    """A project inside a git repository. All paths of a review are relative to `root`.

    `prefix` is the way from `git_root` to `root` with `/`, "" at the top. `dvc_root` is the nearest folder
    from `root` up to `git_root` that has a `.dvc` folder, None without one.

    `bare`: `git_root` is a bare repository. There is no workspace; `root` is `git_root` too, and `dvc_root`
    any folder whose cache holds all the objects there are.
    """

    git_root: Path
    root: Path
    prefix: str
    dvc_root: Path | None
    bare: bool = False


def locate(start: Path) -> Project:
    """Locate the project around `start`.

    The root is the nearest folder upwards with a mergegate.yaml, else with a dvc.yaml or a .dvc folder, else
    the git root. Raises UsageError outside a git repository.
    """
    git_root = _git_root(start)
    folders = _upwards(start.resolve(), git_root)
    root = next((f for f in folders if (f / POLICY_FILE).is_file()), None)
    root = root or next((f for f in folders if (f / "dvc.yaml").is_file() or (f / ".dvc").is_dir()), git_root)
    prefix = "" if root == git_root else root.relative_to(git_root).as_posix()
    dvc_root = next((f for f in _upwards(root, git_root) if (f / ".dvc").is_dir()), None)
    return Project(git_root=git_root, root=root, prefix=prefix, dvc_root=dvc_root)


def _git_root(start: Path) -> Path:
    try:
        answer = git.run(start, "rev-parse", "--show-toplevel")
    except git.GitError as error:
        if "not a git repository" in error.output or "must be run in a work tree" in error.output:
            raise UsageError(
                f"{start.resolve()} is not inside a git repository with files checked out",
                hint="change into your project's folder, or make it a repository with `git init`",
                code="not-a-repository",
            ) from error
        raise
    return Path(answer.decode(errors="surrogateescape").removesuffix("\n")).resolve()


def _upwards(folder: Path, top: Path) -> list[Path]:
    """`folder` and its parents up to `top`."""
    chain = [folder, *folder.parents]
    return chain[: chain.index(top) + 1] if top in chain else [top]
