"""A team whose new data arrives by `mergegate ingest`: git's remote, a DVC remote, GitHub's REST API."""

import json
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from support import warm
from support.github.server import GitHubServer
from support.quick import Quick
from support.repositories import DVC_CONFIG

BRANCH = "mergegate/ingest/data-flights"
TOKEN = "ghs_the-apps-own-token"

POLICY = """\
version: 1
datasets:
  - path: data/flights
    key: [month, flight]
    source: {source}
"""


def table(month: int, *, rows: int = 20, **columns: Any) -> pa.Table:
    """A month of flights."""
    return pa.table(
        {"month": [month] * rows, "flight": list(range(rows)), "late": [0, 1] * (rows // 2)} | columns
    )


def write(path: Path, content: pa.Table) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(content, path)
    return path


class Branches(MutableMapping[str, str]):
    """The branches that a bare repository really has, for the stand-in of GitHub."""

    def __init__(self, team: "Incoming") -> None:
        self._team = team

    def _read(self) -> dict[str, str]:
        shown = self._team.made.git("ls-remote", "--heads", str(self._team.origin))
        lines = (line.split("\t") for line in shown.splitlines())
        return {ref.removeprefix("refs/heads/"): sha for sha, ref in lines}

    def __getitem__(self, name: str) -> str:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __setitem__(self, name: str, sha: str) -> None:
        raise AssertionError("only git moves branches")

    def __delitem__(self, name: str) -> None:
        raise AssertionError("only git moves branches")


class Incoming:
    """A clone without data of a shared repository: three months of flights on the DVC remote `store`.

    New files come into the folder `drop`. `github` is the stand-in, whose branches are `origin`'s.
    """

    def __init__(self, folder: Path, github: GitHubServer, *, source: str = "", remote: str = "") -> None:
        self.folder = folder
        self.drop = folder / "drop"
        self.drop.mkdir(parents=True)
        self.store = folder / "store"
        self.store.mkdir()
        self.origin = folder / "origin.git"
        author = Quick.create(folder / "author")
        config = remote or f"    remote = store\n['remote \"store\"']\n    url = {self.store}\n"
        author.write(".dvc/config", config if remote else DVC_CONFIG + config)
        author.write("mergegate.yaml", POLICY.replace("{source}", source or f"{{folder: {self.drop}}}"))
        for month in (1, 2, 3):
            write(author.path / f"data/flights/2013-0{month}.parquet", table(month))
        self.made = author
        self.author = author
        self.github = github
        github.branches = Branches(self)  # type: ignore[assignment]
        github.add_token(TOKEN, {"contents": "write", "pull-requests": "write"}, login="mergegate[bot]")
        github.add_token("job", {"contents": "write", "pull-requests": "write"})

    def share(self) -> None:
        """Track, push and commit what the author has; then clone it, with no data."""
        author = self.author
        author.dvc("add", "--quiet", "data/flights")
        author.dvc("push", "--quiet")
        author.commit("Track three months")
        author.git("clone", "--quiet", "--bare", str(author.path), str(self.origin))
        author.git("remote", "add", "origin", str(self.origin))
        self.made = Quick(self.folder / "clone", self.folder / "home")
        author.git("clone", "--quiet", self.origin.as_uri(), str(self.made.path))

    def bring(self, name: str, content: pa.Table) -> Path:
        """A file arrives at the source."""
        return write(self.drop / name, content)

    def run(self, *arguments: str, code: int = 0, token: str = TOKEN, **more: str) -> tuple[str, str]:
        """Run `mergegate ingest`; stdout and stderr."""
        variables = {
            "GITHUB_API_URL": self.github.url,
            "GITHUB_REPOSITORY": self.github.repository,
            **({"MERGEGATE_TOKEN": token} if token else {}),
            **more,
        }
        done = warm.run(
            ("mergegate", "ingest", *arguments), self.made.path, self.made.environment | variables
        )
        assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}{done.stderr}"
        self.follow()
        return done.stdout, done.stderr

    def ask(self, *arguments: str, code: int = 0, token: str = TOKEN, **more: str) -> Any:
        """The answer as JSON about the one dataset."""
        answer = json.loads(self.run(*arguments, "--json", code=code, token=token, **more)[0])
        (told,) = answer["datasets"]
        return told

    def follow(self) -> None:
        """Let open pull requests have the tips of their branches, as GitHub does."""
        tips = dict(self.github.branches)
        for pull in self.github.pulls.values():
            if pull.state == "open" and pull.head_ref in tips:
                pull.head_sha = tips[pull.head_ref]

    def tip(self, branch: str = BRANCH) -> str | None:
        """The tip of a branch of origin."""
        return dict(self.github.branches).get(branch)

    def clone(self, name: str, branch: str = BRANCH) -> Quick:
        """A fresh clone of a branch, with nothing of DVC's cache."""
        target = Quick(self.folder / name / "clone", self.folder / name / "home")
        self.author.git("clone", "--quiet", "--branch", branch, self.origin.as_uri(), str(target.path))
        return target

    def listed(self, clone: Quick) -> set[str]:
        """The files of the dataset in a clone."""
        return {path.name for path in (clone.path / "data/flights").iterdir()}
