"""Hostile text, and a review in which every text is hostile."""

import re
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as st

ATTACKS = (
    "| a | b |",
    "\\|",
    "\\\\|",
    "`",
    "``x``",
    "`|`",
    "`x` `",
    "`" * 90,
    "a\nb",
    "a\r\n\r\n# heading",
    "a\u2028b\u2029c\x85d",
    "<script>alert(1)</script>",
    "</details></summary><h1>",
    "<!-- hidden",
    "-->",
    "&lt;b&gt; &#64;octocat",
    "@octocat",
    "@org/team",
    "someone@example.org",
    "#1",
    "GH-1",
    "gh-12",
    "octo/repo#1",
    "octo/repo@4f1c0de24f1c0de24f1c0de24f1c0de24f1c0de2",
    "4f1c0de24f1c0de24f1c0de24f1c0de24f1c0de2",
    "https://evil.example/x",
    "www.evil.example",
    "mailto:someone@example.org",
    "<https://evil.example>",
    "[text](https://evil.example)",
    "[ref]: https://evil.example",
    "![x](https://evil.example/x.png)",
    "[^1]",
    ":tada:",
    "$x^2$",
    "$`x`$",
    "$$\nx\n$$",
    "**bold** _em_ ~~gone~~ ***",
    "__init__",
    "# heading",
    "- item",
    "+ item",
    "1. item",
    "1) item",
    "> quote",
    "---",
    "===",
    "    code",
    "\tcode",
    "- [ ] task",
    "\u202egnp.exe",
    "a\u200bb\u2060c\ufeffd",
    "\x1b[31mred\x1b[0m",
    "\x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
    "\x9b31m",
    "\x00\x07\x08",
    "[bold red]markup[/]",
    "[link=https://evil.example]x[/link]",
    "[/]",
    "a\u0301\u0301\u0301\u0301\u0301\u0301",
    "\u3164\u2800\ufe0f",
    "\U000e0041\U000e0042",
    "\ud800",
    "W" * 5000,
    "@" * 5000,
    "\u202e" * 5000,
    "日本語 😀",
    "> [!WARNING]",
    "{{ 7 * 7 }} {% raw %}",
)

SPECIAL = st.text(alphabet="\\`|<>&@#$*_~[]()!:.-+=w0a1 \n\r\t\u2028\u200b\u202e\x1b\"'/^{}", max_size=30)
HOSTILE = st.one_of(
    st.text(max_size=40),
    SPECIAL,
    st.sampled_from(ATTACKS),
    st.lists(st.sampled_from(ATTACKS[:50]), min_size=2, max_size=3).map("".join),
)

# What GitHub, after the Markdown, looks for in the text outside code.
REFERENCES = {
    "mention": re.compile(r"@\w"),
    "issue": re.compile(r"#\d|\bGH-\d", re.IGNORECASE),
    "commit": re.compile(r"(?<![0-9a-f])[0-9a-f]{7,40}(?![0-9a-f])"),
    "link": re.compile(r"\w://|www\.", re.IGNORECASE),
    "emoji": re.compile(r":[a-z0-9_+-]+:", re.IGNORECASE),
}


Record = TypeVar("Record", bound=msgspec.Struct)
Done = dict[tuple[int, int], Any]
"""By the identities of a value and of its type: what it became. A large review holds many things often."""


def poison(record: Record, attack: str) -> Record:
    """The same record with every free text replaced; words of a fixed set and numbers stay."""
    return _poison_record(record, attack, {})


def _poison_record(record: Record, attack: str, done: Done) -> Record:
    changes = {
        field: _poison(getattr(record, field), hint, attack, done) for field, hint in _texts(type(record))
    }
    return msgspec.structs.replace(record, **changes)


@cache
def hints(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The types of a record's fields by name."""
    return get_type_hints(kind)


@cache
def _texts(kind: type[msgspec.Struct]) -> tuple[tuple[str, Any], ...]:
    """Fields that may hold a free text, or a record, and their types."""
    return tuple((field, hint) for field, hint in hints(kind).items() if not _is_fixed(hint))


@cache
def _is_fixed(hint: Any) -> bool:
    """Whether there are only numbers and words of a fixed set in it."""
    if get_origin(hint) is Literal:
        return True
    inside = [each for each in get_args(hint) if each is not ...]
    return all(map(_is_fixed, inside)) if inside else hint in {int, float, bool, NoneType}


@cache
def _inside(hint: Any) -> Any:
    """The type of what a tuple holds."""
    return get_args(hint)[0]


def _poison(value: Any, hint: Any, attack: str, done: Done) -> Any:
    if isinstance(value, str):
        return value if _has_words(hint) else attack
    if not isinstance(value, msgspec.Struct | tuple):
        return value
    key = id(value), id(hint)
    if key not in done:
        if isinstance(value, tuple):
            inside = _inside(hint)
            done[key] = tuple(_poison(item, inside, attack, done) for item in value)
        else:
            done[key] = _poison_record(value, attack, done)
    return done[key]


@cache
def _has_words(hint: Any) -> bool:
    """Whether texts of this type are words of a fixed set."""
    kinds = get_args(hint) if get_origin(hint) in {UnionType, Union} else (hint,)
    return any(get_origin(kind) is Literal for kind in kinds)
