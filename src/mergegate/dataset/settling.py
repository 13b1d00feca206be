"""The type of each column of text: guessed from the first rows, then held against every cell."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import msgspec

from mergegate.dataset.engine import Engine
from mergegate.dataset.literals import LADDERS
from mergegate.dataset.text_group import TextGroup

_SAMPLED = 2_000
_MOSTLY = 0.9
_BATCH = 200
_SHOWN = 40

Chain = tuple[dt.DataType, ...]
Ask = tuple[str, dt.DataType]


class Fit(msgspec.Struct, frozen=True):
    """How many `cells` of a column are there, how many are written as a kind is, and one that is not."""

    cells: int = 0
    fits: int = 0
    misfit: str | None = None

    def __add__(self, other: "Fit") -> "Fit":
        misfits = [each for each in (self.misfit, other.misfit) if each is not None]
        return Fit(self.cells + other.cells, self.fits + other.fits, min(misfits, default=None))

    @property
    def mostly(self) -> bool:
        """Whether it is what a reader would call the column."""
        return self.cells > 0 and self.fits >= _MOSTLY * self.cells


def settle_columns(
    engine: Engine, groups: Sequence[TextGroup], private: Collection[str] = ()
) -> tuple[dict[str, dt.DataType], list[str]]:
    """The type that every cell of a column fits, `null` for none; and what kept one from its type.

    A cell of a `private` column is never told.
    """
    names = list(dict.fromkeys(name for group in groups for name in group.names))
    guesses = _guess(engine, groups, names)
    types: dict[str, dt.DataType] = dict.fromkeys(names, dt.string)
    notes = []
    open_chains = {name: chains for name, chains in guesses.items() if chains}
    while open_chains:
        asks = [(name, chain[0]) for name, chains in open_chains.items() for chain in chains]
        fits = _count(engine, groups, asks)
        left: dict[str, tuple[Chain, ...]] = {}
        for name, chains in open_chains.items():
            found = [chain[0] for chain in chains if fits[name, chain[0]].fits == fits[name, chain[0]].cells]
            rest = tuple(chain[1:] for chain in chains if chain[1:])
            last = fits[name, chains[0][0]]
            if not last.cells:
                types[name] = dt.null
            elif found:
                types[name] = found[0]
            elif rest:
                left[name] = rest
            elif len(chains) == 1 and last.mostly:
                notes.append(_mixed(name, chains[0][0], last, hidden=name in private))
        open_chains = left
    return types, notes


def _guess(engine: Engine, groups: Sequence[TextGroup], names: Sequence[str]) -> dict[str, tuple[Chain, ...]]:
    """The chain that most first cells of a column fit; all where it has none; none where it is text."""
    asks = [(name, kind) for name in names for chain in LADDERS for kind in chain]
    fits = _count(engine, groups, asks, sample=_SAMPLED)
    guesses: dict[str, tuple[Chain, ...]] = {}
    for name in names:
        likely = [chain for chain in LADDERS if any(fits[name, kind].mostly for kind in chain)]
        empty = not fits[name, LADDERS[0][0]].cells
        guesses[name] = tuple(LADDERS) if empty else tuple(likely[:1])
    return guesses


def _count(
    engine: Engine, groups: Sequence[TextGroup], asks: Sequence[Ask], *, sample: int | None = None
) -> dict[Ask, Fit]:
    found: dict[Ask, Fit] = defaultdict(Fit)
    for group in groups:
        own = [ask for ask in asks if ask[0] in group.names]
        for start in range(0, len(own), _BATCH):
            for ask, fit in _count_group(engine, group, own[start : start + _BATCH], sample):
                found[ask] += fit
    return found


def _count_group(
    engine: Engine, group: TextGroup, asks: Sequence[Ask], sample: int | None
) -> Iterator[tuple[Ask, Fit]]:
    own = group if sample is None else group.first(sample)
    measures: dict[str, ir.Scalar] = {}
    for number, (name, kind) in enumerate(asks):
        cells = own.cells(name)
        fits = cells.fits(kind)
        measures[f"cells{number}"] = cells.text.count()
        measures[f"fits{number}"] = fits.sum()
        if sample is None:
            measures[f"misfit{number}"] = cells.text.min(where=~fits)
    row = engine.fetch(own.table.aggregate(**measures)).to_pylist()[0]
    for number, ask in enumerate(asks):
        yield ask, Fit(row[f"cells{number}"], row[f"fits{number}"] or 0, row.get(f"misfit{number}"))


def _mixed(name: str, kind: dt.DataType, fit: Fit, *, hidden: bool) -> str:
    odd = fit.cells - fit.fits
    told = _TOLD.get(kind, "time")
    are = f"is no {told}" if odd == 1 else f"are no {told}s"
    shown = (fit.misfit or "")[:_SHOWN] + ("…" if len(fit.misfit or "") > _SHOWN else "")
    example = "" if hidden else f", such as `{shown}`"
    return f"`{name}` is read as text: {odd:,} of {fit.cells:,} cells {are}{example}"


_TOLD: Mapping[dt.DataType, str] = {dt.boolean: "truth", dt.float64: "number", dt.int64: "number"}
