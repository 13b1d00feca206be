"""Rows, or groups of rows, that stand where they must not: on both sides, or no longer in the exam."""

import ibis.expr.types as ir

from mergegate.amounts import amount
from mergegate.dataset import samples
from mergegate.dataset.leaks import Search, beside, lacking, unjudged
from mergegate.dataset.matching import DIGITS, count, count_twins, fractional, matching, without_match
from mergegate.records.data import Leak

FAR_MORE = 0.05
"""A share of copied rows that is so much over base's and over chance's is no chance."""


def by_key(search: Search) -> Leak:
    """Evaluation rows that are training rows too."""
    question = "Whether training rows are in the evaluation set"
    if why := _no_key(search) or lacking(search.key, evaluation=search.evaluation, training=search.train):
        return unjudged("key", question, why)
    found, of, rows = _shared(search, search.evaluation, search.train, search.key)
    old = _old(search, search.base_train, search.key)
    by = f"by {_names(search.key)}"
    if found:
        verb = "is a training row" if found == 1 else "are training rows"
        sentence = f"{found:,} of {amount(of, 'evaluation row')} {verb} too, {by}{beside(old)}."
    else:
        sentence = f"No evaluation row is a training row too, {by}{beside(old)}."
    examples = search.keys(rows) if found else ()
    return Leak(kind="key", sentence=sentence, found=found, of=of, found_old=old, examples=examples)


def by_content(search: Search) -> Leak:
    """Evaluation rows whose inputs equal a training row's; beside it, how common twins are in training.

    With few or coarse columns rows are alike by chance: the share of training rows with a twin among
    themselves is what chance gives.
    """
    question = "Whether training rows are in the evaluation set by content"
    train = search.train
    if train is None:
        return unjudged("content", question, "there are no training rows")
    columns = search.inputs_of(search.evaluation, train)
    if not columns:
        return unjudged("content", question, "evaluation and training share no input column")
    found, of, rows = _shared(search, search.evaluation, train, columns, content=True)
    which = f"all {len(columns):,} inputs" if len(columns) > 1 else columns[0]
    base = search.base_evaluation
    older = tuple(name for name in columns if base is None or name in base.columns)
    if older and older != columns:
        # A new column of noise makes every row another one.
        without = _shared(search, search.evaluation, train, older, content=True)
        if without[0] > found:
            found, of, rows = without
            columns = older
            which = f"{amount(len(columns), 'input')} that base has too"
    old, share = None, 0.0
    if base is not None and search.base_train is not None:
        # Base's own inputs: a column more or less is no reason not to tell.
        own = search.inputs_of(base, search.base_train)
        old = _old(search, search.base_train, own, content=True) if own else None
        share = (old or 0) / max(count(search.engine, base), 1)
    if not found:
        sentence = f"No evaluation row equals a training row in {which}{beside(old)}."
        return Leak(kind="content", sentence=sentence, found=0, of=of, found_old=old)
    if any(fractional(table[name]) for table in (search.evaluation, train) for name in columns):
        which += f", to {DIGITS} digits"
    twins = count_twins(search.engine, train, columns) / count(search.engine, train)
    verb = "equals" if found == 1 else "equal"
    far = found / of - max(twins, share) >= FAR_MORE
    sentence = f"{found:,} of {amount(of, 'evaluation row')} ({found / of:.1%}) {verb} a training row in "
    sentence += f"{which}{beside(old)}{', far more than chance gives' if far else ''}; "
    sentence += f"{twins:.1%} of training rows have such a twin among themselves."
    keyed = search.key and not lacking(search.key, evaluation=search.evaluation)
    examples = search.keys(rows) if keyed else ()
    return Leak(kind="content", sentence=sentence, found=found, of=of, found_old=old, examples=examples)


def by_group(search: Search, group: str) -> Leak:
    """Evaluation rows whose group (patient, customer, aircraft) is in training too."""
    question = f"Whether a {group} is on both sides"
    if why := lacking((group,), evaluation=search.evaluation, training=search.train):
        return unjudged("group", question, why, column=group)
    found, of, rows = _shared(search, search.evaluation, search.train, (group,))
    old = _old(search, search.base_train, (group,))
    examples: tuple[str, ...] = ()
    if found:
        verb = "belongs" if found == 1 else "belong"
        sentence = f"{found:,} of {amount(of, 'evaluation row')} {verb} to a {group} that training rows "
        sentence += f"belong to too{beside(old)}."
        some = search.engine.fetch(rows.select(group).distinct().order_by(group).limit(samples.MOST))
        examples = tuple(
            part for row in some.to_pylist() for part in samples.show_key(row, (group,), search.private)
        )
    else:
        sentence = f"No {group} is in both evaluation and training{beside(old)}."
    return Leak(
        kind="group", sentence=sentence, column=group, found=found, of=of, found_old=old, examples=examples
    )


def of_base_training(search: Search) -> Leak:
    """Head's evaluation rows that base's model was trained on: it would look better than it is."""
    question = "Whether base was trained on evaluation rows of head"
    why = _no_key(search) or lacking(
        search.key, evaluation=search.evaluation, base_training=search.base_train
    )
    if why:
        return unjudged("base_training", question, why)
    found, of, rows = _shared(search, search.evaluation, search.base_train, search.key)
    old = _old(search, search.base_train, search.key)
    if found:
        verb = "was a training row" if found == 1 else "were training rows"
        sentence = f"{found:,} of {amount(of, 'evaluation row')} {verb} of base, whose model has seen "
        sentence += f"{'it' if found == 1 else 'them'}{beside(old)}."
    else:
        sentence = f"No evaluation row was a training row of base{beside(old)}."
    examples = search.keys(rows) if found else ()
    return Leak(kind="base_training", sentence=sentence, found=found, of=of, found_old=old, examples=examples)


def gone(search: Search) -> Leak:
    """Base's evaluation rows that head's evaluation lacks: a smaller exam is not a better student."""
    question = "Whether evaluation rows are gone"
    why = _no_key(search) or lacking(
        search.key, evaluation=search.evaluation, base_evaluation=search.base_evaluation
    )
    base = search.base_evaluation
    if why or base is None:
        return unjudged("rows_gone", question, why)
    rows = without_match(search.engine, base, search.evaluation, search.key)
    found, of = count(search.engine, rows), count(search.engine, base)
    if found:
        sentence = f"{found:,} of base's {amount(of, 'evaluation row')} {'is' if found == 1 else 'are'} gone."
    else:
        sentence = f"None of base's {amount(of, 'evaluation row')} is gone."
    examples = search.keys(rows) if found else ()
    return Leak(kind="rows_gone", sentence=sentence, found=found, of=of, examples=examples)


def _shared(
    search: Search,
    evaluation: ir.Table,
    other: ir.Table | None,
    columns: tuple[str, ...],
    *,
    content: bool = False,
) -> tuple[int, int, ir.Table]:
    """Evaluation rows that the other side has too: how many, of how many, and they."""
    if other is None:
        return 0, count(search.engine, evaluation), evaluation.limit(0)
    rows = matching(search.engine, evaluation, other, columns, missing=content, coarse=content)
    return count(search.engine, rows), count(search.engine, evaluation), rows


def _old(
    search: Search, train: ir.Table | None, columns: tuple[str, ...], *, content: bool = False
) -> int | None:
    """The same of base; None where base has no such rows."""
    base = search.base_evaluation
    if base is None or lacking(columns, evaluation=base, training=train):
        return None
    return _shared(search, base, train, columns, content=content)[0]


def _no_key(search: Search) -> str:
    return "" if search.key else "no key is named"


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(map(samples.cut, columns))
