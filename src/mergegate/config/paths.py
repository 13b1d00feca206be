"""The paths of a policy: inside the project, and each in its one form."""

import posixpath
import re
from collections.abc import Iterator

from msgspec import structs

from mergegate.config.document import Document
from mergegate.config.policy import Evaluation, Policy
from mergegate.config.problem import KeyPath, Problem, printable

LONGEST_PATH = 1024

EVALUATION_PATHS = ("predictions", "inputs", "training_rows", "metrics", "seeds")
"""The keys of `evaluation` that are paths."""

DATASET_PATHS = ("path", "train", "guideline")
"""The keys of a dataset that are."""

_DRIVE = re.compile(r"[A-Za-z]:")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def check(path: str | None, place: KeyPath, document: Document) -> Iterator[Problem]:
    """A path with `/`, inside the project, if there is one."""
    if path is not None and (reason := _fault(path)):
        hint = "write a path inside the project, from the policy's folder, with `/` between folders"
        yield document.problem(place, f'"{printable(path)}" {reason}', hint)


def normalized(policy: Policy) -> Policy:
    """The policy with every path in its one form: `./data//raw/` is `data/raw`."""
    models = {
        name: structs.replace(
            model,
            bundle=_normal(model.bundle),
            golden=_normal(model.golden),
            evaluation=_normal_evaluation(model.evaluation),
        )
        for name, model in policy.models.items()
    }
    datasets = tuple(
        structs.replace(item, **{key: _normal(getattr(item, key)) for key in DATASET_PATHS})
        for item in policy.datasets
    )
    metrics = tuple(posixpath.normpath(path) for path in policy.metrics)
    return structs.replace(policy, models=models, datasets=datasets, metrics=metrics)


def _normal_evaluation(evaluation: Evaluation) -> Evaluation:
    paths = {key: _normal(getattr(evaluation, key)) for key in EVALUATION_PATHS}
    return structs.replace(evaluation, **paths)


def _normal(path: str | None) -> str | None:
    return None if path is None else posixpath.normpath(path)


def _fault(path: str) -> str:
    """Why a path is refused; empty when it is fine."""
    parts = path.split("/")
    faults = {
        "is empty": not path.strip(),
        "is too long": len(path) > LONGEST_PATH,
        "holds a NUL": "\0" in path,
        "is a URL, not a path": bool(_URL.match(path)),
        "holds a backslash": "\\" in path,
        "is absolute": path.startswith("/") or bool(_DRIVE.match(path)),
        "climbs out with `..`": ".." in parts,
        "lies in .git": ".git" in (part.lower() for part in parts),
        "is the whole project": posixpath.normpath(path) == ".",
    }
    return next((fault for fault, found in faults.items() if found), "")
