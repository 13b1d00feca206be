"""`reproduce`: what a run is held against, and which stages are taken on trust."""

import pytest

from mergegate import config
from mergegate.config.policy import Acceptance, Reproduce
from mergegate.config.problem import PolicyError

POLICY = "version: 1\ndatasets: [{path: d}]\nreproduce:\n"
ACCEPTED = '  accept: [{stage: train, reason: hours on a GPU, by: Ada, expires: "2026-12-31"}]\n'


def loaded(text: str) -> Reproduce:
    return config.load((POLICY + text).encode(), file="mergegate.yaml").reproduce


def problems(text: str) -> list[tuple[int | None, str, str, str]]:
    with pytest.raises(PolicyError) as raised:
        loaded(text)
    return [(each.line, each.key, each.message, each.hint) for each in raised.value.problems]


def test_predictions_must_be_equal_unless_said_otherwise() -> None:
    policy = config.load(b"version: 1\ndatasets: [{path: d}]\n", file="mergegate.yaml")
    assert policy.reproduce == Reproduce(equal="predictions", tolerance=1e-6, accept=())


def test_every_key_is_read() -> None:
    accepted = Acceptance(stage="train", reason="hours on a GPU", by="Ada", expires="2026-12-31")
    assert loaded("  equal: bytes\n  tolerance: 0\n" + ACCEPTED) == Reproduce(
        equal="bytes", tolerance=0, accept=(accepted,)
    )


@pytest.mark.parametrize("tolerance", ["-1", "1", ".nan", ".inf"])
def test_a_tolerance_is_small(tolerance: str) -> None:
    ((line, key, _, hint),) = problems(f"  tolerance: {tolerance}\n")
    assert (line, key, hint) == (4, "reproduce.tolerance", "write 0, or a number below 1, such as 1.0e-6")


@pytest.mark.parametrize("key", ["stage", "reason", "by"])
def test_nothing_of_an_acceptance_may_be_empty(key: str) -> None:
    old = {"stage": "train", "reason": "hours on a GPU", "by": "Ada"}[key]
    ((line, place, message, _),) = problems(ACCEPTED.replace(old, '" "'))
    assert (line, place) == (4, f"reproduce.accept[0].{key}")
    assert message == f"an accepted stage needs `{key}`, and it is empty"


def test_an_acceptance_must_expire() -> None:
    ((line, key, message, _),) = problems(ACCEPTED.replace(', expires: "2026-12-31"', ""))
    assert (line, key, message) == (4, "reproduce.accept[0]", "the key `expires` is missing")


@pytest.mark.parametrize("day", ["2026-02-30", "20261231", "soon"])
def test_a_day_is_a_day(day: str) -> None:
    ((line, key, message, _),) = problems(ACCEPTED.replace("2026-12-31", day))
    assert (line, key, message) == (4, "reproduce.accept[0].expires", f'"{day}" is no date')


def test_a_stage_is_accepted_once() -> None:
    twice = "  accept:\n" + 2 * '    - {stage: train, reason: dear, by: Ada, expires: "2026-12-31"}\n'
    ((line, key, message, hint),) = problems(twice)
    assert (line, key) == (6, "reproduce.accept[1].stage")
    assert (message, hint) == (
        "train is accepted a second time; the first is on line 5",
        "keep one of the two",
    )
