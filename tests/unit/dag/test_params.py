import math

import pytest

from mergegate.dag.params import MISSING, leaves, look_up, parse, printable, same, show
from mergegate.errors import ConfigError


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.yaml", "a: {b: 1e-3, c: [1, x]}\n"),
        ("p.json", '{"a": {"b": 0.001, "c": [1, "x"]}}'),
        ("p.toml", '[a]\nb = 1e-3\nc = [1, "x"]\n'),
        ("p.py", "import os\nclass a:\n    b: float = 0.001\n    c = [1, 'x']\n    d = os.getcwd()\n"),
        ("p.conf", "a:\n  b: 0.001\n  c: [1, x]\n"),
    ],
)
def test_every_kind_of_params_file_gives_the_same_values(name: str, text: str) -> None:
    assert parse(text.encode(), name) == {"a": {"b": 0.001, "c": [1, "x"]}}


def test_python_constants_are_read_and_nothing_is_run() -> None:
    text = """\
rate = 0.1
a = b = 2
raise SystemExit("this would end the review")
class Train:
    depth: int = 3
    def __init__(self):
        self.size = (1, 2)
        local = 5
"""
    assert parse(text.encode(), "p.py") == {"rate": 0.1, "Train": {"depth": 3, "size": (1, 2)}}


def test_an_empty_file_holds_nothing() -> None:
    assert parse(b"", "p.yaml") == {}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("p.yaml", "a: [\n", "p.yaml:2: is not valid YAML: "),
        ("p.json", '{"a":\n', "p.json:2: is not valid JSON: Expecting value"),
        ("p.toml", "a = \n", "p.toml: is not valid TOML: Invalid value (at line 1, column 5)"),
        ("p.py", "a = (\n", "p.py:1: is not valid Python"),
        (
            "p.yaml at main",
            "<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> x\n",
            "p.yaml at main:1: holds git's conflict",
        ),
        ("p.json", "[" * 100_000, "p.json: is not valid JSON: "),
        ("p.toml", "a" + ".a" * 100 + " = 1\n", "p.toml: is nested more than 100 levels deep"),
        ("p.toml", "b = '1'\na" + ".a" * 200_000 + " = 1\n", "p.toml:2: has a key of more than 100 parts"),
        ("p.json", '{"a":' * 200 + "1" + "}" * 200, "p.json: is nested more than 100 levels deep"),
        ("p.yaml", "[" * 150 + "]" * 150, "p.yaml: is nested more than 100 levels deep"),
        ("p.yaml", "[" * 250 + "]" * 250, "p.yaml: is not valid YAML: it is nested more than 200 levels"),
        ("p.yaml", "a: \udcff", "p.yaml:1: is not UTF-8 text"),
    ],
)
def test_a_broken_file_is_named_with_its_line(name: str, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text.encode("utf-8", "surrogateescape"), name)
    assert str(caught.value).startswith(said)


def test_a_long_line_of_toml_with_dots_in_texts_is_no_deep_key() -> None:
    assert parse(("a = [" + "'1.2.3', " * 100 + "]").encode(), "p.toml") == {"a": ["1.2.3"] * 100}


def test_values_are_looked_up_by_dotted_keys() -> None:
    values = {"a": {1: "one", "l": [{"x": 5}, 6], "none": None}, "b.c": 1}
    assert look_up(values, "a.1") == "one"
    assert look_up(values, "a.l.0.x") == 5
    assert look_up(values, "a.l.-1") == 6
    assert look_up(values, "a.n*") is None
    assert look_up(values, "a") == values["a"]
    for key in ("b.c", "a.l.2", "a.none.x", "a.*", "nothing"):
        assert look_up(values, key) is MISSING


def test_leaves_are_all_that_is_no_mapping_with_keys() -> None:
    assert leaves({"a": {"b": 1, "c": {}}, "d": [1, {"e": 2}], 5: None}) == {
        "a.b": 1,
        "a.c": {},
        "d": [1, {"e": 2}],
        "5": None,
    }
    assert leaves({}) == {}


def test_no_leaf_hides_another() -> None:
    assert leaves({"a.b": 1, "a": {"b": 5}, "": {"c": 2}, "c": 3, '"a.b"': 4, 1: 6, "1": 7, "!int 1": 8}) == {
        '"a.b"': 1,
        "a.b": 5,
        '"".c': 2,
        "c": 3,
        '"\\"a.b\\""': 4,
        "!int 1": 6,
        "1": 7,
        '"!int 1"': 8,
    }
    assert leaves({"x": {}, "y.z": 1}, "a.b") == {"a.b.x": {}, 'a.b."y.z"': 1}
    assert (leaves(1, "a.b"), leaves({}, "a.b")) == ({"a.b": 1}, {"a.b": {}})


def test_a_set_is_shown_in_one_order() -> None:
    names = [f"name{number}" for number in range(50)]
    values = parse(("a: !!set {" + ", ".join(reversed(names)) + "}").encode(), "p.yaml")
    assert show(values["a"]) == show(sorted(names))


def test_equal_is_what_dvc_takes_for_equal_and_nan_is_nan() -> None:
    nan = math.nan
    assert same({"a": [nan, (1, 2)]}, {"a": [nan, [1.0, 2]]})
    assert not same({"a": 1}, {"a": 1, "b": nan})
    assert not same([1], [1, 2])
    assert not same(None, MISSING)


def test_values_are_shown_as_json_and_can_always_be_written() -> None:
    assert show({"a": [1, None, "ü"], "b": math.nan}) == '{"a": [1, null, "ü"], "b": NaN}'
    assert show({(1, 2): 3}) == "{(1, 2): 3}"
    assert show("\ud800") == '"\\ud800"'
    assert printable("a\ud800b") == "a\\ud800b"
