"""Under which name a commit bears a verdict, and which of several verdicts counts."""

import hashlib
import re
from collections.abc import Iterable

from mergegate.records.judgement import State

REQUIRED = "mergegate"
"""The status that protected branches require."""

LONGEST = 100
"""Characters of a status's name."""

_STRICT: tuple[State, ...] = ("success", "pending", "failure", "error")
# GitHub takes two names for one that differ in their case alone.
_UNSAFE = re.compile(r"[^a-z0-9._/-]")
_DIGITS = 12


def name_context(base: str, *, default_branch: str, protected: Iterable[str] = ()) -> str:
    """The status's name for a change that wants to enter the branch `base`.

    A green that a lax branch gave must not open a protected one: only changes into the default branch and
    into `protected` ones, patterns in which `*` stands for any text, share the required name.
    """
    if base == default_branch or any(_matches(pattern, base) for pattern in protected):
        return REQUIRED
    safe = _UNSAFE.sub("-", base.lower())
    room = LONGEST - len(f"{REQUIRED}/")
    if safe != base or len(safe) > room:
        # git allows no branch a tilde: no other branch can be called so.
        mark = f"~{hashlib.sha256(base.encode(errors='surrogateescape')).hexdigest()[:_DIGITS]}"
        safe = safe[: room - len(mark)] + mark
    return f"{REQUIRED}/{safe}"


def strictest(states: Iterable[State]) -> State:
    """The one that counts where several share a name; `success` where there is none."""
    return max(states, key=_STRICT.index, default="success")


def _matches(pattern: str, branch: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), branch, re.DOTALL) is not None
