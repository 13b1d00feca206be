"""Which status a change gets, and which of several counts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergegate.flows.judging.contexts import name_context, strictest


@pytest.mark.parametrize(
    ("base", "protected", "expected"),
    [
        ("main", (), "mergegate"),
        ("main", ("release/*",), "mergegate"),
        ("release/1.2", ("release/*",), "mergegate"),
        ("release", ("release/*",), "mergegate/release"),
        ("releases/x/y", ("*/y",), "mergegate"),
        ("stable", ("stable",), "mergegate"),
        ("stablex", ("stable",), "mergegate/stablex"),
        ("sta-ble", ("sta.ble",), "mergegate/sta-ble"),
        ("dev/late.v2", (), "mergegate/dev/late.v2"),
        ("", (), "mergegate/"),
    ],
)
def test_only_the_default_branch_and_protected_ones_share_the_required_status(
    base: str, protected: tuple[str, ...], expected: str
) -> None:
    assert name_context(base, default_branch="main", protected=protected) == expected


def test_a_hostile_or_long_name_becomes_a_safe_one_of_its_own() -> None:
    names = (
        "$(reboot)",
        "`reboot`",
        "a'b",
        'a"b',
        "a@b",
        "a b\nc",
        "\u202egnp",
        "Dev",
        "dev",
        "x" * 250,
        "x" * 251,
    )
    found = [name_context(name, default_branch="main") for name in names]
    # GitHub takes two names for one that differ in their case alone.
    assert len({name.lower() for name in found}) == len(names)
    assert all(len(context) <= 100 and context.isascii() and context.isprintable() for context in found)
    assert found[0] == "mergegate/--reboot-~796c4c55bc5d"
    assert len(found[-1]) == 100


@settings(max_examples=30)
@given(st.text(max_size=130), st.text(max_size=130))
def test_two_branches_never_share_a_status_of_their_own(one: str, other: str) -> None:
    # git allows neither a tilde nor an empty name.
    one, other = (name.replace("~", "") or "x" for name in (one, other))
    alike = name_context(one, default_branch="\0") == name_context(other, default_branch="\0")
    assert alike == (one == other)


def test_the_strictest_state_counts() -> None:
    assert strictest(()) == "success"
    assert strictest(("success", "pending")) == "pending"
    assert strictest(("failure", "success", "pending")) == "failure"
    assert strictest(("failure", "error", "success")) == "error"
