"""Real git and DVC repositories, built in a test's own folder."""

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Self

from mergegate import repo
from support import warm
from support.home import isolated

TIMEOUT = 120.0

DVC_CONFIG = "[core]\n    analytics = false\n    autostage = false\n"
DVC_IGNORED = "/config.local\n/tmp\n/cache\n"


class Repository:
    """A git repository at `path`; `home` is what its user's machine holds beside it."""

    def __init__(self, path: Path, home: Path) -> None:
        self.path = path
        self.home = home
        self.environment = isolated(home)

    @classmethod
    def create(cls, folder: Path, *, dvc: bool = True, subfolder: str = "") -> Self:
        """A new repository in `folder`, with DVC at its top or in `subfolder`."""
        made = cls(folder / "repository", folder / "home")
        made.path.mkdir(parents=True)
        made.git("init", "--quiet")
        if dvc:
            start = f"{subfolder}/" if subfolder else ""
            made.write(f"{start}.dvc/config", DVC_CONFIG)
            made.write(f"{start}.dvc/.gitignore", DVC_IGNORED)
        return made

    def copy(self, folder: Path) -> Self:
        """The same repository elsewhere, to be changed freely."""
        shutil.copytree(self.path, folder / "repository", symlinks=True)
        shutil.copytree(self.home, folder / "home", symlinks=True)
        return type(self)(folder / "repository", folder / "home")

    def clone(self, folder: Path, *arguments: str) -> Self:
        """A clone, with the machine's cache left behind."""
        made = type(self)(folder / "repository", folder / "home")
        folder.mkdir(parents=True, exist_ok=True)
        self.run("git", "clone", "--quiet", *arguments, self.path.as_uri(), str(made.path))
        return made

    def run(self, *command: str, folder: str = ".") -> str:
        """Run a command in the repository; its stdout. Fails the test with its stderr."""
        done = subprocess.run(
            command,
            cwd=self.path / folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        assert done.returncode == 0, (
            f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        )
        return done.stdout

    def git(self, *arguments: str) -> str:
        return self.run("git", *arguments).strip()

    def dvc(self, *arguments: str, folder: str = ".") -> str:
        done = warm.run(("dvc", *arguments), self.path / folder, self.environment)
        assert done.returncode == 0, (
            f"dvc {arguments} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        )
        return done.stdout

    def write(self, path: str, content: str | bytes) -> Path:
        """Write a file, its folders made."""
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        # A file that DVC put there may be a read-only link into its cache.
        file.unlink(missing_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def replace(self, path: str, old: str, new: str) -> None:
        """Replace text in a file; it must be there."""
        text = (self.path / path).read_text()
        assert old in text, f"{old!r} is not in {path}:\n{text}"
        self.write(path, text.replace(old, new))

    def commit(self, message: str = "Change") -> str:
        """Commit everything; the commit's name."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def project(self, folder: str = ".") -> repo.Project:
        return repo.locate(self.path / folder)

    def add_object(self, data: bytes, *, suffix: str = "", cache: str = ".dvc/cache/files/md5") -> str:
        """Put bytes into DVC's cache (or a remote's folder) as DVC would; their name."""
        name = hashlib.md5(data).hexdigest() + suffix
        file = self.path / cache / name[:2] / name[2:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        return name

    def is_green(self) -> bool:
        """Whether `dvc status` calls everything up to date."""
        return "up to date" in self.dvc("status")
