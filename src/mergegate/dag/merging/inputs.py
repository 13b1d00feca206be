"""Which of the kept blocks of a merged dvc.lock read what no run has seen together.

A path in dvc.lock starts at the stage's `wdir`, which only dvc.yaml knows, and dvc.yaml is merged elsewhere
at the same time. So an output is taken for a stage's input where one path ends in the other *and* their
checksums agree in one of the three versions. What this misses costs nothing but a later word: such a block is
still one side's whole run, and `dvc repro` compares it with the files as ever.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mergegate.dag.merging.runs import Run
from mergegate.dag.merging.threeway import ABSENT, CLASH, merge_values
from mergegate.dag.params import show
from mergegate.dag.paths import ancestors

Runs = Mapping[str, Run]

_MOST_LINKS = 64
"""Outputs that one input is compared with; more of one name tell nothing."""


def find_untrue(versions: Sequence[Runs], kept: Runs, left_out: set[str]) -> dict[str, str]:
    """Why blocks of `kept` must be left out too, by stage.

    `versions` are base, ours and theirs, `left_out` the stages that the merge could not decide.
    """
    return _Search(versions, kept, left_out).run()


class _Search:
    def __init__(self, versions: Sequence[Runs], kept: Runs, left_out: set[str]) -> None:
        self.versions = versions
        self.kept = dict(kept)
        self.gone = set(left_out)
        self.outs = _Outputs(versions)
        self.links = {stage: self._link(stage, run) for stage, run in kept.items()}
        self.readers: dict[str, list[str]] = {}
        for stage, links in self.links.items():
            for maker in {maker for found in links.values() for maker, _ in found}:
                self.readers.setdefault(maker, []).append(stage)

    def run(self) -> dict[str, str]:
        """Leave out what reads something unseen, then what reads that, until nothing more follows."""
        found: dict[str, str] = {}
        combined = _Combined(self.versions, self.links)
        waiting = list(self.kept)
        while waiting:
            again: list[str] = []
            for stage in waiting:
                if stage in self.gone:
                    continue
                why = combined.explain(stage, self.kept[stage]) or self._explain(stage)
                if why:
                    found[stage] = why
                    self.gone.add(stage)
                    again += self.readers.get(stage, [])
            waiting = list(dict.fromkeys(again))
        return found

    def _link(self, stage: str, run: Run) -> dict[str, list[tuple[str, str]]]:
        """For each input the outputs, (stage, path), that it is, holds or lies in."""
        links = {}
        for path in run.deps:
            same = [
                (maker, out)
                for maker, out in self.outs.named_like(path)
                if maker != stage and self._agreed(stage, path, maker, out)
            ]
            links[path] = same or [each for each in self.outs.around(path) if each[0] != stage]
        return {path: found for path, found in links.items() if found}

    def _agreed(self, stage: str, path: str, maker: str, out: str) -> bool:
        return any(
            stage in runs and maker in runs and runs[stage].deps.get(path, "") == runs[maker].outs.get(out)
            for runs in self.versions
        )

    def _explain(self, stage: str) -> str:
        """Why an output that the stage reads is not the one it ran on, "" when all are."""
        run = self.kept[stage]
        for path, links in self.links[stage].items():
            makers = {maker for maker, _ in links if maker in self.kept or maker in self.gone}
            if not makers or self._is_seen(stage, run, path, links):
                continue
            unsure = sorted(makers & self.gone)
            if unsure:
                return f"it reads {path}, which {unsure[0]} must make first"
            return f"it reads {path}, which {min(makers)} made anew"
        return ""

    def _is_seen(self, stage: str, run: Run, path: str, links: list[tuple[str, str]]) -> bool:
        """Whether the stage's run read the outputs that the merged lock has."""
        merged = {link: self._merged(*link) for link in links}
        if any(_are_named_alike(path, out) for _, out in links):
            return run.deps[path] in merged.values()
        return any(
            stage in runs
            and runs[stage].equals(run)
            and all(_out(runs, maker, out) == merged[maker, out] for maker, out in links)
            for runs in self.versions
        )

    def _merged(self, maker: str, out: str) -> Any:
        """The checksum that an output has after the merge; of a stage that must run, what both sides got."""
        if maker in self.gone:
            ours, theirs = (_out(runs, maker, out) for runs in self.versions[1:])
            return ours if ours == theirs and ours is not ABSENT else CLASH
        return _out(self.kept, maker, out)


class _Outputs:
    """The outputs of all versions by their last name and by the folders that hold them."""

    def __init__(self, versions: Sequence[Runs]) -> None:
        self.named: dict[str, dict[tuple[str, str], None]] = {}
        self.within: dict[str, dict[tuple[str, str], None]] = {}
        self.at: dict[str, dict[tuple[str, str], None]] = {}
        for runs in versions:
            for maker, run in runs.items():
                for out in run.outs:
                    link = (maker, out)
                    self.named.setdefault(out.rsplit("/", 1)[-1], {})[link] = None
                    self.at.setdefault(out, {})[link] = None
                    for folder in ancestors(out):
                        self.within.setdefault(folder, {})[link] = None

    def named_like(self, path: str) -> Iterator[tuple[str, str]]:
        """Outputs that may be this very path, seen from another folder."""
        found = self.named.get(path.rsplit("/", 1)[-1], {})
        exact = self.at.get(path, {})
        for link in exact if len(found) > _MOST_LINKS else found:
            if _are_named_alike(path, link[1]):
                yield link

    def around(self, path: str) -> list[tuple[str, str]]:
        """Outputs inside a folder, or the folders around a file."""
        outer = [link for folder in ancestors(path) for link in self.at.get(folder, {})]
        return sorted({*self.within.get(path, {}), *outer})


class _Combined:
    """Inputs that no stage makes: files and params, merged as far as the three locks tell."""

    def __init__(self, versions: Sequence[Runs], links: Mapping[str, Mapping[str, Any]]) -> None:
        made = {path for found in links.values() for path in found}
        stated = [_state(runs, made) for runs in versions]
        self.merged: dict[Any, Any] = {}
        for key in stated[0].keys() | stated[1].keys() | stated[2].keys():
            base, ours, theirs = (side.get(key, ABSENT) for side in stated)
            if CLASH in (base, ours, theirs):  # a version that contradicts itself tells nothing
                continue
            if ours is ABSENT or theirs is ABSENT:
                value = theirs if ours is ABSENT else ours
            else:
                value = merge_values(base, ours, theirs)
            if value is not ABSENT:
                self.merged[key] = value

    def explain(self, stage: str, run: Run) -> str:
        """Which input of a run is not what the merge makes of it, "" when none is known to be."""
        for key, value in _inputs(run):
            merged = self.merged.get(key, value)
            if merged is not value and merged != value:
                name = key if isinstance(key, str) else f"the param {key[1]} of {key[0]}"
                return f"it read another {name} than the merge has"
        return ""


def _inputs(run: Run) -> Iterator[tuple[Any, str]]:
    yield from run.deps.items()
    for key, value in run.params.items():
        yield key, show(value)


def _state(runs: Runs, made: set[str]) -> dict[Any, Any]:
    """What a version's blocks say of each input, CLASH where they contradict each other."""
    found: dict[Any, Any] = {}
    for run in runs.values():
        for key, value in _inputs(run):
            if key not in made:
                found[key] = CLASH if found.get(key, value) != value else value
    return found


def _out(runs: Runs, maker: str, out: str) -> Any:
    return runs[maker].outs.get(out, ABSENT) if maker in runs else ABSENT


def _are_named_alike(a: str, b: str) -> bool:
    """Whether one path ends in the other, the way out of a folder (`../`) left aside."""
    one, other = a.replace("../", ""), b.replace("../", "")
    return one == other or one.endswith(f"/{other}") or other.endswith(f"/{one}")
