"""`mergegate bundle`, and what it does not import."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mergegate import cli
from mergegate.bundle import contents
from support import bundles

WITHOUT_TRAINING = """
import sys
class Refuse:
    def find_spec(self, name, *rest):
        if name.split(".")[0] in {"sklearn", "pandas", "skl2onnx", "onnx", "scipy", "dvc", "pyarrow"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Refuse())
from mergegate import bundle
bundle.verify(sys.argv[1])
row = {"wind speed": [0.5], "pressure": [None], "carrier": ["AA"], "dest": ["ORD"]}
print(bundle.load(sys.argv[1]).predict(row).y_pred.tolist())
try:
    bundle.save
except Exception as error:
    print(error, "|", error.hint)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return bundles.write(tmp_path / "bundle")


def test_verify_says_what_a_sound_bundle_is(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["bundle", "verify", str(path)]) == 0
    size = sum(file.stat().st_size for file in path.iterdir() if file.name != contents.MANIFEST)
    assert capsys.readouterr().out == f"{path}: ok, late-arrival, binary, 4 inputs, {size:,} bytes\n"


def test_verify_fails_a_forged_bundle_with_a_sentence(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (path / "x.pkl").touch()
    assert cli.run(["bundle", "verify", str(path)]) == 1
    assert capsys.readouterr().err == (
        f"refused: {path}: the manifest does not list `x.pkl`\n"
        "  next: a bundle holds only what `train` wrote; remove the rest\n"
    )


def test_verify_gives_both_answers_as_json(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["bundle", "verify", "--json", str(path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["name"], sorted(found["files"])) == (
        True,
        "late-arrival",
        ["model.onnx", "reference.json"],
    )
    (path / "x.pkl").touch()
    assert cli.run(["bundle", "verify", "--json", str(path)]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "path": str(path),
        "ok": False,
        "problem": f"{path}: the manifest does not list `x.pkl`",
        "hint": "a bundle holds only what `train` wrote; remove the rest",
    }


def test_no_bundle_is_an_error_of_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("verify", "show"):
        assert cli.run(["bundle", name, str(tmp_path / "none")]) == 2
        assert f"there is no bundle at {tmp_path / 'none'}" in capsys.readouterr().err


def test_show_lists_what_the_model_takes_and_gives(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["bundle", "show", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["late-arrival: binary model of late (late | on_time)", "inputs:"]
    assert lines[2].startswith("  wind speed  number   -")
    assert lines[4:6] == [
        "  carrier     category AA, B6, UA",
        "  dest        category ATL, D00, D01, D02, D03, D04, … 26 more",
    ]
    assert lines[-2] == "parity: proven within 1e-05 of the fitted estimator"


def test_show_prints_no_control_character_of_a_hostile_manifest(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundles.edit_manifest(
        path,
        lambda document: document.update(name="\x1b[31mred", versions={"\x1b]8;;": "\r\n"}, target="\u202e"),
    )
    assert cli.run(["bundle", "show", str(path)]) == 0
    out = capsys.readouterr().out
    assert all(character.isprintable() for character in out.replace("\n", ""))


def test_show_as_json_is_the_manifest(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["bundle", "show", "--json", str(path)]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads((path / "manifest.json").read_bytes())


def test_running_a_bundle_needs_numpy_and_onnxruntime_alone(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TRAINING, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "['on_time']",
        "bundle.save needs the package pandas, which is not installed | pip install 'mergegate[pipeline]'",
    ]
