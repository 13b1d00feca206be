"""Does a person own what decides: the policy, the workflows, and the owners' file itself?"""

from collections.abc import Iterator

from mergegate.config.policy import POLICY_FILE
from mergegate.doctor.check import BlindError, seen
from mergegate.doctor.facts import Facts
from mergegate.doctor.on_github.owning import owners_of
from mergegate.records.doctor import Ailment

LOOKS_FOR = f"owners in CODEOWNERS of {POLICY_FILE}, the workflows and CODEOWNERS"
FINDS_HOLES = False

CHECK = "owners"

_WHY = "a change to what decides is merged without the review of somebody who answers for it"


def check(facts: Facts) -> Iterator[Ailment]:
    """Say what has no owner."""
    owners = seen(facts.owners)
    if facts.place.elsewhere and not owners.path:
        raise BlindError(f"this repository is not on GitHub, but has {facts.place.elsewhere}")
    prefix = f"{facts.place.prefix}/" if facts.place.prefix else ""
    decides = [f"{prefix}{POLICY_FILE}", ".github/workflows/review.yml", ".github/workflows/comment.yml"]
    on = f" on {owners.at}" if owners.at else ""
    if not owners.path:
        lines = "\\n".join(f"/{path} @OWNER" for path in (decides[0], ".github/"))
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"there is no CODEOWNERS{on}",
            why=f"without owners GitHub can't ask for their review: {_WHY}",
            mend=f"printf '{lines}\\n' >> .github/CODEOWNERS, with the name of a person or team for OWNER; "
            "then "
            "require review from code owners",
            where=".github/CODEOWNERS",
        )
        return
    ownerless = [path for path in (*decides, owners.path) if not owners_of(path, owners.text)]
    if ownerless:
        yield Ailment(
            check=CHECK,
            level="warning",
            what=f"{owners.path}{on} names no owner of {', '.join(ownerless)}",
            why=_WHY,
            mend=f"add to {owners.path}, below everything else: "
            + ", ".join(f"`/{path} @OWNER`" for path in dict.fromkeys(map(_shortened, ownerless))),
            where=owners.path,
        )


def _shortened(path: str) -> str:
    return ".github/" if path.startswith(".github/") else path
