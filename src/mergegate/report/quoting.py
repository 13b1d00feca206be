"""Hostile text as a YAML scalar: read back it is the same, and a terminal shows every character of it."""

import re

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def quote(text: str) -> str:
    """The text in double quotes."""
    return f'"{"".join(char if _is_safe(char) else _escape(char) for char in text)}"'


def scalar(text: str) -> str:
    """The text as it is where no reader of YAML could mistake it, else in double quotes."""
    return text if _PLAIN.fullmatch(text) and text.lower() not in _WORDS else quote(text)


def _is_safe(char: str) -> bool:
    return " " <= char <= "~" and char not in '"\\'


def _escape(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    return f"\\u{ord(char):04X}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08X}"
