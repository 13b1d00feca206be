"""Files: Parquet and CSV, by path or glob, from the project's folder."""

from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.csv

from pipeline import tables
from pipeline.sources.source import Extract, Part
from pipeline.stage import StageError


class FilesSource(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="files"
):
    """`path`: paths or globs; `types`: Arrow types of CSV columns that must not be guessed."""

    path: str | tuple[str, ...]
    types: dict[str, str] = {}

    @property
    def kind(self) -> str:
        """The kind's name in params.yaml."""
        return "files"

    @property
    def origins(self) -> tuple[str, ...]:
        """The paths and globs."""
        return (self.path,) if isinstance(self.path, str) else self.path

    def read(self) -> Extract:
        """All rows of all files, files in the order of their paths."""
        found: dict[str, pa.Table] = {}
        for path in self._files():
            found[path.as_posix()] = self._read_csv(path) if path.suffix == ".csv" else tables.read(path)
        parts = [
            Part(
                origin=name, rows=table.num_rows, bytes=Path(name).stat().st_size, md5=tables.md5(Path(name))
            )
            for name, table in found.items()
        ]
        return Extract(table=tables.stack(found), parts=tuple(parts))

    def _files(self) -> list[Path]:
        """Every file that a path or glob names, once, sorted. StageError for one that names none."""
        files: set[Path] = set()
        for origin in self.origins:
            named = {path for path in _matches(origin) if path.is_file()}
            if not named:
                raise StageError(
                    f"source {origin} names no file", hint="run `dvc pull`, or mend the path in params.yaml"
                )
            files |= named
        unknown = sorted(str(path) for path in files if path.suffix not in (".parquet", ".csv"))
        if unknown:
            raise StageError(
                f"{unknown[0]} is neither .parquet nor .csv", hint="name such files only in params.yaml"
            )
        return sorted(files)

    def _read_csv(self, path: Path) -> pa.Table:
        """A CSV file with a header line; the empty field is missing, in text too."""
        try:
            types = {name: pa.type_for_alias(alias) for name, alias in self.types.items()}
            options = pyarrow.csv.ConvertOptions(
                column_types=types, strings_can_be_null=True, null_values=["", "NA"]
            )
            return pyarrow.csv.read_csv(path, convert_options=options)
        except (pa.ArrowException, ValueError) as error:
            raise StageError(
                f"{path} can't be read as CSV: {error}", hint="mend the file, or `types`"
            ) from error


def _matches(origin: str) -> list[Path]:
    """What a path or glob names; an absolute one from the root, any other from the current folder."""
    path = Path(origin)
    return list(Path(path.anchor).glob(str(path.relative_to(path.anchor)))) if path.parts else []
