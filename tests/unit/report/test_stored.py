"""A stored review is read back whole, and whatever else the file may hold is refused in a sentence."""

import os
from pathlib import Path

import msgspec
import pytest

from mergegate.errors import UsageError
from mergegate.report import stored
from support import comparisons, told

FIRST = "run `mergegate review` first, or name its file by --review"
AGAIN = "run `mergegate review` again, or name another file by --review"


@pytest.mark.parametrize("review", [told.review(), *comparisons.stories().values()])
def test_what_was_written_is_read(review: object, tmp_path: Path) -> None:
    file = tmp_path / "review.json"
    file.write_bytes(msgspec.json.format(msgspec.json.encode(review), indent=2) + b"\n")
    assert stored.read(file) == review


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is no review: Input data was truncated"),
        (b"{}", "is no review: Object missing required field `schema`"),
        (b'{"schema": 1}', "is no review: Object missing required field `mergegate`"),
        (b'{"schema": "1"}', "is no review: Expected `int`, got `str` - at `$.schema`"),
        (b'{"schema": 2, "new": []}', "has the schema 2, and this mergegate reads 1"),
        (b"\xff\xfe", "is no review: JSON is malformed: invalid character (byte 0)"),
        (b"[" * 100_000, "is no review: "),
    ],
)
def test_anything_else_is_refused(data: bytes, said: str, tmp_path: Path) -> None:
    file = tmp_path / "review.json"
    file.write_bytes(data)
    with pytest.raises(UsageError) as caught:
        stored.read(file)
    assert caught.value.message.startswith(f"{file}: {said}")
    assert caught.value.exit_code == 2
    assert caught.value.hint


def test_a_key_that_no_review_has_is_refused_and_shown_harmlessly(tmp_path: Path) -> None:
    data = msgspec.json.decode(msgspec.json.encode(told.review()))
    file = tmp_path / "review.json"
    file.write_bytes(msgspec.json.encode({**data, "\x1b[31m" * 100: 1}))
    with pytest.raises(UsageError) as caught:
        stored.read(file)
    assert "\x1b" not in caught.value.message
    assert len(caught.value.message) < len(str(file)) + 400


def test_a_missing_file_says_what_to_do_first(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        stored.read(tmp_path / "review.json")
    assert (caught.value.message, caught.value.hint) == (
        f"{tmp_path / 'review.json'}: there is no such file",
        FIRST,
    )


def test_pipes_folders_and_endless_files_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(UsageError, match="is no file"):
            stored.read(path)
    file = tmp_path / "large.json"
    file.write_bytes(b" " * 101)
    monkeypatch.setattr(stored, "LARGEST", 100)
    with pytest.raises(UsageError) as caught:
        stored.read(file)
    assert caught.value.hint == AGAIN
