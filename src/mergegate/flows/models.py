"""One model of the policy, reviewed: its predictions and reported metrics on both sides, compared."""

from mergegate import compare, repo
from mergegate.compare import reported
from mergegate.config.policy import Evaluation, Model
from mergegate.errors import ContractError, ObjectError
from mergegate.flows.evidence import Reading, read_file, read_predictions
from mergegate.records.review import ModelReview, Problem


def review_model(name: str, model: Model, base: Reading, head: Reading, objects: repo.Objects) -> ModelReview:
    """Compare head's predictions with base's; whatever can't be read is a problem of its side."""
    evaluation = model.evaluation
    old = read_predictions(base, objects, evaluation)
    new = read_predictions(head, objects, evaluation)
    problems = [evidence.problem for evidence in (old, new) if evidence.problem]
    named = [gate.name for gate in model.gates.metrics]
    rows, metrics = compare.compare(old.predictions, new.predictions, also=named)
    claims: dict[str, dict[str, reported.Value]] = {}
    for reading in (base, head):
        claims[reading.side], problem = _read_reported(reading, objects, evaluation)
        problems += [problem] if problem else []
    path = evaluation.metrics
    return ModelReview(
        name=name,
        task=evaluation.task,
        predictions=evaluation.predictions,
        rows=rows,
        metrics=metrics,
        reported=reported.compare(claims["base"], claims["head"], metrics),
        problems=tuple(problems),
        notes=reported.disagreements(claims["head"], metrics, name=head.name(path)) if path else (),
        locked=new.locked,
    )


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
