"""HTML, built so that nothing becomes an element or an attribute but what is built here."""

from collections.abc import Iterable
from html import escape

from mergegate.report.escaping import visible

NAME = 160
"""Characters of a name or a value."""
SENTENCE = 600
"""Characters of a sentence."""
_UNIT = 24
_VOID = frozenset({"meta", "br"})
_ATTRIBUTES = {"class_": "class"}
_MISSING = "missing"


class Markup(str):
    """HTML already: it is never escaped again."""

    __slots__ = ()


def tag(element: str, /, *children: str, **attributes: str | int | float) -> Markup:
    """An element; children that are not markup are text. `class_` is the attribute `class`."""
    written = ""
    for key, value in attributes.items():
        shown = f"{value:.4g}" if isinstance(value, float) else escape(str(value))
        written += f' {_ATTRIBUTES.get(key) or key.replace("_", "-")}="{shown}"'
    if element in _VOID:
        return Markup(f"<{element}{written}>")
    return Markup(f"<{element}{written}>{join(*children)}</{element}>")


def join(*children: str) -> Markup:
    """One after the other; what is not markup is text."""
    return Markup("".join([child if isinstance(child, Markup) else escape(child) for child in children]))


def between(separator: str, children: Iterable[str]) -> Markup:
    """One after the other with a separator between them; what is not markup is text."""
    return Markup(join(separator).join(join(child) for child in children))


def name(text: str, *, kind: str = "name") -> Markup:
    """A name or a value as it is; text that runs the other way turns nothing around it."""
    shown = visible(text, NAME)
    if not shown.strip():
        return tag("span", "blank" if shown else "empty", class_="none")
    # As two tags would write it, in a third of the time: a large page has a hundred thousand names.
    return Markup(f'<code class="{kind}"><bdi>{escape(shown)}</bdi></code>')


def value(text: str | None) -> Markup:
    """A cell's value, or that there is none."""
    return tag("span", _MISSING, class_="none") if text is None else name(text, kind="value")


def text(sentence: str) -> Markup:
    """A sentence; what stands between single backticks is shown as code."""
    shown = visible(sentence, SENTENCE).strip()
    if "`" not in shown:
        return Markup(f"<bdi>{escape(shown)}</bdi>")
    parts = shown.split("`")
    if len(parts) % 2 == 0 or not all(part.strip() for part in parts[1::2]):
        return tag("bdi", "`".join(parts))
    return tag("bdi", *(tag("code", part) if index % 2 else part for index, part in enumerate(parts)))


def plain(words: str) -> Markup:
    """A name as it is, in no other letters than the text around it."""
    return tag("bdi", visible(words, NAME).strip() or "blank")


def unit(word: str) -> Markup:
    """A unit beside a number."""
    return join(visible(word, _UNIT).strip())


def paragraph(*children: str, kind: str = "") -> Markup:
    """A paragraph; nothing for nothing."""
    if not any(children):
        return Markup()
    return tag("p", *children, **({"class_": kind} if kind else {}))


def listed(items: Iterable[str], kind: str = "plain") -> Markup:
    """A list of items; nothing for none."""
    found = [tag("li", item) for item in items]
    return tag("ul", *found, class_=kind) if found else Markup()


def folded(summary: str, *body: str, kind: str = "") -> Markup:
    """A part that opens on a click; nothing without a body."""
    if not any(body):
        return Markup()
    return tag("details", tag("summary", summary), *body, **({"class_": kind} if kind else {}))
