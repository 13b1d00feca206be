"""The target's rows judge as the target has them, and those that head adds."""

from mergegate.golden import Row, Settled, settle
from support.golden_rows import row

A, B = row("a"), row("b", inputs={"hour": 7, "carrier": "DL"}, expected="on_time")
SOFT = row("a", min_probability=0.1)


def names(settled: Settled) -> list[str]:
    return [each.name for each in settled.rows]


def test_unchanged_rows_judge_and_nothing_is_told() -> None:
    assert settle([A, B], [A, B], [B, A]) == Settled(rows=(A, B))


def test_the_same_row_in_another_format_is_no_change() -> None:
    moved = row("a", file="golden/new.yaml", inputs={"hour": "19.0", "carrier": "EV"}, typed=False)
    assert settle([A], [A], [moved]) == Settled(rows=(A,))


def test_rows_that_head_removes_or_softens_judge_as_the_target_has_them() -> None:
    assert settle([A, B], [A, B], [SOFT]) == Settled(rows=(A, B), altered=("a",), removed=("b",))


def test_a_row_that_head_renames_is_removed_and_added() -> None:
    renamed = row("c", expected="on_time")
    assert settle([A], [A], [renamed]) == Settled(rows=(A, renamed), removed=("a",), added=("c",))


def test_every_way_to_soften_a_row_is_an_alteration() -> None:
    strict = row("a", tolerance=0.1, not_worse=True)
    others = [
        row("a", tolerance=0.2, not_worse=True),
        row("a", tolerance=0.1, not_worse=True, expected=None),
        row("a", tolerance=0.1, not_worse=True, expected="on_time"),
        row("a", tolerance=0.1),
        row("a", tolerance=0.1, not_worse=True, inputs={"hour": 20, "carrier": "EV"}),
        row("a", tolerance=0.1, not_worse=True, inputs={"hour": None, "carrier": "EV"}),
        row("a", tolerance=0.1, not_worse=True, reason="Other."),
    ]
    for other in others:
        assert settle([strict], [strict], [other]) == Settled(rows=(strict,), altered=("a",))


def test_a_row_that_the_target_gained_since_is_no_act_of_heads() -> None:
    assert settle([A, B], [A], [A]) == Settled(rows=(A, B))


def test_a_row_that_the_target_changed_since_is_no_act_of_heads() -> None:
    assert settle([SOFT], [A], [A]) == Settled(rows=(SOFT,))


def test_a_row_that_the_target_removed_since_is_gone() -> None:
    assert settle([B], [A, B], [A, B]) == Settled(rows=(B,))


def test_head_may_add_rows() -> None:
    assert settle([A], [A], [A, B]) == Settled(rows=(A, B), added=("b",))
    assert settle([], [], [A]) == Settled(rows=(A,), added=("a",))


def test_head_may_give_a_row_the_inputs_of_a_new_model_and_change_none() -> None:
    wider: Row = row("a", inputs={"hour": 3, "carrier": "EV", "seats": 55})
    settled = settle([A], [A], [wider])
    assert settled.rows == (row("a", inputs={"seats": 55, "hour": 19, "carrier": "EV"}),)
    assert (settled.altered, settled.extended) == (("a",), ("a",))


def test_a_row_without_an_input_that_the_model_no_longer_takes_is_the_same() -> None:
    assert settle([A], [A], [row("a", inputs={"hour": 19})]) == Settled(rows=(A,))


def test_the_order_is_the_targets_then_heads() -> None:
    assert names(settle([B, A], [B, A], [row("z"), A, B, row("c")])) == ["b", "a", "z", "c"]
