"""Reported re-trainings: their spread, and nothing but numbers."""

import json
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergegate.compare import seeds
from mergegate.errors import ContractError

FINITE = st.floats(min_value=-1e150, max_value=1e150)

REFUSED = [
    (b"", "is not valid JSON: Expecting value: line 1 column 1 (char 0)"),
    (b"\xff\xfe{", "is not valid JSON: 'utf-16-le' codec can't decode byte 0x7b in position 2: "),
    (b"[" * 100_000, "is not valid JSON: maximum recursion depth exceeded"),
    (b"[0.7, 0.8]", "is not a JSON object of metrics and their values"),
    (b"{}", "is not a JSON object of metrics and their values"),
    (b'{"f1": 0.7}', 'has no list of values for "f1"'),
    (b'{"f1": [0.7]}', 'has 1 values for "f1", and 2 to 1,000 are needed'),
    (b'{"f1": [' + b"1," * 1000 + b"1]}", 'has 1,001 values for "f1", and 2 to 1,000 are needed'),
    (b'{"f1": [0.7, NaN]}', 'holds nan for "f1", which is no finite number'),
    (b'{"f1": [0.7, 1e999]}', 'holds inf for "f1", which is no finite number'),
    (b'{"f1": [0.7, 1' + b"0" * 400 + b"]}", 'holds inf for "f1", which is no finite number'),
    (b'{"f1": [0.7, 1' + b"0" * 5000 + b"]}", "is not valid JSON: Exceeds the limit (4300 digits)"),
    (b'{"f1": [1.7e308, -1.7e308]}', 'holds values for "f1" that are too far apart'),
    (b'{"f1": [0.7, "0.8"]}', 'holds "0.8" for "f1", which is no number'),
    (b'{"f1": [0.7, true]}', 'holds true for "f1", which is no number'),
    (b'{"f1": [0.7, null]}', 'holds null for "f1", which is no number'),
    (b'{"f1": [1, 2], "f1": [1, 1]}', "names a metric twice"),
    (b'{"' + b"x" * 201 + b'": [1, 2]}', "names a metric by more than 200 characters"),
    (b" " * 4_000_001, "has 4,000,001 bytes, and 4,000,000 are read at most"),
    (
        json.dumps({str(i): [1, 2] for i in range(201)}).encode(),
        "holds 201 metrics, and 200 are read at most",
    ),
]


def test_each_metric_has_its_spread_and_the_number_of_trainings() -> None:
    data = b'{"roc_auc": [0.70, 0.71, 0.69], "log_loss": [1, 1], "f1[late]": [0.25, 0.5]}'
    assert seeds.read(data, name="seeds.json") == {
        "roc_auc": (pytest.approx(0.01), 3),
        "log_loss": (0.0, 2),
        "f1[late]": (pytest.approx(0.125 * 2**0.5), 2),
    }


@given(st.lists(FINITE, min_size=2, max_size=50))
def test_the_spread_is_the_standard_deviation_of_a_sample(values: list[float]) -> None:
    spread, trainings = seeds.read(json.dumps({"m": values}).encode(), name="seeds.json")["m"]
    largest = max(map(abs, values))
    assert spread == pytest.approx(statistics.stdev(values), rel=1e-6, abs=1e-12 * largest)
    assert trainings == len(values)


@pytest.mark.parametrize(("data", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_anything_else_is_refused_in_a_sentence(data: bytes, message: str) -> None:
    with pytest.raises(ContractError) as refused:
        seeds.read(data, name="seeds.json at HEAD")
    assert refused.value.message.startswith(f"seeds.json at HEAD: {message}")
    assert refused.value.hint.startswith('write `{"roc_auc": [0.70, 0.71, 0.69]}`')
    assert refused.value.exit_code == 2
