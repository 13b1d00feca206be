import pytest

from mergegate.amounts import amount, list_some


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (12_345, "12,345 rows"), (-1, "-1 rows")]
)
def test_an_amount_is_one_or_many_with_thousands_apart(number: int, said: str) -> None:
    assert amount(number, "row") == said


def test_a_plural_may_be_its_own_word() -> None:
    assert [amount(number, "class", "classes") for number in (1, 2)] == ["1 class", "2 classes"]


@pytest.mark.parametrize(
    ("names", "said"),
    [("", ""), ("a", "a"), ("ab", "a, b"), ("abc", "a, b and 1 more"), ("a" * 2_000, "a, a and 1,998 more")],
)
def test_of_many_names_the_first_are_listed(names: str, said: str) -> None:
    assert list_some(names, 2) == said
