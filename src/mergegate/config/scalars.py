"""What an unquoted word of a policy means, when every YAML reader agrees on it.

PyYAML reads YAML 1.1, where `yes` is true and `010` is 8; DVC and most newer readers follow 1.2, where they
are text and 10. A word that the two read differently is refused with an explanation rather than guessed at.
"""

import re

Scalar = str | int | float | bool | None

_TAG = "tag:yaml.org,2002:"
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_NUMBER = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
_ZERO_FIRST = re.compile(r"[-+]?0[0-9]+")
_MOST_DIGITS = 18


class AmbiguousScalarError(ValueError):
    """A word that YAML readers disagree on: what it may mean, and what to write instead."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def resolve(word: str, tag: str, key: str = "") -> Scalar:
    """The value of an unquoted word, given the tag that PyYAML's resolver found for it.

    `key` is what it is the value of, for hints. Raises AmbiguousScalarError.
    """
    kind = tag.removeprefix(_TAG)
    if kind == "null":
        return None
    if kind == "bool":
        return _boolean(word)
    if _ZERO_FIRST.fullmatch(word):
        raise _ambiguous(word, "an octal number")
    if _WHOLE.fullmatch(word):
        if len(word) > _MOST_DIGITS:
            raise AmbiguousScalarError(
                f"{word[:_MOST_DIGITS]}… has more digits than a number can keep",
                "write it in quotes for text",
            )
        return int(word)
    # 1.1 takes `1e-3` for text for want of a point; JSON, DVC and people take it for a number.
    if kind in ("str", "float") and _NUMBER.fullmatch(word):
        return float(word.lower().replace(".inf", "inf").replace(".nan", "nan"))
    if kind == "timestamp":
        raise _ambiguous(word, "a date", f'write it in quotes: `{key + ": " if key else ""}"{word}"`')
    if kind in ("int", "float"):
        raise _ambiguous(word, "a number")
    return word


def _boolean(word: str) -> bool:
    """True or false; `yes`, `no`, `on`, `off` are refused."""
    if word.lower() in ("true", "false"):
        return word.lower() == "true"
    meaning = "true" if word.lower() in ("yes", "on") else "false"
    raise AmbiguousScalarError(
        f"the bare word {word} is {meaning} to some YAML readers and text to others",
        f'write "{word}" in quotes for the text, or {meaning}',
    )


def _ambiguous(word: str, meaning: str, hint: str = "") -> AmbiguousScalarError:
    return AmbiguousScalarError(
        f"the bare word {word} is {meaning} to some YAML readers and something else to others",
        hint or f'write "{word}" in quotes for the text, or a plain decimal number',
    )
