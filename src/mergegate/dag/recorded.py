"""What a dependency should be: the checksum that its producer, its .dvc file or git gives for a path."""

import bisect
from typing import NamedTuple

from mergegate.dag.checksums import hash_tree
from mergegate.dag.files import Files, Tree
from mergegate.dag.ignore import Ignore
from mergegate.dag.paths import ancestors, is_external
from mergegate.dag.stored import differs_in_line_ends, read_pointer, read_submodules
from mergegate.errors import ObjectError
from mergegate.records.pipeline import ObjectHash, Pipeline


class Known(NamedTuple):
    """The checksum is known, and who gives it.

    `in_git`: git's files alone do, `files` many in a folder. `legacy`: it was made as DVC 2 did.
    """

    md5: str
    by: str
    in_git: bool = False
    files: int | None = None
    legacy: bool = False


class Unknown(NamedTuple):
    """The checksum can't be known here, and `why`; `lost`: a list that should be there is not."""

    why: str
    lost: bool = False


class Absent(NamedTuple):
    """Nothing gives the path; `in_git`: git could."""

    why: str
    in_git: bool = False


Expected = Known | Unknown | Absent


class _OpenError(Exception):
    """A part of a folder can't be known."""

    def __init__(self, why: str, *, lost: bool = False) -> None:
        super().__init__(why)
        self.unknown = Unknown(why, lost)


class Recorded:
    """All paths of a revision that have a checksum: outputs, tracked data, git's files.

    A folder is computed as DVC does, from the files in it; lists of tracked folders come from `tree`.
    """

    def __init__(self, pipeline: Pipeline, files: Files, tree: Tree | None = None) -> None:
        self._files = files
        self._tree = tree
        self._paths = files.paths()
        self._ignore = Ignore(files)
        self._submodules = read_submodules(files)
        self._outs: dict[str, tuple[ObjectHash | None, str]] = {
            entry.path: (entry.hash, entry.file) for entry in pipeline.tracked
        }
        declared = {(stage.file, stage.name) for stage in pipeline.stages}
        for stage in pipeline.locked:
            if (stage.file, stage.name) in declared:
                self._outs |= {out.path: (out.hash, f"stage {stage.address}") for out in stage.outs}

    def expected(self, path: str, *, legacy: bool = False) -> Expected:
        """What `path` should be, as DVC 3 hashes or, `legacy`, as DVC 2 did."""
        if is_external(path):
            return Unknown("it is outside of the repository")
        if path in self._outs:
            return self._of_output(*self._outs[path])
        for folder in ancestors(path):
            if folder in self._outs:
                return self._inside(folder, path[len(folder) + 1 :], legacy=legacy)
        if any(folder.startswith(f"{path}/") for folder in self._submodules):
            return Unknown("it holds a submodule, whose files are in another repository")
        found = self.of_git(path, legacy=legacy) or self._of_folder(path, legacy=legacy)
        if isinstance(found, Absent) and (real := self._files.real(path)) != path:
            return self.expected(real, legacy=legacy)
        if isinstance(found, Absent) and any(at in self._submodules for at in (path, *ancestors(path))):
            return Unknown("it is in a submodule, whose files are in another repository")
        return found

    def explain(self, path: str, locked: ObjectHash) -> Unknown | None:
        """Why git's own bytes may differ from those that a stage ran on though nobody edited them."""
        size = read_pointer(self._files, path)
        if size is not None and locked.size in (None, size):
            return Unknown("git has only a pointer of Git LFS")
        if locked.legacy:
            return None
        held = self._git_files(path, legacy=False) if locked.is_dir else {}
        if differs_in_line_ends(self._files, path, held, locked.md5):
            return Unknown("git holds the same text with other line ends (CRLF or LF)")
        return None

    def of_git(self, path: str, *, legacy: bool = False) -> Known | None:
        """The checksum of a file or folder that is wholly git's, None when git has none of it."""
        md5 = self._files.md5(path, legacy=legacy)
        if md5 is not None:
            return Known(md5, "git", in_git=True, legacy=legacy)
        if any(out.startswith(f"{path}/") for out in self._outs):
            return None
        held = self._git_files(path, legacy=legacy)
        if not held:
            return None
        return Known(hash_tree(held), "git", in_git=True, files=len(held), legacy=legacy)

    def _of_output(self, hash_: ObjectHash | None, by: str) -> Expected:
        if hash_ is None:
            return Unknown(f"{by} records no checksum for it")
        return Known(hash_.md5, by, legacy=hash_.legacy)

    def _inside(self, folder: str, rest: str, *, legacy: bool) -> Expected:
        """A file or folder inside an output."""
        hash_, by = self._outs[folder]
        try:
            listed = self._list(folder, hash_)
        except _OpenError as error:
            return error.unknown
        if rest in listed:
            return Known(listed[rest], by, legacy=hash_ is not None and hash_.legacy)
        part = {name[len(rest) + 1 :]: md5 for name, md5 in listed.items() if name.startswith(f"{rest}/")}
        if not part:
            return Absent(f"{by} has no such file in {folder}")
        return Known(hash_tree(part), by, legacy=legacy)

    def _of_folder(self, path: str, *, legacy: bool) -> Expected:
        """A folder that holds outputs, and perhaps files of git's."""
        inner = sorted(out for out in self._outs if out.startswith(f"{path}/"))
        if not inner:
            return (
                Unknown("it is above the project")
                if path.startswith("..")
                else Absent("git has no such file", in_git=True)
            )
        held = self._git_files(path, legacy=legacy)
        try:
            for out in inner:
                hash_, _ = self._outs[out]
                name = out[len(path) + 1 :]
                if hash_ is not None and not hash_.is_dir:
                    held[name] = hash_.md5
                    continue
                listed = self._list(out, hash_)
                held |= {f"{name}/{inside}": md5 for inside, md5 in listed.items()}
        except _OpenError as error:
            return error.unknown
        owners = " and ".join(dict.fromkeys(self._outs[out][1] for out in inner))
        return Known(hash_tree(held), owners, legacy=legacy)

    def _list(self, folder: str, hash_: ObjectHash | None) -> dict[str, str]:
        """The files of a folder that DVC holds; a file in its place has none."""
        if hash_ is None or self._tree is None:
            raise _OpenError(f"the list of files in {folder} is not at hand")
        if not hash_.is_dir:
            return {}
        try:
            return dict(self._tree(hash_))
        except ObjectError as error:
            why = f"the list of files in {folder} can't be had, so push it from where it is whole"
            raise _OpenError(f"{why} ({error.message})", lost=True) from error

    def _git_files(self, folder: str, *, legacy: bool) -> dict[str, str]:
        """Git's files in a folder as DVC lists them, without those that .dvcignore hides."""
        start = "" if folder == "." else f"{folder}/"
        held: dict[str, str] = {}
        for index in range(bisect.bisect_left(self._paths, start), len(self._paths)):
            path = self._paths[index]
            if not path.startswith(start):
                break
            if self._is_hidden(path):
                continue
            md5 = self._files.md5(path, legacy=legacy)
            if md5 is not None:
                held[path[len(start) :]] = md5
        return held

    def _is_hidden(self, path: str) -> bool:
        return path.startswith(".dvc/") or "/.dvc/" in path or self._ignore.hides(path)
