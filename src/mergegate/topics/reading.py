"""The texts as data: each kind of topic is a file, each topic a heading with what stands under it."""

import re
from functools import cache
from pathlib import Path

import msgspec

from mergegate.records.record import Record


class Kind(msgspec.Struct, frozen=True):
    """A kind of topic: its word, the file that holds it, and what one of it is, for people."""

    word: str
    file: str
    noun: str


KINDS = (
    Kind("error", "errors.md", "an error's code"),
    Kind("gate", "gates.md", "a gate"),
    Kind("outcome", "outcomes.md", "an outcome of a gate or a comparison"),
    Kind("strength", "strengths.md", "a strength of a verdict"),
    Kind("metric", "metrics.md", "a metric"),
    Kind("finding", "findings.md", "a finding of verify or the review"),
    Kind("cause", "causes.md", "a reason why a stage runs again"),
    Kind("data", "data.md", "a change of data"),
    Kind("leak", "leaks.md", "a kind of leak"),
    Kind("difference", "differences.md", "how a reproduction differs"),
    Kind("run", "runs.md", "what became of a reproduced stage"),
    Kind("check", "checks.md", "a check of the doctor"),
)

_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


class Topic(Record, frozen=True, kw_only=True):
    """One topic: its kind's word, its names, the first of them the usual one, and the text in Markdown."""

    kind: str
    names: tuple[str, ...]
    text: str

    @property
    def name(self) -> str:
        """The usual name."""
        return self.names[0]


class Page(msgspec.Struct, frozen=True):
    """The topics of a kind, with the title and the introduction of its file."""

    kind: Kind
    title: str
    introduction: str
    topics: tuple[Topic, ...]


@cache
def read(word: str) -> Page:
    """The page of a kind, by its word."""
    kind = next(each for each in KINDS if each.word == word)
    text = (Path(__file__).parent / kind.file).read_text(encoding="utf-8")
    head, *pieces = _HEADING.split(text)
    title, _, introduction = head.removeprefix("# ").partition("\n")
    topics = tuple(
        Topic(kind=word, names=tuple(heading.split(", ")), text=body.strip())
        for heading, body in zip(pieces[::2], pieces[1::2], strict=True)
    )
    return Page(kind, title, introduction.strip(), topics)


def read_all() -> tuple[Topic, ...]:
    """Every topic, by kind and in the order of the files."""
    return tuple(topic for kind in KINDS for topic in read(kind.word).topics)
