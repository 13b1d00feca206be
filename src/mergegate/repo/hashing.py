"""DVC's two checksums: md5, and DVC 2's md5-dos2unix, which reads CRLF in text as LF."""

import hashlib
import io
from pathlib import Path
from typing import BinaryIO

_CHUNK = 1024 * 1024
_HEAD = 512
_TEXT = bytes(range(32, 127)) + b"\n\r\t\f\b"
_MOST_BINARY = 0.30


def hash_bytes(data: bytes, *, legacy: bool = False) -> str:
    """The checksum of bytes, 32 hex digits."""
    return hash_stream(io.BytesIO(data), legacy=legacy) if legacy else _md5(data).hexdigest()


def hash_file(path: Path, *, legacy: bool = False) -> str:
    """The checksum of a file, 32 hex digits. Raises OSError."""
    with path.open("rb") as stream:
        return hash_stream(stream, legacy=legacy)


def hash_stream(stream: BinaryIO, *, legacy: bool = False) -> str:
    """The checksum of what is left of a stream, 32 hex digits."""
    digest = _md5(b"")
    while chunk := stream.read(_CHUNK):
        # DVC 2 looked at the first bytes of every chunk by itself, so the two must be cut alike.
        digest.update(chunk.replace(b"\r\n", b"\n") if legacy and _is_text(chunk[:_HEAD]) else chunk)
    return digest.hexdigest()


def _md5(data: bytes) -> "hashlib._Hash":
    return hashlib.md5(data, usedforsecurity=False)


def _is_text(head: bytes) -> bool:
    """Whether DVC takes a file that begins with `head` for text: no NUL, at most 30 % of odd bytes."""
    return b"\0" not in head and len(head.translate(None, _TEXT)) <= _MOST_BINARY * len(head)
