"""A bundle of one side as a file of facts: how large it is, what it takes, what made it; nothing is run."""

from pathlib import Path

from mergegate import repo
from mergegate.bundle import folder as disk
from mergegate.bundle.contents import MANIFEST, MAX_MANIFEST, MODEL, parse_manifest
from mergegate.bundle.parameters import count_parameters
from mergegate.errors import ContractError, MergegateError
from mergegate.flows.evidence import Reading
from mergegate.flows.folders import bundle_size, fetch, list_bundle, read_plain
from mergegate.records.manifest import Manifest
from mergegate.records.surroundings import ModelFacts

LARGEST_GRAPH = 100_000_000
"""Bytes of the largest graph whose numbers are counted."""

MOST_INPUTS = 500
LONGEST_INPUT = 200
"""Characters of an input's name."""


def is_same(base: Reading, head: Reading, objects: repo.Objects, path: str) -> bool:
    """Whether both sides hold one and the same bundle."""
    recorded = [side.pipeline.hash_of(path) for side in (base, head)]
    if None not in recorded:
        return recorded[0] == recorded[1]
    try:
        old, new = (_checksums(side, objects, path) for side in (base, head))
    except MergegateError:
        return False
    return old == new


def _checksums(side: Reading, objects: repo.Objects, path: str) -> dict[str, str | None]:
    """Each file's md5, of those in a folder that DVC tracks or that git holds."""
    return {
        name: side.files.md5(f"{path}/{name}") if found is None else found.md5
        for name, found in list_bundle(side, objects, path).items()
    }


def read_manifest(side: Reading, objects: repo.Objects, path: str) -> Manifest:
    """The manifest of the bundle at `path`. Raises ContractError for none or a bad one, ObjectError."""
    content = _read(side, objects, path, MANIFEST, MAX_MANIFEST)
    return parse_manifest(content, Path(side.name(f"{path}/{MANIFEST}")))


def read_facts(side: Reading, objects: repo.Objects, path: str) -> ModelFacts:
    """Size, numbers and inputs of the bundle at `path`. Raises as `read_manifest` does."""
    size = bundle_size(side, objects, path)
    manifest = read_manifest(side, objects, path)
    parameters = None
    if size <= LARGEST_GRAPH:
        parameters = count_parameters(_read(side, objects, path, MODEL, LARGEST_GRAPH))
    inputs = tuple(shorten(column.name) for column in manifest.inputs[:MOST_INPUTS])
    return ModelFacts(size=size, parameters=parameters, inputs=inputs)


def shorten(name: str) -> str:
    """An input's name of bounded length."""
    return name if len(name) <= LONGEST_INPUT else name[: LONGEST_INPUT - 1] + "…"


def _read(side: Reading, objects: repo.Objects, path: str, name: str, limit: int) -> bytes:
    """One file of a bundle, believed by its md5."""
    listed = list_bundle(side, objects, path)
    whole = f"{path}/{name}"
    if name not in listed:
        hint = "run `dvc repro`, and commit dvc.lock"
        raise ContractError("the file is missing", file=side.name(whole), hint=hint)
    found = listed[name]
    if found is None:
        return read_plain(side, whole)
    fetch(objects, {name: found})
    return disk.read_file(objects.open(found), limit=limit)
