"""Which libraries a change moves: the files that name them at two revisions, held against each other."""

from collections.abc import Iterable, Mapping

import msgspec

from mergegate.dag.files import Files
from mergegate.dag.requirements import Versions, is_requirements, normalise, read_requirements
from mergegate.errors import MergegateError
from mergegate.records.surroundings import PackageChange

MOST_FILES = 50
"""Files that are looked at, those nearest to the project's root."""

DEEPEST = 4
"""Folders that such a file may lie in."""

MOST_SOURCES = 3
"""Files that one change names."""

_NAMES = (
    "python numpy scipy pandas polars pyarrow scikit-learn imbalanced-learn category-encoders feature-engine "
    "statsmodels xgboost lightgbm catboost torch pytorch lightning pytorch-lightning tensorflow keras jax "
    "jaxlib flax transformers sentence-transformers onnx onnxruntime skl2onnx onnxmltools protobuf "
    "onnxconverter-common tf2onnx joblib threadpoolctl cloudpickle dill numba dask prophet sktime ngboost h2o"
)
MODEL_LIBRARIES = frozenset(_NAMES.split())
"""Libraries that fit, store or run models, beside those that a bundle's manifest names."""

Pair = tuple[Mapping[str, str], Mapping[str, str]]
"""Library → version of base and of head."""


class Packages(msgspec.Struct, frozen=True):
    """What differs, libraries that touch the model first; `unread` are sentences on files left out."""

    changes: tuple[PackageChange, ...] = ()
    unread: tuple[str, ...] = ()


def diff_packages(base: Files, head: Files, manifests: Mapping[str, Pair] | None = None) -> Packages:
    """Compare the libraries that two revisions name.

    `manifests` maps what a bundle is called to the versions in its two manifests. Files with the same bytes
    on both sides are not parsed; nothing is installed, resolved or asked of an index.
    """
    found: dict[tuple[str, str | None, str | None], list[str]] = {}
    unread = []
    manifests = manifests or {}
    for source, (old, new) in manifests.items():
        _enter(found, source, _single(old), _single(new))
    for path in _paths(base, head):
        try:
            before, after = base.read(path), head.read(path)
            if before != after:
                _enter(found, path, *(read_requirements(data or b"", path) for data in (before, after)))
        except MergegateError as error:
            unread.append(f"{error.message}: its libraries are not compared")
    told = {normalise(name) for pair in manifests.values() for side in pair for name in side}
    changes = [
        PackageChange(
            name=name,
            old=old,
            new=new,
            source=_sources(sources),
            touches_model=name in told or name in MODEL_LIBRARIES,
        )
        for (name, old, new), sources in found.items()
    ]
    changes.sort(key=lambda each: (each.name not in told, not each.touches_model, each.name, each.source))
    return Packages(tuple(changes), tuple(unread))


def _single(versions: Mapping[str, str]) -> Versions:
    return {normalise(name): {version[:100]} for name, version in versions.items()}


def _enter(
    found: dict[tuple[str, str | None, str | None], list[str]], source: str, old: Versions, new: Versions
) -> None:
    """Enter what differs between two sides of one source."""
    for name in {**old, **new}:
        before, after = old.get(name), new.get(name)
        if before != after:
            found.setdefault((name, _text(before), _text(after)), []).append(source)


def _text(versions: Iterable[str] | None) -> str | None:
    """Several versions, each for other platforms, as one text."""
    return None if versions is None else ", ".join(sorted(versions)[:5])


def _sources(sources: list[str]) -> str:
    more = len(sources) - MOST_SOURCES
    return ", ".join(sources[:MOST_SOURCES]) + (f" and {more} more" if more > 0 else "")


def _paths(base: Files, head: Files) -> list[str]:
    """The files of either side that name libraries, those nearest to the root first."""
    named = {
        path for side in (head, base) for path in side.paths() if is_requirements(path) and _is_own(path)
    }
    return sorted(named, key=lambda path: (path.count("/"), path))[:MOST_FILES]


def _is_own(path: str) -> bool:
    """Whether a file is of the project and not of something that was copied into it."""
    folders = path.split("/")[:-1]
    return len(folders) <= DEEPEST and not any(
        folder.startswith(".") or folder in ("node_modules", "site-packages") for folder in folders
    )
