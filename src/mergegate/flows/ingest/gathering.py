"""What a source has: a command's output, a folder's files, a prefix's objects, each ready to be brought."""

import os
import shlex
import shutil
import stat
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

import msgspec

from mergegate import repo
from mergegate.config.sources import TOKENS, Source
from mergegate.errors import BrokenError, UsageError
from mergegate.flows.ingest.request import Progress, RefusedError
from mergegate.repo.hashing import hash_file
from mergegate.repo.prefix import open_prefix
from mergegate.repo.process import run_group
from mergegate.report.escaping import visible

INTO = "MERGEGATE_INGEST_INTO"
"""Names the folder that a command writes new files into."""

KNOWN = "MERGEGATE_INGEST_KNOWN"
"""Names a file that lists what the dataset has already, a name a line."""

MOST_FILES = 100_000
"""Files that a source may have."""

# What a program needs to run at all; whatever else it needs the policy names.
_GIVEN = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "LANG", "LANGUAGE", "VIRTUAL_ENV"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
)
_TAIL = 5
_LONGEST_LINE = 300


class Offer(msgspec.Struct, frozen=True):
    """A file that a source has: `path` inside, `size` in bytes.

    `hash` says its md5 where that costs no transfer, else None; `bring` copies it to a new file.
    """

    path: str
    size: int
    hash: Callable[[], str | None]
    bring: Callable[[Path], None]


class Gatherer:
    """Brings what the source of a dataset has; `tree` is a clean checkout, `room` a folder of this run's."""

    def __init__(
        self,
        project: repo.Project,
        tree: repo.Project,
        room: Path,
        environment: Mapping[str, str],
        progress: Progress,
    ) -> None:
        self._project = project
        self._tree = tree
        self._room = room
        self._environment = environment
        self._progress = progress

    def gather(self, source: Source, known: Iterable[str]) -> list[Offer]:
        """Everything that the source has, by path.

        Raises BrokenError for a command that fails or a place that can't be read, RefusedError for what is
        no plain file.
        """
        if source.command is not None:
            return _walk(self._run(source, known), "the command's folder")
        if source.folder is not None:
            folder = self._project.root / source.folder
            if not folder.is_dir():
                raise UsageError(
                    f"the folder {visible(source.folder, 200)} of the source is not there",
                    hint="make it, or mend `source.folder`; a relative one starts at the project",
                )
            return _walk(folder, visible(source.folder, 200))
        return self._list(source.prefix or "")

    def _list(self, url: str) -> list[Offer]:
        self._progress(f"listing {visible(url, 100)}")
        prefix = open_prefix((self._project.dvc_root or self._project.root) / ".dvc", url)
        offers: list[Offer] = []
        for lying in prefix.walk():
            if len(offers) >= MOST_FILES:
                raise _too_many(prefix.where)
            offers.append(
                Offer(
                    lying.path,
                    lying.size,
                    partial(_told, lying.md5),
                    partial(prefix.get, lying.path),
                )
            )
        return offers

    def _run(self, source: Source, known: Iterable[str]) -> Path:
        """Run the command; the folder that it wrote into."""
        words = shlex.split(source.command or "")
        self._progress(f"running {visible(words[0], 80)}")
        into, listed = self._room / "brought", self._room / "known.txt"
        into.mkdir()
        listed.write_text("".join(f"{name}\n" for name in sorted(known) if name))
        given = {
            name: self._environment[name] for name in (*_GIVEN, *source.env) if name in self._environment
        }
        given |= {name: value for name, value in self._environment.items() if name.startswith("LC_")}
        environment = {name: value for name, value in given.items() if name not in TOKENS}
        program = shutil.which(words[0], path=environment.get("PATH", os.defpath))
        if program is None and "/" not in words[0]:
            raise UsageError(
                f"the source's command {visible(words[0], 80)} was not found",
                hint="install it, or mend `command`",
            )
        ended = run_group(
            [program or words[0], *words[1:]],
            folder=self._tree.root,
            environment=environment | {INTO: str(into), KNOWN: str(listed)},
            log=self._room / "command.log",
            timeout=source.timeout,
            tell=lambda seconds: self._progress(f"running {visible(words[0], 80)}: {seconds:.0f} s"),
        )
        if ended.timed_out or ended.code != 0:
            why = (
                f"did not end within {source.timeout:g} s" if ended.timed_out else f"ended with {ended.code}"
            )
            lines = [visible(line, _LONGEST_LINE) for line in ended.tail.splitlines() if line.strip()]
            said = "".join(f"\n  {line}" for line in lines[-_TAIL:])
            raise BrokenError(
                f"the source's command {visible(words[0], 80)} {why}{said}",
                hint="run it by hand with MERGEGATE_INGEST_INTO set to an empty folder",
            )
        return into


def _walk(folder: Path, name: str) -> list[Offer]:
    """The plain files below a folder, hidden ones left out. Raises RefusedError for links and the like."""
    offers: list[Offer] = []
    for place, folders, files in os.walk(folder, onerror=_unreadable):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for each in (*folders, *sorted(files)):
            path = Path(place, each)
            inside = path.relative_to(folder).as_posix()
            about = path.lstat()
            if each.startswith(".") or stat.S_ISDIR(about.st_mode):
                continue
            if not stat.S_ISREG(about.st_mode):
                raise RefusedError(
                    f"{visible(inside, 200)} in {name} is no plain file but a link or the like",
                    hint="put the file itself there",
                )
            if len(offers) >= MOST_FILES:
                raise _too_many(name)
            offers.append(
                Offer(
                    inside,
                    about.st_size,
                    partial(hash_file, path),
                    partial(_copy, path),
                )
            )
    return offers


def _told(md5: str | None) -> str | None:
    return md5


def _copy(source: Path, target: Path) -> None:
    """Copy a plain file; what became a link meanwhile is not followed."""
    number = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(number, "rb") as stream, target.open("xb") as into:
        shutil.copyfileobj(stream, into)


def _unreadable(error: OSError) -> None:
    raise error


def _too_many(name: str) -> RefusedError:
    return RefusedError(f"{name} holds more than {MOST_FILES:,} files", hint="name a folder inside it")
