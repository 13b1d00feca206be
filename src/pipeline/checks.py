"""The words a schema is written in: columns of whole numbers, numbers, text, days, moments.

`missing` is the largest share of rows, 0 to 1, that may lack a value. Types are judged by the values: a
column of whole numbers with gaps arrives in pandas as float64 and is still one of whole numbers.
"""

from collections.abc import Callable, Iterable

import pandas as pd
import pandera.pandas as pa


def whole(low: float, high: float, *, missing: float = 0.0, unique: bool = False) -> pa.Column:
    """Whole numbers from `low` to `high`, both included."""
    return _column([_check(_is_whole, "whole numbers"), _between(low, high)], missing, unique)


def number(low: float, high: float, *, missing: float = 0.0, outside: float = 0.0) -> pa.Column:
    """Numbers from `low` to `high`; at most the share `outside` may lie beyond, as broken instruments do."""

    def few_outside(values: pd.Series) -> pd.Series:
        inside = values.between(low, high)
        return inside if (~inside).sum() > outside * len(values) else inside | True

    numbers = _check(pd.api.types.is_numeric_dtype, "numbers")
    if not outside:
        return _column([numbers, _between(low, high)], missing)
    text = f"{low:,} to {high:,} but for {outside:.1%} of the rows"
    return _column([numbers, _check(few_outside, text)], missing)


def text(
    *, pattern: str | None = None, among: Iterable[str] = (), missing: float = 0.0, unique: bool = False
) -> pa.Column:
    """Text; all of it matches `pattern`, or is one of `among`."""
    checks = [_check(_is_text, "text")]
    if pattern is not None:
        checks.append(pa.Check.str_matches(f"^(?:{pattern})$", error=f"text like {pattern}"))
    if allowed := sorted(among):
        checks.append(pa.Check.isin(allowed, error=f"one of {', '.join(allowed)}"))
    return _column(checks, missing, unique)


def day(first: str, last: str) -> pa.Column:
    """Days from `first` to `last`, both included, none missing."""
    between = pa.Check.in_range(pd.Timestamp(first), pd.Timestamp(last), error=f"{first} to {last}")
    return _column([_check(pd.api.types.is_datetime64_any_dtype, "dates"), between], 0.0)


def moment() -> pa.Column:
    """Moments with a time zone, none missing."""
    return _column([_check(_is_moment, "moments with a time zone")], 0.0)


def _column(checks: list[pa.Check], missing: float, unique: bool = False) -> pa.Column:
    """A required column; missing values are counted, not forbidden, unless `missing` is 0."""

    def few_missing(values: pd.Series) -> pd.Series:
        present = values.notna()
        return present if (~present).sum() > missing * len(values) else present | True

    if 0 < missing < 1:
        # pandera would take missing values away before it counts them.
        checks = [*checks, _check(few_missing, f"at most {missing:.0%} missing", ignore_na=False)]
    return pa.Column(checks=checks, nullable=missing > 0, unique=unique)


def _between(low: float, high: float) -> pa.Check:
    """Values from `low` to `high`, both included."""
    return pa.Check.in_range(low, high, error=f"{low:,} to {high:,}")


def _check(holds: Callable[[pd.Series], pd.Series | bool], text: str, *, ignore_na: bool = True) -> pa.Check:
    """A check by row, or of the whole column when `holds` gives one bool; `text` says what was expected."""
    return pa.Check(holds, name=text, error=text, ignore_na=ignore_na)


def _is_whole(values: pd.Series) -> pd.Series | bool:
    """Which values are whole numbers; False when they are no numbers at all."""
    return values == values.round() if pd.api.types.is_numeric_dtype(values) else False


def _is_text(values: pd.Series) -> bool:
    """Whether the values are text."""
    return bool(pd.api.types.is_string_dtype(values) or values.empty)


def _is_moment(values: pd.Series) -> bool:
    """Whether the values are time stamps with a zone."""
    return isinstance(values.dtype, pd.DatetimeTZDtype)
