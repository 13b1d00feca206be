"""What a bundle's files say, checked against each other; nothing is run and nothing of ONNX is needed."""

import hashlib
from collections import Counter
from pathlib import Path
from typing import TypeVar

import msgspec

from mergegate.bundle import folder, graph
from mergegate.bundle.folder import printable
from mergegate.errors import ContractError
from mergegate.records import manifest as manifest_record
from mergegate.records import reference as reference_record
from mergegate.records.manifest import BundleFile, Manifest
from mergegate.records.reference import Reference

MANIFEST, MODEL, REFERENCE = "manifest.json", "model.onnx", "reference.json"
MAX_MANIFEST = 8 * 1024**2
MAX_REFERENCE = 32 * 1024**2
MAX_MODEL = 1024**3
"""Bytes; protobuf itself ends at 2 GiB."""

T = TypeVar("T")


class Contents(msgspec.Struct, frozen=True, eq=False):
    """A bundle's files, each as the manifest lists it; `model` is the ONNX graph's bytes."""

    path: Path
    manifest: Manifest
    reference: Reference
    model: bytes


def read(path: str | Path) -> Contents:
    """Read and check the bundle folder at `path`.

    Manifest and reference against their schemas; every listed file there, with its size and sha256; no other
    file; the graph without external data, foreign operators or functions. Raises UsageError when there is no
    bundle, ContractError with the file and what is wrong.
    """
    path = Path(path)
    names = folder.names(path)
    manifest = parse_manifest(folder.read_file(path / MANIFEST, limit=MAX_MANIFEST), path / MANIFEST)
    listed = {file.path: file for file in manifest.files}
    extra = sorted(set(names) - set(listed) - {MANIFEST})
    if extra:
        raise ContractError(
            f"the manifest does not list {', '.join(f'`{printable(name)}`' for name in extra[:5])}",
            file=path,
            hint="a bundle holds only what `train` wrote; remove the rest",
        )
    contents = {name: _read_listed(path / name, listed[name]) for name in sorted(listed)}
    graph.check(contents[MODEL], path / MODEL)
    return Contents(
        path=path,
        manifest=manifest,
        reference=_parse_reference(contents[REFERENCE], manifest, path / REFERENCE),
        model=contents[MODEL],
    )


def parse_manifest(content: bytes, file: Path) -> Manifest:
    """The manifest from its bytes, consistent in itself; ContractError says what is not."""
    manifest = _decode(content, Manifest, manifest_record.SCHEMA, file)
    _check_columns(manifest, file)
    _check_outputs(manifest, file)
    paths = sorted(entry.path for entry in manifest.files)
    for name in paths:
        if name in ("", ".", "..") or "/" in name or "\\" in name or "\0" in name or name == MANIFEST:
            raise ContractError(
                f"it lists `{printable(name)}`, which is no file name inside the bundle", file=file
            )
    if paths != [MODEL, REFERENCE]:
        raise ContractError(
            f"it lists {printable(', '.join(paths)) or 'no file'}; a bundle has {MODEL} and {REFERENCE}",
            file=file,
        )
    return manifest


def _decode(content: bytes, kind: type[T], schema: int, file: Path) -> T:
    try:
        found = msgspec.json.decode(content).get("schema")
    except (msgspec.DecodeError, AttributeError, RecursionError, UnicodeDecodeError) as error:
        raise ContractError(
            f"it is not a JSON object: {printable(str(error))}", file=file, hint="write the bundle again"
        ) from error
    if found != schema:
        raise ContractError(
            f"its schema is {printable(str(found))}; this version of mergegate reads {schema}",
            file=file,
            hint="update mergegate, or write the bundle again",
        )
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.DecodeError as error:
        raise ContractError(
            _one_line(str(error)), file=file, hint="write the bundle again with `mergegate.bundle.save`"
        ) from error


def _one_line(text: str) -> str:
    """A parser's sentence as one printable line of bounded length."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[:300])


def _check_columns(manifest: Manifest, file: Path) -> None:
    for what, values in (
        ("column", [column.name for column in manifest.inputs]),
        ("tensor", [column.tensor for column in manifest.inputs]),
        ("class", list(manifest.classes)),
    ):
        twice = [value for value, count in Counter(values).items() if count > 1]
        if twice:
            raise ContractError(f"the {what} `{printable(twice[0])}` stands in it twice", file=file)
    if not manifest.inputs:
        raise ContractError("the model has no input", file=file)


def _check_outputs(manifest: Manifest, file: Path) -> None:
    classes = len(manifest.classes)
    wanted = {"binary": classes == 2, "multiclass": classes >= 2, "regression": classes == 0}[manifest.task]
    if not wanted:
        raise ContractError(f"a {manifest.task} model can't have {classes} classes", file=file)
    regression = manifest.task == "regression"
    if (manifest.labels == "none") != regression or (regression and manifest.outputs.probabilities):
        raise ContractError(f"its labels and outputs are not those of a {manifest.task} model", file=file)


def _read_listed(path: Path, entry: BundleFile) -> bytes:
    limit = MAX_REFERENCE if path.name == REFERENCE else MAX_MODEL
    content = folder.read_file(path, limit=limit)
    if len(content) != entry.size:
        raise ContractError(
            f"it has {len(content):,} bytes, the manifest says {entry.size:,}",
            file=path,
            hint="fetch the bundle again",
        )
    digest = hashlib.sha256(content).hexdigest()
    if digest != entry.sha256:
        raise ContractError(
            f"its sha256 is {digest}, not the one in the manifest",
            file=path,
            hint="fetch the bundle again; if it stays, someone changed it",
        )
    return content


def _parse_reference(content: bytes, manifest: Manifest, file: Path) -> Reference:
    reference = _decode(content, Reference, reference_record.SCHEMA, file)
    columns = [column.name for column in manifest.inputs]
    if sorted(reference.inputs) != sorted(columns):
        raise ContractError("its columns are not those of the manifest", file=file)
    for name, column in [*reference.inputs.items(), *reference.probabilities.items()]:
        if isinstance(column, reference_record.Numbers) and len(column.counts) != len(column.edges) + 1:
            raise ContractError(
                f"`{printable(name)}` has {len(column.counts)} counts for {len(column.edges)} edges",
                file=file,
            )
    return reference
