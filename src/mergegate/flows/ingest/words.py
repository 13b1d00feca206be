"""Title and text of a pull request with new files. Whatever comes from a source is hostile until escaped.

Names of files stand in no title and no commit message: `[skip ci]` in one would keep the checks from running.
"""

import re
from collections.abc import Iterator

from mergegate.config.sources import Source
from mergegate.dataset.privacy import Mask
from mergegate.records.ingest import Ingested, IngestedFile
from mergegate.report.escaping import code, prose, visible
from mergegate.report.numbers import count, plural, size

NO_CHECKS = (
    "This token is the job's own GITHUB_TOKEN: a pull request that it opens or updates starts no workflow, "
    "so no review runs. Give `mergegate ingest` an App's token as MERGEGATE_TOKEN; until then close and "
    "reopen the pull request by hand, which starts them."
)

MOST_FILES = 50
"""Files that a pull request names."""

_NAME = 200
_SENTENCE = 600
_UNSEEN = "\u200b"
# A squashed merge makes a commit message of this text, even of what stands in it as code.
_SKIPS = re.compile(r"\[(?=skip|ci|no ci|actions)", re.IGNORECASE)


def title_of(told: Ingested) -> str:
    """One line for a title or a commit's subject, below 100 characters."""
    path = visible(told.path, 50).replace("[", "(").replace("]", ")").replace("`", "'")
    if told.files and not told.files[0].path:
        return f"Replace {path}"
    corrected = sum(file.corrects for file in told.files)
    added = len(told.files) - corrected
    if not added:
        return f"Correct {plural(corrected, 'file')} of {path}"
    more = f", correct {corrected:,}" if corrected else ""
    return f"Add {plural(added, 'file')} to {path}{more}"


def body_of(told: Ingested, mask: Mask, *, target: str, asked_to_run: bool, checks_start: bool) -> str:
    """The text of the pull request."""
    lines = _lines(told, mask, target, asked_to_run=asked_to_run, checks_start=checks_start)
    return _SKIPS.sub(f"[{_UNSEEN}", "\n".join(lines))


def source_of(source: Source) -> str:
    """What the source is, for people; a command by its program alone."""
    if source.command is not None:
        return f"command {visible(source.command.split()[0], 80)}"
    if source.folder is not None:
        return f"folder {visible(source.folder, _NAME)}"
    return f"prefix {visible(source.prefix or '', _NAME)}"


def _lines(
    told: Ingested, mask: Mask, target: str, *, asked_to_run: bool, checks_start: bool
) -> Iterator[str]:
    kind, _, name = told.source.partition(" ")
    yield (
        f"`mergegate ingest` found {plural(len(told.files), 'new file')} for {prose(told.path, _NAME)} "
        f"in its source, the {kind} {prose(name, _NAME)}."
    )
    yield ""
    if not checks_start:
        yield "> [!WARNING]"
        yield f"> {prose(NO_CHECKS, _SENTENCE)}"
        yield ""
    yield "| file | | rows | size |"
    yield "|---|---|---:|---:|"
    for file in told.files[:MOST_FILES]:
        yield _row(file, mask, told.path)
    rest = told.files[MOST_FILES:]
    if rest:
        yield f"| and {len(rest):,} more | | | {size(sum(file.bytes for file in rest))} |"
    rows = f"{count(told.rows)} rows, " if told.rows is not None else ""
    yield ""
    yield (
        f"Together {rows}{size(told.bytes)}; the dataset had {plural(told.files_before, 'file')} "
        f"and has {told.files_after:,}. Every object was seen on the DVC remote before this was pushed."
    )
    yield ""
    for sentence in (*told.warnings, *told.notes):
        yield f"- {prose(sentence, _SENTENCE)}"
    yield f"- {_told_of_runs(told, asked_to_run=asked_to_run)}"
    yield f"- Made on {code(target, 100)} at {code(told.base[:10], 10)}."
    yield (
        "- This branch is mergegate's: more new files replace its commit. It keeps off once somebody else "
        "commits here. Closing this declines these files."
    )


def _row(file: IngestedFile, mask: Mask, path: str) -> str:
    name = prose(mask.name(file.path or path.rpartition("/")[2]), _NAME)
    what = "replaces what was there" if file.corrects or not file.path else "new"
    return f"| {name} | {what} | {count(file.rows) if file.rows is not None else '–'} | {size(file.bytes)} |"


def _told_of_runs(told: Ingested, *, asked_to_run: bool) -> str:
    if told.reproduced:
        stages = ", ".join(prose(each, 80) for each in told.reproduced)
        return f"Ran again, so that dvc.lock is current: {stages}."
    if asked_to_run:
        return "No stage reads what is new, so none ran."
    return "No stage was run: dvc.lock is of the data before. `--repro` runs what reads the new files."
