"""Who owns a path by CODEOWNERS, compared with GitHub's documented examples."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergegate.doctor.on_github.owning import owners_of

# https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
EXAMPLE = """\
# This is a comment.
*       @global-owner1 @global-owner2

*.js    @js-owner #This is an inline comment.
*.txt @octo-org/octocats

/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("mergegate.yaml", ("@global-owner1", "@global-owner2")),
        ("src/a.js", ("@js-owner",)),
        ("build/logs/today/x.c", ("@octocat",)),
        ("build/logs.c", ("@global-owner1", "@global-owner2")),
        ("docs/getting-started.md", ("@doctocat",)),
        ("docs/build-app/x.md", ("@doctocat",)),
        ("sub/docs/x.md", ("@global-owner1", "@global-owner2")),
        ("deeply/nested/logs/x", ("@octocat",)),
        ("apps/x", ("@octocat",)),
        ("sub/apps/x", ("@octocat",)),
        ("apps/github/x", ()),
        ("scripts/run", ("@doctocat", "@octocat")),
    ],
)
def test_the_last_line_that_fits_decides(path: str, owners: tuple[str, ...]) -> None:
    assert owners_of(path, EXAMPLE) == owners


@pytest.mark.parametrize(
    ("pattern", "owned"),
    [
        (".github/workflows/comment.yml", True),
        ("/.github/workflows/comment.yml", True),
        (".github", True),
        (".github/", True),
        ("/.github/*", False),
        ("/.github/**", True),
        ("workflows/", True),
        ("/workflows/", False),
        ("*.yml", True),
        ("comment.y?l", True),
        ("/comment.yml", False),
        ("!/.github/", False),
        ("/.github/workflows/[c]omment.yml", False),
        ("#.github", False),
    ],
)
def test_patterns_are_those_of_gitignore_without_negation_and_ranges(pattern: str, owned: bool) -> None:
    assert bool(owners_of(".github/workflows/comment.yml", f"{pattern} @team/owners\n")) is owned


def test_a_line_whose_owner_can_be_none_is_skipped_and_no_pattern_takes_long() -> None:
    text = "* @team/people\n/mergegate.yaml nobody\n" + "*a" * 20 + " @x\n"
    assert owners_of("mergegate.yaml", text) == ("@team/people",)
    assert owners_of("a" * 40, text) == ("@team/people",)
    assert owners_of("mergegate.yaml", "* @a\n" + "/other @b\n" * 5_000) == ()


@settings(max_examples=50)
@given(st.text(alphabet="*?/ab.#!@ \n[", max_size=300))
def test_nothing_in_the_file_breaks_it_or_takes_long(text: str) -> None:
    assert isinstance(owners_of("a" * 60 + "/b.yml", text), tuple)
