"""Are Python, git and DVC there, new enough, and able to speak to the remotes?"""

import re
from collections.abc import Iterator

from mergegate.doctor.check import seen
from mergegate.doctor.facts import Facts, Tools
from mergegate.records.doctor import Ailment

LOOKS_FOR = "Python, git and DVC, new enough and with the plug-ins that the remotes need"
FINDS_HOLES = False

CHECK = "versions"

OLDEST_GIT = (2, 30)
OLDEST_DVC = (3, 60)


def check(facts: Facts) -> Iterator[Ailment]:
    """Say what is not installed, or too old."""
    tools = seen(facts.tools)
    yield from _check_git(tools)
    yield from _check_dvc(tools)


def _check_git(tools: Tools) -> Iterator[Ailment]:
    if tools.git and _parts(tools.git) < OLDEST_GIT:
        yield Ailment(
            check=CHECK,
            level="fault",
            what=f"git is {tools.git}, and {_shown(OLDEST_GIT)} is the oldest that works",
            why="older ones lack options that mergegate gives it",
            mend="install a newer git: https://git-scm.com/downloads",
        )


def _check_dvc(tools: Tools) -> Iterator[Ailment]:
    if tools.dvc is None:
        if tools.plugins:
            yield Ailment(
                check=CHECK,
                level="fault",
                what="DVC is not installed here",
                why="objects that are not in the cache can't be fetched from a remote without it",
                mend="pip install 'mergegate[dvc]'",
            )
        return
    if _parts(tools.dvc) < OLDEST_DVC:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"DVC is {tools.dvc}, and mergegate is tested with {_shown(OLDEST_DVC)} and newer",
            why="older ones hash texts otherwise and lack what `mergegate reproduce` asks of them",
            mend=f"pip install 'dvc>={_shown(OLDEST_DVC)}'",
        )
    for plugin in tools.plugins:
        if not plugin.installed:
            yield Ailment(
                check=CHECK,
                level="fault" if plugin.default else "note",
                what=f"the remote {plugin.remote} needs dvc-{plugin.extra}, which is not installed",
                why="nothing can be fetched from it or pushed to it from here",
                mend=f"pip install 'dvc[{plugin.extra}]'",
                where=f"remote {plugin.remote}",
            )


def _parts(version: str) -> tuple[int, ...]:
    """The numbers at a version's beginning."""
    found = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in found[0].split(".")[:3]) if found else ()


def _shown(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
