"""Random small pipelines under real git and DVC, random edits of them, and what DVC says of the result.

DVC runs inside this process, by its own `Repo`: a process for each question would take half a second.
"""

import json
import posixpath
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

import msgspec
from dvc.repo import Repo
from hypothesis import strategies as st

from support.repositories import Repository

SCRIPT = """\
out=$1; folder=$2; shift 2
mkdir -p "$(dirname "$out")"
if [ "$folder" = yes ]; then mkdir -p "$out"; out=$out/part.txt; fi
{{ echo {marker}; find "$@" -type f | sort | xargs cat; }} | cksum > "$out"
"""

SOURCES = ("data/raw.txt", "data/parts", "data/parts/a.txt", "notes.txt")
"""A tracked file, a tracked folder, a file in it, a file of git's."""

KEYS = ("alpha", "train.rate", "train")
"""Keys of params.yaml; a section is one too."""


class Step(msgspec.Struct, frozen=True):
    """One stage: what it reads besides its own script, by SOURCES and by number of earlier stages."""

    sources: tuple[str, ...]
    before: tuple[int, ...]
    params: tuple[str, ...]
    whole: bool
    wdir: bool
    out: str
    outer: bool

    @property
    def reads_parent(self) -> bool:
        return self.outer and bool(self.before)


@st.composite
def steps(draw: st.DrawFn) -> tuple[Step, ...]:
    """Two to five stages; chains and diamonds come by themselves."""
    made = []
    for number in range(draw(st.integers(2, 5))):
        earlier = tuple(sorted(draw(st.sets(st.integers(0, number - 1), max_size=2)))) if number else ()
        made.append(
            Step(
                sources=tuple(sorted(draw(st.sets(st.sampled_from(SOURCES), max_size=2)))),
                before=earlier,
                params=tuple(sorted(draw(st.sets(st.sampled_from(KEYS), max_size=2)))),
                whole=draw(st.booleans()),
                wdir=draw(st.booleans()),
                out=draw(st.sampled_from(("file", "folder", "git"))),
                outer=draw(st.booleans()),
            )
        )
    return tuple(made)


def name(number: int) -> str:
    return f"s{number}"


def out_path(number: int, step: Step) -> str:
    return f"out/{name(number)}/result" + ("" if step.out == "folder" else ".txt")


def declare(made: tuple[Step, ...]) -> dict[str, Any]:
    """dvc.yaml of the steps."""
    stages = {}
    for number, step in enumerate(made):
        wdir = f"work/{name(number)}" if step.wdir else "."

        def here(path: str, wdir: str = wdir) -> str:
            return posixpath.relpath(path, wdir)

        read = [*step.sources]
        for earlier in step.before:
            path = out_path(earlier, made[earlier])
            read.append(posixpath.dirname(path) if step.reads_parent else path)
        # A folder and a file in it would be one dependency inside the other: DVC takes both.
        script, out = f"code/{name(number)}.sh", out_path(number, step)
        arguments = " ".join(here(path) for path in read) or here(script)
        folder = "yes" if step.out == "folder" else "no"
        stage: dict[str, Any] = {
            "cmd": f"sh {here(script)} {here(out)} {folder} {arguments}",
            "deps": [here(path) for path in (script, *read)],
            "outs": [{here(out): {"cache": False}} if step.out == "git" else here(out)],
        }
        if step.wdir:
            stage["wdir"] = wdir
        params: list[Any] = [{here("params.yaml"): list(step.params)}] if step.params else []
        if step.whole:
            params.append({here("other.yaml"): None})
        if params:
            stage["params"] = params
        stages[name(number)] = stage
    return {"stages": stages}


def build(folder: Path, made: tuple[Step, ...]) -> Repository:
    """The pipeline on `main`, reproduced and committed."""
    repository = Repository.create(folder)
    repository.write("data/raw.txt", "raw\n")
    for part in "ab":
        repository.write(f"data/parts/{part}.txt", f"{part}\n")
    repository.write("notes.txt", "notes\n")
    repository.write("params.yaml", "alpha: 1\ntrain:\n  rate: 1e-3\n  deep: [1, 2]\nunused: yes\n")
    repository.write("other.yaml", "beta: on\n")
    for number, step in enumerate(made):
        repository.write(f"code/{name(number)}.sh", SCRIPT.format(marker=name(number)))
        if step.wdir:
            repository.write(f"work/{name(number)}/.gitkeep", "")
    write_yaml(repository, declare(made))
    add(repository, "data/raw.txt", "data/parts")
    reproduce(repository)
    repository.commit("Start")
    return repository


def read_yaml(repository: Repository, path: str = "dvc.yaml") -> dict[str, Any]:
    """A file that this module wrote, as JSON, which YAML holds."""
    found: dict[str, Any] = json.loads((repository.path / path).read_text())
    return found


def write_yaml(repository: Repository, value: dict[str, Any]) -> None:
    repository.write("dvc.yaml", json.dumps(value, indent=1))


@contextmanager
def _open(repository: Repository) -> Iterator[Any]:
    """DVC's own view of it; parts of DVC look at the current folder."""
    with chdir(repository.path), Repo() as opened:
        yield opened


def add(repository: Repository, *paths: str) -> None:
    with _open(repository) as opened:
        opened.add([str(repository.path / path) for path in paths])


def reproduce(repository: Repository, *, dry: bool = False) -> set[str]:
    """Addresses of the stages that `dvc repro` ran, or with `dry` would run first."""
    with _open(repository) as opened:
        ran = opened.reproduce(all_pipelines=True, dry=dry)
        return {stage.addressing for stage in ran if stage.cmd}


def status(repository: Repository) -> set[str]:
    """Addresses of the stages that `dvc status` calls changed; .dvc files are none."""
    with _open(repository) as opened:
        return {address for address in opened.status() if not address.endswith(".dvc")}
