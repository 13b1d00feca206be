"""A hostile zip is refused with a sentence, and leaves nothing that is not what its name says."""

import hashlib
import io
import stat
import struct
import warnings
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergegate.errors import ContractError, MergegateError
from mergegate.flows.judging.archive import Limits, open_evidence

BYTES = b"row_id,late\n1,yes\n"


def place(content: bytes, suffix: str = "") -> str:
    digits = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return f"objects/files/md5/{digits[:2]}/{digits[2:]}{suffix}"


MANIFEST = b'{"schema": 1, "mergegate": "0.1.0"}'


def packed(*entries: tuple[str | zipfile.ZipInfo, bytes], manifest: bytes | None = MANIFEST) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if manifest is not None:
            archive.writestr("evidence.json", manifest)
        for name, content in entries:
            archive.writestr(name, content)
    return stream.getvalue()


def with_mode(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def refusal(data: bytes, folder: Path, limits: Limits | None = None) -> str:
    """Why a zip is refused, without its own name."""
    (folder / "e.zip").write_bytes(data)
    with pytest.raises(ContractError) as caught:
        open_evidence(folder / "e.zip", folder / "into", limits)
    assert caught.value.file == "e.zip"
    return caught.value.reason


def held(folder: Path) -> dict[str, bytes]:
    cache = folder / "into/objects"
    return {
        path.relative_to(cache).as_posix(): path.read_bytes() for path in cache.rglob("*") if path.is_file()
    }


def test_the_objects_of_several_zips_lie_in_one_cache(tmp_path: Path) -> None:
    legacy = b"a\nb\n"
    digits = hashlib.md5(legacy, usedforsecurity=False).hexdigest()
    old = f"objects/{digits[:2]}/{digits[2:]}"
    first = packed(("objects/", b""), (place(BYTES), BYTES), (place(b"[]", ".dir"), b"[]"))
    second = packed((place(BYTES), BYTES), (old, legacy))
    for number, data in enumerate((first, second)):
        (tmp_path / f"{number}.zip").write_bytes(data)
    one = open_evidence(tmp_path / "0.zip", tmp_path / "into")
    two = open_evidence(tmp_path / "1.zip", tmp_path / "into")
    assert (one.objects, one.bytes, one.reproduction) == (2, len(BYTES) + 2, None)
    assert (two.objects, two.bytes, two.cache) == (2, len(BYTES) + len(legacy), tmp_path / "into/objects")
    assert {f"objects/{name}": content for name, content in held(tmp_path).items()} == {
        place(BYTES): BYTES,
        place(b"[]", ".dir"): b"[]",
        old: legacy,
    }


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "C:\\windows\\system.ini",
        "objects\\files\\md5\\00\\x",
        "objects/../reproduce.json",
        "objects/files/md5/00/../../../../../x",
        "objects/files/md5/AB/" + "0" * 30,
        "objects/files/md5/ab/" + "0" * 31,
        "objects/files/md5/ab/" + "0" * 30 + ".zip",
        "objects/files/md5/ab/" + "0" * 30 + "\0.png",
        "objects/files/md5/ab/" + "0" * 30 + "\n",
        "reproduce.json/",
        "REPRODUCE.JSON",
        "evidence.zip",
        "report.html",
        "",
    ],
)
def test_only_objects_and_the_record_may_be_in_it(name: str, tmp_path: Path) -> None:
    # zipfile itself would make `name` harmless when it writes.
    info = zipfile.ZipInfo("x")
    info.filename = info.orig_filename = name
    said = refusal(packed((place(BYTES), BYTES), (info, b"")), tmp_path)
    assert said.endswith("is neither a DVC object nor one of evidence.json, reproduce.json")
    assert not held(tmp_path)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_are_refused(kind: int, tmp_path: Path) -> None:
    said = refusal(packed((with_mode(place(b"/etc"), kind | 0o777), b"/etc")), tmp_path)
    assert said == f"{place(b'/etc')} is no plain file, but a link or a device"


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    said = refusal(packed((place(BYTES), BYTES), (place(BYTES), b"other")), tmp_path)
    assert said == f"{place(BYTES)} stands in it twice"


def test_an_object_with_other_bytes_is_refused(tmp_path: Path) -> None:
    digits = hashlib.md5(BYTES, usedforsecurity=False).hexdigest()
    forged = hashlib.md5(b"forged", usedforsecurity=False).hexdigest()
    said = refusal(packed((place(BYTES), b"forged")), tmp_path)
    assert said == f"the object {digits} in it has other bytes (md5 {forged})"
    assert not held(tmp_path)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    zeros = bytes(11_000_000)
    said = refusal(packed((place(zeros), zeros)), tmp_path)
    assert said == f"{place(zeros)} unpacks to more than 500 times its bytes"


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (Limits(packed=100), "and at most 100 are opened"),
        (Limits(file=5), f"has {len(BYTES)} bytes, and at most 5 may be"),
        (Limits(total=20), "its files have more than 20 bytes together"),
        (Limits(entries=1), "it has more than 1 entries"),
    ],
)
def test_more_than_the_limits_is_refused(limits: Limits, why: str, tmp_path: Path) -> None:
    data = packed((place(BYTES), BYTES), (place(BYTES * 2), BYTES * 2))
    assert refusal(data, tmp_path, limits).endswith(why)
    assert not held(tmp_path)


def test_a_size_that_the_header_makes_small_is_counted_anyway(tmp_path: Path) -> None:
    data = packed((place(b"x" * 5_000), b"x" * 5_000))
    at = data.rindex(b"PK\x01\x02")
    lied = data[: at + 24] + struct.pack("<L", 10) + data[at + 28 :]
    assert refusal(lied, tmp_path, Limits(file=100)).startswith(("the object", "it is no whole zip file"))
    assert not held(tmp_path)


def test_an_encrypted_entry_is_refused(tmp_path: Path) -> None:
    data = packed((place(BYTES), BYTES))
    at = data.rindex(b"PK\x01\x02")
    said = refusal(data[: at + 8] + b"\x01" + data[at + 9 :], tmp_path)
    assert said == f"{place(BYTES)} is encrypted"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(method: int, tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr(place(BYTES), BYTES)
    assert refusal(stream.getvalue(), tmp_path) == f"{place(BYTES)} is packed by a method other than deflate"


def test_what_only_zip64_can_say_is_refused(tmp_path: Path) -> None:
    data = packed((place(BYTES), BYTES))
    end = data[-22:]
    forged = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, 2**62, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(data) - 22, 1)
    assert refusal(data[:-22] + forged + locator + end, tmp_path) == "it is a zip64 file"


@pytest.mark.parametrize("data", [b"", b"PK", b"<html>404</html>" * 20, packed((place(BYTES), BYTES))[:-30]])
def test_what_is_no_zip_is_refused(data: bytes, tmp_path: Path) -> None:
    assert refusal(data, tmp_path).startswith("it is no whole zip file")


def test_a_record_that_is_none_is_refused(tmp_path: Path) -> None:
    said = refusal(packed(("reproduce.json", b'{"schema": 1, "outcome": "reproduced"}')), tmp_path)
    fault = "Object missing required field `mergegate`"
    assert said == f"its reproduce.json is not what mergegate writes: {fault}"


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_is_changed_in_a_zip_nothing_false_is_written(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("zip")
    whole = bytearray(packed((place(BYTES), BYTES), (place(b"[]", ".dir"), b"[]")))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    (folder / "e.zip").write_bytes(bytes(whole[: data.draw(st.integers(len(whole) - 40, len(whole)))]))
    with suppress(MergegateError):
        open_evidence(folder / "e.zip", folder / "into")
    for name, content in held(folder).items():
        assert place(content, ".dir" if name.endswith(".dir") else "") == f"objects/{name}"


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        (None, "it has no evidence.json, and this mergegate reads the form 1"),
        (
            b'{"schema": 2, "mergegate": "9.0\\n"}',
            "it has the form 2 of mergegate 9.0\\n, and this mergegate reads the form 1",
        ),
        (b"[]", "its evidence.json is not what mergegate writes: Expected `object`, got `array`"),
        (b"{" * 100_000, "its evidence.json is not what mergegate writes: "),
    ],
    ids=["none", "newer", "no object", "nested"],
)
def test_evidence_in_another_form_is_refused(manifest: bytes | None, why: str, tmp_path: Path) -> None:
    assert refusal(packed((place(BYTES), BYTES), manifest=manifest), tmp_path).startswith(why)
    assert held(tmp_path) == {}


def test_a_review_that_opened_no_object_leaves_evidence_too(tmp_path: Path) -> None:
    (tmp_path / "e.zip").write_bytes(packed())
    opened = open_evidence(tmp_path / "e.zip", tmp_path / "into")
    assert (opened.objects, opened.bytes, opened.reproduction) == (0, 0, None)


def test_of_the_files_that_share_one_of_dvc_2s_checksums_none_but_the_plain_one_is_taken(
    tmp_path: Path,
) -> None:
    digits = hashlib.md5(b"late\nb\n", usedforsecurity=False).hexdigest()
    for content in (b"late\r\nb\n", b"late\nb\r\n"):
        said = refusal(packed((f"objects/{digits[:2]}/{digits[2:]}", content)), tmp_path)
        assert said == (
            f"the object {digits} in it has line ends CRLF, of which DVC 2's checksum says nothing, so that "
            "other bytes have the same name"
        )
        assert held(tmp_path) == {}
