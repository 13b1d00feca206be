"""Reported costs are read with their units."""

import pytest

from mergegate.compare.quantities import show_quantity


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("training.seconds", 12.3456789, "12.35 s"),
        ("seconds", 0, "0 s"),
        ("fit_seconds", 59.96, "1 min"),
        ("training.seconds", 75, "1 min 15 s"),
        ("training.seconds", 4000.2, "1 h 6 min 40 s"),
        ("training.seconds", 7200, "2 h"),
        ("train_time_s", 0.0123, "12.3 ms"),
        ("latency_ms", 0.5, "0.5 ms"),
        ("latency-milliseconds", 1500, "1.5 s"),
        ("budget.hours", 0.5, "30 min"),
        ("minutes", 2.5, "2 min 30 s"),
        ("memory.bytes", 1_234_567_890, "1.235 GB"),
        ("peak_bytes", 512, "512 B"),
        ("peak_memory_MB", 812.5, "812.5 MB"),
        ("model_kb", 24.1, "24.1 kB"),
        ("disk_gb", 123_456, "123,456 GB"),
    ],
)
def test_a_name_that_ends_in_a_unit_gives_its_number_one(name: str, value: float, shown: str) -> None:
    assert show_quantity(name, value) == shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rows", 5),
        ("loss", 0.5),
        ("params", 3),
        ("seconds_saved", 5),
        ("aims", 1),
        ("s", 5),
        ("fold.s", 5),
        ("training.seconds", -1),
        ("training.seconds", float("nan")),
        ("training.seconds", 1e300),
        ("", 1),
    ],
)
def test_other_numbers_are_left_as_they_are(name: str, value: float) -> None:
    assert show_quantity(name, value) is None
