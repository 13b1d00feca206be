"""Suggested bars as YAML for the policy, each line with the reason for it."""

from collections.abc import Iterator

from mergegate.records.suggestion import SuggestedGate, SuggestedModel, Suggestions
from mergegate.report.escaping import visible
from mergegate.report.lines import SENTENCE, VALUE
from mergegate.report.quoting import scalar

_COLUMN = 27


def render(found: Suggestions) -> str:
    """The YAML, a document for each model; what came from files is quoted, and inert in comments."""
    return "---\n".join("\n".join(_model(model, found)) + "\n" for model in found.models)


def _model(model: SuggestedModel, found: Suggestions) -> Iterator[str]:
    rows = "" if model.rows is None else f", from base's {model.rows:,} rows"
    policy, base, head = (visible(each, VALUE) for each in (found.policy, found.base, found.head))
    yield f"# For models.{visible(model.name, VALUE)}.gates in {policy}{rows} (base {base}, head {head})."
    for note in model.notes:
        yield f"# {visible(note, SENTENCE)}"
    if not model.gates:
        yield "# There is nothing to suggest."
        yield "metrics: []"
        return
    yield "metrics:"
    for gate in model.gates:
        yield from _gate(gate)


def _gate(gate: SuggestedGate) -> Iterator[str]:
    yield f"  - name: {scalar(gate.name)}"
    for key, number in (("min", gate.min), ("max", gate.max), ("max_regression", gate.max_regression)):
        if number is not None:
            yield _line(key, _number(number), gate)
    if gate.min_rows is not None:
        yield _line("min_rows", str(gate.min_rows), gate)
    if gate.slices:
        yield _line("slices", f"[{', '.join(map(scalar, gate.slices))}]", gate)


def _line(key: str, value: str, gate: SuggestedGate) -> str:
    said = f"    {key}: {value}"
    why = gate.reasons.get(key, "")
    return f"{said:<{_COLUMN}} # {visible(why, SENTENCE)}" if why else said


def _number(number: float) -> str:
    """A number that every reader of YAML takes for one."""
    shown = f"{number:.12f}".rstrip("0").rstrip(".")
    return shown if float(shown) == number else repr(number) if "." in repr(number) else f"{number:.1e}"
