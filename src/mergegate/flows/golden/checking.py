"""Golden rows of the workspace, held against the workspace's bundle: what a review will say of them."""

from collections.abc import Callable
from pathlib import Path

from mergegate.config.policy import Model
from mergegate.errors import UsageError
from mergegate.flows.golden.desk import choose_models, open_desk
from mergegate.flows.golden.files import read_rows
from mergegate.flows.golden.reviewing import judge_rows
from mergegate.records.explain import Golden
from mergegate.records.golden import CheckedModel, GoldenCheck

NO_GOLDEN = "add `golden: golden` and `bundle:` to a model of mergegate.yaml, or `mergegate golden add` a row"


def check_golden(
    start: Path, *, model: str | None = None, progress: Callable[[str], None] = lambda step: None
) -> GoldenCheck:
    """Judge the golden rows of every model that has some, or of one.

    The rows are the workspace's own, also those that a review would still judge as the target has them.
    Raises UsageError where no model has any, ContractError, ObjectError and BrokenError for what can't be
    used.
    """
    with open_desk(start) as desk:
        models = {
            name: each
            for name, each in choose_models(desk.policy, model).items()
            if each.golden is not None or name == model
        }
        if not models:
            raise UsageError("no model of the policy has golden rows", hint=NO_GOLDEN)
        checked = []
        for name, each in models.items():
            if each.golden is None:
                raise UsageError(f"the model {name} has no golden rows", hint=NO_GOLDEN)
            progress(f"asking the golden rows of {name}")
            rows = read_rows(desk.head, desk.objects, each.golden)
            found = judge_rows(desk.policy, each, rows, rows, desk.base, desk.head, desk.objects)
            checked.append(_checked(name, each, found))
    return GoldenCheck(passed=all(each.passed for each in checked), models=tuple(checked))


def _checked(name: str, model: Model, found: Golden) -> CheckedModel:
    bar = model.gates.golden.max_failed or 0
    return CheckedModel(name=name, passed=found.failed <= bar, max_failed=bar, golden=found)
