"""Every word that mergegate says has its paragraph, and no paragraph is of a word that it no longer says."""

import pkgutil
from collections.abc import Collection
from importlib import import_module
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from mergegate import topics
from mergegate.config import gates as policy
from mergegate.config.data import DatasetGates
from mergegate.config.metric_gates import BARS
from mergegate.errors import Code, MergegateError, SpecificCode
from mergegate.flows.verify.reasons import REASONS
from mergegate.gates import complete, contract, data, lock, strength
from mergegate.records import comparison, plan, reproduce, review, verdict
from mergegate.records.data import FactKind, LeakKind, SchemaKind
from mergegate.records.metrics import METRIC_TASKS, ON_REQUEST

SOURCES = Path(topics.__file__).parents[1]


def keys(*sections: type[msgspec.Struct]) -> set[str]:
    return {field.encode_name for section in sections for field in msgspec.structs.fields(section)}


def checks() -> set[str]:
    """The checks of the doctor: their files in kebab-case, as the doctor calls them."""
    package = import_module("mergegate.doctor")
    found = pkgutil.walk_packages(package.__path__, "mergegate.doctor.")
    modules = [import_module(each.name) for each in found]
    return {
        module.__name__.rpartition(".")[2].replace("_", "-")
        for module in modules
        if isinstance(getattr(module, "LOOKS_FOR", None), str)
    }


GATES = (
    {*BARS, "max_gap", "rescored", "rows_gone", "labels_changed", "size"}
    | keys(policy.EvaluationGate, policy.BundleGate, policy.GoldenGate, policy.FlipsGate, DatasetGates)
    | {*data._WORDS, contract.KIND, contract.COMPARISON, strength.KIND}
    | {word for id_ in (lock.ID, complete.ID, complete.BASE) for word in (id_, id_.partition("/")[0])}
)

WORDS: dict[str, Collection[str]] = {
    "error": get_args(Code),
    "gate": GATES,
    "outcome": {*get_args(verdict.Outcome), *get_args(comparison.Finding), "mixed"},
    "strength": get_args(review.Strength),
    "metric": {*METRIC_TASKS, *ON_REQUEST},
    "finding": REASONS,
    "cause": {*get_args(plan.Cause), *get_args(review.Reason.__annotations__["kind"])},
    "data": {*get_args(FactKind), *get_args(SchemaKind)},
    "leak": get_args(LeakKind),
    "difference": get_args(reproduce.Kind),
    "run": {*get_args(reproduce.Ran), *get_args(reproduce.Outcome)},
    "check": checks(),
}


@pytest.mark.parametrize("kind", [kind.word for kind in topics.KINDS])
def test_every_word_of_a_kind_has_its_paragraph_and_no_other_has_one(kind: str) -> None:
    named = [name for topic in topics.read(kind).topics for name in topic.names]
    assert sorted(named) == sorted(set(WORDS[kind]))


def test_every_paragraph_says_something_in_lines_that_can_be_read() -> None:
    for topic in topics.read_all():
        assert len(topic.text) > 15, topic.name
        assert topic.text.endswith((".", "`", "?", ":", ")")), topic.name
        assert max(map(len, topic.text.splitlines())) <= 120, topic.name


def test_every_specific_code_is_given_to_an_error_somewhere() -> None:
    errors = SOURCES / "errors.py"
    code = "".join(path.read_text() for path in SOURCES.rglob("*.py") if path != errors)
    assert [each for each in get_args(SpecificCode) if f'"{each}"' not in code] == []


def test_every_class_of_errors_has_a_code_of_its_own() -> None:
    found, waiting = [], [MergegateError]
    while waiting:
        each = waiting.pop()
        found.append(each)
        waiting += each.__subclasses__()
    ours = [each for each in found if each.__module__ == MergegateError.__module__]
    assert len(ours) == 8
    # The base of all is BrokenError's: nobody raises it itself.
    assert len({each.code for each in ours}) == 7
    assert {each.code for each in found} <= set(get_args(Code))
