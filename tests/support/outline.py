"""A page as a parser reads it: its elements, attributes, links and text; and what it tells, line by line."""

import re
from html.parser import HTMLParser

_VOID = {"meta", "br", "input"}
_SILENT = {"style", "script", "title"}


class Outline(HTMLParser):
    """`elements` leaves code out, which sentences may hold; `open` are those that nothing closes."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.ids: list[str] = []
        self.sections: list[str] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements += [tag] if tag != "code" else []
        self.open += [tag] if tag not in _VOID else []
        found = dict(attrs)
        self.attributes |= found.keys()
        self.links |= {value or "" for name, value in found.items() if name in {"href", "src"}}
        self.ids += [found["id"] or ""] if "id" in found else []
        self.sections += [found["id"] or ""] if tag == "section" else []

    def handle_endtag(self, tag: str) -> None:
        self.elements += [f"/{tag}"] if tag != "code" else []
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not set(self.open) & {"style", "script"}:
            self.text += data


def outline(page: str) -> Outline:
    """The page as a parser reads it."""
    found = Outline()
    found.feed(page)
    found.close()
    return found


class _Teller(HTMLParser):
    """Headings with their marks, cells with bars between them, pictures by what they are said to show."""

    def __init__(self) -> None:
        super().__init__()
        self.said, self._silent = "", 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._silent += tag in _SILENT
        if re.fullmatch("h[1-6]", tag):
            self.said += f"\n\n{'#' * int(tag[1])} "
        elif tag in {"p", "li", "tr", "summary", "figure", "dt", "dd", "footer", "table"}:
            self.said += "\n- " if tag == "li" else "\n"
        elif tag in {"td", "th"} and not self.said.endswith("\n"):
            self.said += " | "
        elif tag == "div":
            self.said += " "
        elif tag == "svg" and found.get("role") == "img":
            self.said += f"[{found['aria-label']}]"

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said += data


def told(page: str) -> str:
    """What the page tells, for a person to read: a line for each paragraph and row."""
    teller = _Teller()
    teller.feed(page)
    lines = (re.sub(" +", " ", line).rstrip() for line in teller.said.splitlines())
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
