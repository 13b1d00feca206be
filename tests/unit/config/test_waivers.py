"""A waiver says which gate, why, by whom and until which day."""

import pytest

from mergegate.config.policy import Waiver
from support.policy_texts import loaded, problems

POLICY = "version: 1\ndatasets: [{path: d}]\nwaivers:\n"
ENTRY = '  - {gate: m/f1/min, reason: strike, by: Ana, expires: "2026-12-31"}\n'
DATE = 'write the last day on which it holds as year-month-day: `expires: "2026-12-31"`'


def test_a_whole_waiver_is_taken_however_far_its_end() -> None:
    text = POLICY + ENTRY + ENTRY.replace("f1", "f2").replace("2026", "9999")
    assert loaded(text).waivers == (
        Waiver(gate="m/f1/min", reason="strike", by="Ana", expires="2026-12-31"),
        Waiver(gate="m/f2/min", reason="strike", by="Ana", expires="9999-12-31"),
    )


@pytest.mark.parametrize(
    ("key", "word", "hint"),
    [
        (
            "gate",
            "m/f1/min",
            "name the gate by its id, as the review shows it: late-arrival/roc_auc/max_regression",
        ),
        ("reason", "strike", "say why the gate may fail for a while: whoever reads the review sees it"),
        ("by", "Ana", "say who decided"),
    ],
)
@pytest.mark.parametrize("blank", ['""', '"  "', '"\\n"'])
def test_a_waiver_is_refused_without_its_gate_reason_or_author(
    key: str, word: str, hint: str, blank: str
) -> None:
    assert problems(POLICY + ENTRY.replace(word, blank)) == [
        (4, f"waivers[0].{key}", f"a waiver needs `{key}`, and it is empty", hint)
    ]
    missing = ENTRY.replace(f"{key}: {word}, ", "")
    assert problems(POLICY + missing) == [
        (4, "waivers[0]", f"the key `{key}` is missing", f"add `{key}:`, text")
    ]


@pytest.mark.parametrize(
    "day",
    [
        "",
        "never",
        "2026-02-30",
        "2026-13-01",
        "2026-1-5",
        "20261231",
        "2026-W53-4",
        "31.12.2026",
        "0000-01-01",
    ],
)
def test_a_waiver_ends_on_a_day_that_there_is(day: str) -> None:
    assert problems(POLICY + ENTRY.replace("2026-12-31", day)) == [
        (4, "waivers[0].expires", f'"{day}" is no date', DATE)
    ]


def test_a_day_in_other_digits_is_no_date() -> None:
    ((_, key, _, hint),) = problems(POLICY + ENTRY.replace("2026", "２０２６"))
    assert (key, hint) == ("waivers[0].expires", DATE)


def test_a_day_without_quotes_is_told_how_to_write_it() -> None:
    message = "the bare word 2026-12-31 is a date to some YAML readers and something else to others"
    assert problems(POLICY + ENTRY.replace('"', "")) == [
        (4, "waivers[0].expires", message, 'write it in quotes: `expires: "2026-12-31"`')
    ]


def test_a_gate_is_waived_once() -> None:
    assert problems(POLICY + ENTRY + ENTRY) == [
        (5, "waivers[1].gate", "a second waiver for m/f1/min; the first is on line 4", "keep one of the two")
    ]
