import io

from hypothesis import given
from hypothesis import strategies as st

from mergegate.repo.hashing import hash_bytes, hash_stream
from support.memory import md5_of


def test_dvc_3_hashes_bytes_as_they_are() -> None:
    assert hash_bytes(b"a\r\n") == md5_of(b"a\r\n")


def test_dvc_2_reads_the_line_ends_of_text_as_lf() -> None:
    assert hash_bytes(b"a\r\nb", legacy=True) == md5_of(b"a\nb")
    assert hash_bytes(b"", legacy=True) == md5_of(b"")


def test_dvc_2_leaves_binary_data_alone() -> None:
    assert hash_bytes(b"a\r\n\0", legacy=True) == md5_of(b"a\r\n\0")
    mostly_odd = b"\xff" * 31 + b"a\r\n" + b"a" * 66
    assert hash_bytes(mostly_odd, legacy=True) == md5_of(mostly_odd)
    just_text = b"\xff" * 30 + b"a\r\n" + b"a" * 67
    assert hash_bytes(just_text, legacy=True) == md5_of(just_text.replace(b"\r\n", b"\n"))


def test_a_stream_is_hashed_from_where_it_stands() -> None:
    stream = io.BytesIO(b"headbody")
    stream.seek(4)
    assert hash_stream(stream) == md5_of(b"body")


@given(st.binary())
def test_both_schemes_agree_where_there_is_no_crlf(data: bytes) -> None:
    data = data.replace(b"\r\n", b"")
    if b"\r\n" not in data:
        assert hash_bytes(data) == hash_bytes(data, legacy=True)
