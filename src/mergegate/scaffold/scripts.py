"""Text as YAML writes it, and as a shell takes it."""

import re

_PLAIN = re.compile(r"[A-Za-z0-9./][A-Za-z0-9._/=+@ -]*")
_OTHER_MEANING = re.compile(r"(?i)null|true|false|yes|no|on|off|y|n|[-+.\d_eEoxXabcdefinfABCDEF:]+|.*\s")


def flow_scalar(text: str) -> str:
    """The text as a scalar that stands in one line, also inside of brackets: plain where that is safe.

    Block context alone would take more characters plain; what every reader takes alike is what is wanted.
    """
    if _PLAIN.fullmatch(text) and not _OTHER_MEANING.fullmatch(text):
        return text
    # Written by hand: json.dumps would write surrogates for what is beyond 16 bits, which YAML refuses.
    return '"' + "".join(_escape(char) for char in text) + '"'


def _escape(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable():
        return char
    return f"\\u{ord(char):04X}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08X}"
