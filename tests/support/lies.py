"""The rows of docs/why-verify.md: what DVC says of a state, and what mergegate says."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from support.quick import Quick
from support.states import (
    add_part_as_whole,
    add_to_a_part,
    break_a_file,
    damage_an_object,
    edit_the_lock,
    forget_to_push,
    freeze,
    ignore_a_file,
    import_data,
    keep_versions,
    lead_into_hooks,
    leave_a_ghost,
    leave_conflict_marks,
    link_a_folder,
    lose_a_file,
    merge_two_runs,
    push_one_file,
    run_half,
    take_out_a_dependency,
    take_out_a_param,
)
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
class Said:
    """What a command of DVC's must say: its exit code, and words of what it prints."""

    command: str
    code: int
    words: str = ""


@dataclass(frozen=True)
class Lie:
    """One state: how it comes about, what DVC says, the finding by which mergegate tells it.

    `make` leaves the repository to be asked. `mended`: the finding's own command, run there or where the
    change was made, leaves nothing that blocks. Without `kind` the answer is an error.
    """

    hazard: int
    state: str
    make: Callable[[Quick, Path], Quick]
    says: tuple[Said, ...]
    ask: str
    kind: str
    code: int = 1
    mended: Literal["", "here", "origin"] = ""


@dataclass(frozen=True)
class Row:
    """A state that another command tells, or `verify` where another tool reads the files wrong.

    `then` makes it ready for mergegate after the others were asked, and says where.
    """

    hazard: int
    state: str
    make: Callable[[Quick, Path], Quick]
    says: tuple[Said, ...]
    answer: Said
    then: Callable[[Quick, Path], Quick] | None = None


GREEN = "up to date"

LIES = (
    Lie(
        1,
        "A file is added to a folder in a fresh clone, and the stage runs on that file alone.",
        add_to_a_part,
        (Said("dvc repro --pull --allow-missing", 0, GREEN),),
        "",
        "broken-link",
        mended="here",
    ),
    Lie(
        1,
        "`dvc add` on the folder of a fresh clone: the files that were not here are dropped.",
        add_part_as_whole,
        (Said("dvc status data/raw.dvc", 0, GREEN),),
        "",
        "entries-gone",
    ),
    Lie(
        2,
        "A folder of the data is a symbolic link.",
        link_a_folder,
        (Said("dvc status", 0, GREEN),),
        "",
        "linked-folder",
    ),
    Lie(
        2,
        "A new line in .dvcignore hides a data file from the next `dvc add`.",
        ignore_a_file,
        (Said("dvc status", 0, GREEN),),
        "",
        "entries-ignored",
    ),
    Lie(
        3,
        "One file of a folder is pushed by its name, and then all.",
        push_one_file,
        (Said("dvc push", 0, GREEN), Said("dvc status --cloud", 0, "in sync")),
        "--remote",
        "list-without-files",
        mended="here",
    ),
    Lie(
        4,
        "A file of a folder is lost on the remote.",
        lose_a_file,
        (Said("dvc push", 0, GREEN), Said("dvc status --cloud", 0, "in sync")),
        "--remote",
        "list-without-files",
        mended="here",
    ),
    Lie(
        5,
        "dvc.lock and the .dvc files are committed, their objects not pushed.",
        forget_to_push,
        (Said("dvc fetch", 0), Said("dvc status --cloud", 0)),
        "--remote",
        "not-on-remote",
        mended="origin",
    ),
    Lie(
        6,
        "The remote holds other bytes under the right name.",
        damage_an_object,
        (Said("dvc pull", 0), Said("dvc status", 0, GREEN)),
        "--bytes",
        "wrong-bytes",
        mended="origin",
    ),
    Lie(
        7,
        "The remote keeps versions, and the commit was made before the push.",
        keep_versions,
        (Said("dvc status", 0, GREEN),),
        "",
        "unversioned",
    ),
    Lie(
        8,
        "Data comes by `dvc import` from another repository.",
        import_data,
        (Said("dvc push", 0, GREEN), Said("dvc status --cloud", 0, "in sync")),
        "",
        "imported",
        code=0,
    ),
    Lie(
        9,
        "A clean merge of dvc.lock states a run that nobody made: one side changed data, the other a param.",
        merge_two_runs,
        (Said("dvc status", 0, GREEN), Said("dvc repro --dry", 0, GREEN)),
        "",
        "merged",
        mended="here",
    ),
    Lie(
        10,
        "A clean merge of dvc.lock: one side ran a stage, the other the stage after it.",
        run_half,
        (Said("dvc pull", 0),),
        "",
        "broken-link",
        mended="here",
    ),
    Lie(
        13,
        "Code is edited, and its checksum in dvc.lock by hand.",
        edit_the_lock,
        (Said("dvc status", 0, GREEN),),
        "",
        "same-outputs",
        code=0,
    ),
    Lie(
        14,
        "A dependency is taken out of dvc.yaml.",
        take_out_a_dependency,
        (Said("dvc status", 0, GREEN),),
        "",
        "deps-changed",
        mended="here",
    ),
    Lie(
        14,
        "A param is taken out of dvc.yaml.",
        take_out_a_param,
        (Said("dvc status", 0, GREEN),),
        "",
        "params-changed",
        mended="here",
    ),
    Lie(
        15,
        "A frozen stage's code is edited.",
        freeze,
        (Said("dvc status", 0, GREEN), Said("dvc repro", 0, GREEN)),
        "",
        "edited",
        mended="here",
    ),
    Lie(
        15,
        "A stage is taken out of dvc.yaml and stays in dvc.lock.",
        leave_a_ghost,
        (Said("dvc status", 0, GREEN),),
        "",
        "ghost",
        code=0,
    ),
    Lie(
        23,
        "A dvc.yaml is broken.",
        break_a_file,
        (Said("dvc stage list --all", 0, "train"),),
        "",
        "",
        code=2,
    ),
    Lie(
        23,
        "A mark of a conflict is left in dvc.lock.",
        leave_conflict_marks,
        (Said("dvc metrics diff HEAD~1", 0),),
        "",
        "",
        code=2,
    ),
    Lie(
        27,
        "An output lies behind a symbolic link into .git/hooks.",
        lead_into_hooks,
        (Said("dvc pull", 0, "post-checkout"), Said("dvc status", 0, GREEN)),
        "HEAD",
        "link-on-the-way",
    ),
)

ROWS = (
    Row(
        11,
        "A merge conflict in dvc.lock is solved by `git checkout --ours dvc.lock`.",
        take_ours,
        (Said("dvc status --json", 0, '{"prepare": [{"changed deps": {"code/prepare.sh": "modified"}}]}'),),
        Said("mergegate plan", 0, "2 of 2 stages must run."),
    ),
    Row(
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
    Row(
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
    Row(
        17,
        "A file that the stage's code imports, and dvc.yaml does not list, is edited.",
        import_undeclared,
        (Said("dvc status", 0, GREEN), Said("dvc repro", 0, GREEN)),
        Said("mergegate plan --json", 0, '"cause": "helper", "what": "code/fit.py"'),
    ),
    Row(
        18,
        "A stage draws at random.",
        draw_at_random,
        (
            Said("dvc repro prepare", 0, "Stage 'prepare' is cached - skipping run"),
            Said("git commit --all --message Sample", 0),
        ),
        Said("mergegate reproduce --twice HEAD prepare", 1, "a second run gave something else"),
    ),
    Row(
        19,
        "A stage has a working folder, and what it read there is edited: dvc.lock leaves the folder out.",
        work_elsewhere,
        (Said("grep rows.csv dvc.lock", 0, "- path: rows.csv"),),
        Said("mergegate verify", 1, "sub/rows.csv was edited after count last ran"),
    ),
    Row(
        20,
        "A value that a template of dvc.yaml uses is edited.",
        edit_what_templates_use,
        (Said("git diff --exit-code HEAD~1 -- dvc.yaml", 0),),
        Said("mergegate verify", 1, "train@large ran with another command than dvc.yaml has"),
    ),
    Row(
        21,
        "A param that was `true` in the run is now `on`, a word in YAML 1.2.",
        switch_on,
        (Said("python -c \"import yaml; print(*yaml.safe_load('[true, on]'))\"", 0, "True True"),),
        Said("mergegate verify", 1, "train ran with other values of rate than params.yaml has"),
    ),
    Row(
        21,
        "A param that was `0.001` in the run is now `1e-3`, the same number in YAML 1.2.",
        write_exponent,
        (Said("python -c \"import yaml; print(yaml.safe_load('[0.001, 1e-3]'))\"", 0, "[0.001, '1e-3']"),),
        Said("mergegate verify", 0, "workspace is true"),
    ),
    Row(
        22,
        "A checkout gave a script Windows' line ends (CRLF).",
        turn_line_ends,
        (
            Said("git diff --exit-code", 0),
            Said("dvc status", 0, "modified: code/train.sh"),
        ),
        Said("mergegate verify", 0, "git holds the same text with other line ends (CRLF or LF)"),
    ),
    Row(
        24,
        "`dvc repro` was killed, and `mergegate reproduce` ended, while a stage ran that holds a lock: is it "
        "still there?",
        hold_on,
        (Said("flock --nonblock ../stage.lock true", 1),),
        Said("flock --nonblock ../stage.lock true", 0),
        end_and_reproduce,
    ),
    Row(
        25,
        "A change is run in another folder than the workspace, in a fresh clone.",
        clone_without_data,
        (Said("dvc exp run --temp", 255, "missing data 'source': data/raw"),),
        Said("mergegate reproduce", 0, "REPRODUCED: 1 stage ran, and dvc.lock is true"),
    ),
    Row(
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
    Row(
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
