"""Rows of docs/why-verify.md: states that DVC calls green, and the finding by which `verify` tells each."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from support.clones import REPOSITORY
from support.quick import Quick, ask
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

PAGE = REPOSITORY / "docs/why-verify.md"


@dataclass(frozen=True)
class Said:
    """What a command of DVC's must say: its exit code, and words of what it prints."""

    command: str
    code: int
    words: str = ""


def hold(asked: Quick, said: Said) -> str:
    """Ask, and hold the answer against what must be said; its words for the page."""
    done = ask(asked, said.command)
    told = " ".join((done.stdout + done.stderr).split())
    assert (done.returncode, said.words in told) == (said.code, True), done
    return f"`{said.command}`: {said.code}" + (f", “{said.words}”" if said.words else "")


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
