"""One column's shift as a sentence: what moved, from where to where, and how large that is."""

import math
from datetime import UTC, datetime

import numpy as np

from mergegate.dataset.category_counts import CategoryCounts
from mergegate.dataset.distributions import Distribution
from mergegate.dataset.samples import cut
from mergegate.dataset.shift_claims import Claim
from mergegate.dataset.shift_measures import Measures
from mergegate.dataset.units import Unit
from mergegate.stats.shift import KS_MODERATE, PSI_MODERATE, WASSERSTEIN_MODERATE, Tally

_CLEAR_MOVE = 0.1
"""In standard deviations: less is no rise or fall worth naming."""
_CLEAR_SPREAD = 1.25
_CLEAR_NEW = 0.01
_NAMED = 5
_DAY = 86_400.0


def tell(found: Distribution, measures: Measures, claim: Claim, unit: Unit | None, *, private: bool) -> str:
    """What is to be said of a column, without a full stop; of a `private` one no value."""
    parts = []
    if claim.moved or not claim.emptied:
        parts.append(_values(found, measures, unit, private=private))
    if claim.emptied or found.missing_old == found.rows_old or found.missing_new == found.rows_new:
        before, after = found.missing_old / found.rows_old, found.missing_new / found.rows_new
        parts.append(f"missing {percent(before)} → {percent(after)}")
    told = "; ".join(part for part in parts if part)
    return f"{cut(found.column.name)} {told}" if told else f"{cut(found.column.name)} can't be compared"


def percent(share: float) -> str:
    """`34 %`, `2.5 %`, `under 0.01 %`; `0 %` only of none, `100 %` only of all."""
    cent = 100 * share
    near = min(cent, 100 - cent)
    if near <= 0:
        return "0 %" if cent <= 0 else "100 %"
    if near < 0.01:
        return "under 0.01 %" if cent < 50 else "over 99.99 %"
    return f"{cent:.{0 if near >= 10 else 1 if near >= 1 else 2}f} %"


def round_alike(one: float, other: float) -> tuple[str, str]:
    """Two numbers with the decimals that tell them apart."""
    decimals = _decimals(abs(one - other)) if one != other else 1
    return _show(one, decimals), _show(other, decimals)


def _values(found: Distribution, measures: Measures, unit: Unit | None, *, private: bool) -> str:
    if found.tally is None and found.categories is None:
        return ""
    effect = f"({_effect(measures)})"
    if private:
        return f"is distributed otherwise {effect}" if measures.moved else f"moved little {effect}"
    if found.categories is not None:
        return f"{_category(found.categories, found)} {effect}"
    if found.column.kind == "time" and found.tally is not None:
        return f"{_time(found.tally, measures)} {effect}"
    told = f"{_number(measures)} {effect}"
    if unit is not None:
        told += f"; base's values {unit.formula}, as from {unit.words}, would look the same"
    return told


def _effect(measures: Measures) -> str:
    psi = measures.psi or 0.0
    told = f"PSI {psi:.{1 if psi >= 0.95 else 2}f}"
    if psi < PSI_MODERATE and (measures.wasserstein or 0.0) >= WASSERSTEIN_MODERATE:
        told += f", {measures.wasserstein:.1f} of base's standard deviations"
    elif psi < PSI_MODERATE and (measures.ks or 0.0) >= KS_MODERATE:
        told += f", distance {measures.ks:.2f}"
    return told


def _number(measures: Measures) -> str:
    old, new = measures.mean_old, measures.mean_new
    spread, spread_new = measures.spread_old, measures.spread_new
    if old is None or new is None or spread is None or spread_new is None:
        return "is distributed otherwise"
    away = abs(new - old)
    if away > 0 and away >= _CLEAR_MOVE * spread:
        decimals = _decimals(away)
        return (
            f"{'rose' if new > old else 'fell'} by {_show(away, decimals)}, "
            f"from {_show(old, decimals)} to {_show(new, decimals)}"
        )
    if max(spread, spread_new) > _CLEAR_SPREAD * min(spread, spread_new):
        decimals = _decimals(abs(spread_new - spread))
        wider = "wider" if spread_new > spread else "less"
        before, after = _show(spread, decimals), _show(spread_new, decimals)
        return f"spreads {wider}, its standard deviation from {before} to {after}"
    return "is distributed otherwise, about the same mean" if measures.moved else "stayed"


def _decimals(away: float) -> int:
    """As many as show two digits of a difference."""
    return max(0, 1 - math.floor(math.log10(away)))


def _show(number: float, decimals: int) -> str:
    if decimals > 6 or abs(number) >= 1e12:
        return f"{number:.4g}".replace("-", "−")
    told = f"{number:,.{decimals}f}".replace("-", "−")
    return told.rstrip("0").rstrip(".") if "." in told else told


def _category(categories: CategoryCounts, found: Distribution) -> str:
    share = categories.unseen_rows / found.rows_new
    if share >= _CLEAR_NEW:
        names = [cut(name) for name in categories.unseen[:_NAMED]]
        more = len(categories.unseen) - _NAMED
        told = ", ".join(names) + (" and more" if more > 0 else "")
        return f"has values that base has not in {percent(share)} of the added rows: {told}"
    p, q = categories.old / categories.old.sum(), categories.new / categories.new.sum()
    # Of two that moved alike, the first: not whichever rounding favours.
    place = int(np.argmax(np.round(np.abs(q - p), 12)))
    before, after = percent(float(p[place])), percent(float(q[place]))
    if before == after:
        return "stayed"
    name = cut(categories.names[place]) if place < len(categories.names) else "all but the commonest"
    return f"is {name} in {before} → {after} of the rows that have one"


def _time(tally: Tally, measures: Measures) -> str:
    earliest, latest = tally.values[tally.old > 0].min(), tally.values[tally.old > 0].max()
    early = float(tally.new[tally.values < earliest].sum() / tally.rows_new)
    late = float(tally.new[tally.values > latest].sum() / tally.rows_new)
    if early >= max(late, _CLEAR_NEW):
        return f"goes back: {percent(early)} of the added rows are before {_date(earliest)}, base's first"
    if late >= _CLEAR_NEW:
        return f"goes on: {percent(late)} of the added rows are after {_date(latest)}, base's last"
    away = float(np.sum(tally.values * (tally.new / tally.rows_new - tally.old / tally.rows_old)))
    if abs(away) < _CLEAR_MOVE * (measures.spread_old or 0.0) or not away:
        return "is distributed otherwise" if measures.moved else "stayed"
    return f"is {_span(abs(away))} {'later' if away > 0 else 'earlier'} on average"


def _date(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return f"{seconds:.0f} s"


def _span(seconds: float) -> str:
    for size, unit in ((_DAY, "days"), (3_600.0, "hours"), (60.0, "minutes")):
        if seconds >= 2 * size:
            return f"{_show(seconds / size, 0 if seconds >= 10 * size else 1)} {unit}"
    return f"{_show(seconds, 0)} seconds"
