"""A page's frame: its policy, contents and sections, whatever it tells of."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

import msgspec

from mergegate.report.escaping import visible
from mergegate.report.html.bounds import TooLargeError
from mergegate.report.html.markup import Markup, paragraph, tag

_TITLE = 160
_HERE = Path(__file__).parent


class Section(msgspec.Struct, frozen=True):
    """A part of the page: `key` its place, `name` its name in the contents, `reading` what explains it.

    `level` is that of its heading; a section below level 2 belongs to the one before it.
    """

    key: str
    name: str
    title: str
    body: Markup
    reading: str = ""
    level: int = 2


def draw_page(
    title: str, header: Markup, sections: Sequence[Section], footer: Markup, *, scripted: bool = False
) -> str:
    """The whole document. `title` may hold anything; `scripted` pages sort and filter their tables."""
    style, script = asset("page.css"), asset("page.js") if scripted else ""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy(style, script)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", visible(title, _TITLE)),
        tag("style", Markup(style)),
    )
    first = sections[0]
    body = tag(
        "body",
        tag("a", f"Skip to the {first.name.lower()}", class_="skip", href=f"#{first.key}"),
        header,
        _contents(sections),
        tag("main", *map(_draw, sections)),
        tag("footer", footer),
        *([tag("script", Markup(script))] if script else []),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def policy(style: str, script: str = "") -> str:
    """Nothing is loaded, and only this style and script count."""
    allowed = f"script-src '{_digest(script)}'; " if script else ""
    return f"default-src 'none'; {allowed}style-src '{_digest(style)}'; base-uri 'none'; form-action 'none'"


@cache
def asset(name: str) -> str:
    """A file beside this one."""
    return f"\n{(_HERE / name).read_text(encoding='utf-8')}"


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _contents(sections: Sequence[Section]) -> Markup:
    items = (
        tag("li", tag("a", each.name, href=f"#{each.key}"), class_=f"level{each.level}") for each in sections
    )
    return tag("nav", tag("ul", *items), aria_label="Contents")


def _draw(section: Section) -> Markup:
    heading = tag(f"h{section.level}", Markup(section.title))
    if section.reading:
        how = tag(
            "a",
            "How to read this",
            class_="how",
            href=f"#{section.reading}",
            aria_label=f"How to read this: {section.name}",
        )
        heading = tag("div", heading, how, class_="heading")
    return tag("section", heading, section.body, id=section.key)


def collect(sections: Iterable[Section], limit: int) -> list[Section]:
    """All sections. Raises TooLargeError as soon as these alone exceed so many bytes."""
    found, room = [], limit
    for section in sections:
        found.append(section)
        room -= len(section.body)
        if room < 0:
            raise TooLargeError
    return found


def note(words: str) -> Markup:
    """A remark of ours."""
    return paragraph(words, kind="note")
