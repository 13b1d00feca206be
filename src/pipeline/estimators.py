"""Estimators from params.yaml: an import path and arguments."""

import importlib
import inspect
from collections.abc import Mapping
from typing import Any

from sklearn.base import BaseEstimator

from pipeline.stage import StageError

CLASS, ARGUMENTS = "class", "arguments"


def build(path: str, arguments: Mapping[str, Any], *, packages: tuple[str, ...], seed: int) -> Any:
    """An unfitted estimator of the class at `path`, `package.module.Class`.

    Only classes that derive from scikit-learn's BaseEstimator, out of the allowed `packages`: params choose
    among models, they are no way to call any function. An argument that is a mapping with the key `class` is
    built the same way. `random_state` is `seed` unless the arguments say otherwise. Raises StageError.
    """
    kind = _find(path, packages)
    taken = inspect.signature(kind).parameters
    unknown = sorted(set(arguments) - set(taken))
    if unknown:
        raise StageError(
            f"{path} has no argument {', '.join(unknown)}", hint=f"it has {', '.join(sorted(taken))}"
        )
    built = {name: _argument(value, packages=packages, seed=seed) for name, value in arguments.items()}
    if "random_state" in taken:
        built.setdefault("random_state", seed)
    return kind(**built)


def _argument(value: Any, *, packages: tuple[str, ...], seed: int) -> Any:
    if isinstance(value, Mapping) and CLASS in value:
        unknown = set(value) - {CLASS, ARGUMENTS}
        if unknown:
            raise StageError(
                f"an estimator in params has the unknown key {sorted(map(str, unknown))[0]}",
                hint=f"it takes `{CLASS}` and `{ARGUMENTS}`",
            )
        return build(str(value[CLASS]), value.get(ARGUMENTS) or {}, packages=packages, seed=seed)
    if isinstance(value, list):
        return [_argument(item, packages=packages, seed=seed) for item in value]
    return value


def _find(path: str, packages: tuple[str, ...]) -> Any:
    module, _, name = path.rpartition(".")
    if module.split(".")[0] not in packages:
        raise StageError(
            f"{path} is not of an allowed package ({', '.join(packages)})",
            hint="name a class such as sklearn.linear_model.LogisticRegression, or add to train.packages",
        )
    try:
        found = getattr(importlib.import_module(module), name, None)
    except ImportError as error:
        raise StageError(
            f"{path} can't be imported: {error}", hint="is the package installed in this environment?"
        ) from error
    if not (inspect.isclass(found) and issubclass(found, BaseEstimator) and hasattr(found, "predict")):
        raise StageError(
            f"{path} is no estimator that predicts",
            hint="name a class such as sklearn.linear_model.LogisticRegression",
        )
    return found
