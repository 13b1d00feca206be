"""What stands in the comment is what the pull request says, and does nothing else."""

import html

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mergegate.report.escaping import code, element, prose, shorten, visible
from support.attacks import ATTACKS, HOSTILE, REFERENCES

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
ZERO_WIDTH_SPACE = "\u200b"


def cells(markdown: str) -> list[list[Token]]:
    """The inline tokens of the one body row's cells, when `markdown` stands in the middle one."""
    tokens = MARKDOWN.parse(f"| a | b | c |\n| --- | --- | --- |\n| 1 | {markdown} | 3 |\n")
    assert [token.type for token in tokens].count("tr_open") == 2
    assert [token.type for token in tokens].count("td_open") == 3
    return [token.children or [] for token in tokens if token.type == "inline"][3:]


def paragraph(markdown: str) -> list[Token]:
    """The inline tokens of the one paragraph that `markdown` is."""
    tokens = MARKDOWN.parse(markdown)
    if not markdown:
        return []
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    return tokens[1].children or []


def text_of(tokens: list[Token]) -> str:
    """What a reader sees, without the invisible breaks."""
    return "".join(token.content for token in tokens).replace(ZERO_WIDTH_SPACE, "")


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("roc_auc is 0.5931; the bar is at least 0.6.", "roc_auc is 0.5931; the bar is at least 0.6."),
        ("run `dvc repro train` again", "run `dvc repro train` again"),
        ("an odd ` backtick", "an odd &#96; backtick"),
        ("a `|` b", "a <code>&#124;</code> b"),
        ("a | b \\ c", "a &#124; b &#92; c"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("*a* __b__ ~c~", "\\*a\\* \\_\\_b\\_\\_ \\~c\\~"),
        ("ask @octocat about o/r#1, GH-2 or gh-3", None),
        ("see https://evil.example or www.evil.example :tada:", None),
        ("![x](y)", "!\\[x\\](y)"),
        ("$x$", "&#36;x&#36;"),
        ("1. one", "1\\. one"),
        ("0.1.0", "0.1.0"),
        ("- one", "\\- one"),
        ("two\nlines", "two&#92;nlines"),
    ],
)
def test_prose_is_written_as_plainly_as_is_safe(text: str, markdown: str | None) -> None:
    broken = {
        "ask @octocat about o/r#1, GH-2 or gh-3": (
            "ask @&#8203;octocat about o/r#&#8203;1, GH-&#8203;2 or gh-&#8203;3"
        ),
        "see https://evil.example or www.evil.example :tada:": (
            "see https:&#8203;//evil.example or www&#8203;.evil.example :&#8203;tada:"
        ),
    }
    assert prose(text, 100) == (broken[text] if markdown is None else markdown)


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("params.yaml", "`params.yaml`"),
        ('["2013-04"]', '`["2013-04"]`'),
        ("@octocat #1 <b>", "`@octocat #1 <b>`"),
        ("a|b", "<code>a&#124;b</code>"),
        ("a`b", "<code>a&#96;b</code>"),
        ("a\\", "`a\\`"),
        ("a\nb", "`a\\nb`"),
        ("", "*(empty)*"),
        ("  ", "*(blank)*"),
    ],
)
def test_code_is_a_span_or_where_a_span_cannot_hold_it_an_element(text: str, markdown: str) -> None:
    assert code(text, 100) == markdown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, naïve 日本 😀", "plain text, naïve 日本 😀"),
        ("a\tb\r\n", "a\\tb\\r\\n"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("no\xa0break", "no\\xa0break"),
        ("\u3164\u2800", "\\u3164\\u2800"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("e\u0301", "e\u0301"),
        ("e" + "\u0301" * 5, "e" + "\u0301" * 3 + "\\u0301" * 2),
    ],
)
def test_what_cannot_be_seen_is_named(text: str, shown: str) -> None:
    assert visible(text, 100) == shown


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("roc_auc", "roc_auc"),
        ("recall[late]", "recall&#91;late&#93;"),
        ("<b>&\"'", "&#60;b&#62;&#38;&#34;&#39;"),
        ("_a_ *b* `c`", "&#95;a&#95; &#42;b&#42; &#96;c&#96;"),
        ("@octocat #1", "&#64;&#8203;octocat &#35;&#8203;1"),
        (":tada:", "&#58;&#8203;tada:"),
        ("www.evil.example", "www&#8203;.evil.example"),
        ("a\nb", "a&#92;nb"),
        ("", "(empty)"),
    ],
)
def test_an_element_shows_the_text_where_no_markdown_is_read(text: str, markup: str) -> None:
    assert element(text, 100) == markup


@settings(max_examples=150)
@given(HOSTILE.filter(str.strip))
def test_an_element_reads_as_the_text_in_html_and_holds_nothing_that_github_acts_on(text: str) -> None:
    markup = element(text, 2000)
    assert not set("<>\"'`*\n") & set(markup)
    read = html.unescape(markup)
    assert read.replace(ZERO_WIDTH_SPACE, "") == visible(text, 2000).strip()
    assert {name for name, pattern in REFERENCES.items() if pattern.search(f"{read} in")} == set()


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    path = "data/" + "x" * 100 + "/2013-04.parquet"
    assert shorten(path, 40) == "data/xxxxxxxxxxxxxxxxxxxxx…13-04.parquet"
    assert shorten(path, len(path)) == path


@given(HOSTILE)
def test_visible_text_is_bounded_printable_and_stays_as_it_is(text: str) -> None:
    shown = visible(text, 50)
    assert len(shown) <= 50
    assert shown.isprintable()
    assert visible(shown, 50) == shown


@settings(max_examples=150)
@given(HOSTILE.filter(lambda text: "`" not in text))
def test_prose_in_a_cell_and_in_a_paragraph_reads_as_the_text(text: str) -> None:
    markdown = prose(text, 2000)
    for tokens in (cells(markdown)[1], paragraph(markdown)):
        assert {token.type for token in tokens} <= {"text", "text_special"}
        assert text_of(tokens) == visible(text, 2000).strip()


@settings(max_examples=150)
@given(HOSTILE.filter(str.strip))
def test_code_in_a_cell_and_in_a_paragraph_reads_as_the_text(text: str) -> None:
    markdown = code(text, 2000)
    for tokens in (cells(markdown)[1], paragraph(markdown)):
        elements = [token.content for token in tokens if token.type == "html_inline"]
        assert elements in ([], ["<code>", "</code>"])
        inner = [token for token in tokens if token.type != "html_inline"]
        assert {token.type for token in inner} <= {"text", "text_special", "code_inline"}
        assert text_of(inner).strip() == visible(text, 2000).strip()


@settings(max_examples=150)
@given(HOSTILE)
def test_prose_holds_nothing_that_markdown_or_github_acts_on(text: str) -> None:
    tokens = cells(prose(text, 2000))[1]
    types = {token.type for token in tokens}
    assert types <= {"text", "text_special", "code_inline", "html_inline"}
    assert {token.content for token in tokens if token.type == "html_inline"} <= {"<code>", "</code>"}
    outside = "".join(" " if token.type == "code_inline" else token.content for token in tokens)
    assert {name for name, pattern in REFERENCES.items() if pattern.search(outside)} == set()


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_known_attack_is_inert_however_it_is_surrounded(attack: str) -> None:
    for text in (attack, f"x{attack}x", f" {attack} ", f"`{attack}", f"{attack}\\"):
        for markdown in (prose(text, 600), code(text, 600)):
            tokens = cells(markdown)[1]
            outside = "".join(" " if token.type == "code_inline" else token.content for token in tokens)
            assert {name for name, pattern in REFERENCES.items() if pattern.search(outside)} == set()
            assert not {token.type for token in tokens} & {"link_open", "image", "strong_open", "s_open"}
