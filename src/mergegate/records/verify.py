"""What `mergegate verify` and `mergegate push` answer: whether a revision is whole and true."""

from mergegate.records.record import Record
from mergegate.records.review import Revision

SCHEMA = 1
"""Version of both answers; raised when a reader of the old one would misread the new."""


class VerifyFinding(Record, frozen=True, kw_only=True):
    """One thing that is not so: `kind` a stable word, `message` what, `why` it matters, `mend` the command.

    `hazards` are the rows of docs/why-verify.md. `known` is False where the answer could not be had, which
    blocks as well. `objects` are md5s, the first of `objects_total`; `remote` is set for what one lacks.
    """

    kind: str
    message: str
    why: str
    mend: str
    blocking: bool = True
    known: bool = True
    hazards: tuple[int, ...] = ()
    stage: str = ""
    path: str = ""
    remote: str = ""
    objects: tuple[str, ...] = ()
    objects_total: int = 0


class RemoteCheck(Record, frozen=True, kw_only=True):
    """What was asked of one remote; `name` is "" for one that is not configured.

    `objects` were looked for, `missing` is how many it lacks or has cut short, `hashed` how many were read
    whole and hashed; `bytes` adds up what it said of the rest.
    """

    name: str
    objects: int
    missing: int
    hashed: int
    bytes: int


class Verification(Record, frozen=True, kw_only=True):
    """The whole answer. `base` is what the change is told from, None where there is nothing before.

    `objects` counts what the revision names, `remotes` is empty where none was asked.
    """

    schema: int = SCHEMA
    mergegate: str
    revision: Revision
    base: Revision | None
    stages: int
    tracked: int
    objects: int
    remotes: tuple[RemoteCheck, ...]
    findings: tuple[VerifyFinding, ...]
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 whole and true as far as was asked, 1 something breaks, 3 the answer could not be had."""
        blocking = [finding for finding in self.findings if finding.blocking]
        if any(finding.known for finding in blocking):
            return 1
        return 3 if blocking else 0


class Lacking(Record, frozen=True, kw_only=True):
    """An object that a remote lacks after a push; `paths` are those that need it, the first of them."""

    md5: str
    reason: str
    message: str
    remote: str
    paths: tuple[str, ...]


class PushAnswer(Record, frozen=True, kw_only=True):
    """What a push did: objects and bytes sent, objects that were there before, and what is still lacking."""

    schema: int = SCHEMA
    mergegate: str
    revision: Revision
    remotes: tuple[str, ...]
    sent: int
    bytes_sent: int
    present: int
    lacking: tuple[Lacking, ...]
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 all is there, 3 something is not."""
        return 3 if self.lacking else 0
