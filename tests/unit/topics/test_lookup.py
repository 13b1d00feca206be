"""Finding a topic by what people type."""

import pytest

from mergegate.topics import find, nearest, parts, read_all


def found(name: str) -> list[tuple[str, str]]:
    return [(topic.kind, topic.name) for topic in find(name)]


@pytest.mark.parametrize(
    "name", ["broken-link", "BROKEN-LINK", "broken link", "broken_link", "  Broken-Link "]
)
def test_case_and_signs_between_words_do_not_count(name: str) -> None:
    assert found(name) == [("finding", "broken-link"), ("cause", "broken-link")]


@pytest.mark.parametrize("name", ["cause/missing", "cause missing", "Cause:Missing"])
def test_a_name_of_several_kinds_can_be_told_apart(name: str) -> None:
    assert [kind for kind, _ in found("missing")] == ["finding", "cause", "difference"]
    assert found(name) == [("cause", "missing")]


def test_a_gate_is_found_by_the_key_in_the_policy_and_by_its_id() -> None:
    assert found("max_rows_gone") == [("gate", "max_rows_gone")]
    assert found("rows_gone") == [("gate", "max_rows_gone"), ("leak", "rows_gone")]
    assert found("lock/chain") == found("lock")[:1] == [("gate", "lock/chain")]


@pytest.mark.parametrize(
    ("id_", "words"),
    [
        ("late-arrival/roc_auc/min", ["min", "roc_auc"]),
        ("late/recall[late]/max_regression[origin=JFK]", ["max_regression", "recall"]),
        ("data:data/raw/flights/max_missing[wind_gust]", ["max_missing"]),
        ("data:data/model/evaluation/leakage/single_feature[dep_delay]", ["single_feature", "leakage"]),
        ("nothing/of/ours", []),
        ("[" * 10_000, []),
    ],
)
def test_the_id_of_a_gate_is_explained_by_its_parts(id_: str, words: list[str]) -> None:
    assert [topic.name for topic in parts(id_)] == words


def test_a_misspelt_name_has_its_nearest() -> None:
    assert nearest("brokn-link")[0] == "broken-link"
    assert {"max_regression", "max_relative_regression"} < set(nearest("regression"))
    assert nearest("") == nearest("zzzzzz") == []
    assert find("zzzzzz") == ()


def test_every_name_finds_its_own_topic() -> None:
    for topic in read_all():
        for name in topic.names:
            assert topic in find(name)
            assert find(f"{topic.kind}/{name}") == (topic,)
