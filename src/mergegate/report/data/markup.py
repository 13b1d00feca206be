"""HTML, built so that nothing becomes an element or an attribute but what is built here."""

from html import escape

from mergegate.report.data.voice import MISSING, Voice
from mergegate.report.escaping import visible

_NAME = 160
_SENTENCE = 600
_UNIT = 24
_VOID = frozenset({"meta"})


class Markup(str):
    """HTML already: it is never escaped again."""

    __slots__ = ()


def tag(element: str, /, *children: str, **attributes: str | int | float) -> Markup:
    """An element; children that are not markup are text. `class_` is the attribute `class`."""
    pairs = (
        (key.rstrip("_").replace("_", "-"), f"{value:.4g}" if isinstance(value, float) else str(value))
        for key, value in attributes.items()
    )
    opened = "".join((f"<{element}", *(f' {key}="{escape(value)}"' for key, value in pairs), ">"))
    return Markup(opened if element in _VOID else f"{opened}{join(*children)}</{element}>")


def join(*children: str) -> Markup:
    """One after the other; what is not markup is text."""
    return Markup("".join(child if isinstance(child, Markup) else escape(child) for child in children))


def _name(text: str, *, kind: str = "name") -> Markup:
    """A name or a value of the data as it is."""
    shown = visible(text, _NAME)
    if not shown.strip():
        return tag("span", "blank" if shown else "empty", class_="none")
    return tag("code", shown, class_=kind)


def _value(text: str | None) -> Markup:
    return tag("span", MISSING, class_="none") if text is None else _name(text, kind="value")


def _text(text: str) -> Markup:
    """A sentence; what stands between single backticks is shown as code."""
    parts = visible(text, _SENTENCE).strip().split("`")
    if len(parts) % 2 == 0 or not all(part.strip() for part in parts[1::2]):
        return join("`".join(parts))
    return join(*(tag("code", part) if index % 2 else part for index, part in enumerate(parts)))


VOICE = Voice(
    name=_name,
    text=_text,
    unit=lambda text: join(visible(text, _UNIT).strip()),
    value=_value,
    loud=lambda words: tag("strong", words),
    wide=True,
)
"""HTML's way; what it writes is markup, and so is what is told with it."""
