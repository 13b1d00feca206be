"""docs/reference/{errors,gates,metrics,findings}.md, from the texts that `mergegate explain` prints."""

from mergegate.topics import read
from mergegate.topics.reading import Page

MARK = "<!-- Written by `make docs` from src/mergegate/topics: change the texts there. -->\n"

FINDINGS = """\
# Findings

What `mergegate verify`, `plan`, `reproduce`, `doctor`, `diff data` and the review tell by a name of its own.
`mergegate explain NAME` prints the same paragraphs.
"""

PAGES = {
    "errors": ("error",),
    "gates": ("gate", "outcome", "strength"),
    "metrics": ("metric",),
    "findings": ("finding", "cause", "data", "leak", "difference", "run", "check"),
}
"""Each page's kinds of topics; the first gives its title, but for the page of many."""


def pages() -> dict[str, str]:
    """Every page by its path below docs/."""
    return {f"reference/{name}.md": page(name) for name in PAGES}


def page(name: str) -> str:
    """One page."""
    first, *others = (read(kind) for kind in PAGES[name])
    if name == "findings":
        return MARK + FINDINGS + "".join(_chapter(each) for each in (first, *others))
    said = f"\n{first.introduction}\n" if first.introduction else ""
    return f"{MARK}# {first.title}\n{said}{_entries(first, '##')}{''.join(_chapter(each) for each in others)}"


def _chapter(page: Page) -> str:
    said = f"\n{page.introduction}\n" if page.introduction else ""
    return f"\n## {page.title}\n{said}{_entries(page, '###')}"


def _entries(page: Page, level: str) -> str:
    """Each topic under its names."""
    return "".join(
        f"\n{level} {', '.join(f'`{name}`' for name in topic.names)}\n\n{topic.text}\n"
        for topic in page.topics
    )
