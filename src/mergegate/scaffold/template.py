"""The project that `mergegate init --template tabular` begins with.

Its stages, pipeline and settings are those of mergegate's own repository, which a wheel carries; the data and
what is about the data are its own.
"""

from pathlib import Path

import msgspec

from mergegate.errors import BrokenError
from mergegate.scaffold.scripts import flow_scalar

DATA = "data/raw/tumours"
"""The folder that DVC tracks."""

MERGEGATE = "requirements/mergegate.txt"
"""What a pipeline that imports mergegate installs besides what is pinned by hash."""

SHARED = (
    ".dvc/.gitignore",
    ".dvc/plots/bar_with_spread.json",
    ".dvc/plots/confusion_counts.json",
    ".github/pull_request_template.md",
    "data/interim/.gitignore",
    "data/model/.gitignore",
    "models/.gitignore",
    "reports/.gitignore",
    "requirements/pipeline.txt",
    "src/pipeline/assignment.py",
    "src/pipeline/chapters.py",
    "src/pipeline/charts.py",
    "src/pipeline/checks.py",
    "src/pipeline/cross_validation.py",
    "src/pipeline/curves.py",
    "src/pipeline/estimators.py",
    "src/pipeline/evaluate.py",
    "src/pipeline/features.py",
    "src/pipeline/importances.py",
    "src/pipeline/ingest.py",
    "src/pipeline/problems.py",
    "src/pipeline/profile.html.j2",
    "src/pipeline/profile.py",
    "src/pipeline/report.py",
    "src/pipeline/scores.py",
    "src/pipeline/sources/__init__.py",
    "src/pipeline/sources/files.py",
    "src/pipeline/sources/source.py",
    "src/pipeline/split.py",
    "src/pipeline/stage.py",
    "src/pipeline/tables.py",
    "src/pipeline/train.py",
    "src/pipeline/validate.py",
    "tests/unit/pipeline/test_dag.py",
)
"""Files of this repository that are the same in a new project."""


class Adapted(msgspec.Struct, frozen=True):
    """A file of this repository, and what is replaced in it: each text stands there exactly once."""

    path: str
    changes: tuple[tuple[str, str], ...]


ADAPTED = (
    Adapted(
        "dvc.yaml",
        (
            ("# The DAG of the reference pipeline", "# The DAG"),
            (
                "- data/raw/flights\n      - data/raw/planes.parquet\n      - data/raw/weather.parquet\n",
                f"- {DATA}\n",
            ),
        ),
    ),
    Adapted(".dvc/config", (("['remote \"s3\"']\n    url = s3://mergegate\n    verify = true\n", ""),)),
    Adapted(".dvcignore", (("/.demo\n", ""),)),
    Adapted(
        ".gitattributes",
        (
            (
                "# An archive of a commit, as GitHub hands an action out, says which commit it is.\n"
                "/src/mergegate/commit.txt export-subst\n",
                "",
            ),
        ),
    ),
)

OWN = {
    ".github/CODEOWNERS": "CODEOWNERS",
    ".gitignore": "gitignore.txt",
    "Makefile": "Makefile",
    "README.md": "README.md",
    "mergegate.yaml": "mergegate.yaml",
    "params.yaml": "params.yaml",
    "pytest.ini": "pytest.ini",
    "src/pipeline/schema.py": "schema.py",
    "tests/test_project.py": "test_project.py",
}
"""Files of a new project alone, and what they are called in the folder beside this module."""

_OWN = Path(__file__).with_name("tabular")
_CARRIED = Path(__file__).with_name("shared")
_CHECKOUT = Path(__file__).parents[3]


def render_project(*, branch: str = "main") -> dict[str, bytes]:
    """Every file that git holds from the start, by its path, but workflows, pins and what DVC writes.

    `branch` is the one that changes enter.
    """
    files = {path: _shared(path) for path in SHARED}
    files |= {each.path: _adapt(each) for each in ADAPTED}
    files |= {path: _read(_OWN / name) for path, name in OWN.items()}
    policy = files["mergegate.yaml"].replace(b"baseline: main", f"baseline: {flow_scalar(branch)}".encode())
    return dict(sorted((files | {"mergegate.yaml": policy}).items()))


def render_requirement(action: str) -> str:
    """The file MERGEGATE, at the version of `action`: `OWNER/REPO@REF`, and a comment perhaps."""
    place, _, version = action.partition(" ")[0].partition("@")
    return f"# mergegate itself, at the commit of the workflows.\nmergegate @ git+https://github.com/{place}@{version}\n"


def read_data() -> dict[str, bytes]:
    """The files of DATA, by their path inside of it."""
    return {"part-1.csv": _read(_OWN / "tumours.csv")}


def _shared(path: str) -> bytes:
    """A file of this repository: as the wheel carries it, in a checkout the file itself."""
    return _read((_CARRIED if _CARRIED.is_dir() else _CHECKOUT) / path)


def _adapt(adapted: Adapted) -> bytes:
    text = _shared(adapted.path).decode()
    for old, new in adapted.changes:
        if text.count(old) != 1:
            raise BrokenError(
                f"the template can't be made: {adapted.path} is not as it was", hint="report this"
            )
        text = text.replace(old, new)
    return text.encode()


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BrokenError(
            f"the template can't be read: {file}: {error.strerror}", hint="install mergegate again"
        ) from error
