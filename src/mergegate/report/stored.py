"""A review as it was stored: read back, whatever a stranger may have put into the file."""

from pathlib import Path
from typing import NoReturn

import msgspec

from mergegate.errors import UsageError
from mergegate.records.review import SCHEMA, Review
from mergegate.report.escaping import visible

LARGEST = 64_000_000
"""Bytes of a review.json that are read; what a review writes is far below."""

LONGEST = 300
"""Characters of what is wrong with it."""

_AGAIN = "run `mergegate review` again, or name another file by --review"


class _Versioned(msgspec.Struct):
    schema: int


def read(path: Path) -> Review:
    """The review in a file. Raises UsageError for a missing, too large or damaged one, or another schema."""
    if not path.exists():
        _refuse(path, "there is no such file", "run `mergegate review` first, or name its file by --review")
    if not path.is_file():  # a pipe would never end
        _refuse(path, "is no file", _AGAIN)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        _refuse(path, f"can't be read: {error.strerror}", _AGAIN)
    if len(data) > LARGEST:
        _refuse(path, f"has more than {LARGEST // 1_000_000} MB, and no review has", _AGAIN)
    try:
        schema = msgspec.json.decode(data, type=_Versioned).schema
        if schema != SCHEMA:
            hint = "run `mergegate review` again with this version of mergegate"
            _refuse(path, f"has the schema {schema}, and this mergegate reads {SCHEMA}", hint)
        return msgspec.json.decode(data, type=Review)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        return _refuse(path, f"is no review: {visible(str(error), LONGEST)}", _AGAIN)


def _refuse(path: Path, why: str, hint: str) -> NoReturn:
    raise UsageError(f"{path}: {why}", hint=hint)
