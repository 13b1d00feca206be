"""The golden files of one side, wherever they are: in git, under DVC, in the workspace."""

from mergegate import golden, repo
from mergegate.errors import ContractError
from mergegate.flows.evidence import Reading
from mergegate.flows.folders import fetch, list_files, read_plain
from mergegate.golden import Row
from mergegate.golden.reading import MOST_BYTES, MOST_FILES, MOST_OF_ALL
from mergegate.records.pipeline import ObjectHash


def read_rows(reading: Reading, objects: repo.Objects, path: str) -> tuple[Row, ...]:
    """The golden rows at `path`, a file or a folder of them; each row's `file` is its path.

    Raises NothingThereError when the side has none, ContractError for a file that can't be used, ObjectError
    for one that can't be had.
    """
    listed = {
        name: found
        for name, found in list_files(reading, objects, path).items()
        if not name or name.endswith(golden.SUFFIXES)
    }
    if not listed:
        named = ", ".join(golden.SUFFIXES)
        raise ContractError(
            "the folder holds no golden file", file=reading.name(path), hint=f"write files named {named}"
        )
    if len(listed) > MOST_FILES:
        raise ContractError(
            f"it has {len(listed):,} golden files, more than {MOST_FILES}",
            file=reading.name(path),
            hint="write fewer, larger files",
        )
    fetch(objects, listed)
    parts, size = [], 0
    for name, found in sorted(listed.items()):
        whole = f"{path}/{name}" if name else path
        data = _read(reading, objects, whole, found)
        size += len(data)
        if size > MOST_OF_ALL:
            raise ContractError(
                f"the golden files have more than {MOST_OF_ALL:,} bytes together",
                file=reading.name(path),
                hint="keep the rows that matter most",
            )
        parts.append(golden.read(data, path=whole, file=reading.name(whole)))
    return golden.gather(parts)


def _read(reading: Reading, objects: repo.Objects, path: str, found: ObjectHash | None) -> bytes:
    """The bytes of a golden file, one more than are read where there are too many."""
    if found is None:
        return read_plain(reading, path)
    with objects.open(found).open("rb") as file:
        return file.read(MOST_BYTES + 1)
