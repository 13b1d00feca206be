"""A plan equals what `dvc status` and `dvc repro` find, wherever those are right.

Random pipelines, built and reproduced by real DVC, are edited at random. Each way in which the plan may say
more than DVC is one hazard, and the edit that brings it about names it.
"""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from dvc.exceptions import DvcException
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from mergegate import repo
from mergegate.flows.planning import plan_change
from mergegate.records.plan import Plan
from support import random_pipelines as pipelines
from support.random_pipelines import Step, name, out_path
from support.repositories import Repository

BROKEN_CHAIN = "hazard 10: an md5 in dvc.lock is not its producer's, and the workspace hides it"
TAKEN_OUT = "hazard 14: DVC does not see what is taken out of dvc.yaml"
FROZEN = "hazard 15: DVC passes a frozen stage by"
FORGED = "hazard 13: inputs in dvc.lock edited to fit, outputs as they were"


class Lock:
    """dvc.lock, to be edited by hand; JSON is YAML."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._document: dict[str, Any] = YAML(typ="safe").load(repository.path / "dvc.lock")
        self.stages: dict[str, Any] = self._document["stages"]

    def write(self) -> None:
        self._repository.write("dvc.lock", json.dumps(self._document))


def readers(made: tuple[Step, ...], at: int) -> list[str]:
    """The stages that read what one writes."""
    return [name(number) for number, step in enumerate(made) if at in step.before]


class Effect(msgspec.Struct):
    """What edits did: stages that DVC sees otherwise, and those that it does not see, each by its hazard."""

    otherwise: dict[str, str] = {}
    unseen: dict[str, str] = {}


Edit = Callable[[Repository, tuple[Step, ...], int, Effect], None]


def edit_params(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    repository.replace("params.yaml", "rate: 1e-3", "rate: 0.002")


def rewrite_params(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    """Other text, the same values."""
    text = (repository.path / "params.yaml").read_text()
    repository.write("params.yaml", "# The same.\n" + text.replace("deep: [1, 2]", "deep: [1,   2]"))


def edit_whole_params(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    repository.write("other.yaml", "beta: on\ngamma: [off]\n")


def drop_param(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    repository.replace("params.yaml", "alpha: 1\n", "")


def edit_code(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    script = f"code/{name(at)}.sh"
    if (repository.path / script).exists():
        repository.replace(script, "echo ", "echo more ")


def delete_code(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    (repository.path / f"code/{name(at)}.sh").unlink(missing_ok=True)


def edit_git_file(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    repository.write("notes.txt", "other notes\n")


def edit_data(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    repository.write("data/raw.txt", "other\n")
    pipelines.add(repository, "data/raw.txt")


def add_to_folder(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    repository.write("data/parts/c.txt", "c\n")
    pipelines.add(repository, "data/parts")


def edit_command(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    declared = pipelines.read_yaml(repository)
    declared["stages"][name(at)]["cmd"] += " # again"
    pipelines.write_yaml(repository, declared)


def add_dependency(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    declared = pipelines.read_yaml(repository)
    stage = declared["stages"][name(at)]
    repository.write("README.md", "# Words\n")
    extra = ("../../" if made[at].wdir else "") + "README.md"
    if extra not in stage["deps"]:
        stage["deps"].append(extra)
    pipelines.write_yaml(repository, declared)


def take_dependency_out(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    declared = pipelines.read_yaml(repository)
    stage = declared["stages"][name(at)]
    if len(stage["deps"]) > 1:
        stage["deps"] = stage["deps"][:1]
        effect.unseen[name(at)] = TAKEN_OUT
    pipelines.write_yaml(repository, declared)


def take_params_out(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    declared = pipelines.read_yaml(repository)
    if declared["stages"][name(at)].pop("params", None):
        effect.unseen[name(at)] = TAKEN_OUT
    pipelines.write_yaml(repository, declared)


def freeze_edited(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    declared = pipelines.read_yaml(repository)
    declared["stages"][name(at)]["frozen"] = True
    pipelines.write_yaml(repository, declared)
    edit_code(repository, made, at, effect)
    effect.unseen[name(at)] = FROZEN


def always_run(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    declared = pipelines.read_yaml(repository)
    # Of a frozen one `dvc status` says that it is always changed, and `dvc repro` passes it by.
    if not declared["stages"][name(at)].get("frozen"):
        declared["stages"][name(at)]["always_changed"] = True
    pipelines.write_yaml(repository, declared)


def append_stage(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    declared = pipelines.read_yaml(repository)
    out = out_path(at, made[at])
    declared["stages"]["last"] = {"cmd": f"cp -r {out} out/last", "deps": [out], "outs": ["out/last"]}
    pipelines.write_yaml(repository, declared)


def rename_stage(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    declared = pipelines.read_yaml(repository)
    stages = declared["stages"]
    if name(at) in stages and at == len(made) - 1:
        stages["renamed"] = stages.pop(name(at))
        effect.unseen.pop(name(at), None)
    pipelines.write_yaml(repository, declared)


def edit_git_output(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    if made[at].out == "git":
        repository.write(out_path(at, made[at]), "by hand\n")
        # What reads it is stale in the workspace, and by the lock it is not: DVC runs the writer first.
        effect.otherwise |= dict.fromkeys(readers(made, at), BROKEN_CHAIN)


def delete_git_output(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    if made[at].out == "git":
        (repository.path / out_path(at, made[at])).unlink(missing_ok=True)
        effect.otherwise |= dict.fromkeys(readers(made, at), BROKEN_CHAIN)


def forget_block(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    lock = Lock(repository)
    lock.stages.pop(name(at), None)
    lock.write()
    # Nobody records what it wrote, and the workspace has it.
    effect.otherwise |= dict.fromkeys(readers(made, at), BROKEN_CHAIN)


def edit_locked_dependency(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    lock = Lock(repository)
    for entry in lock.stages.get(name(at), {}).get("deps", [])[:1]:
        entry["md5"] = "0123456789abcdef" * 2
    lock.write()


def edit_locked_output(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    lock = Lock(repository)
    for entry in lock.stages.get(name(at), {}).get("outs", []):
        entry["md5"] = "0123456789abcdef" * 2 + (".dir" if entry["md5"].endswith(".dir") else "")
        effect.otherwise |= dict.fromkeys((name(at), *readers(made, at)), BROKEN_CHAIN)
    lock.write()


def forge_param(repository: Repository, made: tuple[Step, ...], at: int, effect: Effect) -> None:
    """A param changed, and its value in dvc.lock with it."""
    edit_params_if_there(repository)
    lock = Lock(repository)
    for stage, block in lock.stages.items():
        for values in block.get("params", {}).values():
            for key in ("train.rate", "train"):
                if key in values:
                    values[key] = 0.002 if key == "train.rate" else {"rate": 0.002, "deep": [1, 2]}
                    effect.unseen[stage] = FORGED
    lock.write()


def edit_params_if_there(repository: Repository) -> None:
    text = (repository.path / "params.yaml").read_text()
    repository.write("params.yaml", text.replace("rate: 1e-3", "rate: 0.002"))


EDITS: tuple[Edit, ...] = (
    edit_params,
    rewrite_params,
    edit_whole_params,
    drop_param,
    edit_code,
    delete_code,
    edit_git_file,
    edit_data,
    add_to_folder,
    edit_command,
    add_dependency,
    take_dependency_out,
    take_params_out,
    freeze_edited,
    always_run,
    append_stage,
    edit_git_output,
    delete_git_output,
    forget_block,
    edit_locked_dependency,
    edit_locked_output,
    forge_param,
    rename_stage,
)
"""In the order in which they are made, one after the other, of those that an example has."""


@pytest.mark.filterwarnings("ignore::DeprecationWarning:dvc")
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    made=pipelines.steps(),
    edits=st.lists(
        st.tuples(st.integers(0, len(EDITS) - 1), st.integers(0, 4)),
        min_size=1,
        max_size=3,
        unique_by=lambda each: each[0],
    ),
)
def test_a_plan_is_what_dvc_finds_and_what_it_is_known_to_miss(
    made: tuple[Step, ...], edits: list[tuple[int, int]]
) -> None:
    with TemporaryDirectory() as folder:
        repository = pipelines.build(Path(folder), made)
        repository.git("switch", "--quiet", "--create", "change")
        effect = Effect()
        for index, at in sorted(edits):
            event(EDITS[index].__name__)
            EDITS[index](repository, made, at % len(made), effect)
        check(repository, effect)


def check(repository: Repository, effect: Effect) -> None:
    """Hold the plan of the workspace against DVC, and against the plan of the same in a commit."""
    found = plan(repository)
    changed = pipelines.status(repository)
    stale = {stage.name for stage in found.stages if stage.stale and stage.will != "frozen"}
    assert stale - effect.otherwise.keys() == changed - effect.otherwise.keys(), found.stages

    must = {stage.name for stage in found.stages if stage.will in ("run", "frozen")}
    assert must - changed - effect.otherwise.keys() <= effect.unseen.keys(), found.stages
    assert effect.unseen.keys() <= must, found.stages

    repository.commit()
    assert plan(repository, head="HEAD").stages == found.stages
    if found.problems:
        with pytest.raises(DvcException):
            pipelines.reproduce(repository)
        return
    first = pipelines.reproduce(repository, dry=True)
    assert stale - effect.otherwise.keys() == first - effect.otherwise.keys(), found.stages
    ran = pipelines.reproduce(repository)
    may = {stage.name for stage in found.stages if stage.will in ("run", "if-changed")}
    assert stale - effect.otherwise.keys() <= ran <= may, found.stages


def plan(repository: Repository, head: str = "workspace") -> Plan:
    project = repository.project()
    revision = repo.workspace_revision(project) if head == "workspace" else repo.resolve(project, head)
    return plan_change(project, repo.resolve(project, "main"), revision, objects=repo.Objects(project))
