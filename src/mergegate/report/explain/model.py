"""What else changed about a model: its size and inputs, what it depends on, how long a row takes."""

from collections.abc import Callable, Iterator

from mergegate.records.surroundings import Importance, Latency, ModelChange
from mergegate.report import numbers
from mergegate.report.data.amounts import listed
from mergegate.report.data.parts import Part, Table
from mergegate.report.data.voice import Voice
from mergegate.report.numbers import ARROW, UNKNOWN, count, plural


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
        yield tell_latency(found.latency, voice)
    if found.problem:
        yield voice.sentence(found.problem)


def _step(old: int | None, new: int | None, show: Callable[[int | None], str]) -> str:
    if old is None or old == new:
        return show(new)
    return f"{show(old)} {ARROW} {show(new)}"


def tell_latency(found: Latency, voice: Voice) -> str:
    """How long a row takes on either side, and how sure the ratio is; or why that is not known."""
    if found.problem:
        return f"How long a row takes was not measured: {voice.sentence(found.problem)}"
    sides = (("base", found.base), ("head", found.head))
    each = [f"{numbers.duration(time)} in {side}" for side, time in sides if time is not None]
    if not each:
        return "How long a row takes was not measured."
    said = f"A row takes {', '.join(each)}"
    if found.ratio is None:
        return f"{said}."
    common = numbers.scale((), found.ratio, found.low, found.high)
    known = (found.low, found.high) != (None, None)
    interval = f" ({common.interval(found.low, found.high, signed=False)})" if known else ""
    times = f", {plural(found.repeats, 'time')}" if found.repeats else ""
    return (
        f"{said}: {common.number(found.ratio)} times as long{interval}, asked in turns, "
        f"{plural(found.rows, 'row')}{times}; reported, not judged."
    )


def _importance(found: ModelChange, voice: Voice) -> Table:
    metric = voice.name(found.importance_metric) if found.importance_metric else "the metric"
    on = f" ({plural(found.importance_rows, 'row')})" if found.importance_rows else ""
    title = f"How much worse {metric} is where an input is shuffled{on}"
    heads = ("Input", "Rank", "In base:", "In head:")
    rows = tuple(_input(each, voice) for each in found.importance)
    return Table(title, heads, rows, "input")


def _input(each: Importance, voice: Voice) -> tuple[str, ...]:
    ranks = [count(rank) for rank in (each.base_rank, each.head_rank)]
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
