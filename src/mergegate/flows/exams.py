"""How often an evaluation set has judged before: a set used a hundred times has been learned by heart.

Read from git alone: the locks and .dvc files along the first parents of the branch that a change enters.
"""

import json
import posixpath
import re
from collections.abc import Iterator

import msgspec

from mergegate import repo
from mergegate.config.policy import Evaluation
from mergegate.errors import UsageError
from mergegate.records.pipeline import Pipeline
from mergegate.records.review import Revision
from mergegate.repo import git
from mergegate.repo.snapshot import ODD_BYTES

MOST_CHANGES = 500
"""The newest commits that touch what records the two files; older ones are not looked at."""

MOST_COMMITS = 10_000
"""The newest commits of the branch among which those are looked for."""

_NOTHING = "0" * 40

_KEY = re.compile(r"^(?:  )?(md5|path): +(.*(?:\n    +[^\n]*)*)", re.MULTILINE)
"""A key of an entry, indented but for the first, and what folds onto deeper lines."""


class Record(msgspec.Struct, frozen=True):
    """Where a revision records an output's md5: `file` from the project root, `stage` "" in a .dvc file.

    `path` is the output's as written there.
    """

    file: str
    stage: str
    path: str


def count_exams(
    project: repo.Project, target: Revision, evaluation: Evaluation, head: Pipeline
) -> int | None:
    """How many versions of the predictions stood, in `target`'s history, beside head's evaluation set.

    None when the policy names no `inputs`, or head does not record the md5 of these or of the predictions.
    Bounded by MOST_CHANGES and MOST_COMMITS, and by what a shallow clone has.
    """
    if evaluation.inputs is None or target.sha is None:
        return None
    now = head.hash_of(evaluation.inputs)
    records = _find_record(head, evaluation.inputs), _find_record(head, evaluation.predictions)
    if now is None or now.files or records[0] is None or records[1] is None:
        return None
    inputs, predictions = records[0], records[1]
    judged = set()
    with git.Blobs(project.git_root) as blobs:
        locks = _Locks(blobs)
        for held in _states(project, target.sha, sorted({inputs.file, predictions.file})):
            if locks.md5(held, inputs) == now.md5:
                judged.add(locks.md5(held, predictions))
    return len(judged - {None})


def _find_record(pipeline: Pipeline, path: str) -> Record | None:
    """Where head records the md5 of `path`."""
    for entry in pipeline.tracked:
        if entry.path == path:
            return Record(entry.file, "", posixpath.relpath(path, posixpath.dirname(entry.file) or "."))
    declared = {(stage.file, stage.name): stage.wdir for stage in pipeline.stages}
    for block in pipeline.locked:
        wdir = declared.get((block.file, block.name))
        if wdir is not None and any(out.path == path for out in block.outs):
            lock = posixpath.join(posixpath.dirname(block.file), "dvc.lock")
            return Record(lock, block.name, posixpath.relpath(path, wdir))
    return None


def _states(project: repo.Project, sha: str, files: list[str]) -> Iterator[dict[str, str]]:
    """The blobs of `files` after each commit that touched one of them, newest first."""
    start = f"{project.prefix}/" if project.prefix else ""
    changes = [
        {path.removeprefix(start): blobs for path, blobs in change.items()}
        for change in _changes(project, sha, [start + file for file in files])
    ]
    held = _held_last(project, sha, files, changes)
    if not changes:
        yield held
    # What a commit did not touch is as it was before the next one that did.
    for change in changes:
        held |= {file: after for file, (_, after) in change.items()}
        yield dict(held)
        held |= {file: before for file, (before, _) in change.items()}


def _changes(project: repo.Project, sha: str, paths: list[str]) -> list[dict[str, tuple[str, str]]]:
    """For each commit that touched one of `paths` (from the git root): path → blob before and after."""
    listed = git.run(
        project.git_root,
        *("log", "--first-parent", "--diff-merges=first-parent", "--no-show-signature", "--no-renames"),
        *("--no-ext-diff", "--raw", "--no-abbrev", "-z", "--format=%x02", f"--max-count={MOST_CHANGES}"),
        *(sha, *_boundary(project, sha), "--", *(f":(top,literal){path}" for path in paths)),
    )
    changes = []
    for commit in listed.decode(errors=ODD_BYTES).split("\2")[1:]:
        fields = [field for field in commit.split("\0") if field.strip()]
        raw = [about.split(" ") for about in fields[::2]]
        changes.append(
            {
                path: (about[2], about[3])
                for about, path in zip(raw, fields[1::2], strict=True)
                if path in paths
            }
        )
    return changes


def _boundary(project: repo.Project, sha: str) -> list[str]:
    """What keeps the walk to MOST_COMMITS: in a long history most commits touch no lock."""
    oldest = git.run(
        project.git_root, "rev-list", "--first-parent", f"--skip={MOST_COMMITS}", "--max-count=1", sha
    )
    return [f"^{line}" for line in oldest.decode().split()]


def _held_last(
    project: repo.Project, sha: str, files: list[str], changes: list[dict[str, tuple[str, str]]]
) -> dict[str, str]:
    """The blob of each file at the newest commit, as its newest change left it, else as the tree has it."""
    held: dict[str, str] = {}
    for file in files:
        touched = next((change[file][1] for change in changes if file in change), None)
        if touched is None:
            listed = git.ask(
                project.git_root, "rev-parse", "--verify", "--quiet", f"{sha}:{_from_top(project, file)}"
            )
            touched = listed or _NOTHING
        held[file] = touched
    return held


def _from_top(project: repo.Project, file: str) -> str:
    return f"{project.prefix}/{file}" if project.prefix else file


class _Locks:
    """The md5s that locks and .dvc files record, each read once."""

    def __init__(self, blobs: git.Blobs) -> None:
        self._blobs = blobs
        self._known: dict[tuple[str, Record], str | None] = {}

    def md5(self, held: dict[str, str], record: Record) -> str | None:
        """The recorded md5, None where there is none."""
        blob = held[record.file]
        if not blob.strip("0"):
            return None
        if (blob, record) not in self._known:
            try:
                text = self._blobs.read(blob, name=record.file).decode(errors="replace")
            except UsageError:
                text = ""
            self._known[blob, record] = find_md5(text, record)
        return self._known[blob, record]


def find_md5(text: str, record: Record) -> str | None:
    """The md5 of one output in a lock, or in a .dvc file, as DVC writes them.

    A scan of lines, not a parser: five hundred locks are read in the time that one takes to parse. What was
    laid out by hand is not found.
    """
    lines = text.replace("\r\n", "\n")
    if record.stage:
        names = "|".join(re.escape(name) for name in (record.stage, f"'{record.stage}'", f'"{record.stage}"'))
        block = re.search(rf"^  (?:{names}):\n((?:    .*\n|\n)*)", lines + "\n", re.MULTILINE)
        lines = re.sub(r"^    ", "", block[1], flags=re.MULTILINE) if block else ""
    outs = re.search(r"^outs:\n((?:[ -].*\n|\n)*)", lines + "\n", re.MULTILINE)
    listed = re.split(r"^- ", outs[1], flags=re.MULTILINE)[1:] if outs else []
    entries = [{key: _scalar(value) for key, value in _KEY.findall(entry)} for entry in listed]
    if not record.stage and len(entries) == 1:
        return _md5(entries[0])
    return next((_md5(entry) for entry in entries if entry.get("path") == record.path), None)


def _md5(entry: dict[str, str]) -> str | None:
    return entry["md5"].lower() if "md5" in entry else None


def _scalar(text: str) -> str:
    """A YAML scalar as its text: plain, in quotes, or folded over lines."""
    text = re.sub(r" *\n +", " ", text).strip()
    if text.startswith("'") and text.endswith("'"):
        return text[1:-1].replace("''", "'")
    if text.startswith('"'):
        try:
            return str(json.loads(text))
        except ValueError:
            return text
    return text
