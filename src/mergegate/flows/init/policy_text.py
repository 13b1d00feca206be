"""mergegate.yaml as init proposes it: every choice with the reason for it beside it."""

from collections.abc import Iterator, Sequence

import msgspec

from mergegate.flows.init.datasets import ProposedData
from mergegate.flows.init.models import Proposal
from mergegate.flows.init.request import Mode
from mergegate.records.suggestion import SuggestedModel, Suggestions
from mergegate.report import suggested
from mergegate.report.escaping import visible
from mergegate.report.lines import SENTENCE, VALUE
from mergegate.report.quoting import quote, scalar
from mergegate.scaffold.mark import stamp

_WHY = 40


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy is rendered from. `bars` holds what was suggested for a model, by its name.

    `modeline` tells editors where the policy's JSON Schema is, "" where that is not known. `recorded`: DVC
    says of a file where it came from, or at least which it is.
    """

    mode: Mode
    baseline: str
    models: tuple[Proposal, ...] = ()
    datasets: tuple[ProposedData, ...] = ()
    metrics: tuple[str, ...] = ()
    bars: dict[str, SuggestedModel] = {}
    suggestions: Suggestions | None = None
    modeline: str = ""
    recorded: bool = True


def render_policy(draft: Draft) -> str:
    """The whole file, its first line the mark."""
    return stamp("".join(f"{line}\n" for line in _lines(draft)))


def _lines(draft: Draft) -> Iterator[str]:
    if draft.modeline:
        yield draft.modeline
    yield "# What a change must satisfy. A pull request is judged by the policy of the branch that it enters."
    yield "version: 1"
    if draft.mode == "advisory":
        yield _beside("mode: advisory", "shown, never blocks; `enforce` once the team believes it")
    else:
        yield _beside("mode: enforce", "a failed gate fails the status `mergegate`")
    yield f"baseline: {_text(draft.baseline)}"
    if draft.models and not draft.recorded:
        yield _beside("required_strength: claimed", "files are believed as the commit has them: DVC has none")
    if draft.metrics:
        yield "metrics:"
        for path in draft.metrics:
            yield _beside(f"  - {_text(path)}", "shown as single numbers: without rows there is no interval")
    if draft.models:
        yield ""
        yield "models:"
        for model in draft.models:
            yield from _model(model, draft)
    if draft.datasets:
        yield ""
        yield "datasets:"
        for each in draft.datasets:
            yield from _dataset(each)
    if not draft.models:
        yield ""
        yield "# No model yet: params, reported metrics, data and the lock chain are reviewed. With"
        yield "# a predictions file differences get intervals: write one, and run `mergegate init` again."


def _model(model: Proposal, draft: Draft) -> Iterator[str]:
    yield f"  {_text(model.name)}:"
    if model.beside.bundle is not None:
        yield f"    bundle: {_text(model.beside.bundle)}"
    yield "    evaluation:"
    yield _beside(f"      task: {model.task}", model.reason)
    if model.open_classes:
        classes = " or ".join(map(_text, model.open_classes))
        yield f"      # With `task: binary` and `positive: {classes}` the review also knows ROC AUC."
    if model.other_bundle:
        other = visible(model.other_bundle, VALUE)
        yield f"      # {other}: with that task it belongs here, as `bundle:` of the model."
    if model.positive is not None:
        yield f"      positive: {_value(model.positive)}"
    yield _beside(f"      predictions: {_text(model.predictions)}", f"{model.rows:,} rows")
    if model.beside.inputs is not None:
        why = "it holds every row_id of the predictions"
        yield _beside(f"      inputs: {_text(model.beside.inputs)}", why)
    if model.beside.training_rows is not None:
        why = "it holds none of them, and is called so"
        yield _beside(f"      training_rows: {_text(model.beside.training_rows)}", why)
    if model.metrics is not None:
        yield _beside(
            f"      metrics: {_text(model.metrics)}", "what the pipeline reports: shown, never judged"
        )
    found = draft.bars.get(model.name)
    if found is None or draft.suggestions is None:
        return
    if not found.gates:
        yield "    # No bars yet:"
        yield from (f"    #   {visible(note, SENTENCE)}" for note in found.notes)
        return
    yield "    gates:"
    alone = msgspec.structs.replace(draft.suggestions, models=(msgspec.structs.replace(found, notes=()),))
    # The first line says for which model of which file this is.
    yield from (f"      {line}" for line in suggested.render(alone).splitlines()[1:])


def _dataset(each: ProposedData) -> Iterator[str]:
    yield f"  - path: {_text(each.path)}"
    if each.key:
        yield _beside(f"    key: {_list(each.key)}", each.reason)
    elif each.reason:
        yield f"    # {visible(each.reason, SENTENCE)}"


def _list(names: Sequence[str]) -> str:
    return _text(names[0]) if len(names) == 1 else f"[{', '.join(map(_text, names))}]"


def _beside(said: str, why: str) -> str:
    return f"{said:<{_WHY}} # {visible(why, SENTENCE)}" if why else said


def _value(value: str | int) -> str:
    return str(value) if isinstance(value, int) else _text(value)


def _text(text: str) -> str:
    """A path or name as a scalar: plain where nobody could mistake it."""
    plain = all(scalar(part) == part for part in text.replace("-", "/").replace(".", "/").split("/") if part)
    # A part of digits alone is fine inside of a path.
    return (
        text
        if plain and text[:1].isalpha() and len(text) <= VALUE and not text.endswith(("/", "."))
        else quote(text)
    )
