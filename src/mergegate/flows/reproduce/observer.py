"""Reports which files a stage's Python opens. Copied, as `sitecustomize.py`, to where that Python finds it.

Nothing here may break or noticeably slow a stage: every error is swallowed, each path is reported once, and
only so many. The `sitecustomize` that would have been imported is imported after it. A stage's Python may be
older than ours.
"""

import contextlib
import importlib
import os
import sys

_MOST = 20_000
_WRITING = os.O_WRONLY | os.O_RDWR


def _watch(report: str) -> None:
    """Have every opened file reported, ended by NUL: `r` or `w`, and its absolute path."""
    number = os.open(report, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    # A stage that closes all files must not have the next one that it opens written into.
    kept = os.fstat(number)
    seen: set[object] = set()
    join, cwd, normal = os.path.join, os.getcwd, os.path.normpath
    writing, most, write, about, texts = _WRITING, _MOST, os.write, os.fstat, (str, bytes)

    def hook(event: str, arguments: "tuple[object, ...]") -> None:
        if event != "open":
            return
        try:
            path, _, flags = arguments
            kind = "w" if isinstance(flags, int) and flags & writing else "r"
            key = (path, kind)
            if key in seen or len(seen) >= most or not isinstance(path, texts):
                return
            seen.add(key)
            text = os.fsdecode(path)
            full = normal(text if text.startswith("/") else join(cwd(), text))
            now = about(number)
            if (now.st_dev, now.st_ino) == (kept.st_dev, kept.st_ino):
                write(number, f"{kind}{full}\0".encode(errors="surrogateescape"))
        except Exception:  # noqa: S110  # whatever happens here is none of the stage's
            pass

    sys.addaudithook(hook)


def _step_aside() -> None:
    """Let what follows on the path be the `sitecustomize` of this Python."""
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120  # pathlib takes 10 ms to import
    sys.path[:] = [place for place in sys.path if place != here]
    own = sys.modules.pop("sitecustomize")
    try:
        importlib.import_module("sitecustomize")
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
        # Whoever imports this looks for it there afterwards.
        sys.modules["sitecustomize"] = own


if __name__ == "sitecustomize":
    # DVC tells a stage's command its name; DVC itself is not watched.
    if "DVC_STAGE" in os.environ and "MERGEGATE_SEEN" in os.environ:
        with contextlib.suppress(Exception):
            _watch(os.environ["MERGEGATE_SEEN"])
    _step_aside()
