"""What a policy's types can't say, section by section: names, the gates on files."""

import re
from collections.abc import Iterator

from mergegate.config import (
    dataset_checks,
    evaluations,
    keep,
    metric_gates,
    paths,
    ranges,
    reproduce,
    waivers,
)
from mergegate.config.document import Document
from mergegate.config.policy import NAME_PATTERN, BundleGate, EvaluationGate, Model, Policy
from mergegate.config.problem import KeyPath, Problem, printable

_REF_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|^[-/.]|[/.]$|^@$")


def check(policy: Policy, document: Document) -> list[Problem]:
    """Every rule that the policy breaks, section by section."""
    problems = list(_top(policy, document))
    for name, model in policy.models.items():
        problems += _model(name, model, document)
    problems += dataset_checks.check(policy, document)
    problems += reproduce.check(policy.reproduce, document)
    problems += keep.check(policy.keep, document)
    problems += waivers.check(policy.waivers, document)
    return problems


def _top(policy: Policy, document: Document) -> Iterator[Problem]:
    """The keys of the whole policy, and that it is about something."""
    yield from _baseline(policy.baseline, document)
    for place, name in enumerate(policy.protected):
        yield from _protected(name, place, document)
    yield from ranges.CONFIDENCE.check(policy.confidence, ("confidence",), document)
    yield from ranges.ROWS.check(policy.min_rows, ("min_rows",), document)
    for place, path in enumerate(policy.metrics):
        yield from paths.check(path, ("metrics", place), document)
    if not policy.models and not policy.datasets and policy.mode == "enforce":
        hint = (
            "name at least one model under `models` or one path under `datasets`, or write `mode: advisory` "
            "to be shown the rest"
        )
        yield document.problem((), "the policy judges nothing", hint)


def _baseline(name: str, document: Document) -> Iterator[Problem]:
    """A name that git takes for a branch, and never for an option."""
    if not name or len(name) > 255 or _REF_FORBIDDEN.search(name):
        hint = "write the branch that changes are merged into, such as main"
        yield document.problem(("baseline",), f'"{printable(name)}" can\'t be a branch', hint)


def _protected(name: str, place: int, document: Document) -> Iterator[Problem]:
    """A branch's name, in which `*` may stand."""
    if not name or len(name) > 255 or _REF_FORBIDDEN.search(name.replace("*", "x")):
        hint = "write a branch, such as production or release/*"
        yield document.problem(("protected", place), f'"{printable(name)}" can\'t be a branch', hint)


def _model(name: str, model: Model, document: Document) -> Iterator[Problem]:
    """One model's name, files and gates."""
    at: KeyPath = ("models", name)
    if not re.fullmatch(NAME_PATTERN, name):
        hint = "up to 64 of a-z, 0-9, `.`, `_` and `-`, beginning with a letter or digit"
        yield document.problem(at, f"\"{printable(name)}\" can't be a model's name", hint)
    yield from paths.check(model.bundle, (*at, "bundle"), document)
    yield from paths.check(model.golden, (*at, "golden"), document)
    yield from evaluations.check(model.evaluation, (*at, "evaluation"), document)
    gates = (*at, "gates")
    yield from metric_gates.check(model.gates.metrics, model.evaluation, (*gates, "metrics"), document)
    yield from _evaluation_gate(model.gates.evaluation, (*gates, "evaluation"), document)
    yield from _bundle_gate(model.gates.bundle, model, (*gates, "bundle"), document)
    yield from _golden(model, at, document)
    yield from metric_gates.check_gaps(model.gates.gaps, model.evaluation, (*gates, "gaps"), document)
    for key in ("max_share", "max_broken"):
        yield from ranges.SHARE.check(getattr(model.gates.flips, key), (*gates, "flips", key), document)


def _evaluation_gate(gate: EvaluationGate, at: KeyPath, document: Document) -> Iterator[Problem]:
    for key in ("max_rows_gone", "max_labels_changed"):
        yield from ranges.SHARE.check(getattr(gate, key), (*at, key), document)


def _bundle_gate(gate: BundleGate, model: Model, at: KeyPath, document: Document) -> Iterator[Problem]:
    """Bars above 0, on a bundle that is named, run on inputs that are named."""
    yield from ranges.SIZE.check(gate.max_size_mb, (*at, "max_size_mb"), document)
    yield from ranges.PARITY.check(gate.parity, (*at, "parity"), document)
    for key in ("max_size_mb", "parity"):
        if getattr(gate, key) is not None and model.bundle is None:
            hint = "add `bundle:` to the model, the folder of its bundle, such as models/bundle"
            yield document.problem((*at, key), f"`{key}` needs the model's `bundle`", hint)
    if gate.parity is not None and model.evaluation.inputs is None:
        hint = "add `inputs:` to the model's `evaluation`: the rows that the bundle is run on"
        yield document.problem((*at, "parity"), "`parity` needs `evaluation.inputs`", hint)


def _golden(model: Model, at: KeyPath, document: Document) -> Iterator[Problem]:
    """Golden rows need a bundle that answers them, their gate needs golden rows."""
    if model.golden is not None and model.bundle is None:
        hint = "add `bundle:` to the model, the folder of its bundle, such as models/bundle"
        yield document.problem((*at, "golden"), "`golden` needs the model's `bundle`", hint)
    bar, place = model.gates.golden.max_failed, (*at, "gates", "golden", "max_failed")
    yield from ranges.ROWS_FAILED.check(bar, place, document)
    if bar is not None and model.golden is None:
        hint = "add `golden:` to the model, a file or folder of golden rows, such as golden"
        yield document.problem(place, "`max_failed` needs the model's `golden`", hint)
