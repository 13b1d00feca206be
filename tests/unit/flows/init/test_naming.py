import pytest

from mergegate.errors import UsageError
from mergegate.flows.init.naming import name_models, slug


def named(*paths: str, **known: str) -> list[str]:
    return name_models(paths, "Flights 2", asked=(), known=known)


def test_the_only_model_is_called_like_the_project() -> None:
    assert named("reports/predictions.parquet") == ["flights-2"]


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (("models/a/predictions.parquet", "models/b/predictions.parquet"), ["a", "b"]),
        (("out/eu/preds.csv", "out/us/preds.csv"), ["eu", "us"]),
        (("reports/predictions_eu.csv", "reports/predictions_us.csv"), ["eu", "us"]),
        (("reports/predictions.parquet", "reports/predictions.csv"), ["model-1", "model-2"]),
    ],
)
def test_several_are_called_by_what_their_paths_have_of_their_own(
    paths: tuple[str, ...], names: list[str]
) -> None:
    assert named(*paths) == names


def test_a_name_that_was_chosen_stays_when_another_model_joins() -> None:
    known = {"p.parquet": "churn"}
    assert name_models(["p.parquet", "q.parquet"], "x", asked=(), known=known) == ["churn", "q"]


def test_names_that_a_person_gives_are_taken_in_order_or_refused() -> None:
    assert name_models(["a", "b"], "x", asked=("one", "two"), known={}) == ["one", "two"]
    for asked, message in (
        (("one",), "--model stands 1 times, and there are 2 predictions files"),
        (("one", "one"), "two models can't bear one name"),
        (("One", "two"), "'One' can't be a model's name"),
    ):
        with pytest.raises(UsageError) as caught:
            name_models(["a", "b"], "x", asked=asked, known={})
        assert caught.value.message == message


def test_any_text_becomes_a_name_or_nothing() -> None:
    assert slug("Späte Flüge!") == "sp-te-fl-ge"
    assert slug("...") == ""
    assert len(slug("x" * 100)) == 64
