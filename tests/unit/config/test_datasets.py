"""Which gates a dataset is held to, and what it is an exam against."""

from typing import Any

import msgspec
import pytest

from mergegate.config import datasets
from mergegate.config.datasets import (
    DEFAULTS,
    DatasetGates,
    Leakage,
    effective_gates,
    key_columns,
    leakage_level,
    missing_bar,
    shift_bar,
    training_path,
)
from support.policy_texts import loaded


def gates(own: str = "{}", common: str = "{}") -> DatasetGates:
    """The effective gates of a dataset with a key and a label."""
    policy = loaded(
        f"version: 1\ndatasets: [{{path: d, key: k, label: y, gates: {own}}}]\ndataset_gates: {common}\n"
    )
    return effective_gates(policy, policy.datasets[0])


def test_where_the_policy_says_nothing_the_defaults_hold() -> None:
    assert gates() == DEFAULTS
    assert msgspec.to_builtins(DEFAULTS) == {
        "schema": "additive",
        "max_removed_share": 0.0,
        "max_added_share": None,
        "max_label_change_share": 0.01,
        "max_missing": {},
        "leakage": {
            "key": "forbid",
            "content": "warn",
            "group": "forbid",
            "time": "forbid",
            "base_training": "warn",
            "single_feature": "warn",
            "known_later": "forbid",
            "rows_gone": "warn",
        },
        "max_single_feature_strength": 0.85,
        "shift": {"*": "ignore"},
        "unique_key": "forbid",
    }


def test_own_gates_override_the_common_ones_key_by_key() -> None:
    found = gates("{schema: any, max_removed_share: 1}", "{schema: none, max_added_share: 0.5}")
    assert (found.schema, found.max_removed_share, found.max_added_share) == ("any", 1.0, 0.5)
    assert found.unique_key == "forbid"


@pytest.mark.parametrize(
    ("own", "common", "levels"),
    [
        ("{}", "{leakage: forbid}", ("forbid", "forbid", "forbid")),
        ("{leakage: ignore}", "{leakage: forbid}", ("ignore", "ignore", "ignore")),
        ("{}", "{leakage: {content: forbid}}", ("forbid", "forbid", "warn")),
        ("{leakage: {rows_gone: ignore}}", "{leakage: forbid}", ("forbid", "forbid", "ignore")),
        ("{leakage: {rows_gone: ignore}}", "{leakage: {content: ignore}}", ("forbid", "ignore", "ignore")),
    ],
)
def test_leakage_is_one_word_or_a_word_by_kind(own: str, common: str, levels: tuple[str, ...]) -> None:
    found = gates(own, common)
    assert tuple(leakage_level(found, kind) for kind in ("key", "content", "rows_gone")) == levels


def test_every_kind_of_leak_has_a_level() -> None:
    leakage = DEFAULTS.leakage
    assert isinstance(leakage, Leakage)
    assert None not in msgspec.to_builtins(leakage).values()


@pytest.mark.parametrize(
    ("own", "common", "bars"),
    [
        ("{}", "{}", (None, None)),
        ("{}", "{max_missing: 0.1}", (0.1, 0.1)),
        ("{max_missing: {gust: 0.9}}", "{max_missing: 0.1}", (0.9, 0.1)),
        ("{max_missing: 0.2}", "{max_missing: {gust: 0.9}}", (0.2, 0.2)),
        ("{max_missing: {'*': 0.2}}", "{max_missing: {gust: 0.9}}", (0.9, 0.2)),
        ("{max_missing: {gust: 0.5}}", "{max_missing: {gust: 0.9}}", (0.5, None)),
    ],
)
def test_bars_by_column_leave_the_other_columns_as_they_were(own: str, common: str, bars: Any) -> None:
    found = gates(own, common)
    assert (missing_bar(found, "gust"), missing_bar(found, "temp")) == bars


@pytest.mark.parametrize(
    ("own", "common", "bars"),
    [
        ("{}", "{}", ("ignore", "ignore")),
        ("{}", "{shift: warn}", ("warn", "warn")),
        ("{shift: {temp: 0.25}}", "{shift: warn}", (0.25, "warn")),
        ("{shift: {'*': forbid, temp: ignore}}", "{}", ("ignore", "forbid")),
    ],
)
def test_shift_is_one_word_or_a_word_or_a_number_by_column(own: str, common: str, bars: Any) -> None:
    found = gates(own, common)
    assert (shift_bar(found, "temp"), shift_bar(found, "hour")) == bars


def test_a_key_is_one_column_several_or_none() -> None:
    text = "version: 1\ndatasets: [{path: a, key: id}, {path: b, key: [x, y]}, {path: c}]\n"
    assert [key_columns(each) for each in loaded(text).datasets] == [("id",), ("x", "y"), ()]


def test_an_exam_is_held_against_what_it_names_else_what_its_model_is_trained_on() -> None:
    text = """\
version: 1
models:
  first: {evaluation: {task: binary, predictions: p, inputs: data/exam}}
  second: {evaluation: {task: binary, predictions: q, inputs: ./data//exam/, training_rows: data/train}}
datasets: [{path: data/exam/}, {path: data/other}, {path: data/own, train: data//rows/}]
"""
    policy = loaded(text)
    found = [training_path(policy, each) for each in policy.datasets]
    assert found == ["data/train", None, "data/rows"]


def test_the_structs_are_named_where_the_functions_are() -> None:
    assert {"Dataset", "DatasetGates", "Leakage", "Level"} <= set(datasets.__all__)
