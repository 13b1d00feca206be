"""What `mergegate keep` and `mergegate backup` answer."""

from mergegate.records.record import Record

SCHEMA = 1
"""Version of both answers; raised when a reader of the old one would misread the new."""


class Source(Record, frozen=True, kw_only=True):
    """A repository whose revisions were asked what they need; `repository` is "." for this one."""

    repository: str
    refs: int
    files: int


class Lost(Record, frozen=True, kw_only=True):
    """An object that somebody needs and the remote lacks; `by` names a revision or a folder's list."""

    md5: str
    by: str


class KeepAnswer(Record, frozen=True, kw_only=True):
    """What the remote holds, must keep, and need not.

    `unneeded` is what nobody names and is old enough, `young` what nobody names and is not. `other_files` lie
    on the remote and are no DVC objects: left alone. `deleted` is 0 for a dry run; `failed` could not be.
    `lost` are the first of `lost_total`. `lost_lists` are folders' lists that are nowhere: what they name
    can't be known, so nothing is deleted while there are any; nor while there are `unread` versions of DVC's
    files, by git's names, that say nothing readable (Git LFS, a filter, a link that leads nowhere).
    """

    schema: int = SCHEMA
    mergegate: str
    remote: str
    dry_run: bool
    sources: tuple[Source, ...]
    held: int
    held_bytes: int
    needed: int
    needed_bytes: int
    unneeded: int
    unneeded_bytes: int
    young: int
    other_files: int
    deleted: int = 0
    deleted_bytes: int = 0
    failed: tuple[str, ...] = ()
    lost: tuple[Lost, ...] = ()
    lost_total: int = 0
    lost_lists: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class BackupAnswer(Record, frozen=True, kw_only=True):
    """What was copied from one remote to another, and is there by its md5; `unread` as in `KeepAnswer`.

    `present` were there before; `checked` counts those whose bytes were read back and hashed. `failed` are
    sentences, one for each object that the copy lacks; `lost` as in `KeepAnswer`.
    """

    schema: int = SCHEMA
    mergegate: str
    source: str
    target: str
    needed: int
    present: int
    copied: int
    copied_bytes: int
    checked: int
    failed: tuple[str, ...] = ()
    lost: tuple[Lost, ...] = ()
    lost_total: int = 0
    lost_lists: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
