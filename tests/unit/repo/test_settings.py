from pathlib import Path

import pytest

from mergegate.errors import ConfigError
from mergegate.repo.settings import Settings, read_settings


def write(folder: Path, **levels: str) -> Path:
    """The `.dvc` folder of a project with these files."""
    dvc = folder / "project/.dvc"
    dvc.mkdir(parents=True)
    for name, text in levels.items():
        (dvc / name.replace("_", ".")).write_text(text)
    return dvc


def test_without_settings_the_cache_is_beside_them(tmp_path: Path) -> None:
    dvc = write(tmp_path)
    assert read_settings(dvc) == Settings(cache=dvc / "cache")


def test_the_nearer_file_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for level in ("system", "global"):
        (tmp_path / level).mkdir()
        (tmp_path / level / "config").write_text(f"[core]\nremote = {level}\n[cache]\ndir = /{level}\n")
        monkeypatch.setenv(f"DVC_{level.upper()}_CONFIG_DIR", str(tmp_path / level))
    dvc = write(tmp_path, config="[core]\nremote = project\n", config_local="[core]\nremote = mine\n")
    assert read_settings(dvc) == Settings(cache=Path("/global"), default="mine")


def test_remotes_are_read_as_dvc_writes_them(tmp_path: Path) -> None:
    dvc = write(
        tmp_path,
        config="""\
[core]
    remote = Near
    analytics = false
['remote "near"']
    url = ../data/remote  # in the repository
['remote "far away"']
    url = "s3://bucket/a b"
[remote "plain"]
url=/mnt/store
['remote "without"']
    jobs = 3
""",
    )
    assert read_settings(dvc) == Settings(
        cache=dvc / "cache",
        default="near",
        remotes={
            "near": str(tmp_path / "project/data/remote"),
            "far away": "s3://bucket/a b",
            "plain": "/mnt/store",
        },
    )


def test_a_home_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    dvc = write(tmp_path, config="[cache]\ndir = ~/cache\n")
    assert read_settings(dvc).cache == tmp_path / "cache"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dir = x\n", "config:1: a setting stands before any [section]"),
        ("[cache\n", "config:1: a setting stands before any [section]"),
        ("[cache]\nnonsense\n", "config: DVC's configuration can't be read: "),
    ],
)
def test_a_file_that_is_broken_is_named(tmp_path: Path, text: str, said: str) -> None:
    dvc = write(tmp_path, config=text)
    with pytest.raises(ConfigError) as caught:
        read_settings(dvc)
    assert str(caught.value).startswith(f"{dvc}/{said}")
