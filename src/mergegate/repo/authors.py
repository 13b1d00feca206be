"""Who changed a path, by git's own record; a `.mailmap` is heeded."""

from collections import Counter
from collections.abc import Sequence

from mergegate.repo import git
from mergegate.repo.project import Project

MOST_COMMITS = 10_000
LONGEST = 100
"""Characters of a name, which is whatever its bearer calls themself."""


def count_commits(project: Project, since: str, until: str, paths: Sequence[str]) -> Counter[str]:
    """Commits by author that touch any of `paths` (from the project root) after `since`, merges left out."""
    named = [
        f":(top,literal){project.prefix}/{path}" if project.prefix else f":(top,literal){path}"
        for path in paths
    ]
    shown = git.run(
        project.git_root,
        *("log", "--no-merges", "--no-show-signature", "--format=%aN", f"--max-count={MOST_COMMITS}"),
        *(until, f"^{since}", "--", *named),
    )
    names = (line.strip()[:LONGEST] for line in shown.decode(errors="replace").split("\n"))
    return Counter(name for name in names if name)
