"""Topics for a terminal: paragraphs filled to its width, and the list of all names."""

import textwrap
from collections.abc import Iterator, Sequence

from mergegate.topics import Topic
from mergegate.topics.reading import KINDS, read

WIDEST = 96
_INDENT = "  "


def render(topics: Sequence[Topic], width: int) -> str:
    """The topics one below the other, each with what it is of."""
    nouns = {kind.word: kind.noun for kind in KINDS}
    return "\n\n".join(
        f"{' or '.join(topic.names)}: {nouns[topic.kind]}\n\n{fill(topic.text, width)}" for topic in topics
    )


def fill(text: str, width: int) -> str:
    """Paragraphs filled to a width; what is indented or a list stays as it is written."""
    return "\n\n".join(_fill(paragraph, min(width, WIDEST)) for paragraph in text.split("\n\n"))


def listing(width: int) -> str:
    """Every name, by kind."""
    return "\n\n".join(_list(min(width, WIDEST)))


def _fill(paragraph: str, width: int) -> str:
    if paragraph.startswith(("- ", "    ")):
        return paragraph
    return textwrap.fill(paragraph, width, break_long_words=False, break_on_hyphens=False)


def _list(width: int) -> Iterator[str]:
    for kind in KINDS:
        page = read(kind.word)
        names = ", ".join(topic.name for topic in page.topics)
        filled = textwrap.fill(
            names,
            width,
            initial_indent=_INDENT,
            subsequent_indent=_INDENT,
            break_long_words=False,
            break_on_hyphens=False,
        )
        yield f"{page.title}\n{filled}"
