import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mergegate.dag import yaml12

KEYS = st.sampled_from(
    ["a", "b", "c d", "'k'", '"j"', "1", "x.y", "p/q.json", "1e3", "true", "-x", "st@i", "~"]
)
VALUES = st.sampled_from(
    r"""
1|-1|1e-3|1.|01|0o7|1_0|0x1F|12:30|2013-01-02|2013-01|1.2.3|yes|off|true|True|null|~|''|'x: y'|"q # z"|a#b
a #c|a:b|a: b|- a|-a|--x y|[a, b]|{a: b}|{a: 'x', b: [1, 2]}|[]|{}|[a,b]|{a:b}|.5|-.inf|.nan|+|-|=|<<|a,b|x]
ab1abababababababababababababab5|12345678901234567890123456789012|1234e678901234567890123456789012|0b1|é|it's
@x|a@b|%x|a*|?x|a ? b|> x|&a b|*a|!t x|{a, b}|[a: b]|1.0e5|1e5|+1|-0|1__|"\n"|[[a], {b: [c?]}]|---|--- a|-- a
""".strip()
    .replace("\n", "|")
    .split("|")
)
LINES = st.builds(
    lambda indent, dash, key, value, end: f"{' ' * indent}{dash}{key}{value}{end}",
    st.sampled_from([0, 0, 2, 2, 4]),
    st.sampled_from(["", "", "- ", "-"]),
    st.one_of(st.just(""), KEYS.map("{}: ".format), KEYS.map("{}:".format)),
    st.one_of(st.just(""), VALUES),
    st.sampled_from(["", "", " # c", "  "]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=6).map("\n".join))
def test_the_fast_way_reads_as_ruamel_does_or_not_at_all(text: str) -> None:
    try:
        fast = yaml12.load_plain(text)
    except (yaml12.UnsureError, yaml.YAMLError):
        return
    assert repr(fast) == repr(YAML(typ="safe").load(text))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123456789eExX_-+.:abfTonia~<= ", min_size=1, max_size=9).map(str.strip))
def test_a_scalar_is_typed_as_ruamel_does_or_not_at_all(scalar: str) -> None:
    try:
        fast = yaml12.load_plain(f"k: {scalar}")
    except (yaml12.UnsureError, yaml.YAMLError):
        return
    assert repr(fast) == repr(YAML(typ="safe").load(f"k: {scalar}"))


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("1e-3", 0.001),
        ("yes", "yes"),
        ("off", "off"),
        ("010", 10),
        ("0o10", 8),
        ("12:30:45", "12:30:45"),
        ("1_000", 1000),
        ("'1'", "1"),
        ("0x10", 16),
        (".inf", float("inf")),
        ("", None),
    ],
)
def test_scalars_are_those_of_yaml_1_2(scalar: str, value: object) -> None:
    assert yaml12.load(f"k: {scalar}") == {"k": value}


def test_a_plain_document_is_read_the_fast_way() -> None:
    text = """\
# a comment
schema: '2.0'
stages:
  train@a-1:
    cmd: python -m train --rate 1e-3
      --more words
    deps:
    - path: data/ü b.csv  # why
      md5: 0123456789abcdef0123456789abcdef.dir
      size: 12
    params: {rate: 1e-3, names: [a, 'b c', 2]}
"""
    assert yaml12.load_plain(text) == YAML(typ="safe").load(text)


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        ("a: 1\nb: [\n", "expected the node content, but found", 3),
        ("a: 1\nb: 2\na: 3\n", 'found duplicate key "a"', 3),
        ("a: &a [*a]\n", "a value contains itself", None),
        ("- " * 100_000 + "a", "it is nested too deeply", None),
        ("\n".join(" " * depth + "a:" for depth in range(3000)), "it is nested too deeply", None),
        (
            "a: &a [x, x, x, x, x, x, x, x, x]\n"
            + "".join(
                f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)
            ),
            "it expands to more than 200,000 values",
            None,
        ),
        (
            "m0: &m0 {a: 1, b: 2}\n"
            + "".join(f"m{i}: &m{i} {{<<: [*m{i - 1}, *m{i - 1}]}}\n" for i in range(1, 60)),
            "it expands to more than 200,000 values",
            None,
        ),
        (
            "m0: &m0 {a: 1}\n"
            + "".join(f"m{i}: &m{i} {{<<: *m{i - 1}, k{i}: 1}}\n" for i in range(1, 1_000)),
            "it expands to more than 200,000 values",
            None,
        ),
        ("a: &a {<<: *a, b: 1}\n", "it is nested too deeply", None),
        ("a: " + "1" * 10_000, "Exceeds the limit", None),
    ],
)
def test_a_hostile_document_is_refused(text: str, problem: str, line: int | None) -> None:
    with pytest.raises(yaml12.SyntaxFault, match=re.escape(problem)) as caught:
        yaml12.load(text)
    assert caught.value.line == line


def test_merge_keys_are_merged() -> None:
    text = "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {<<: [*a, {z: 1}], '<<': 4}\n"
    assert yaml12.load(text) == {
        "a": {"x": 1, "y": 2},
        "b": {"x": 1, "y": 3},
        "c": {"x": 1, "y": 2, "z": 1, "<<": 4},
    }


def test_a_deep_flow_never_reaches_libyaml() -> None:
    with pytest.raises(yaml12.UnsureError):
        yaml12.load_plain("[" * 100_000 + "]" * 100_000)


def test_ruamel_refuses_what_dvc_refuses() -> None:
    with pytest.raises(YAMLError):
        YAML(typ="safe").load("a: 1\na: 2\n")


@pytest.mark.parametrize(
    "md5",
    ["0b" * 15 + "1a", "12" * 15 + "3b", "1e5e" + "67" * 14, "e" * 32, "9" * 31 + "c", "10b" + "1" * 29],
)
def test_checksums_that_look_like_numbers_are_still_plain(md5: str) -> None:
    """One that is not costs a large dvc.lock ten times the time."""
    text = f"md5: {md5}\n"
    assert yaml12.load_plain(text) == {"md5": md5} == YAML(typ="safe").load(text)


@pytest.mark.parametrize("digits", ["12" * 16, "1e" + "5" * 30, "5" * 30 + "e1", "0b" + "1" * 30, "0" * 32])
def test_numbers_as_long_as_a_checksum_are_numbers(digits: str) -> None:
    text = f"md5: {digits}\n"
    assert repr(yaml12.load(text)) == repr(YAML(typ="safe").load(text))
