"""Checks are made one by one, and none hides another."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from mergegate import doctor
from mergegate.doctor import on_github
from mergegate.doctor.check import BlindError, Unseen, examine, name, overlook, seen
from mergegate.records.doctor import Ailment, Checked
from support.doctor import facts


def ailment(what: str, level: Any = "note") -> Ailment:
    return Ailment(check="one", level=level, what=what, why="why", mend="mend")


def check(title: str, look: Any, *, holes: bool = False) -> Any:
    module = ModuleType(f"mergegate.doctor.{title}")
    vars(module).update(LOOKS_FOR=f"what {title} is", FINDS_HOLES=holes, check=look)
    return module


def sees(facts: object) -> Iterator[Ailment]:
    yield ailment("it is so")


def is_blind(facts: object) -> Iterator[Ailment]:
    yield ailment("the first half")
    seen(Unseen("the rest can't be read"))


def breaks(facts: object) -> Iterator[Ailment]:
    names: dict[str, str] = {}
    yield ailment(names["gone"])


def test_a_check_that_can_not_look_or_breaks_says_so_and_hides_no_other() -> None:
    made = examine([check("is_blind", is_blind), check("breaks", breaks), check("sees_well", sees)], object())
    assert made.checks == (
        Checked(check="is-blind", looks_for="what is_blind is", unseen="the rest can't be read"),
        Checked(
            check="breaks",
            looks_for="what breaks is",
            unseen="this check broke, which is a fault of mergegate: KeyError: 'gone'",
        ),
        Checked(check="sees-well", looks_for="what sees_well is"),
    )
    assert [each.what for each in made.ailments] == ["the first half", "it is so"]
    assert not made.blind


def test_only_what_could_find_a_hole_leaves_the_answer_open() -> None:
    assert examine([check("a", is_blind, holes=True)], object()).blind
    assert not examine([check("a", sees, holes=True)], object()).blind
    assert examine([check("a", lambda facts: iter([ailment("?", "unseen")]))], object()).blind


def test_checks_without_any_facts_all_say_why() -> None:
    made = overlook([check("a", sees, holes=True), check("b", sees)], "no network")
    assert [(each.check, each.unseen) for each in made.checks] == [("a", "no network"), ("b", "no network")]
    assert made.blind
    assert made.ailments == ()


def test_a_part_that_was_gathered_is_itself() -> None:
    assert seen("part") == "part"
    with pytest.raises(BlindError, match="it is dark"):
        seen(Unseen("it is dark"))


@pytest.mark.parametrize("each", doctor.CHECKS, ids=name)
def test_every_check_finds_nothing_where_nothing_ails(each: Any) -> None:
    examined = examine((each,), facts())
    assert (examined.ailments, examined.checks[0].unseen) == ((), "")


@pytest.mark.parametrize("each", [*doctor.CHECKS, *on_github.CHECKS], ids=name)
def test_every_check_says_what_it_looks_for_under_its_own_name(each: Any) -> None:
    assert name(each) == each.CHECK
    assert 20 < len(each.LOOKS_FOR) < 140
    assert isinstance(each.FINDS_HOLES, bool)


def test_no_two_checks_share_a_name() -> None:
    names = [*map(name, doctor.CHECKS), *map(name, on_github.CHECKS)]
    assert len(set(names)) == len(names)
    assert set(doctor.SEEN_BETTER) | set(doctor.SEEN_BETTER.values()) <= set(names)


@pytest.mark.parametrize(
    "part", ["policies", "workflows", "owners", "settings", "lock", "presence", "measured"]
)
def test_a_part_that_could_not_be_gathered_is_told_by_its_checks_alone(part: str) -> None:
    examined = examine(doctor.CHECKS, facts(**{part: Unseen("the disk is gone")}))
    blind = [each.check for each in examined.checks if each.unseen]
    assert blind
    assert {each.unseen for each in examined.checks if each.unseen} == {"the disk is gone"}
    assert examined.ailments == ()
