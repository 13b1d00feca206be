"""What init tells people: what was found, what could not be known, what to do next."""

import shlex
from collections.abc import Iterator

from msgspec.structs import replace

from mergegate.flows.init.files import Ground
from mergegate.flows.init.inspection import Inspection
from mergegate.flows.init.models import Looked, imported_packages
from mergegate.records.init import InitAnswer
from mergegate.records.suggestion import Suggestions
from mergegate.scaffold.snippets import CONTRACT, SNIPPETS, choose_library
from mergegate.scaffold.workflows import COMMENT, REVIEW

_MOST_SOURCES = 200
_LARGEST_SOURCE = 200_000


def advise(
    answer: InitAnswer,
    ground: Ground,
    inspection: Inspection,
    looked: Looked,
    *,
    suggested: Suggestions | str,
    pinned: bool,
    keep: bool,
) -> InitAnswer:
    """The answer with everything that is to be told."""
    unknown = [*_unknown(ground, inspection, looked, pinned=pinned)]
    if isinstance(suggested, str) and suggested and looked.proposals:
        unknown.append(f"No bars could be proposed: {suggested}.")
    return replace(
        answer,
        found=tuple(_found(ground, inspection, looked, keep=keep)),
        unknown=tuple(unknown),
        next=tuple(_next(answer, ground, inspection)),
    )


def choose_snippet(inspection: Inspection, looked: Looked) -> tuple[str, ...]:
    """How to write a predictions file, for the library that the project uses."""
    paths = [path for path in inspection.files.paths() if path.endswith((".py", ".txt", ".toml", ".ipynb"))]
    texts = (
        (inspection.files.read(path) or b"")[:_LARGEST_SOURCE].decode(errors="replace")
        for path in paths[:_MOST_SOURCES]
    )
    r = any(path.endswith((".R", ".r", ".Rmd")) for path in inspection.files.paths())
    return SNIPPETS[choose_library(imported_packages(texts), r=r)]


def _found(ground: Ground, inspection: Inspection, looked: Looked, *, keep: bool) -> Iterator[str]:
    pipeline = inspection.pipeline
    files = {stage.file for stage in pipeline.stages}
    if pipeline.stages:
        yield f"{_count(len(pipeline.stages), 'stage')} in {_count(len(files), 'dvc.yaml', 'dvc.yaml files')}"
    if pipeline.tracked:
        yield f"{_count(len(pipeline.tracked), 'path')} tracked by .dvc files"
    if not pipeline.stages and not pipeline.tracked:
        yield "no DVC pipeline and nothing tracked by DVC: what git holds is reviewed as files"
    for each in looked.proposals:
        yield f"predictions in {each.predictions}: {each.task}, {each.rows:,} rows ({each.reason})"
    if not looked.proposals and not keep:
        yield f"no predictions file; a review needs one to compare models: {CONTRACT}"
    for table, lacks in looked.near:
        yield f"{table.path} looks like predictions, but {lacks}"
    yield f"forge: {ground.hosting.forge}, {ground.hosting.told}"


def _unknown(ground: Ground, inspection: Inspection, looked: Looked, *, pinned: bool) -> Iterator[str]:
    yield from looked.unknown
    for path, why in list(inspection.unread.items())[:5]:
        yield f"{path} was not looked at: {why}"
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


def _next(answer: InitAnswer, ground: Ground, inspection: Inspection) -> Iterator[str]:
    if answer.dry_run:
        yield "run the same without --dry-run"
        return
    written = [file.path for file in answer.files if file.done in ("created", "updated", "extended")]
    if inspection.head.sha is None:
        yield "commit what you have: a review compares with a commit"
    if answer.snippet:
        yield (
            "write a predictions file in the stage that evaluates, list it under `outs`, and run "
            "`mergegate init` again"
        )
    if written:
        yield (
            f"git switch --create mergegate && git add {shlex.join(written)} && "
            'git commit -m "Set up mergegate"'
        )
    left = [file.path for file in answer.files if file.done == "left"]
    if left:
        yield f"see what was left to you: mergegate init --dry-run shows what {', '.join(left)} would hold"
    yield "change something, and look: mergegate review"
    if ground.dvc:
        yield "in each clone, once: mergegate merge-driver install"
    if ground.hosting.forge == "github":
        if ground.remote.kind == "s3":
            yield (
                "set the variables MERGEGATE_READ_ROLE and MERGEGATE_REGION: docs/github.md, Data that needs "
                "a role"
            )
        if {REVIEW, COMMENT} & set(written):
            yield "push, open a pull request, merge it: later ones get a comment and the status `mergegate`"
        yield "then see what stands between that and a gate nobody can skip: mergegate doctor --github"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
