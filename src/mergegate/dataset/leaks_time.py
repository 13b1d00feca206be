"""Evaluation before training in time: a model that was taught the future is asked about the past."""

import ibis
import ibis.expr.types as ir

from mergegate.amounts import amount
from mergegate.dataset import samples
from mergegate.dataset.leaks import Search, beside, lacking, unjudged
from mergegate.dataset.matching import present
from mergegate.records.data import Leak


def by_time(search: Search, time: str) -> Leak:
    """Evaluation rows before the last training row."""
    question = "Whether evaluation is after training"
    if why := lacking((time,), evaluation=search.evaluation, training=search.train):
        return unjudged("time", question, why, column=time)
    early = _early(search, search.evaluation, search.train, time)
    if isinstance(early, str):
        return unjudged("time", question, early, column=time)
    found, of, last = early
    old = None
    if search.based and not lacking((time,), evaluation=search.base_evaluation, training=search.base_train):
        before = _early(search, search.base_evaluation, search.base_train, time)
        old = None if isinstance(before, str) else before[0]
    when = "" if time in search.private else f", {samples.show(last)}"
    if found:
        verb = "is" if found == 1 else "are"
        sentence = f"{found:,} of {amount(of, 'evaluation row')} {verb} before the last {time} of training"
        sentence += f"{when}{beside(old)}."
    else:
        sentence = f"No evaluation row is before the last {time} of training{when}{beside(old)}."
    return Leak(kind="time", sentence=sentence, column=time, found=found, of=of, found_old=old)


def _early(
    search: Search, evaluation: ir.Table | None, train: ir.Table | None, time: str
) -> tuple[int, int, object] | str:
    """Rows before the last training time, of how many, and that time; or why there is no telling."""
    if evaluation is None or train is None:
        return "there are no rows on one side"
    kinds = [table[time].type() for table in (evaluation, train)]
    numbers = all(kind.is_numeric() and not kind.is_boolean() for kind in kinds)
    if not numbers and any(not (k.is_string() or k.is_date() or k.is_timestamp()) for k in kinds):
        return f"{time} is of a type that has no order in time"
    clocks = [_clock(table[time], numbers=numbers) for table in (evaluation, train)]
    unread = _unread(search, evaluation, time, clocks[0]) + _unread(search, train, time, clocks[1])
    if unread:
        return f"{amount(unread, 'cell')} of {time} can't be read as a time"
    last = search.engine.fetch(train.aggregate(last=clocks[1].max()))["last"][0].as_py()
    if last is None:
        return f"no training row has a {time}"
    before = (clocks[0] < ibis.literal(last, type=clocks[0].type())).fill_null(False)
    asked = evaluation.aggregate(found=before.cast("int64").sum(), rows=evaluation.count())
    row = search.engine.fetch(asked).to_pylist()[0]
    return int(row["found"] or 0), int(row["rows"]), _told(last, kinds[1].is_date())


def _clock(column: ir.Column, *, numbers: bool) -> ir.Column:
    """The column as something that runs with time: a number, or a timestamp (in UTC, where it has a zone)."""
    if numbers:
        number = column.cast("float64")
        return number.isnan().ifelse(ibis.null("float64"), number)
    if column.type().is_string():
        return column.try_cast("timestamp")
    return column.cast("timestamp")


def _unread(search: Search, table: ir.Table, time: str, clock: ir.Column) -> int:
    lost = present(table[time]) & clock.isnull()
    return int(search.engine.fetch(table.aggregate(rows=lost.cast("int64").sum()))["rows"][0].as_py() or 0)


def _told(last: object, day: bool) -> object:
    return str(last)[:10] if day or str(last).endswith(" 00:00:00") else last
