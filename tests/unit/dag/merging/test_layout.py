from typing import Any

import pytest
from dvc.utils.serialize import dumps_yaml, loads_yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mergegate.dag.document import Document
from mergegate.dag.merging.blocks import read_lock
from mergegate.dag.merging.layout import read_layout
from mergegate.dag.merging.runs import read_run

MD5 = "a" * 32
ODD = [
    "true",
    "Null",
    "1e3",
    ".5",
    "a b",
    "a: b",
    "a #b",
    "-x",
    "../in/x.csv",
    "ü",
    "a/b@1-2+c.csv",
    "*",
    "a\nb",
]
SUMS = ["1" * 32, "12e" + "4" * 29, "b" * 32, "1e" + "5" * 30 + ".dir", MD5]


@st.composite
def blocks(draw: st.DrawFn) -> dict[str, Any]:
    """Blocks of names, paths and commands that YAML has a mind of its own about."""

    def entries() -> list[dict[str, Any]]:
        paths = draw(st.lists(st.sampled_from([*ODD, "data", "model/x"]), max_size=2, unique=True))
        return [
            {"path": path, "hash": "md5", "md5": draw(st.sampled_from(SUMS))}
            | draw(st.sampled_from([{}, {"size": 3}, {"size": 3, "nfiles": 1}, {"size": 0, "isexec": True}]))
            for path in paths
        ]

    command = st.sampled_from([*ODD, "python x.py " + "--long word " * 12, "a\n    deps:\n    - path: x\n"])
    made: dict[str, Any] = {"cmd": draw(st.one_of(command, st.lists(command, min_size=1, max_size=2)))}
    if deps := entries():
        made["deps"] = deps
    if draw(st.booleans()):
        made["params"] = {"params.yaml": {"a": draw(st.sampled_from([1, "1", [1, {"b": None}], *ODD]))}}
    if outs := entries():
        made["outs"] = outs
    return made


@settings(max_examples=75, deadline=None)
@given(st.sampled_from(["train", "st@1", "null", "1"]), blocks())
def test_lines_mean_what_yaml_says_they_mean(name: str, block: dict[str, Any]) -> None:
    text: str = dumps_yaml({"schema": "2.0", "stages": {name: block}})
    read = read_lock(text.encode(), "dvc.lock", {}).blocks[name]
    assert read.run == read_run(Document("", "", "", None), name, loads_yaml(text)["stages"][name])
    assert text.endswith(read.text)


@pytest.mark.parametrize(
    "entry",
    [
        "path: true\n      hash: md5\n      md5: " + MD5,
        "path: x\n      hash: md5\n      md5: " + "1" * 32,
        "path: x\n      md5: " + MD5,
        "path: 'x'\n      hash: md5\n      md5: " + MD5,
    ],
)
def test_what_yaml_might_read_otherwise_is_left_to_yaml(entry: str) -> None:
    assert read_layout(f"  a:\n    cmd: x\n    outs:\n    - {entry}\n") is None


def test_dvcs_own_layout_is_read_at_once() -> None:
    lines = f"    - path: ../x/y.csv\n      hash: md5\n      md5: {MD5}\n      size: 3\n"
    command, params = "    cmd: x\n      y\n", "    params:\n      p.yaml:\n        b: 1\n"
    text = f"  a:\n{command}    deps:\n{lines}{params}    outs:\n{lines}"
    assert read_layout(text) == (
        "a",
        command + params,
        {"../x/y.csv": f"{MD5} md5"},
        {"../x/y.csv": f"{MD5} md5"},
    )
    assert read_layout(text + lines) is None
