"""The text of a CSV or YAML file, from bytes that nobody vouches for."""

import re

from mergegate.errors import ContractError

_CONFLICT = re.compile(r"^(<{7}|>{7})( |$)", re.MULTILINE)


def decode(data: bytes, *, file: str) -> str:
    """Bytes to text. Raises ContractError for other encodings, NUL, a merge conflict, an empty file."""
    if (at := data.find(b"\0")) >= 0:
        raise ContractError(
            f"line {_line(data, at)} holds a NUL byte",
            file=file,
            hint="save it as UTF-8 text (a file with NUL bytes is binary, or UTF-16)",
        )
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise ContractError(
            f"line {_line(data, error.start)} holds the byte 0x{data[error.start]:02x}, which is not UTF-8",
            file=file,
            hint="save the file as UTF-8",
        ) from error
    if not text.strip():
        raise ContractError("the file is empty", file=file, hint="write a golden row, or remove the file")
    if conflict := _CONFLICT.search(text):
        raise ContractError(
            f"line {text.count(chr(10), 0, conflict.start()) + 1} begins an unresolved merge conflict",
            file=file,
            hint="keep what you want of both sides, remove the marker lines, and `git add` the file",
        )
    return text


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1
