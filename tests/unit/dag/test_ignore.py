import pytest

from mergegate.dag.ignore import Ignore
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
