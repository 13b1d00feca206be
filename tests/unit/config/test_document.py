"""YAML is read within bounds, and what stops the reading is said with its line."""

from typing import Any

import pytest
import yaml

from mergegate.config import document
from mergegate.config.document import parse
from mergegate.config.problem import PolicyError

FILE = "mergegate.yaml"


@pytest.fixture(params=["c", "python"], autouse=True)
def _loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test holds for libyaml and for PyYAML without it."""
    loader: Any = yaml.SafeLoader if request.param == "python" else document._LOADER
    monkeypatch.setattr(document, "_LOADER", loader)


def stopped(data: bytes) -> tuple[int | None, str]:
    """The line and message of the one problem."""
    with pytest.raises(PolicyError) as caught:
        parse(data, file=FILE)
    (problem,) = caught.value.problems
    assert problem.file == FILE
    return problem.line, problem.message


def problems(text: str) -> list[tuple[int | None, str, str]]:
    with pytest.raises(PolicyError) as caught:
        parse(text.encode(), file=FILE)
    return [(problem.line, problem.key, problem.message) for problem in caught.value.problems]


def test_every_key_path_has_its_line() -> None:
    parsed = parse(b"a: 1\nb:\n  - c: x\n  - {d: y,\n     e: z}\n", file=FILE)
    assert parsed.value == {"a": 1, "b": [{"c": "x"}, {"d": "y", "e": "z"}]}
    assert parsed.lines == {
        (): 1,
        ("a",): 1,
        ("b",): 2,
        ("b", 0): 3,
        ("b", 0, "c"): 3,
        ("b", 1): 4,
        ("b", 1, "d"): 4,
        ("b", 1, "e"): 5,
    }


def test_a_problem_without_a_line_of_its_own_is_placed_at_what_holds_it() -> None:
    parsed = parse(b"a: 1\nb:\n  c: 2\n", file=FILE)
    assert parsed.problem(("b", "missing"), "m").line == 2
    assert parsed.problem(("b", "missing"), "m").key == "b.missing"


def test_words_are_read_as_every_yaml_reader_reads_them() -> None:
    words = "[a, '1', \"yes\", 1, -2, 0.5, 1e-3, 1.0e-3, .5, -.inf, true, False, null, ~, =, <<, '010']"
    assert parse(words.encode(), file=FILE).value == [
        *("a", "1", "yes", 1, -2, 0.5, 0.001, 0.001, 0.5, float("-inf")),
        *(True, False, None, None, "=", "<<", "010"),
    ]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("yes", "the bare word yes is true to some YAML readers and text to others"),
        ("Off", "the bare word Off is false to some YAML readers and text to others"),
        ("010", "the bare word 010 is an octal number to some YAML readers and something else to others"),
        ("089", "the bare word 089 is an octal number to some YAML readers and something else to others"),
        ("1_000", "the bare word 1_000 is a number to some YAML readers and something else to others"),
        ("12:30:45", "the bare word 12:30:45 is a number to some YAML readers and something else to others"),
        (
            "2013-01-01",
            "the bare word 2013-01-01 is a date to some YAML readers and something else to others",
        ),
        ("9" * 5000, "999999999999999999… has more digits than a number can keep"),
    ],
)
def test_a_word_that_readers_disagree_on_is_explained(word: str, message: str) -> None:
    assert problems(f"a: 1\npositive: {word}\n") == [(2, "positive", message)]


def test_keys_are_text_and_stand_once() -> None:
    text = "a: 1\non: 2\n1: 3\n~: 4\n? [b]\n: 5\nc:\n  d: 1\n  d: 2\na: 6\n"
    assert problems(text) == [
        (2, "", "the bare word on is true to some YAML readers and text to others"),
        (3, "", "the key 1 is not text"),
        (4, "", "the key ~ is not text"),
        (5, "", "a list or mapping can't be a key"),
        (9, "c.d", "the key stands a second time; the first is on line 8"),
        (10, "a", "the key stands a second time; the first is on line 1"),
    ]


def test_anchors_and_merge_keys_share_what_is_written_once() -> None:
    text = "a: &x {p: 1, q: 2}\nb: *x\nc:\n  <<: *x\n  q: 3\nd: {<<: [{p: 4}, *x]}\n"
    parsed = parse(text.encode(), file=FILE)
    assert parsed.value == {
        "a": {"p": 1, "q": 2},
        "b": {"p": 1, "q": 2},
        "c": {"p": 1, "q": 3},
        "d": {"p": 4, "q": 2},
    }
    assert parsed.lines[("c", "q")] == 5
    assert parsed.lines[("c", "p")] == 1
    assert problems("a: {<<: 3}\n") == [(1, "a", "`<<` takes a mapping")]


@pytest.mark.parametrize(
    "bomb",
    [
        "a: &a [*a]",
        "a: &a {<<: *a}",
        "a: &a [x,x,x,x,x,x,x,x]\n"
        + "\n".join(
            f"{new}: &{new} [{','.join([f'*{old}'] * 8)}]"
            for old, new in zip("abcdef", "bcdefg", strict=True)
        ),
        "- &a0 {k: v}\n" + "\n".join(f"- &a{n} {{<<: *a{n - 1}}}" for n in range(1, 2000)),
        "- &a0 [v]\n" + "\n".join(f"- &a{n} [*a{n - 1}]" for n in range(1, 2000)),
    ],
    ids=["itself", "merges itself", "billion laughs", "chain of merges", "chain of aliases"],
)
def test_anchors_that_grow_without_bound_are_refused(bomb: str) -> None:
    line, message = stopped(bomb.encode())
    assert line is not None
    assert message == "anchors and aliases expand without bound"


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"a: 1\n<<<<<<< HEAD\nb: 1\n=======\n", 2, "an unresolved merge conflict begins here"),
        (b"a: 1\nb: caf\xe9\n", 2, "byte 0xe9 is not UTF-8"),
        (b"a: 1\n\n\0", 3, "the file holds a NUL byte"),
        ("version: 1\n".encode("utf-16"), 1, "the file holds a NUL byte"),
        (b"#" * 262_145, None, "the file has 262,145 bytes, more than the 262,144 that a policy may have"),
        (b"a: 1\n---\nb: 1\n", 2, "a second document begins here"),
        (b"[" * 100_000, 1, "nested more than 24 deep"),
        (b"[" + b"x," * 30_000 + b"]", 1, "more than 20,000 values"),
        (b"a: 1\nb: !!python/x x\n", 2, "the tag tag:yaml.org,2002:python/x is not allowed"),
        (b"a: 1\nb: !!str 1\n", 2, "the tag tag:yaml.org,2002:str is not allowed"),
        (b"a: 1\n\tb: 1\n", 2, "not valid YAML: found "),
        (b"a: [1,\nb: 2\n", 2, "not valid YAML: "),
        (b"a: 1\nb: *nowhere\n", 2, "not valid YAML: found undefined alias"),
        (b"a: \x01\n", None, "not valid YAML: "),
    ],
)  # fmt: skip
def test_what_stops_the_reading_is_said_with_its_line(data: bytes, line: int | None, message: str) -> None:
    found_line, found = stopped(data)
    assert found.startswith(message)
    assert found_line == line


def test_an_empty_file_and_a_byte_order_mark_are_read() -> None:
    assert parse(b"", file=FILE).value is None
    assert parse(b"# nothing yet\n", file=FILE).value is None
    assert parse(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", file=FILE).value == {"a": 1, "b": 2}
