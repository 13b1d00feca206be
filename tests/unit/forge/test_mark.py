"""CML's watermark, built and found as CML 0.20.6 does."""

import pytest

from mergegate.errors import UsageError
from mergegate.forge.mark import add_mark, bears_mark, build_mark, check_title

SHA = "0a2bfe20c6eb1c7376d726a21e686f52c88c6a1d"
MARK = f'![](https://cml.dev/watermark.png#{SHA} "CML watermark mergegate")'


def test_the_mark_is_what_cml_writes() -> None:
    assert build_mark("mergegate", SHA) == MARK
    assert add_mark("text", "mergegate", SHA) == f"text\n\n{MARK}"


def test_a_comment_is_found_whatever_its_commit_and_wherever_the_mark_stands() -> None:
    assert bears_mark(MARK, "mergegate")
    assert bears_mark(f"before {MARK.replace(SHA, 'AB12')} after", "mergegate")


@pytest.mark.parametrize(
    "text",
    [
        "",
        MARK.replace("mergegate", "mergegat"),
        MARK.replace("mergegate", "mergegate-b"),
        MARK.replace(f"#{SHA}", ""),
        MARK.replace(SHA, "xyz"),
        MARK.replace("cml.dev", "cmlxdev"),
        MARK.replace("![]", "![x]"),
    ],
)
def test_what_cml_would_not_take_for_it_is_not_it(text: str) -> None:
    assert not bears_mark(text, "mergegate")


def test_a_title_is_plain_text() -> None:
    assert check_title("late arrival 2.0") == "late arrival 2.0"
    assert bears_mark(build_mark("late arrival 2.0", SHA), "late arrival 2.0")
    assert not bears_mark(build_mark("late arrival 2x0", SHA), "late arrival 2.0")
    for title in ("", " x", "a_b", "a*b", "[x]", "<x>", '"', "{run}", "a\nb", "é", "x" * 61):
        with pytest.raises(UsageError, match="can't be the title of a comment"):
            check_title(title)
