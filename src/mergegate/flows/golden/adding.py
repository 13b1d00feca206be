"""A row of the evaluation becomes a golden row: taken from the inputs, appended to a file."""

import posixpath
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from mergegate import atomic, golden
from mergegate.config.policy import POLICY_FILE, Model
from mergegate.errors import BrokenError, ContractError, UsageError
from mergegate.flows.folders import NothingThereError, parquet_files
from mergegate.flows.golden.answers import placed_bundle
from mergegate.flows.golden.desk import Desk, choose_models, open_desk
from mergegate.flows.golden.files import read_rows
from mergegate.flows.golden.lookup import find_inputs, find_truth
from mergegate.golden import Row
from mergegate.golden.adding import append
from mergegate.golden.judging import to_input
from mergegate.golden.reading import MOST_BYTES, SUFFIXES
from mergegate.golden.row import LONGEST_NAME, Record, canonical, shown, to_row
from mergegate.records.golden import GoldenAdded
from mergegate.records.manifest import Manifest
from mergegate.repo import git

FOLDER = "golden"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What to add: the row `row_id` of the evaluation inputs, and what its model owes.

    None takes for `expected` what `y_true` says, for `name` the row_id, for `file` the policy's golden file,
    or MODEL.csv in its folder. `with_private`: write values of private columns too.
    """

    start: Path
    row_id: str
    why: str
    model: str | None = None
    expected: str | None = None
    tolerance: float | None = None
    min_probability: float | None = None
    not_worse: bool = False
    file: Path | None = None
    author: str | None = None
    name: str | None = None
    with_private: bool = False


def add_golden(request: Request) -> GoldenAdded:
    """Append a golden row to its file, which appears whole; a row that is there already is left as it is.

    Raises UsageError for a row, model or file that won't do, ContractError for files that can't be used.
    """
    with open_desk(request.start) as desk:
        name, model = _choose(desk, request.model)
        path = _choose_file(desk, request, name, model)
        with placed_bundle(model, desk.head, desk.objects) as bundle:
            manifest = bundle.manifest
        row, source = _take(desk, request, model, manifest, path)
        there = _rows_there(desk, model, path)
        notes = _notes(model, name)
        same = next((each for each in there if each.name == row.name), None)
        if same is not None:
            _refuse_other(same, row)
            return _told(same, name, added=False, source=source, private=_private(desk), notes=notes)
        golden.gather([(*there, row)])
        target = desk.project.root / path
        data = append(_read(target, path), row, path=path)
        if len(data) > MOST_BYTES:
            raise ContractError(
                f"it would have more than {MOST_BYTES:,} bytes", file=path, hint="name another by --file"
            )
        try:
            atomic.write_bytes(target, data)
        except OSError as error:
            raise BrokenError(f"{path} can't be written: {error.strerror}") from error
        return _told(row, name, added=True, source=source, private=_private(desk), notes=notes)


def _choose(desk: Desk, asked: str | None) -> tuple[str, Model]:
    """The model that is meant, which has all that it takes."""
    models = choose_models(desk.policy, asked)
    if len(models) != 1:
        known = ", ".join(models) or "none"
        raise UsageError(
            f"the policy has {len(models):,} models" if models else "the policy has no model",
            hint=f"say which by --model: {known}" if models else f"add one to {POLICY_FILE}",
        )
    ((name, model),) = models.items()
    for key, value in (("bundle", model.bundle), ("evaluation.inputs", model.evaluation.inputs)):
        if value is None:
            raise UsageError(
                f"the policy names no `{key}` for {name}, and golden rows are taken by it",
                hint=f"add it to {POLICY_FILE}, or write the row by hand (docs/golden-set.md)",
            )
    return name, model


def _choose_file(desk: Desk, request: Request, name: str, model: Model) -> str:
    """The file to append to, from the project's root: one that a review reads, and no link."""
    root, own = desk.project.root, model.golden or FOLDER
    is_file = own.endswith(SUFFIXES)
    if request.file is None:
        path = own if is_file else f"{own}/{name}.csv"
    else:
        given = request.start.resolve() / request.file
        path = posixpath.normpath(given.as_posix())
        start = f"{root.as_posix()}/"
        if not path.startswith(start):
            raise UsageError(f"{request.file} is outside the project", hint=f"name a file in {own}")
        path = path.removeprefix(start)
    if path != own and (is_file or not path.startswith(f"{own}/")):
        raise UsageError(
            f"{path} is not among the golden rows of {name}, which are in {own}",
            hint=f"name {own}" if is_file else f"name a file in {own}, or none",
        )
    place = root
    for part in path.split("/"):
        place = place / part
        with suppress(OSError):
            if stat.S_ISLNK(place.lstat().st_mode):
                raise UsageError(f"{path} leads over a symbolic link", hint="name a plain file by --file")
    return path


def _take(desk: Desk, request: Request, model: Model, manifest: Manifest, path: str) -> tuple[Row, str]:
    """The golden row as asked for, and the file that its inputs came from."""
    evaluation = model.evaluation
    with TemporaryDirectory(prefix="mergegate-") as folder:
        files = parquet_files(desk.head, desk.objects, evaluation.inputs or "", Path(folder))
        found = find_inputs(files, request.row_id, [column.name for column in manifest.inputs])
    _refuse_private(desk, request, found.inputs, path)
    expected = request.expected
    if expected is None:
        expected = find_truth(desk.head, desk.objects, evaluation, request.row_id)
    if manifest.classes and expected not in manifest.classes:
        named = ", ".join(shown(label) for label in manifest.classes[:10])
        raise UsageError(f"{shown(expected)} is no class of the model", hint=f"it has {named}")
    if not manifest.classes and request.tolerance is None and not request.not_worse:
        raise UsageError(
            "a number is never met to the last digit", hint="say by --tolerance how far off the model may be"
        )
    name = request.row_id if request.name is None else request.name
    keys = {
        "name": name,
        "expected": expected,
        "tolerance": request.tolerance,
        "min_probability": request.min_probability,
        "not_worse": request.not_worse,
        "reason": " ".join(request.why.split()),
        "author": _author(desk) if request.author is None else request.author,
    }
    if len(name) > LONGEST_NAME:
        raise UsageError(f"the name {shown(name)} is long", hint="give a short one by --name")
    # What the file holds is typed; what was typed in is text.
    record = Record("the row", keys, found.inputs, typed=True)
    row = to_row(record, file=path)
    if not manifest.classes and canonical(row.expected) != _as_number(row.expected):
        raise UsageError(f"{shown(row.expected)} is no number", hint="the model answers with one")
    problems = golden.fit([row], manifest, private=_private(desk)).problems
    if problems:
        raise UsageError(
            f"the model can't be asked the row {shown(request.row_id)} of {found.source}: {problems[0]}",
            hint="`mergegate bundle show` lists what it takes",
        )
    return row, found.source


def _as_number(text: str | None) -> float | None:
    found = canonical(text)
    return found if isinstance(found, float) else None


def _refuse_private(desk: Desk, request: Request, inputs: Mapping[str, object], path: str) -> None:
    """A golden file is in git, with everyone who may clone; data under DVC may be for fewer eyes."""
    hidden = sorted(_private(desk) & set(inputs))
    if hidden and not request.with_private:
        raise UsageError(
            f"the model takes {', '.join(shown(name) for name in hidden[:5])}, private in the policy, and "
            f"{path} would show the value to everyone who can read the repository",
            hint="add --with-private if they may see it",
        )


def _private(desk: Desk) -> set[str]:
    return {name for dataset in desk.policy.datasets for name in dataset.private}


def _author(desk: Desk) -> str:
    name = (git.ask(desk.project.git_root, "config", "user.name") or "").strip()
    if not name:
        raise UsageError(
            "git knows no author", hint="say who answers for the row by --author, or set git's user.name"
        )
    return name


def _rows_there(desk: Desk, model: Model, path: str) -> tuple[Row, ...]:
    """The golden rows that the model has, those of the file itself included, also where git ignores it."""
    rows: tuple[Row, ...] = ()
    if model.golden is not None:
        with suppress(NothingThereError):
            rows = read_rows(desk.head, desk.objects, model.golden)
    if any(row.file == path for row in rows):
        return rows
    data = _read(desk.project.root / path, path)
    return (*rows, *golden.read(data, path=path, file=path)) if data else rows


def _read(file: Path, path: str) -> bytes:
    """The bytes of a golden file, none where it is not there yet."""
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise ContractError(f"it can't be read: {error.strerror}", file=path) from error


def _refuse_other(there: Row, row: Row) -> None:
    """A row of that name that owes something else, or has other inputs, is not overwritten."""
    if there.owed != row.owed:
        raise UsageError(
            f"{there.file} has the golden row {shown(there.name)} already, and it owes something else",
            hint="edit it there, or give this one another name by --name",
        )
    said = {name: canonical(cell) for name, cell in there.inputs.items()}
    if any(canonical(cell) != said.get(name) for name, cell in row.inputs.items()):
        raise UsageError(
            f"{there.file} has the golden row {shown(there.name)} already, with other inputs",
            hint="the evaluation inputs changed since: edit it there, or name this one by --name",
        )


def _notes(model: Model, name: str) -> tuple[str, ...]:
    if model.golden is not None:
        return ()
    return (f"No review reads it yet: add `golden: {FOLDER}` to the model {name} in {POLICY_FILE}.",)


def _told(
    row: Row, model: str, *, added: bool, source: str, private: set[str], notes: tuple[str, ...]
) -> GoldenAdded:
    return GoldenAdded(
        added=added,
        file=row.file,
        model=model,
        name=row.name,
        expected=row.expected,
        tolerance=row.tolerance,
        min_probability=row.min_probability,
        not_worse=row.not_worse,
        reason=row.reason,
        author=row.author,
        inputs=tuple(to_input(name, cell, private) for name, cell in row.inputs.items()),
        source=source,
        notes=notes,
    )
