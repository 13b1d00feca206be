"""What every model of a review is read from."""

from collections.abc import Callable

import msgspec

from mergegate import repo
from mergegate.config.policy import Policy
from mergegate.flows.evidence import Reading
from mergegate.records.review import Revision


class Sides(msgspec.Struct, frozen=True):
    """What every model of a review is read from."""

    project: repo.Project
    policy: Policy
    target: Revision
    base: Reading
    head: Reading
    objects: repo.Objects
    progress: Callable[[str], None]
    explain: bool = False
    score: bool = False
    own_code: bool = True
