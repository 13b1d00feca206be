"""Blocks of dvc.lock in the very layout that DVC writes, read without a YAML parser.

Most of a lock's lines are paths and checksums. Where they stand exactly as DVC writes them, and mean the same
to any reader of YAML, they are taken as they are; command and params, which can be anything, are parsed.
"""

import posixpath
import re

_KEY = r"[A-Za-z_][A-Za-z0-9_@.-]*+"
_PATH = r"(?:\.\./)*+[A-Za-z_][A-Za-z0-9_./@+-]*+"
_MD5 = r"(?:[0-9a-f]{32}\.dir|(?=[0-9be]*+[acdf])[0-9a-f]{32})"
_ENTRY = (
    rf"    - path: ({_PATH})\n      hash: md5\n      md5: ({_MD5})\n"
    r"(?:      size: [0-9]+\n)?+(?:      nfiles: [0-9]+\n)?+(?:      isexec: true\n)?+"
)
_ENTRIES = re.sub(r"\((?!\?)", "(?:", _ENTRY)
_BLOCK = re.compile(
    rf"  ({_KEY}):\n"
    r"(    cmd: .*\n(?:      .*\n)*+)"
    rf"(?:    deps:\n((?:{_ENTRIES})++))?+"
    r"(    params:\n(?:      .*\n)++)?+"
    rf"(?:    outs:\n((?:{_ENTRIES})++))?+"
)
_EACH = re.compile(_ENTRY)
_WORDS = frozenset({"true", "false", "null"})

Sums = dict[str, str]


def read_layout(text: str) -> tuple[str, str, Sums, Sums] | None:
    """A block's name, the lines of its command and params, and the checksums of its inputs and outputs.

    None for a block of any other layout, or with a path that stands in it twice.
    """
    found = _BLOCK.fullmatch(text)
    if found is None or found[1].lower() in _WORDS:
        return None
    deps, outs = (_read(part) for part in (found[3], found[5]))
    if deps is None or outs is None:
        return None
    return found[1], found[2] + (found[4] or ""), deps, outs


def _read(entries: str | None) -> Sums | None:
    pairs = _EACH.findall(entries or "")
    sums = {posixpath.normpath(path): f"{md5} md5" for path, md5 in pairs}
    if len(sums) != len(pairs) or any(path.lower() in _WORDS for path in sums):
        return None
    return sums
