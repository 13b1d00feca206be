"""What else changed about a model: its size and inputs, what it depends on, how long a row takes."""

from collections.abc import Callable, Iterator

from mergegate.records.explain import Importance, Latency, ModelChange
from mergegate.report import numbers
from mergegate.report.data.amounts import listed
from mergegate.report.data.parts import Part, Table
from mergegate.report.data.voice import Voice
from mergegate.report.numbers import ARROW, UNKNOWN, count, plural

_MICRO = 1e6


def tell_model(found: ModelChange, voice: Voice) -> Part:
    """Both bundles beside each other."""
    sentences = tuple(_sentences(found, voice))
    tables = (_importance(found, voice),) if found.importance else ()
    return Part("model", "What else changed about the model", sentences, tables)


def _sentences(found: ModelChange, voice: Voice) -> Iterator[str]:
    base, head = found.base, found.head
    if head is not None:
        facts = [
            f"size {_step(base.size if base else None, head.size, numbers.size)}",
            f"parameters {_step(base.parameters if base else None, head.parameters, count)}",
        ]
        known = "; ".join(fact for fact in facts if not fact.endswith(UNKNOWN))
        if known:
            yield f"{known[0].upper()}{known[1:]}."
    if base is not None and head is not None:
        came = [voice.name(name) for name in head.inputs if name not in base.inputs]
        went = [voice.name(name) for name in base.inputs if name not in head.inputs]
        if came:
            yield f"New inputs: {listed(came, 8)}."
        if went:
            yield f"Inputs no longer used: {listed(went, 8)}."
    if found.latency is not None:
        yield _latency(found.latency, voice)
    if found.problem:
        yield voice.sentence(found.problem)


def _step(old: int | None, new: int | None, show: Callable[[int | None], str]) -> str:
    if old is None or old == new:
        return show(new)
    return f"{show(old)} {ARROW} {show(new)}"


def _latency(found: Latency, voice: Voice) -> str:
    if found.problem or found.base is None or found.head is None:
        return f"Latency was not measured: {voice.sentence(found.problem)}"
    said = f"A row takes {found.base * _MICRO:,.1f} µs in base, {found.head * _MICRO:,.1f} µs in head"
    if found.ratio is None:
        return f"{said}."
    common = numbers.scale((found.ratio,), None, found.low, found.high)
    interval = "" if found.low is None else f" ({common.interval(found.low, found.high, signed=False)})"
    return (
        f"{said}: {common.number(found.ratio)} times as long{interval}, measured in turns on "
        f"{plural(found.rows, 'row')}; reported, not judged."
    )


def _importance(found: ModelChange, voice: Voice) -> Table:
    title = f"Importances: {voice.text(found.importance_metric)}"
    if found.importance_rows:
        title = (
            f"How much worse {voice.name(found.importance_metric)} is where an input is shuffled "
            f"({plural(found.importance_rows, 'row')})"
        )
    heads = ("Input", "Rank", "In base:", "In head:")
    rows = tuple(_input(each, voice) for each in found.importance)
    return Table(title, heads, rows, "input")


def _input(each: Importance, voice: Voice) -> tuple[str, ...]:
    ranks = [UNKNOWN if rank is None else str(rank) for rank in (each.base_rank, each.head_rank)]
    rank = ranks[1] if ranks[0] == ranks[1] else f" {ARROW} ".join(ranks)
    return (
        voice.name(each.name),
        rank,
        _spread(each.base, each.base_spread),
        _spread(each.head, each.head_spread),
    )


def _spread(value: float | None, spread: float | None) -> str:
    if value is None:
        return UNKNOWN
    common = numbers.scale((value,), spread)
    return common.number(value) + (f" ± {common.number(spread)}" if spread is not None else "")
