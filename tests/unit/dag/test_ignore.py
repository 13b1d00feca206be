import pytest

from mergegate.dag.ignore import LONGEST_PATTERN, MOST_PATTERNS, Ignore
from mergegate.errors import ConfigError
from support.memory import MemoryFiles


@pytest.mark.parametrize(
    ("pattern", "hidden", "seen"),
    [
        ("*.log", ["a.log", "x/y/a.log"], ["a.txt", "a.log.txt"]),
        ("/build", ["build", "build/x"], ["a/build"]),
        ("cache/", ["cache/x", "a/cache/x"], ["cache", "a/cache"]),
        ("a/*.txt", ["a/b.txt"], ["a/c/b.txt", "x/a/b.txt"]),
        ("a/**/z", ["a/z", "a/b/c/z"], ["z", "b/a/z"]),
        ("**/tmp", ["tmp", "a/b/tmp/x"], ["tmpx"]),
        ("logs/**", ["logs/a", "logs/b/c"], ["logs"]),
        ("file?.[a-c]sv", ["file1.csv"], ["file.csv", "file1.dsv"]),
        ("[!a].txt", ["b.txt"], ["a.txt"]),
        ("\\#odd", ["#odd"], ["odd"]),
        ("a+b(.txt", ["a+b(.txt"], ["aab(.txt"]),
        ("a/**/b/**/c", ["a/b/c", "a/x/b/y/b/z/c"], ["a/c", "a/b", "b/a/c"]),
        ("a**b*c", ["abc", "axbxc", "x/abbcc"], ["ab", "a/bc"]),
        ("[]-a]", ["]", "^", "a"], ["-", "b"]),
        ("[a-]", ["a", "-"], ["b"]),
        ("[", [], ["["]),
        ("[a", [], ["[a", "a"]),
        ("[]", [], ["[]"]),
        ("[!]", [], ["[!]", "a"]),
        ("[[:alpha:]]", ["a]", ":]", "[]"], ["x", "a"]),
        ("# comment", [], ["# comment"]),
        ("trailing   ", ["trailing"], ["trailing   "]),
    ],
)
def test_patterns_mean_what_they_mean_in_gitignore(pattern: str, hidden: list[str], seen: list[str]) -> None:
    ignore = Ignore(MemoryFiles({".dvcignore": pattern + "\n"}))
    assert {path: ignore.hides(path) for path in hidden + seen} == dict.fromkeys(
        hidden, True
    ) | dict.fromkeys(seen, False)


def test_the_last_match_wins_and_each_file_speaks_for_its_folder() -> None:
    ignore = Ignore(MemoryFiles({".dvcignore": "*.log\n!keep.log\n", "sub/.dvcignore": "keep.log\n/own\n"}))
    assert [
        path for path in ("a.log", "keep.log", "sub/keep.log", "sub/own", "own") if ignore.hides(path)
    ] == [
        "a.log",
        "sub/keep.log",
        "sub/own",
    ]


def test_without_patterns_nothing_is_hidden() -> None:
    assert not Ignore(MemoryFiles({"a": ""})).hides("a")


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 12 + "b.dvc", "a" * 60 + ".dvc"),
        ("*a" * 200 + "b", "a" * 4000),
        ("**/a/" * 100 + "b", "a/" * 1000 + "c"),
        ("**/*a*a*a*/" * 50 + "b", "aaaaaaaa/" * 300 + "c"),
    ],
)
def test_a_pattern_that_could_match_in_countless_ways_is_soon_done(pattern: str, path: str) -> None:
    assert not Ignore(MemoryFiles({".dvcignore": pattern})).hides(path)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("[z-a]", "the range z-a is turned round"),
        ("\\", "nothing follows the backslash"),
        ("a/b\\", "nothing follows the backslash"),
        ("!", "nothing follows the mark"),
    ],
)
def test_a_pattern_that_stops_dvc_is_named_with_its_line(pattern: str, why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Ignore(MemoryFiles({"sub/.dvcignore": f"ok\r\n{pattern}\n"}))
    assert str(caught.value) == f"sub/.dvcignore:2: has a pattern that DVC can't read, {pattern!r}: {why}"


def test_patterns_are_bounded() -> None:
    for text, said in (
        ("a\n" * (MOST_PATTERNS + 1), ".dvcignore:1001: brings the patterns to more than 1,000"),
        (
            "a" * (LONGEST_PATTERN + 1),
            ".dvcignore:1: has a pattern of 1,001 characters, more than 1,000",
        ),
    ):
        with pytest.raises(ConfigError) as caught:
            Ignore(MemoryFiles({".dvcignore": text}))
        assert str(caught.value) == said
