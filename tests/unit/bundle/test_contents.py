"""A bundle is read only when its files are what its manifest says; all else is refused with a sentence."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mergegate import bundle
from mergegate.bundle import contents, folder
from mergegate.errors import ContractError, UsageError
from support import bundles


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return bundles.write(tmp_path / "bundle")


def refusal(path: Path) -> str:
    """The sentence that reading a bundle ends with, without the folder's name."""
    with pytest.raises(ContractError) as error:
        bundle.read(path)
    return error.value.message.replace(str(path), "BUNDLE")


def test_a_sound_bundle_is_read_with_its_manifest_and_reference(path: Path) -> None:
    found = bundle.read(path)
    assert (found.manifest.name, found.manifest.task, found.manifest.classes) == (
        "late-arrival",
        "binary",
        ("late", "on_time"),
    )
    assert [(column.name, column.kind, column.tensor) for column in found.manifest.inputs] == [
        ("wind speed", "number", "wind_speed"),
        ("pressure", "number", "pressure"),
        ("carrier", "category", "carrier"),
        ("dest", "category", "dest"),
    ]
    assert found.reference.rows == 600
    assert found.model == (path / "model.onnx").read_bytes()


def test_a_missing_bundle_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        bundle.read(tmp_path / "none")
    assert error.value.message == f"there is no bundle at {tmp_path / 'none'}"
    assert error.value.hint == "run `dvc repro`, or `dvc pull` to fetch it"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bundle").write_text("")
    with pytest.raises(UsageError, match="is not a folder"):
        bundle.read(tmp_path / "bundle")


def test_a_changed_byte_is_noticed(path: Path) -> None:
    model = bytearray((path / "model.onnx").read_bytes())
    model[100] ^= 1
    (path / "model.onnx").write_bytes(model)
    assert refusal(path).startswith("BUNDLE/model.onnx: its sha256 is ")


def test_a_truncated_file_is_noticed(path: Path) -> None:
    (path / "reference.json").write_bytes(b"{}")
    assert refusal(path).startswith("BUNDLE/reference.json: it has 2 bytes, the manifest says ")


def test_a_missing_file_is_named(path: Path) -> None:
    (path / "model.onnx").unlink()
    assert refusal(path) == "BUNDLE/model.onnx: the file is missing"


def test_a_file_that_the_manifest_does_not_list_is_refused(path: Path) -> None:
    (path / "weights.pkl").write_bytes(b"")
    assert refusal(path) == "BUNDLE: the manifest does not list `weights.pkl`"


def test_a_link_is_refused_even_where_the_bytes_are_right(path: Path, tmp_path: Path) -> None:
    (path / "model.onnx").rename(tmp_path / "elsewhere")
    (path / "model.onnx").symlink_to(tmp_path / "elsewhere")
    assert refusal(path) == "BUNDLE: `model.onnx` is a link, a folder or a device"


def test_a_link_in_the_place_of_the_bundle_is_refused(path: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(UsageError, match="is not a folder"):
        bundle.read(tmp_path / "link")


def test_a_pipe_is_refused_without_waiting_for_a_writer(path: Path) -> None:
    (path / "model.onnx").unlink()
    os.mkfifo(path / "model.onnx")
    assert refusal(path) == "BUNDLE: `model.onnx` is a link, a folder or a device"
    with pytest.raises(ContractError, match="not a plain file"):
        folder.read_file(path / "model.onnx", limit=10)


@pytest.mark.parametrize(
    "name", ["../model.onnx", "/etc/passwd", "a/b", "..", "", "a\\b", "a\0b", "manifest.json"]
)
def test_a_path_out_of_the_bundle_is_refused_before_it_is_opened(path: Path, name: str) -> None:
    bundles.edit_manifest(path, lambda document: document["files"][0].update(path=name))
    assert "which is no file name inside the bundle" in refusal(path)


def test_more_than_a_bundle_ever_has_is_not_even_listed(path: Path) -> None:
    for index in range(folder.MAX_FILES):
        (path / f"x{index}").touch()
    assert refusal(path) == f"BUNDLE: it holds more than {folder.MAX_FILES} files"


def test_a_huge_file_is_refused_by_its_size_alone(path: Path) -> None:
    with (path / "manifest.json").open("wb") as file:
        file.truncate(contents.MAX_MANIFEST + 1)
    assert refusal(path) == (
        f"BUNDLE/manifest.json: it has {contents.MAX_MANIFEST + 1:,} bytes; "
        f"at most {contents.MAX_MANIFEST:,} are read"
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it is not a JSON object"),
        (b"[1]", "it is not a JSON object"),
        (b"\xff{", "it is not a JSON object"),
        (b"[" * 100_000, "it is not a JSON object"),
        (b'{"schema": 2}', "its schema is 2; this version of mergegate reads 1"),
        (b'{"schema": "1\\n2"}', "its schema is 1\N{REPLACEMENT CHARACTER}2"),
        (b'{"schema": 1}', "Object missing required field `name`"),
    ],
)
def test_a_manifest_that_is_none_is_refused(path: Path, content: bytes, sentence: str) -> None:
    (path / "manifest.json").write_bytes(content)
    assert sentence in refusal(path)


def unknown_key(document: dict[str, Any]) -> None:
    document["run"] = "rm -rf /"


def wrong_type(document: dict[str, Any]) -> None:
    document["inputs"][0]["low"] = "0"


def column_twice(document: dict[str, Any]) -> None:
    document["inputs"][1]["name"] = document["inputs"][0]["name"]


def tensor_twice(document: dict[str, Any]) -> None:
    document["inputs"][1]["tensor"] = document["inputs"][0]["tensor"]


def no_input(document: dict[str, Any]) -> None:
    document["inputs"] = []


def one_class(document: dict[str, Any]) -> None:
    document["classes"] = ["late"]


def regression_with_probabilities(document: dict[str, Any]) -> None:
    document.update(task="regression", classes=[])


def no_file(document: dict[str, Any]) -> None:
    document["files"] = []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (unknown_key, "Object contains unknown field `run`"),
        (wrong_type, "Expected `float | null`, got `str` - at `$.inputs[0].low`"),
        (column_twice, "the column `wind speed` stands in it twice"),
        (tensor_twice, "the tensor `wind_speed` stands in it twice"),
        (no_input, "the model has no input"),
        (one_class, "a binary model can't have 1 classes"),
        (regression_with_probabilities, "its labels and outputs are not those of a regression model"),
        (no_file, "it lists no file; a bundle has model.onnx and reference.json"),
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused(
    path: Path, change: Callable[[dict[str, Any]], None], sentence: str
) -> None:
    bundles.edit_manifest(path, change)
    assert refusal(path) == f"BUNDLE/manifest.json: {sentence}"


def test_a_reference_of_other_columns_is_refused(path: Path) -> None:
    document = json.loads((path / "reference.json").read_bytes())
    document["inputs"].pop("dest")
    bundles.replace_file(path, "reference.json", json.dumps(document).encode())
    assert refusal(path) == "BUNDLE/reference.json: its columns are not those of the manifest"


def test_a_reference_whose_bins_do_not_fit_is_refused(path: Path) -> None:
    document = json.loads((path / "reference.json").read_bytes())
    document["inputs"]["pressure"]["counts"].pop()
    bundles.replace_file(path, "reference.json", json.dumps(document).encode())
    assert refusal(path) == "BUNDLE/reference.json: `pressure` has 19 counts for 19 edges"


def test_a_failed_write_leaves_the_old_bundle(path: Path) -> None:
    before = bundle.read(path).manifest
    with pytest.raises(FileNotFoundError):
        folder.write(path, {"model.onnx": b"new", "no/such/folder": b""})
    assert bundle.read(path).manifest == before
    assert [entry.name for entry in path.parent.iterdir()] == ["bundle"]
