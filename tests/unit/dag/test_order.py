import json

import pytest

from mergegate import dag
from mergegate.dag.order import sort
from mergegate.dag.outputs import Outputs
from mergegate.errors import ConfigError
from support.memory import MemoryFiles


def order(**stages: tuple[list[str], list[str]]) -> list[str]:
    """The order of stages given by what they read and what they write."""
    declared = {name: {"cmd": "x", "deps": reads, "outs": writes} for name, (reads, writes) in stages.items()}
    pipeline = dag.read(MemoryFiles({"dvc.yaml": json.dumps({"stages": declared})}))
    return [stage.name for stage in sort(pipeline, Outputs(pipeline)).stages]


def test_stages_come_after_those_they_read_from_and_else_as_they_are_written() -> None:
    assert order(last=(["b"], []), first=(["raw"], ["a"]), second=(["a"], ["b"]), alone=(["raw"], [])) == [
        "first",
        "second",
        "last",
        "alone",
    ]


def test_a_file_in_an_output_and_a_folder_of_outputs_are_links_too() -> None:
    assert order(whole=(["out"], []), part=(["out/a/x.txt"], []), a=([], ["out/a"]), b=([], ["out/b"])) == [
        "a",
        "b",
        "whole",
        "part",
    ]


def test_a_chain_of_thousands_is_put_in_order() -> None:
    stages = {f"s{n}": ([f"o{n - 1}"] if n else [], [f"o{n}"]) for n in reversed(range(5_000))}
    assert order(**stages) == [f"s{n}" for n in range(5_000)]


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        (
            {"a": (["c.txt"], ["a.txt"]), "b": (["a.txt"], ["b.txt"]), "c": (["b.txt"], ["c.txt"])},
            "dvc.yaml: 3 stages wait for each other: a → c → b → a",
        ),
        ({"a": (["out/in.txt"], ["out"])}, "dvc.yaml: a reads what it writes itself"),
        (
            {"a": ([], ["out"]), "b": ([], ["out/in.txt"])},
            "dvc.yaml: the outputs 'out/in.txt' of b and 'out' of a lie one in the other",
        ),
    ],
)
def test_a_circle_is_refused(stages: dict[str, tuple[list[str], list[str]]], message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        order(**stages)
    assert raised.value.message == message
    assert raised.value.hint
