"""Begin a project in an empty folder: its files all or none, then its pipeline run and its first commit."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

import pyarrow.parquet as pq
from msgspec.structs import replace

from mergegate import config, repo
from mergegate.config.policy import POLICY_FILE
from mergegate.errors import MergegateError, UsageError
from mergegate.flows import review as reviewing
from mergegate.flows.init.writing import STAGED, Change, write_all
from mergegate.flows.merge_driver.installing import FILE, PATTERNS
from mergegate.flows.reproduce.environment import find_dvc, make_environment
from mergegate.records.init import ChosenModel, FirstReview, InitAnswer, WrittenFile
from mergegate.repo import git
from mergegate.repo.hashing import hash_bytes
from mergegate.repo.process import run_group
from mergegate.scaffold import template
from mergegate.scaffold.mark import stamp
from mergegate.scaffold.workflows import COMMENT, REVIEW, Fitting, Step, render_comment, render_review

PACKAGES = (
    "altair",
    "duckdb",
    "dvc",
    "ibis",
    "jinja2",
    "onnx",
    "onnxruntime",
    "pandas",
    "pandera",
    "skl2onnx",
    "sklearn",
    "vl_convert",
)
"""What the stages, and the first review, import."""

MERGED = (
    "# DVC's files are merged stage by stage: mergegate merge-driver install",
    *(f"{pattern} merge=mergegate" for pattern in PATTERNS),
)
"""Lines of .gitattributes, as `mergegate init` adds them."""

MESSAGE = "Begin with mergegate's tabular template"
PATIENCE = 900.0
"""Seconds that the pipeline may take."""

MODEL = ChosenModel(
    name="malignancy",
    predictions="reports/predictions.parquet",
    task="binary",
    reason="as the template has it",
    rows=0,
    gates=2,
)
DATASETS = (template.DATA, "data/model/evaluation")


def write_template(
    folder: Path, *, action: str, dry_run: bool = False, progress: Callable[[str], None] = lambda step: None
) -> InitAnswer:
    """Write the project into an empty folder, run its pipeline, commit, review; or say what would be written.

    `action` is `OWNER/REPO@REF`. A folder that holds nothing but a repository without a commit is empty.
    Where a package is missing that the stages need, or a stage fails, the files are whole and `next` says
    what to do. Raises UsageError for a folder that is not empty or lies in another repository, OSError and
    BrokenError where nothing can be written; then nothing was.
    """
    branch = _require_empty(folder)
    files = render_files(action, branch=branch)
    answer = InitAnswer(
        project=".",
        forge="github",
        mode="enforce",
        dry_run=dry_run,
        models=(MODEL,),
        datasets=DATASETS,
        files=tuple(WrittenFile(path=path, done="created") for path in files if not path.startswith(_UNSEEN)),
    )
    if dry_run:
        return answer
    progress("writing")
    _write(folder, files, branch)
    problem = _run(folder, progress)
    if problem:
        return replace(answer, unknown=(problem,), next=tuple(_steps(ran=False)))
    progress("committing")
    problem = _commit(folder)
    return replace(
        answer,
        models=(replace(MODEL, rows=pq.read_metadata(folder / MODEL.predictions).num_rows),),
        found=("the pipeline ran: dvc.lock, the bundle and the reports are its work",),
        unknown=(problem,) if problem else (),
        review=None if problem else _review(folder),
        next=tuple(_steps(ran=True, committed=not problem)),
    )


def render_files(action: str, *, branch: str) -> dict[str, bytes]:
    """Everything that is written, by its path: what git will hold, the data, DVC's record and its copies."""
    files = template.render_project(branch=branch)
    fitting = Fitting(
        action=action,
        branch=branch,
        install=(Step("Install what the pipeline needs", tuple(_install("python"))),),
        test="python -m pytest -q",
    )
    place, _, commit = action.partition(" ")[0].partition("@")
    modeline = config.modeline(config.schema_address(commit, repository=place))
    files[POLICY_FILE] = modeline.encode() + files[POLICY_FILE]
    files[REVIEW] = stamp(render_review(fitting)).encode()
    files[COMMENT] = stamp(render_comment(fitting)).encode()
    files[FILE] += "".join(f"{line}\n" for line in MERGED).encode()
    files[template.MERGEGATE] = stamp(template.render_requirement(action)).encode()
    return dict(sorted((files | _track(template.DATA, template.read_data())).items()))


_ON = ("make install && source .venv/bin/activate", "make repro")
"""How the pipeline runs for the first time."""
_UNSEEN = ".dvc/cache/"
_WHO = ("GIT_AUTHOR_", "GIT_COMMITTER_")


def _install(python: str) -> Iterator[str]:
    yield f"{python} -m pip install --require-hashes -r requirements/pipeline.txt"
    yield f"{python} -m pip install --no-deps --no-build-isolation -r {template.MERGEGATE}"


def _track(folder: str, content: Mapping[str, bytes]) -> dict[str, bytes]:
    """A folder as `dvc add` and `dvc push` leave it: files, record, objects in cache and remote."""
    objects = {hash_bytes(data): data for data in content.values()}
    entries = [{"md5": hash_bytes(data), "relpath": name} for name, data in sorted(content.items())]
    listing = json.dumps(entries, sort_keys=True).encode()
    name = f"{hash_bytes(listing)}.dir"
    objects[name] = listing
    parent, _, last = folder.rpartition("/")
    size = sum(map(len, content.values()))
    record = f"outs:\n- md5: {name}\n  size: {size}\n  nfiles: {len(content)}\n  hash: md5\n  path: {last}\n"
    return {
        **{f"{folder}/{path}": data for path, data in content.items()},
        **{
            f"{store}/files/md5/{md5[:2]}/{md5[2:]}": data
            for store in (".dvc/cache", "data/remote")
            for md5, data in objects.items()
        },
        f"{folder}.dvc": record.encode(),
        f"{parent}/.gitignore": f"/{last}\n".encode(),
    }


def _require_empty(folder: Path) -> str:
    """The branch that changes will enter. Raises UsageError for a folder in which something is."""
    try:
        held = sorted(path.name for path in folder.iterdir() if not path.name.startswith(STAGED))
    except OSError as error:
        raise UsageError(f"{folder} can't be read: {error.strerror}", hint="make an empty folder") from error
    others = [name for name in held if name != ".git"]
    if others:
        if (folder / template.MERGEGATE).is_file() and (folder / "dvc.yaml").is_file():
            raise UsageError(
                "the template is here already", hint=" && ".join(_ON) + ", then commit; README.md says more"
            )
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        raise UsageError(
            f"the folder is not empty: it holds {', '.join(others[:3])}{more}",
            hint="make a new folder for the template; in a repository of yours run `mergegate init`",
        )
    top = git.ask(folder, "rev-parse", "--show-toplevel")
    if not held:
        if top is not None:
            raise UsageError(
                f"the folder lies in the git repository {top}",
                hint="make a new folder outside of it: the template is a repository of its own",
            )
        return "main"
    if top is None or Path(top).resolve() != folder.resolve():
        raise UsageError("what is in .git is no repository", hint="remove it, or make a new folder")
    if git.ask(folder, "rev-parse", "--verify", "--quiet", "HEAD") is not None:
        raise UsageError(
            "the repository has commits already",
            hint="make a new folder for the template; in a repository of yours run `mergegate init`",
        )
    return git.ask(folder, "symbolic-ref", "--short", "HEAD") or "main"


def _write(folder: Path, files: Mapping[str, bytes], branch: str) -> None:
    """Make the repository, where there is none, and all files; or nothing."""
    made = _begin(folder)
    try:
        if made:
            git.run(folder, "init", "--quiet", "--initial-branch", branch)
        write_all(folder, [Change(path, "created", "", None, content) for path, content in files.items()])
    except BaseException:
        if made:
            shutil.rmtree(folder / ".git", ignore_errors=True)
        raise


def _begin(folder: Path) -> bool:
    """Take a folder that has no repository yet; of two processes that begin at once one gets it."""
    try:
        (folder / ".git").mkdir()
    except FileExistsError:
        if git.ask(folder, "rev-parse", "--git-dir") is None:
            raise UsageError(
                f"another process begins a project in {folder}", hint="wait until it has ended", code="busy"
            ) from None
        return False
    return True


def _run(folder: Path, progress: Callable[[str], None]) -> str:
    """Run the pipeline and push what it made; why it could not be, else nothing."""
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        return f"The pipeline has not run: this environment lacks {', '.join(missing)}."
    environment = dict(make_environment())
    # The stages call `python`: the one that has what was just looked for.
    environment["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), environment.get("PATH", "")))
    with tempfile.TemporaryDirectory() as logs:
        for command in (("repro",), ("push", "--quiet")):
            progress("running the pipeline" if command[0] == "repro" else "storing what it made")
            try:
                ended = run_group(
                    [find_dvc(), *command],
                    folder=folder,
                    environment=environment,
                    log=Path(logs, "log"),
                    timeout=PATIENCE,
                )
            except MergegateError as error:
                return f"The pipeline has not run: {error.message}."
            if ended.code:
                said = [line for line in ended.tail.splitlines() if line.strip()][-3:]
                return f"`dvc {' '.join(command)}` ended with {ended.code}: {' / '.join(said)}"
    return ""


def _commit(folder: Path) -> str:
    """Commit everything; why that could not be, else nothing: a hook may refuse, git not know who we are."""
    who = {name: value for name, value in os.environ.items() if name.startswith(_WHO)}
    try:
        git.run(folder, "add", "--all")
        git.run(folder, "commit", "--quiet", "--message", MESSAGE, variables=who)
    except git.GitError as error:
        said = next(iter(error.output.strip().splitlines()), "git says no more")
        return f"Nothing is committed: {said}"
    return ""


def _review(folder: Path) -> FirstReview:
    """The first review."""
    try:
        found = reviewing.review(reviewing.Request(start=repo.locate(folder).root))
    except MergegateError as error:
        return FirstReview(problem=error.message, hint=error.hint)
    return FirstReview(outcome=found.verdict.outcome, headline=found.verdict.headline)


def _steps(*, ran: bool, committed: bool = False) -> Iterator[str]:
    """What to do next, in order."""
    if not ran:
        yield from _ON
    if not committed:
        yield f'git add --all && git commit -m "{MESSAGE}"'
    yield "make test"
    if not ran:
        yield "mergegate review"
    yield "read README.md: it shows a first change"
    yield "push to GitHub, open a pull request, then `mergegate doctor --github`"
