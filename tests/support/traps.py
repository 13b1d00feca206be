"""Rows of docs/why-verify.md: what a plan, a run, a merge or a plain reader gets wrong, and who tells it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from support.lies import GREEN, Said
from support.quick import Quick
from support.states_of_runs import (
    clone_without_data,
    draw_at_random,
    edit_during_the_run,
    edit_what_templates_use,
    end_and_reproduce,
    fork_the_folder,
    go_back,
    hold_on,
    import_undeclared,
    switch_on,
    tag_what_goes,
    take_ours,
    turn_line_ends,
    use_our_driver,
    work_elsewhere,
    write_exponent,
    write_through,
)


@dataclass(frozen=True)
class Trap:
    """A state that another command tells, or `verify` where another tool reads the files wrong.

    `then` makes it ready for mergegate after the others were asked, and says where.
    """

    hazard: int
    state: str
    make: Callable[[Quick, Path], Quick]
    says: tuple[Said, ...]
    answer: Said
    then: Callable[[Quick, Path], Quick] | None = None


TRAPS = (
    Trap(
        11,
        "A merge conflict in dvc.lock is solved by `git checkout --ours dvc.lock`.",
        take_ours,
        (Said("dvc status --json", 0, '{"prepare": [{"changed deps": {"code/prepare.sh": "modified"}}]}'),),
        Said("mergegate plan", 0, "2 of 2 stages must run."),
    ),
    Trap(
        12,
        "Two branches added a file each to a folder; they are merged in a fresh clone, by DVC's merge driver "
        "and by ours.",
        fork_the_folder,
        (
            Said("git merge left", 1, "CONFLICT"),
            Said("git commit --all --message Merge", 0),
            Said("git diff --exit-code HEAD~1 -- data/raw.dvc", 0),
        ),
        Said("git merge left", 0, "data/raw.dvc: merged to 5 files of both sides"),
        use_our_driver,
    ),
    Trap(
        16,
        "Code is edited while its stage runs.",
        edit_during_the_run,
        (
            Said("dvc repro", 0),
            Said("dvc status", 0, GREEN),
            Said("git commit --all --message Run", 0),
        ),
        Said("mergegate reproduce", 1, "train: not what dvc.lock says"),
    ),
    Trap(
        17,
        "A file that the stage's code imports, and dvc.yaml does not list, is edited.",
        import_undeclared,
        (Said("dvc status", 0, GREEN), Said("dvc repro", 0, GREEN)),
        Said("mergegate plan --json", 0, '"cause": "helper", "what": "code/fit.py"'),
    ),
    Trap(
        18,
        "A stage draws at random.",
        draw_at_random,
        (
            Said("dvc repro prepare", 0, "Stage 'prepare' is cached - skipping run"),
            Said("git commit --all --message Sample", 0),
        ),
        Said("mergegate reproduce --twice HEAD prepare", 1, "a second run gave something else"),
    ),
    Trap(
        19,
        "A stage has a working folder, and what it read there is edited: dvc.lock leaves the folder out.",
        work_elsewhere,
        (Said("grep rows.csv dvc.lock", 0, "- path: rows.csv"),),
        Said("mergegate verify", 1, "sub/rows.csv was edited after count last ran"),
    ),
    Trap(
        20,
        "A value that a template of dvc.yaml uses is edited.",
        edit_what_templates_use,
        (Said("git diff --exit-code HEAD~1 -- dvc.yaml", 0),),
        Said("mergegate verify", 1, "train@large ran with another command than dvc.yaml has"),
    ),
    Trap(
        21,
        "A param that was `true` in the run is now `on`, a word in YAML 1.2.",
        switch_on,
        (Said("python -c \"import yaml; print(*yaml.safe_load('[true, on]'))\"", 0, "True True"),),
        Said("mergegate verify", 1, "train ran with other values of rate than params.yaml has"),
    ),
    Trap(
        21,
        "A param that was `0.001` in the run is now `1e-3`, the same number in YAML 1.2.",
        write_exponent,
        (Said("python -c \"import yaml; print(yaml.safe_load('[0.001, 1e-3]'))\"", 0, "[0.001, '1e-3']"),),
        Said("mergegate verify", 0, "workspace is true"),
    ),
    Trap(
        22,
        "A checkout gave a script Windows' line ends (CRLF).",
        turn_line_ends,
        (
            Said("git diff --exit-code", 0),
            Said("dvc status", 0, "modified: code/train.sh"),
        ),
        Said("mergegate verify", 0, "git holds the same text with other line ends (CRLF or LF)"),
    ),
    Trap(
        24,
        "Killed (-9) while a stage runs that holds a lock: does the stage live on?",
        hold_on,
        (Said("flock --nonblock ../stage.lock true", 1),),
        Said("flock --nonblock ../stage.lock true", 0),
        end_and_reproduce,
    ),
    Trap(
        25,
        "A change is run in another folder than the workspace, in a fresh clone.",
        clone_without_data,
        (Said("dvc exp run --temp", 255, "missing data 'source': data/raw"),),
        Said("mergegate reproduce", 0, "REPRODUCED: 1 stage ran, and dvc.lock is true"),
    ),
    Trap(
        25,
        "Data is hard links into the cache, and a stage writes through one.",
        write_through,
        (Said("dvc repro prepare", 0), Said("git commit --all --message Run", 0)),
        Said(
            "mergegate reproduce",
            3,
            "the DVC object 90a976b063f1b711bbee6a0444dba16a in the cache has other bytes",
        ),
    ),
    Trap(
        26,
        "A tag needs data that the workspace no longer names.",
        tag_what_goes,
        (
            Said("dvc gc --force --workspace --cloud", 0, "Removed 5 objects from remote"),
            Said("git checkout --quiet v1", 0),
            Said("dvc pull", 1, "do not exist neither locally nor on remote"),
        ),
        Said("mergegate keep --dry-run", 0, "named by nobody: no objects"),
        go_back,
    ),
)
