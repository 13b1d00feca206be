import pytest

from mergegate.amounts import amount


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (12_345, "12,345 rows"), (-1, "-1 rows")]
)
def test_an_amount_is_one_or_many_with_thousands_apart(number: int, said: str) -> None:
    assert amount(number, "row") == said


def test_a_plural_may_be_its_own_word() -> None:
    assert [amount(number, "class", "classes") for number in (1, 2)] == ["1 class", "2 classes"]
