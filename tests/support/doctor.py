"""Facts for the doctor's checks: a clone in which nothing ails, and parts of it made ill."""

from datetime import date
from typing import Any

from msgspec.structs import replace

from mergegate.config import load
from mergegate.doctor.check import Check, examine
from mergegate.doctor.facts import (
    Clone,
    Facts,
    Hook,
    Lock,
    Measured,
    MergeDriver,
    Owners,
    Place,
    Policies,
    PolicyFile,
    Presence,
    Settings,
    Tools,
    WorkflowFile,
    Workflows,
)
from mergegate.doctor.workflow import read
from mergegate.doctor.workflow_text import WorkflowError
from mergegate.records.doctor import Ailment
from support.workflow_files import FOLDER

POLICY = """\
version: 1
models:
  late:
    bundle: models/bundle
    evaluation: {task: binary, positive: late, predictions: reports/predictions.parquet, inputs: data/inputs}
    gates:
      metrics:
        - {name: roc_auc, min: 0.6, max_regression: 0.02}
"""

OWNED = "/mergegate.yaml @ada\n/.github/ @ada\n"

OURS = {path.name: path.read_text() for path in sorted(FOLDER.iterdir())}
"""This repository's own workflows."""


def policy_file(text: str, at: str = "origin/main") -> PolicyFile:
    return PolicyFile(at, present=True, policy=load(text.encode(), file="mergegate.yaml"))


def policies(text: str = POLICY) -> Policies:
    """The same policy here and on the default branch."""
    return Policies(policy_file(text, ""), policy_file(text))


def workflow_file(name: str, text: str, at: str = "origin/main") -> WorkflowFile:
    path = f".github/workflows/{name}"
    try:
        return WorkflowFile(path, at, read(text))
    except WorkflowError as error:
        return WorkflowFile(path, at, None, str(error))


def workflows(texts: dict[str, str]) -> Workflows:
    """The same workflows here and on the default branch."""
    here, target = (
        tuple(workflow_file(name, text, at) for name, text in texts.items()) for at in ("", "origin/main")
    )
    return Workflows(here, target)


def facts(**parts: Any) -> Facts:
    """A clone in which nothing ails, but for the parts that are given."""
    well = Facts(
        place=Place("/team", "/team", default="origin/main"),
        tools=Tools("3.11.9", "0.1.0", "2.45.0", "3.67.1"),
        policies=policies(),
        workflows=workflows(OURS),
        owners=Owners(".github/CODEOWNERS", "origin/main", OWNED),
        branches=("main", "feature/x"),
        measured=Measured(()),
        settings=Settings((), (), frozenset()),
        driver=MergeDriver((("mergegate", "dvc.lock"),), "mergegate merge-driver run"),
        hook=Hook(".git/hooks/pre-push", present=True, kinds=("mergegate",)),
        clone=Clone(()),
        lock=Lock(stages=1),
        presence=Presence(),
        today=date(2026, 3, 1),
    )
    return replace(well, **parts)


def told(check: Check[Facts], found: Facts) -> list[Ailment]:
    """What a check finds; it must have been able to look."""
    examined = examine((check,), found)
    assert [each.unseen for each in examined.checks] == [""]
    return list(examined.ailments)


def shown(check: Check[Facts], found: Facts) -> list[str]:
    """What a check finds, each as its level and its sentence."""
    return [f"{each.level}: {each.what}" for each in told(check, found)]


def broken(file: str, old: str, new: str) -> Facts:
    """Our own workflows with one of them changed in one place."""
    assert old in OURS[file]
    return facts(workflows=workflows(OURS | {file: OURS[file].replace(old, new, 1)}))
