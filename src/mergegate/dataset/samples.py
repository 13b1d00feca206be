"""Cells that are shown: as text, cut to a bound; of private columns nothing but a hash of a key."""

import math
import secrets
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from hashlib import blake2b

HIDDEN = "hidden"
MOST = 5
"""Examples of one thing."""
LONGEST = 100
# Another on every run: nobody can tell a private value by trying values until the hash fits.
_SALT = secrets.token_bytes(16)


def show(value: object, *, private: bool = False) -> str | None:
    """A cell as text of at most 100 characters, None for a missing one; HIDDEN for any private one."""
    if private:
        return HIDDEN
    return None if value is None else cut(text(value))


def show_key(row: Mapping[str, object], key: Sequence[str], private: Collection[str]) -> tuple[str, ...]:
    """A row's key; a private value as the first 8 hex digits of a salted hash, missing as an empty text."""
    return tuple(_part(row[name], private=name in private) for name in key)


def cut(told: str) -> str:
    """Text of at most 100 characters."""
    return told if len(told) <= LONGEST else told[: LONGEST - 1] + "…"


def text(value: object) -> str:
    """A value as people write it: a whole number without `.0`, text as it is."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _part(value: object, *, private: bool) -> str:
    if value is None:
        return ""
    told = text(value)
    return blake2b(told.encode(), key=_SALT, digest_size=4).hexdigest() if private else cut(told)
