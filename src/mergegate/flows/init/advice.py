"""What init tells people: what was found, what could not be known, what to do next."""

import re
import shlex
from collections.abc import Iterable, Iterator
from contextlib import suppress

import msgspec
from msgspec.structs import replace

from mergegate.amounts import amount, list_some
from mergegate.config.policy import POLICY_FILE
from mergegate.errors import MergegateError
from mergegate.flows.init.files import Ground
from mergegate.flows.init.inspection import Inspection
from mergegate.flows.init.models import Looked
from mergegate.flows.init.request import Mode
from mergegate.flows.init.tables import Table
from mergegate.predictions.contract import REQUIRED
from mergegate.records.init import ChosenModel, InitAnswer
from mergegate.scaffold import gitlab
from mergegate.scaffold.snippets import CONTRACT, SNIPPETS, NearMiss, choose_library, mend
from mergegate.scaffold.workflows import COMMENT, REVIEW

_MOST_SOURCES = 200
_LISTED = 5
_LARGEST_SOURCE = 200_000


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that is proposed; `kept`: a person's stays. `no_bars` says why there are none."""

    text: str | None = None
    kept: bool = False
    mode: Mode = "advisory"
    looked: Looked = Looked()
    models: tuple[ChosenModel, ...] = ()
    datasets: tuple[str, ...] = ()
    no_bars: str = ""


def advise(
    answer: InitAnswer,
    ground: Ground,
    inspection: Inspection,
    proposed: Proposed,
    *,
    pinned: bool,
    upgrade: bool,
) -> InitAnswer:
    """The answer with everything that is to be told; of an upgrade that is what it moved."""
    looked = proposed.looked
    if upgrade:
        return replace(answer, next=tuple(_commit(answer, "Upgrade mergegate")))
    unknown = [*_unknown(ground, inspection, looked, pinned=pinned)]
    if proposed.no_bars:
        unknown.append(f"No bars could be proposed: {proposed.no_bars}.")
    return replace(
        answer,
        found=tuple(_found(ground, inspection, looked, keep=proposed.kept)),
        unknown=tuple(unknown),
        next=tuple(_next(answer, ground, inspection, looked)),
    )


def choose_snippet(inspection: Inspection, looked: Looked) -> tuple[str, ...]:
    """How to write a predictions file: from one that nearly is, else for the library that the project uses.

    Nothing where predictions are there, or may be and are not at hand.
    """
    if looked.proposals or looked.absent or looked.unknown:
        return ()
    r = any(path.endswith((".R", ".r", ".Rmd")) for path in inspection.files.paths())
    if looked.near:
        return mend(_miss(looked.near[0]), r=r)
    paths = [path for path in inspection.files.paths() if path.endswith((".py", ".txt", ".toml", ".ipynb"))]
    texts = (_read_source(inspection, path) for path in paths[:_MOST_SOURCES])
    return SNIPPETS[choose_library(_imported_packages(texts), r=r)]


def _read_source(inspection: Inspection, path: str) -> str:
    with suppress(MergegateError):  # one that is huge, or may not be read, tells nothing
        return (inspection.files.read(path) or b"")[:_LARGEST_SOURCE].decode(errors="replace")
    return ""


def _miss(table: Table) -> NearMiss:
    roles = table.find_roles()
    return NearMiss(
        path=table.path,
        renames=table.renames,
        lacking=tuple(name for name in REQUIRED if name not in roles),
        delimiter=table.delimiter,
        score=table.score,
    )


def _imported_packages(texts: Iterable[str]) -> frozenset[str]:
    """The packages that Python sources import or requirements name, as far as their lines say so."""
    found: set[str] = set()
    for text in texts:
        found |= set(re.findall(r"^\s*[\"']?(?:import|from)\s+([A-Za-z_]\w*)", text, re.MULTILINE))
        found |= {name.lower() for name in re.findall(r"^\s*[\"']?([A-Za-z][\w-]*)", text, re.MULTILINE)}
    return frozenset(found)


def _found(ground: Ground, inspection: Inspection, looked: Looked, *, keep: bool) -> Iterator[str]:
    pipeline, paths = inspection.pipeline, inspection.files.paths()
    files = {stage.file for stage in pipeline.stages}
    if pipeline.stages:
        yield f"{amount(len(pipeline.stages), 'stage')} in {amount(len(files), 'dvc.yaml', 'dvc.yaml files')}"
    if pipeline.tracked:
        yield f"{amount(len(pipeline.tracked), 'path')} tracked by .dvc files"
    if pipeline.params_files:
        yield f"params in {list_some(pipeline.params_files, _LISTED)}"
    if not pipeline.stages and not pipeline.tracked:
        yield "no DVC pipeline and nothing tracked by DVC: what git holds is reviewed as files"
    for each in looked.proposals:
        yield f"predictions in {each.predictions}: {each.task}, {each.rows:,} rows ({each.reason})"
    if not (looked.proposals or looked.absent or looked.unknown or keep):
        yield f"no predictions file; a review needs one to compare models: {CONTRACT}"
    for table in looked.near:
        yield f"{table.path} looks like predictions, but {table.lacks}"
    metrics = pipeline.metrics_files
    if metrics and not looked.proposals and not keep:
        listed = list_some(metrics, _LISTED)
        yield f"metrics in {listed}: single numbers, for without predictions none has an interval"
    if pipeline.plots_files and not keep:
        listed = list_some(pipeline.plots_files, _LISTED)
        yield f"plots of {listed}: DVC draws them, a review its own, from predictions"
    notebooks = sum(path.endswith(".ipynb") for path in paths)
    if notebooks:
        yield f"{amount(notebooks, 'notebook')}: a review reads what they write, once git or DVC holds it"
    yield f"forge: {ground.hosting.forge}, {ground.hosting.told}; changes enter {ground.hosting.branch}"


def _unknown(ground: Ground, inspection: Inspection, looked: Looked, *, pinned: bool) -> Iterator[str]:
    yield from looked.unknown
    if looked.absent and not looked.proposals:
        yield f"{list_some(looked.absent, _LISTED)} may hold predictions: run `dvc pull`, then this again."
    lacking = [each.beside for each in looked.proposals if not (each.beside.inputs and each.beside.bundle)]
    if unseen := dict.fromkeys(path for beside in lacking for path in beside.unseen):
        yield (
            "Whether inputs, training rows or a bundle are among what is not here "
            f"({list_some(unseen, _LISTED)}): run `dvc pull`, then this again."
        )
    for path, why in list(inspection.unread.items())[:5]:
        yield f"{path} was not looked at: {why}."
    remote = ground.remote
    if ground.dvc and remote.kind == "none":
        yield "No default DVC remote: a run on another machine can't fetch data (`dvc remote add --default`)."
    if remote.kind == "outside":
        yield f"The DVC remote {remote.name} is a folder of this machine: no run elsewhere reaches it."
    if remote.kind == "other":
        yield (
            f"The DVC remote {remote.name} ({remote.url}) needs credentials that review.yml does not ask for "
            "yet."
        )
    if inspection.pipeline.stages and ground.project.dvc_root is None:
        yield "There is a dvc.yaml and no .dvc folder: run `dvc init`, else nothing can be reproduced."
    if ground.hosting.detached:
        yield f"No branch is checked out: look at `baseline: {ground.hosting.branch}` in the policy."
    if ground.hosting.open:
        yield f"{ground.hosting.told}, so no workflow was written: say --forge github or --forge gitlab."
    if ground.hosting.enterprise:
        yield (
            f"{ground.hosting.host} is a GitHub of your own: the actions that the workflows name must be "
            "allowed or mirrored there, and `runs-on` must name a runner that it has."
        )
    if not pinned and ground.hosting.forge != "none":
        yield (
            "This mergegate does not know its own commit, so the workflows name a tag. Pin them: "
            "--action OWNER/REPO@SHA."
        )
    if ground.hosting.forge == "github":
        yield from ground.existing.notes
    if ground.hosting.forge != "none":
        yield from ground.toolchain.notes
    if ground.hosting.forge == "gitlab" and not ground.toolchain.portable:
        yield f"Your runners' way to install {ground.toolchain.installer or 'R'}: add it to the job's script."


def _next(answer: InitAnswer, ground: Ground, inspection: Inspection, looked: Looked) -> Iterator[str]:
    if answer.dry_run:
        yield "run the same without --dry-run"
        return
    written = _written(answer)
    if inspection.head.sha is None:
        yield "commit what you have: a review compares with a commit"
    where = "the stage that evaluates" if ground.stages else "the code that evaluates"
    kept = "list it under `outs`" if ground.stages else "`dvc add` it" if ground.dvc else "commit it"
    if looked.near and not looked.proposals:
        yield f"let {where} write the columns as above, {kept}, and run `mergegate init` again"
    elif answer.snippet:
        yield f"write a predictions file in {where}, {kept}, and run `mergegate init` again"
    yield from _commit(answer, "Set up mergegate")
    left = [file.path for file in answer.files if file.done == "left" and file.path != POLICY_FILE]
    if left:
        yield f"see what was left to you: mergegate init --dry-run shows what {', '.join(left)} would hold"
    yield "change something, and look: mergegate review"
    if ground.dvc:
        yield "in each clone, once: mergegate merge-driver install"
    if ground.hosting.forge == "gitlab":
        if gitlab.BESIDE in written:
            yield f"let {gitlab.CI} include it: `include: [{{local: {gitlab.BESIDE}}}]`"
        yield "give the pipeline the variable REPO_TOKEN, and `cml`: docs/gitlab.md"
    if ground.hosting.forge == "github":
        if ground.remote.kind == "s3":
            yield (
                "set the variables MERGEGATE_READ_ROLE and MERGEGATE_REGION: docs/github.md, Data that needs "
                "a role"
            )
        if {REVIEW, COMMENT} & set(written):
            yield "push, open a pull request, merge it: later ones get a comment and the status `mergegate`"
        yield "then see what stands between that and a gate nobody can skip: mergegate doctor --github"


def _commit(answer: InitAnswer, message: str) -> Iterator[str]:
    written = _written(answer)
    if written and not answer.dry_run:
        yield f'git switch --create mergegate && git add {shlex.join(written)} && git commit -m "{message}"'


def _written(answer: InitAnswer) -> list[str]:
    return [file.path for file in answer.files if file.done in ("created", "updated", "extended")]
