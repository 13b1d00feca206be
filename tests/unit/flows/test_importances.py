"""Importances of two sides beside each other: measured ones ranked, reported ones read."""

from mergegate.bundle.scoring_messages import Shuffled
from mergegate.compare.reported import Value
from mergegate.flows.surroundings.bundles import LONGEST_INPUT, MOST_INPUTS
from mergegate.flows.surroundings.models import rank
from mergegate.flows.surroundings.reported import read_importances, without_importances
from mergegate.records.surroundings import Importance


def test_inputs_stand_in_heads_order_with_those_of_base_alone_last() -> None:
    base = {"a": Shuffled(0.3, 0.03), "b": Shuffled(0.2, 0.02), "gone": Shuffled(0.9, 0.0)}
    head = {"a": Shuffled(0.1, 0.01), "b": Shuffled(0.4, 0.04), "new": Shuffled(0.1, 0.0)}
    assert rank(base, head) == (
        Importance(
            name="b", base=0.2, head=0.4, base_spread=0.02, head_spread=0.04, base_rank=3, head_rank=1
        ),
        Importance(
            name="a", base=0.3, head=0.1, base_spread=0.03, head_spread=0.01, base_rank=2, head_rank=2
        ),
        Importance(name="new", head=0.1, head_spread=0.0, head_rank=3),
        Importance(name="gone", base=0.9, base_spread=0.0, base_rank=1),
    )
    assert rank({}, {}) == ()


def test_the_least_important_of_very_many_inputs_are_left_out() -> None:
    many = {f"{number:04d}": Shuffled(-number / 1_000, 0.0) for number in range(MOST_INPUTS + 100)}
    found = rank({}, many)
    assert [each.name for each in found] == [f"{number:04d}" for number in range(MOST_INPUTS)]
    assert len(rank({}, {"x" * 5_000: Shuffled(0.1, 0.0)})[0].name) == LONGEST_INPUT


def test_reported_importances_are_read_in_every_shape_and_leave_the_rest() -> None:
    claims: dict[str, Value] = {
        "rows": 100,
        "importance.hour": 0.3,
        "importances.wind.speed.mean": 0.2,
        "importances.wind.speed.spread": 0.02,
        "permutation_importance.dest.importance": 1,
        "permutation_importance.dest.std": 0.5,
        "importances.metric": "roc_auc",
        "importances.flag": True,
        "importances.none": None,
        "importance": 5,
    }
    assert read_importances(claims) == {
        "hour": Shuffled(0.3, 0.0),
        "wind.speed": Shuffled(0.2, 0.02),
        "dest": Shuffled(1.0, 0.5),
    }
    assert without_importances(claims) == {"rows": 100, "importance": 5}
    assert read_importances({"importance.": 1.0}) == {}
