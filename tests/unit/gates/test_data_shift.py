"""Added rows beside base's: a notable shift where the policy asks, or a PSI over a bar."""

from typing import Any

from mergegate.records.data import Shift
from support.held import entry, judged, outcomes, profile, review, rows

ADVICE = (
    "look whether the world changed or its measurement, or allow it first, in the target's policy, by "
    "`shift` in the dataset's `gates`."
)


def shift(column: str, psi: float | None, **more: Any) -> Shift:
    said = {"kind": "number", "rows_old": 100, "rows_new": 50, "notable": psi is not None and psi > 0.2}
    return Shift(**{"column": column, "psi": psi, "sentence": f"{column} rose (PSI {psi}).", **said, **more})


SHIFTS = (
    shift("temp", 1.2),
    shift("hour", 0.01),
    shift("dest", 0.3),
    shift("temp", 9.0, slice_column="origin", slice_level="EWR"),
)


def found(own: Any, common: Any = None, *, added: int = 50, shifts: tuple[Shift, ...] = SHIFTS) -> Any:
    gates = {} if own is None else {"shift": own}
    columns = tuple(profile(name) for name in ("temp", "hour", "dest"))
    seen = review(rows=rows(added=added), shift=shifts, profiles=columns)
    results = judged(entry(gates=gates), seen, None if common is None else {"shift": common})
    return {name: result for name, result in results.items() if name.startswith("shift")}


def test_shift_is_no_gate_unless_the_policy_asks() -> None:
    assert found(None) == {}
    assert found("ignore", "forbid") == {}


def test_what_is_notable_is_told_together() -> None:
    results = found("warn")
    assert outcomes(results) == {"shift": "warn"}
    assert (results["shift"].value, results["shift"].bar) == (2.0, 0.0)
    assert results["shift"].sentence == f"temp rose (PSI 1.2); dest rose (PSI 0.3); {ADVICE}"
    assert outcomes(found(None, "forbid")) == {"shift": "fail!"}
    calm = found("forbid", shifts=(shift("hour", 0.01),))
    assert (calm["shift"].outcome, calm["shift"].sentence) == (
        "pass",
        "the added rows are much like base's.",
    )


def test_a_column_has_the_bar_that_names_it() -> None:
    results = found({"temp": 0.25, "hour": 0.25, "dest": "warn"})
    assert outcomes(results) == {"shift[temp]": "fail!", "shift[hour]": "pass", "shift[dest]": "warn"}
    assert results["shift[temp]"].sentence == (
        f"temp rose (PSI 1.2); PSI 1.2, where at most 0.25 may be; {ADVICE}"
    )
    assert results["shift[hour]"].sentence == "hour of the added rows has PSI 0.01; up to 0.25 may be."
    assert (results["shift[temp]"].value, results["shift[temp]"].bar) == (1.2, 0.25)


def test_a_star_is_for_the_columns_that_are_not_named() -> None:
    assert outcomes(found({"temp": "ignore", "*": 0.25})) == {"shift": "fail!"}
    assert outcomes(found({"temp": "ignore", "*": 0.5})) == {"shift": "pass"}
    assert outcomes(found({"temp": 2.0}, "warn")) == {"shift[temp]": "pass", "shift": "warn"}


def test_without_added_rows_nothing_shifts() -> None:
    results = found({"temp": 0.1, "*": "forbid"}, added=0, shifts=())
    assert outcomes(results) == {"shift[temp]": "pass", "shift": "pass"}


def test_what_was_not_measured_is_no_pass() -> None:
    assert outcomes(found("forbid", shifts=())) == {"shift": "insufficient!"}
    assert outcomes(found("warn", shifts=())) == {"shift": "insufficient"}
    assert outcomes(found({"temp": 0.25}, shifts=(shift("temp", None),))) == {"shift[temp]": "insufficient!"}
    absent = found({"gone": 0.25})
    assert absent["shift[gone]"].sentence == ("can't tell: the added rows' gone was not held against base's.")
    assert found(None, {"gone": 0.25}) == {}


def test_a_psi_that_is_no_number_is_no_pass() -> None:
    assert outcomes(found({"temp": 0.25}, shifts=(shift("temp", float("nan")),))) == {"shift[temp]": "fail!"}
