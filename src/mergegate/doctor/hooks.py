"""Does a hook look before a push? A comfort of this clone and no gate: whoever pushes can leave it out."""

from collections.abc import Iterator

from mergegate.doctor.check import seen
from mergegate.doctor.facts import Facts
from mergegate.records.doctor import Ailment

LOOKS_FOR = "a pre-push hook that warns of a stale lock and of objects that were not pushed"
FINDS_HOLES = False

CHECK = "hooks"

INSTALL = "mergegate hook install"
RUN = 'mergegate hook run -- "$@"'


def check(facts: Facts) -> Iterator[Ailment]:
    """Note that there is none, or another one."""
    hook = seen(facts.hook)
    if "mergegate" in hook.kinds:
        return
    mend = INSTALL if hook.own else f"add the line `{RUN}` to {hook.path}"
    if "dvc" in hook.kinds:
        yield Ailment(
            check=CHECK,
            level="note",
            what=f"before a push {hook.path} runs DVC's hook and not mergegate's",
            why="DVC pushes by its memory of earlier pushes; after one that was interrupted it leaves "
            "objects out",
            mend=mend,
            where=hook.path,
        )
        return
    yield Ailment(
        check=CHECK,
        level="note",
        what=f"{hook.path} is there, and is not mergegate's"
        if hook.present
        else "no hook looks before a push",
        why="that the lock is stale, or that objects were not pushed, is then told by the review, minutes "
        "later",
        mend=mend,
        where=hook.path,
    )
