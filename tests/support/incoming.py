"""A team whose new data arrives by `mergegate ingest`: git's remote, a DVC remote, GitHub's REST API."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq

from support import warm
from support.github.server import GitHubServer
from support.quick import Quick
from support.repositories import DVC_CONFIG, DVC_IGNORED

SCHEMA = json.loads(Path(__file__).parents[2].joinpath("docs/schema/ingest.schema.json").read_text())
# Not `jsonschema.validate`, which checks the schema itself each time.
VALIDATOR = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)
BRANCH = "mergegate/ingest/data-flights"
TOKEN = "ghs_the-apps-own-token"

POLICY = """\
version: 1
datasets:
  - path: data/flights
    key: [month, flight]
    source: {folder: ../drop}
"""

COUNT = """\
import json
import pathlib

import pyarrow.parquet as pq

rows = sum(pq.read_metadata(path).num_rows for path in pathlib.Path("data/flights").glob("*.parquet"))
assert rows != 90, "ninety is too many"
pathlib.Path("model.txt").write_text(f"{rows} rows")
pathlib.Path("metrics.json").write_text(json.dumps({"rows": rows}))
"""

DVC_YAML = """\
stages:
  count:
    cmd: python count.py
    deps: [count.py, data/flights]
    outs: [model.txt]
    metrics:
      - metrics.json: {cache: false}
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


def build(
    folder: Path,
    *,
    policy: str = POLICY,
    remote: str = "",
    stage: bool = False,
    variables: Mapping[str, str] | None = None,
) -> None:
    """A shared repository `origin.git` that tracks three months, a DVC remote, and a clone without data.

    `policy` finds new files in `drop`. `remote` are DVC's settings, for another remote than the folder
    `store`, with the environment `variables` that it needs; `stage` adds one that reads the dataset.
    """
    for name in ("drop", "store"):
        (folder / name).mkdir(parents=True)
    author = Quick(folder / "author", folder / "home")
    author.environment |= variables or {}
    author.path.mkdir()
    author.git("init", "--quiet")
    store = DVC_CONFIG + "    remote = store\n['remote \"store\"']\n    url = ../../store\n"
    author.write(".dvc/config", remote or store)
    author.write(".dvc/.gitignore", DVC_IGNORED)
    author.write("mergegate.yaml", policy)
    for month in (1, 2, 3):
        write(author.path / f"data/flights/2013-0{month}.parquet", table(month))
    author.dvc("add", "--quiet", "data/flights")
    if stage:
        author.write("count.py", COUNT)
        author.write("dvc.yaml", DVC_YAML)
        author.dvc("repro", "--quiet")
    author.dvc("push", "--quiet")
    author.commit("Track three months")
    author.git("clone", "--quiet", "--bare", str(author.path), str(folder / "origin.git"))
    author.git("remote", "add", "origin", str(folder / "origin.git"))
    author.git("clone", "--quiet", str(folder / "origin.git"), str(folder / "clone"))


class Incoming:
    """What `build` made in a folder, or a copy of it; `github` is the stand-in, with `origin`'s branches."""

    def __init__(self, folder: Path, github: GitHubServer, **variables: str) -> None:
        self.folder = folder
        self.drop = folder / "drop"
        self.store = folder / "store"
        self.origin = folder / "origin.git"
        self.author = Quick(folder / "author", folder / "home")
        self.made = Quick(folder / "clone", folder / "home")
        self.variables = variables
        for each in (self.author, self.made):
            each.environment |= variables
            each.git("remote", "set-url", "origin", self.origin.as_uri())
        self.github = github
        github.branches = Branches(self)  # type: ignore[assignment]
        github.add_token(TOKEN, {"contents": "write", "pull-requests": "write"}, login="mergegate[bot]")
        github.add_token("job", {"contents": "write", "pull-requests": "write"})

    def merge(self, change: str = "") -> None:
        """Somebody commits to main of origin; with `change`, the branch is merged."""
        if change:
            self.author.git("fetch", "--quiet", "origin", change)
            self.author.git("merge", "--quiet", "--no-edit", "FETCH_HEAD")
        else:
            self.author.commit("Go on")
        self.author.git("push", "--quiet", "origin", "HEAD:main")

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

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Begin `mergegate ingest` in a process of its own."""
        variables = {
            "GITHUB_API_URL": self.github.url,
            "GITHUB_REPOSITORY": self.github.repository,
            "MERGEGATE_TOKEN": TOKEN,
        }
        return subprocess.Popen(
            [sys.executable, "-m", "mergegate", "ingest", *arguments],
            cwd=self.made.path,
            env=self.made.environment | variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def ask(self, *arguments: str, code: int = 0, token: str = TOKEN, **more: str) -> Any:
        """The answer as JSON about the one dataset."""
        answer = json.loads(self.run(*arguments, "--json", code=code, token=token, **more)[0])
        VALIDATOR.validate(answer)
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
        target = Quick(self.folder / name, self.folder / "home")
        target.environment |= self.variables
        self.author.git("clone", "--quiet", "--branch", branch, self.origin.as_uri(), str(target.path))
        return target

    def listed(self, clone: Quick) -> set[str]:
        """The files of the dataset in a clone."""
        return {path.name for path in (clone.path / "data/flights").iterdir()}
