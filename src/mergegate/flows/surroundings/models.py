"""What became of a model: facts of both bundles, what their answers depend on, how long a row takes."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from mergegate import repo
from mergegate.bundle.measuring import LIMITS, Measured, Placed, Shuffled, measure
from mergegate.bundle.scoring import Limits
from mergegate.compare.reported import Value
from mergegate.config.policy import Explain, Policy
from mergegate.errors import BrokenError, MergegateError
from mergegate.flows.evidence import Reading
from mergegate.flows.folders import NothingThereError, parquet_files, place_bundle
from mergegate.flows.scores import sentence
from mergegate.flows.surroundings.bundles import MOST_INPUTS, is_same, read_facts, read_manifest, shorten
from mergegate.flows.surroundings.reported import NAMED, read_importances
from mergegate.flows.surroundings.rows import sample
from mergegate.records.predictions import Predictions
from mergegate.records.surroundings import Importance, Latency, ModelChange, ModelFacts

EVERYTHING = Explain(importance=True, latency=True)

Claims = Mapping[str, Mapping[str, Value]]
"""Side → what its pipeline reports."""


class _Both(msgspec.Struct, frozen=True):
    """One model on both sides."""

    policy: Policy
    name: str
    base: Reading
    head: Reading
    objects: repo.Objects
    old: Predictions | None
    new: Predictions | None


def describe_model(
    policy: Policy,
    name: str,
    base: Reading,
    head: Reading,
    objects: repo.Objects,
    *,
    old: Predictions | None,
    new: Predictions | None,
    claims: Claims,
    force: bool = False,
    limits: Limits = LIMITS,
) -> ModelChange | None:
    """What changed about the model `name` beside its answers, None where nothing did and nothing was asked.

    `old` and `new` are the predictions of the sides, `claims` what their pipelines report. `force` measures
    importances and latency whatever the policy says. Never raises for a file or bundle that won't do: what is
    wrong is the `problem`.
    """
    model = policy.models[name]
    wanted = EVERYTHING if force else model.explain
    both = _Both(policy, name, base, head, objects, old, new)
    path, problems = model.bundle, []
    found = ModelChange()
    same = path is None or is_same(base, head, objects, path)
    if path is not None and (not same or wanted.importance or wanted.latency):
        facts: dict[str, ModelFacts | None] = {}
        for side in (base, head):
            facts[side.side], problem = _facts(side, objects, path)
            problems += [problem] if problem else []
        found = ModelChange(base=facts["base"], head=facts["head"])
        if (wanted.importance or wanted.latency) and found.head is not None:
            found = _measure(both, path, found, wanted, problems, limits)
    if not found.importance:
        found = _with_reported(found, claims, same=same)
    found = msgspec.structs.replace(found, problem="; ".join(dict.fromkeys(problems)))
    return None if found == ModelChange() else found


def _facts(side: Reading, objects: repo.Objects, path: str) -> tuple[ModelFacts | None, str]:
    """Facts of one side's bundle, or what is wrong with it; a base that has none yet is no problem."""
    try:
        return read_facts(side, objects, path), ""
    except NothingThereError as error:
        return None, "" if side.side == "base" else sentence(error)
    except MergegateError as error:
        return None, sentence(error)


def _measure(
    both: _Both, path: str, facts: ModelChange, wanted: Explain, problems: list[str], limits: Limits
) -> ModelChange:
    """The facts with what was measured; `problems` take why something was not."""
    inputs = both.policy.models[both.name].evaluation.inputs
    if inputs is None:
        problems.append("importances and latency take `evaluation.inputs` in the policy")
        return facts
    if both.new is None or not both.new.rows:
        problems.append("head has no predictions that can be used to measure importances or latency by")
        return facts
    try:
        measured, names = _run(both, both.new, path, inputs, facts, wanted, limits)
    except MergegateError as error:
        problems.append(sentence(error))
        return facts
    problems += [measured.problem] if measured.problem else []
    return msgspec.structs.replace(
        facts,
        importance=rank(
            dict(zip(names["base"], measured.base, strict=False)),
            dict(zip(names["head"], measured.head, strict=False)),
        ),
        importance_metric=measured.metric,
        importance_rows=measured.rows,
        latency=_latency(measured, facts, wanted),
    )


def _run(
    both: _Both, new: Predictions, path: str, inputs: str, facts: ModelChange, wanted: Explain, limits: Limits
) -> tuple[Measured, dict[str, list[str]]]:
    """What was measured, and the names of each side's inputs."""
    evaluation = both.policy.models[both.name].evaluation
    names: dict[str, list[str]] = {"base": [], "head": []}
    try:
        with tempfile.TemporaryDirectory(prefix="mergegate-") as temporary:
            folder = Path(temporary).resolve()
            placed = {}
            for side in (both.head, both.base):
                if side.side == "base" and facts.base is None:
                    continue
                files = place_bundle(side, both.objects, path, folder / side.side)
                manifest = read_manifest(side, both.objects, path)
                names[side.side] = [shorten(column.name) for column in manifest.inputs]
                placed[side.side] = Placed(folder / side.side, files, len(manifest.inputs))
            (folder / "inputs").mkdir()
            measured = measure(
                placed["head"],
                placed.get("base"),
                task=evaluation.task,
                rows=sample(both.old, new),
                positive=new.classes[-1] if evaluation.task == "binary" else None,
                inputs=parquet_files(both.head, both.objects, inputs, folder / "inputs"),
                importance=wanted.importance,
                latency=wanted.latency,
                confidence=both.policy.confidence,
                limits=limits,
            )
    except OSError as error:
        raise BrokenError(
            f"a temporary file can't be written: {error.strerror}", hint="free some space"
        ) from error
    return measured, names


def _latency(measured: Measured, facts: ModelChange, wanted: Explain) -> Latency | None:
    if not wanted.latency:
        return None
    found = measured.latency
    if found is None:
        return Latency(problem=measured.problem or "base has no bundle to be asked in turns with head's")
    return Latency(
        base=found.base,
        head=found.head,
        ratio=found.ratio,
        low=found.low,
        high=found.high,
        rows=found.rows,
        repeats=found.repeats,
    )


def _with_reported(found: ModelChange, claims: Claims, *, same: bool) -> ModelChange:
    """Importances as the pipeline reports them, where the model or they changed."""
    old, new = (read_importances(claims.get(side, {})) for side in ("base", "head"))
    if not (old or new) or (same and old == new):
        return found
    return msgspec.structs.replace(found, importance=rank(old, new), importance_metric=NAMED)


def rank(base: Mapping[str, Shuffled], head: Mapping[str, Shuffled]) -> tuple[Importance, ...]:
    """Importances of both sides by input, the largest in head first, at most MOST_INPUTS of them."""
    places = [_places(side) for side in (base, head)]
    names = sorted(
        {**head, **base}, key=lambda name: (places[1].get(name, len(head) + places[0].get(name, 0)), name)
    )
    return tuple(
        Importance(
            name=shorten(name),
            base=base[name].mean if name in base else None,
            head=head[name].mean if name in head else None,
            base_spread=base[name].spread if name in base else None,
            head_spread=head[name].spread if name in head else None,
            base_rank=places[0].get(name),
            head_rank=places[1].get(name),
        )
        for name in names[:MOST_INPUTS]
    )


def _places(found: Mapping[str, Shuffled]) -> dict[str, int]:
    """Input → its rank, 1 for the largest."""
    order = sorted(found, key=lambda name: (-found[name].mean, name))
    return {name: place for place, name in enumerate(order, 1)}
