"""One model of the policy, reviewed: its predictions and reported metrics on both sides, compared."""

import importlib
from collections.abc import Callable

import msgspec

from mergegate import compare, repo
from mergegate.compare import Comparison, Evidence, reported, seeds
from mergegate.config.policy import Evaluation, Model
from mergegate.errors import ContractError, ObjectError
from mergegate.flows.bundles import describe_bundle, telling_columns
from mergegate.flows.evidence import Reading, read_file
from mergegate.flows.explaining import Pair, choose, explain_model
from mergegate.flows.own import measure_functions
from mergegate.flows.pairs import read_pair
from mergegate.flows.questions import asks, gap_asks, setting
from mergegate.flows.rescoring import rescore, wanted
from mergegate.flows.sides import Sides
from mergegate.flows.surroundings import describe_model, without_importances
from mergegate.records.comparison import MetricComparison, Rescored
from mergegate.records.explain import Golden
from mergegate.records.predictions import Predictions
from mergegate.records.review import ModelReview, Problem

NOT_CALLED = "the trusted job calls a team's own functions only as a protected branch has them"


def review_model(
    sides: Sides, name: str, count_exams: Callable[[], int | None]
) -> tuple[ModelReview, Evidence]:
    """Compare head's predictions with base's; whatever can't be read is a problem of its side.

    `count_exams` says how often the evaluation set has judged before.
    """
    policy, base, head, objects = sides.policy, sides.base, sides.head, sides.objects
    model = policy.models[name]
    evaluation = model.evaluation
    old, new = read_pair(base, head, objects, evaluation)
    problems = [evidence.problem for evidence in (old, new) if evidence.problem]
    found = compare.compare(
        old.predictions,
        new.predictions,
        asks=asks(policy, model),
        gaps=gap_asks(policy, model),
        setting=setting(policy, evaluation),
    )
    own, judged_by = _measure_functions(sides, model, old.predictions, new.predictions, found)
    rescored, again, answers = _rescore(sides, model, old.predictions, new.predictions)
    sides.progress("explaining the change")
    shared = Pair(old.predictions, new.predictions, found, "shared")
    rerun = Pair(answers, new.predictions, again, "rescored")
    told = explain_model(policy, model, head, objects, choose(shared, rerun))
    claims: dict[str, dict[str, reported.Value]] = {}
    for reading in (base, head):
        claims[reading.side], problem = _read_reported(reading, objects, evaluation)
        problems += [problem] if problem else []
    noise, problem = _read_seeds(head, objects, evaluation)
    problems += [problem] if problem else []
    metrics = tuple(_with_noise(metric, noise) for metric in (*own, *found.metrics))
    path = evaluation.metrics
    disagreements = reported.disagreements(claims["head"], metrics, name=head.name(path)) if path else ()
    review = ModelReview(
        name=name,
        task=evaluation.task,
        predictions=evaluation.predictions,
        rows=found.rows,
        confidence=policy.confidence,
        cluster=evaluation.cluster,
        weight=evaluation.weight,
        finding=found.finding,
        identical=found.identical,
        judged=count_exams(),
        metrics=metrics,
        rescored=rescored,
        bundle=describe_bundle(
            model,
            head,
            objects,
            new.predictions,
            scoring=telling_columns(policy, model) if sides.score else None,
        ),
        reported=reported.compare(
            without_importances(claims["base"]), without_importances(claims["head"]), metrics
        ),
        flips=told.flips,
        segments=told.parts.segments,
        gaps=told.gaps,
        curves=told.parts.curves,
        confusion=told.parts.confusion,
        golden=_review_golden(sides, name),
        model=describe_model(
            policy,
            name,
            base,
            head,
            objects,
            old=old.predictions,
            new=new.predictions,
            claims=claims,
            force=sides.explain,
        ),
        problems=tuple(problems),
        notes=(*disagreements, *found.notes),
        locked=new.locked,
    )
    return review, {**found.evidence, **judged_by, **(again.evidence if again else {}), **told.evidence}


def _review_golden(sides: Sides, name: str) -> Golden | None:
    """The golden rows, whose room is opened only where the policy names some."""
    if sides.policy.models[name].golden is None:
        return None
    reviewing = importlib.import_module("mergegate.flows.golden.reviewing")
    found: Golden | None = reviewing.review_golden(sides, name)
    return found


def _measure_functions(
    sides: Sides, model: Model, old: Predictions | None, new: Predictions | None, found: Comparison
) -> tuple[tuple[MetricComparison, ...], Evidence]:
    if not model.evaluation.functions:
        return (), {}
    sides.progress("calling the team's own metrics")
    refused = "" if sides.own_code else NOT_CALLED
    return measure_functions(sides.policy, model, sides.base, sides.head, old, new, found, refused=refused)


def _rescore(
    sides: Sides, model: Model, old: Predictions | None, new: Predictions | None
) -> tuple[Rescored | None, Comparison | None, Predictions | None]:
    """Where base and head evaluated different rows: base's model on head's rows, compared again."""
    if new is None or not wanted(old, new):
        return None, None, None
    sides.progress("running base's model on head's rows")
    rescoring = rescore(model, sides.base, sides.head, sides.objects, old, new)
    if rescoring.predictions is None:
        # A model that base does not have yet can't be run, and nobody expects it to be.
        unable = Rescored(
            trained_on=rescoring.trained_on, missing=rescoring.missing, problem=rescoring.problem
        )
        return (unable if old is not None else None), None, None
    policy, evaluation = sides.policy, model.evaluation
    found = compare.compare(
        rescoring.predictions,
        new,
        asks=asks(policy, model),
        setting=setting(policy, evaluation),
        exam="rescored",
    )
    told = Rescored(
        rows=found.rows.compared,
        trained_on=rescoring.trained_on,
        finding=found.finding,
        furthest=rescoring.furthest,
        missing=rescoring.missing,
        metrics=found.metrics,
    )
    return told, found, rescoring.predictions


def _with_noise(metric: MetricComparison, noise: dict[str, tuple[float, int]]) -> MetricComparison:
    if metric.name not in noise:
        return metric
    deviation, trainings = noise[metric.name]
    return msgspec.structs.replace(metric, training_noise=deviation, trainings=trainings)


def _read_seeds(
    head: Reading, objects: repo.Objects, evaluation: Evaluation
) -> tuple[dict[str, tuple[float, int]], Problem | None]:
    """Head's reported re-trainings; the policy names the file, so that its absence is a problem."""
    path = evaluation.seeds
    if path is None:
        return {}, None
    try:
        data = read_file(head, objects, path)
        if data is None:
            hint = "write it, or take `seeds` from the policy"
            raise ContractError("is missing", file=head.name(path), hint=hint)
        return seeds.read(data, name=head.name(path)), None
    except (ContractError, ObjectError) as error:
        return {}, head.problem(path, error)


def _read_reported(
    reading: Reading, objects: repo.Objects, evaluation: Evaluation
) -> tuple[dict[str, reported.Value], Problem | None]:
    """Read a side's metrics file; a base that has none yet is no problem."""
    path = evaluation.metrics
    if path is None:
        return {}, None
    try:
        data = read_file(reading, objects, path)
        if data is None:
            if reading.side == "base":
                return {}, None
            raise ContractError(
                "is missing",
                file=reading.name(path),
                hint="run `dvc repro`, and commit dvc.lock and the file",
            )
        return reported.read(data, name=reading.name(path)), None
    except (ContractError, ObjectError) as error:
        return {}, reading.problem(path, error)
