"""A comment as GitHub reads it: what its blocks are, and what is text outside code."""

import html
import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

ELEMENT = re.compile(r"</?\w+>")

_read: dict[str, list[Token]] = {}
"""What texts of cells and paragraphs consist of."""


def parse(text: str) -> list[Token]:
    """A comment's blocks; those that say the same share their children, which are read once."""
    if len(_read) > 20_000:
        _read.clear()
    environment: dict[str, object] = {}
    tokens = _MARKDOWN.parse(text, environment)
    if "references" not in environment:
        for token in tokens:
            if token.type == "inline":
                token.children = _read.setdefault(token.content, token.children or [])
    return tokens


def _inline(state: StateCore) -> None:
    """markdown-it's rule of this name, for what was not read before."""
    begun = set()
    for token in state.tokens:
        if token.type == "inline":
            # What a [label] means is the document's own affair.
            known = "references" not in state.env and (token.content in _read or token.content in begun)
            begun.add(token.content)
            token.children = [] if known else state.md.inline.parse(token.content, state.md, state.env, [])


_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_MARKDOWN.core.ruler.at("inline", _inline)


def inline(tokens: list[Token]) -> list[Token]:
    """The tokens inside paragraphs, headings and cells."""
    return [child for token in tokens if token.type == "inline" for child in token.children or ()]


def seen(block: Token) -> str:
    """What a block shows outside code; HTML as the text in it."""
    if block.type == "html_block":
        return html.unescape(ELEMENT.sub(" ", block.content))
    return outside_code(block) if block.type == "inline" else ""


def outside_code(block: Token) -> str:
    """A block's text as one line; a code span and a line's end in it part words."""
    shown = []
    for child in block.children or ():
        if child.type == "code_inline" or child.content == "<br>":
            shown.append(" ")
        elif child.type != "html_inline":
            shown.append(child.content)
    return "".join(shown)


def is_printed(text: str) -> bool:
    """Whether there is nothing but what is printed, lines' ends, and the space without a width."""
    return text.replace("\n", "").replace("\u200b", "").isprintable()


def shape(tokens: list[Token]) -> list[str]:
    """Blocks, and in them whatever is more than text and code."""
    found = []
    for token in tokens:
        elements = "".join(ELEMENT.findall(token.content))
        found.append(elements if token.type == "html_block" else token.type)
        if token.type == "html_block":
            assert not set("<>") & set(ELEMENT.sub("", token.content))
        for child in token.children or ():
            if child.type == "html_inline" and "code" not in child.content:
                found.append(child.content)
            elif child.type not in {"text", "text_special", "code_inline", "html_inline"}:
                found.append(child.type)
    return found
