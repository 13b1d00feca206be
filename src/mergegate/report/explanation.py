"""Why a gate came to its outcome: how its number is had, where its bar stands, what would let it pass."""

import msgspec

from mergegate.records.review import ModelReview, Review
from mergegate.records.verdict import GateResult, Measurement
from mergegate.report import data_gates, judgement, methods, numbers, remedies, wording
from mergegate.report.judgement import Figures, Reader
from mergegate.report.script import Script

SCHEMA = 1
"""Version of the explanation as JSON."""

RAW = Script(name=str, text=str, unit=str)
"""Leaves every text as it is: whoever shows the explanation makes it inert."""

_BARS = ("max_relative_regression", "max_regression", "min", "max")
_KEYS = {
    "evaluation/rows_gone": "gates.evaluation.max_rows_gone",
    "evaluation/labels_changed": "gates.evaluation.max_labels_changed",
    "bundle/size": "gates.bundle.max_size_mb",
    "bundle/parity": "gates.bundle.parity",
    "golden/max_failed": "gates.golden.max_failed",
    "flips/max_share": "gates.flips.max_share",
    "flips/max_broken": "gates.flips.max_broken",
    "predictions/contract": "evaluation.predictions",
    "metrics/contract": "evaluation.metrics",
    "comparison": "evaluation.predictions",
    "metrics/comparison": "evaluation.metrics",
}
_WITHOUT = {
    "evaluation": " (0 where it does not stand there)",
    "strength": " (`scored` for a model with `bundle` and `evaluation.inputs` where it does not stand there)",
}
"""By kind: what holds where the policy has no such key."""

_HOW = {
    "lock/chain": "dvc.yaml and every dvc.lock and .dvc file of head are held against each other: what a "
    "stage read must be what another wrote or what is tracked, with the params, commands and code there.",
    "rows_gone": "The share of base's row_ids that head's predictions no longer have, of all or of one "
    "class.",
    "labels_changed": "The share of the row_ids of both whose y_true is not the same in base and head, of "
    "all or of one class.",
    "rescored": "Base's model is run on head's inputs; the number is the largest distance of its answers "
    "from base's own predictions, on the rows that base judged.",
    "size": "The sizes of all files of head's bundle, added, in millions of bytes.",
    "parity": "Head's bundle is run on its evaluation inputs; the number is the largest distance of its "
    "answers from head's predictions.",
    "strength": "In the trusted job, and wherever `--evidence` is asked for, head's bundle is run on its "
    "evaluation inputs, the rows in another order and number than the export's; the number is the largest "
    "distance of its answers from head's predictions. A trusted run may train it again.",
    "max_failed": "Head's bundle is run on the golden rows as the target has them, and on those that head "
    "adds; the number is how many do not get what they are owed.",
    "contract": "The file is read as head has it, by the md5 that its lock names, and checked against what "
    "its kind must hold.",
    "comparison": "Base's and head's predictions are paired by row_id. This gate only says where they can't "
    "be; it never blocks.",
}
_RULE = {
    "pass": "the whole interval must be on the right side of the bar, and it is",
    "fail": "the whole interval must be on the wrong side of the bar, and the miss must stand among all "
    "claims that are judged together; both is so",
    "insufficient": "neither is the whole interval on the right side of the bar, nor does a miss stand among "
    "all claims that are judged together",
}


_ON = {
    "head": "all of head's rows",
    "shared": "the rows that both judged with the same label",
    "rescored": "head's rows that base's model was run on",
}


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """One gate explained. `state` in words; the tuples hold sentences; `key` is the bar's in the policy.

    `least` is the value of head's metric from which it would pass at this noise (`least_is`: at least or at
    most), `rows` how many rows, or clusters, would do; None where neither is known. `waiver` is YAML.
    """

    schema: int = SCHEMA
    gate: GateResult
    state: str
    blocking: bool
    number: str
    bar: str
    interval: str
    key: str
    how: tuple[str, ...]
    source: tuple[str, ...]
    why: tuple[str, ...]
    passing: tuple[str, ...]
    least: float | None
    least_is: str
    rows: int | None
    waiver: str


def explain(gate: GateResult, review: Review) -> Explanation:
    """Everything that the review knows about one of its gates. Its texts are the pull request's: hostile."""
    model = next((model for model in review.models if model.name == gate.subject), None)
    reader = Reader(review, RAW)
    figures, least = reader.figures(gate), remedies.least(gate)
    measured, of_data = gate.measured, gate.kind == data_gates.KIND
    return Explanation(
        gate=gate,
        state=judgement.label(gate),
        blocking=gate.blocking,
        number=figures.number,
        bar=figures.bar,
        interval=figures.interval,
        key=key(gate),
        how=tuple(_how(gate, review, model, figures)),
        source=tuple(data_gates.source(gate, review) if of_data else _source(gate, review, model)),
        why=tuple(_why(gate, reader, enforced=review.verdict.enforced)),
        passing=tuple(remedies.passing(gate, model)),
        least=least,
        least_is="" if least is None or measured is None else judgement.direction(gate),
        rows=remedies.rows(gate),
        waiver=remedies.waiver(gate),
    )


def _how(gate: GateResult, review: Review, model: ModelReview | None, figures: Figures) -> list[str]:
    """How the number was had, or what was checked."""
    if gate.kind == data_gates.KIND:
        return data_gates.checked(gate, review)
    return _measured(gate, gate.measured, model, figures) if gate.measured else _checked(gate, model)


def key(gate: GateResult) -> str:
    """The key path of a gate's bar in the policy; empty for what holds without one."""
    if gate.kind == data_gates.KIND:
        inside = data_gates.key(gate)
        return f"datasets[{data_gates.path(gate)}].{inside}" if inside else ""
    if gate.kind == "strength":
        return "required_strength"
    inside = gate.id.removeprefix(f"{gate.subject}/")
    if gate.kind in ("metric", "regression"):
        metric, word = _bar(gate)
        return f"models.{gate.subject}.gates.metrics[{metric}].{word}"
    if gate.kind == "gap":
        metric, _, column = inside.partition("/max_gap[")
        return f"models.{gate.subject}.gates.gaps[{metric}, {column.removesuffix(']')}].max"
    return f"models.{gate.subject}.{_KEYS[inside]}" if gate.subject and inside in _KEYS else ""


def _bar(gate: GateResult) -> tuple[str, str]:
    """The metric and the policy's word for the bar."""
    inside = gate.id.removeprefix(f"{gate.subject}/")
    if gate.measured is not None:
        metric = gate.measured.metric
        rest = inside.removeprefix(f"{metric}/")
    else:
        metric, _, rest = inside.rpartition("/")
    return metric, next((word for word in _BARS if rest.startswith(word)), rest)


def _measured(gate: GateResult, found: Measurement, model: ModelReview | None, figures: Figures) -> list[str]:
    """How a metric's number, its interval and its claim were had."""
    said = [_subject(gate, found)]
    if found.base is not None and found.head is not None and found.exam != "head":
        before, after = (numbers.bar(float(f"{value:.6g}")) for value in (found.base, found.head))
        said.append(f"On these rows base has {before} and head {after}.")
    if figures.number:
        said.append(f"The number is {figures.number}" + _interval(found, figures))
    if found.method:
        source = methods.source(found.method)
        said.append(f"Method: {found.method}" + (f": {source}." if source else "."))
    said += _noise(found, model)
    if found.p_value is not None and found.p_adjusted is not None:
        level = (1 - found.confidence) / 2
        said.append(
            f"That the bar is missed has p = {found.p_value:.3g}; corrected for the "
            f"{numbers.plural(found.claims, 'claim')} judged together (Holm 1979) p = "
            f"{found.p_adjusted:.3g}. A fail needs at most {level:.3g}; a pass needs no correction, because "
            "every gate must pass (Berger 1982)."
        )
    return said


def _interval(found: Measurement, figures: Figures) -> str:
    if not figures.interval:
        return ", without an interval."
    interval = figures.interval.removesuffix(f" at {numbers.percent(found.confidence)}")
    error = "" if found.standard_error is None else f"; its standard error is {found.standard_error:.3g}"
    df = "" if found.df is None else f" with {found.df:,.4g} degrees of freedom"
    return f", its {numbers.percent(found.confidence)} interval {interval}{error}{df}."


def _subject(gate: GateResult, found: Measurement) -> str:
    """Which number on which rows."""
    rows = numbers.plural(found.rows, "row")
    if gate.kind in remedies.NAMED_WHOLE:
        return f"{found.metric[:1].upper()}{found.metric[1:]}, on {_ON[found.exam]}: {rows}."
    which = {
        "head": f"{found.metric} of head, on all of its rows",
        "shared": f"Head's {found.metric} less base's, on the rows that both judged with the same label",
        "rescored": f"Head's {found.metric} less what base's model, run on head's rows, has there",
    }[found.exam]
    share = ", as a share of base's" if found.relative else ""
    if not found.column:
        return f"{which}{share}: {rows}."
    value = f"is {found.level}" if found.level else "has each of its values"
    return f"{which}{share}, where {found.column} {value}: {rows}."


def _noise(found: Measurement, model: ModelReview | None) -> list[str]:
    """What carries the number, and how rows are clustered and weighed."""
    said = []
    if found.carried is not None:
        decided = "" if found.discordant is None else f"; {found.discordant:,} are decided differently"
        said.append(
            f"{found.carried:,.6g} (effective) rows carry it, and at least {found.min_rows:,} must{decided}."
        )
    if found.clusters is not None:
        name = f" of {model.cluster}" if model and model.cluster else ""
        groups = numbers.plural(found.clusters, "cluster")
        said.append(f"The rows come from {groups}{name}, which the interval allows for.")
    if model and model.weight:
        said.append(f"Rows are weighed by {model.weight}.")
    if found.detectable:
        shown = f"{100 * found.detectable:.3g} %" if found.relative else f"{found.detectable:.3g}"
        said.append(f"A miss of the bar by {shown} would be found with 80 % probability.")
    return said


def _checked(gate: GateResult, model: ModelReview | None) -> list[str]:
    """How what is no metric was checked."""
    what = gate.id if gate.id in _HOW else gate.id.rpartition("/")[2]
    if gate.kind in ("metric", "regression"):
        return ["There is no number: nothing could be measured."]
    said = [_HOW[what]] if what in _HOW else []
    counts = model.rows if model else None
    if counts and gate.kind == "evaluation":
        base, head = (numbers.count(side) for side in (counts.base, counts.head))
        said.append(
            f"Base has {base} rows and head {head}: {counts.shared:,} are shared, {counts.new:,} new, "
            f"{counts.gone:,} gone; of the shared ones {counts.labels_changed:,} have another y_true."
        )
    return said


def _source(gate: GateResult, review: Review, model: ModelReview | None) -> list[str]:
    """What the bar is, and where in which policy it stands."""
    found, where = gate.measured, key(gate)
    policy = f"{review.policy.path} ({wording.origin(review.policy)})"
    if not where:
        return [f"No key of the policy sets a bar: it holds for every review. The policy is {policy}."]
    what = "names the file" if gate.kind in ("contract", "comparison") else "sets the bar"
    default = _WITHOUT.get(gate.kind, "")
    said = [f"`{where}` {what}{default}, in {policy}."]
    if found is None:
        return said
    place = where.rpartition(".")[0]
    if found.column:
        said.append(f"`{place}.slices` names {found.column}: each of its values is held to the same bar.")
    if model and found.confidence != model.confidence:
        said.append(f"`{place}.confidence` asks for {numbers.percent(found.confidence)}.")
    else:
        said.append(f"The confidence of {numbers.percent(found.confidence)} is the policy's `confidence`.")
    return said


def _why(gate: GateResult, reader: Reader, *, enforced: bool) -> list[str]:
    """The outcome, and what it means for the verdict."""
    label = judgement.label(gate)
    said = [gate.sentence if gate.sentence.startswith(label) else f"{label}: {gate.sentence}"]
    if gate.measured is not None and not gate.measured.problem:
        rule = _RULE.get(gate.outcome)
        said += [f"Rule: {rule}."] if rule and gate.value is not None else []
    waiver = reader.waiver(gate)
    said += [waiver] if waiver else []
    if gate.blocking:
        said.append("It blocks." if enforced else "It would block, were the policy's `mode` not `advisory`.")
    elif gate.outcome == "insufficient" and gate.waiver is None:
        data = gate.kind == data_gates.KIND
        why = "the policy asks only to be told" if data else "`on_insufficient` is `warn` for it"
        said.append(f"It does not block: {why}.")
    return said
