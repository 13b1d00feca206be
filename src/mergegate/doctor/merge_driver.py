"""Does git merge dvc.lock and .dvc files with mergegate, in the repository's settings and in this clone's?"""

from collections.abc import Iterator

from mergegate.doctor.check import seen
from mergegate.doctor.facts import Facts
from mergegate.records.doctor import Ailment

LOOKS_FOR = "`merge=mergegate` in .gitattributes, and its command in this clone"
FINDS_HOLES = False

CHECK = "merge-driver"

INSTALL = "mergegate merge-driver install"


def check(facts: Facts) -> Iterator[Ailment]:
    """Say which half is missing."""
    if not facts.place.dvc:
        return
    driver = seen(facts.driver)
    ours = dict(driver.values).get("mergegate")
    for value, path in driver.values:
        if value == "dvc":
            yield Ailment(
                check=CHECK,
                level="warning",
                what=f"git merges {path} with DVC's own driver",
                why="in a fresh clone it leaves one side without a mark, and what the other branch did is "
                "gone",
                mend=INSTALL,
                where=".gitattributes",
            )
        elif value != "mergegate":
            yield Ailment(
                check=CHECK,
                level="note" if ours is None else "warning",
                what=f"git merges {path} line by line"
                + ("" if value in ("text", "unspecified") else f" ({value})"),
                why="a merge without a conflict can state a combination of data and models that nobody "
                "ever ran",
                mend=f"{INSTALL}, and commit .gitattributes",
                where=".gitattributes",
            )
    if ours is not None and not driver.command:
        yield Ailment(
            check=CHECK,
            level="warning",
            what="the repository wants mergegate to merge DVC's files, and this clone was not told how",
            why="git then merges them line by line without a word",
            mend=INSTALL,
            where=".git/config",
        )
    elif driver.command and not driver.program:
        yield Ailment(
            check=CHECK,
            level="warning",
            what="the program that this clone merges DVC's files with is gone",
            why="each merge of them ends with a conflict over the whole file",
            mend=INSTALL,
            where=".git/config",
        )
