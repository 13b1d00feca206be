"""`mergegate status` in real projects: one screen, and the next command, from the first edit to the push."""

import json
from typing import Any

import pytest

from support.projects import Project

WIDE = {"COLUMNS": "120"}


def status(project: Project, *options: str) -> dict[str, Any]:
    ended = project.mergegate("status", "--json", *options)
    assert (ended.code, ended.err) == (0, "")
    found: dict[str, Any] = json.loads(ended.out)
    return found


def following(project: Project) -> str:
    command: str = status(project)["next"]["command"]
    return command


def test_a_change_is_led_from_the_first_edit_to_the_push(project: Project) -> None:
    assert following(project) == "git switch --create NAME"
    project.git("switch", "--quiet", "--create", "stronger")
    assert status(project)["next"] == {
        "command": "",
        "why": "nothing differs from main yet: change data, params or code",
    }

    project.set_strength(0.9)
    found = status(project)
    assert [change["key"] for change in found["moves"]["params"]] == ["train.strength"]
    assert [(stage["name"], stage["will"]) for stage in found["moves"]["stages"]] == [("train", "run")]
    assert found["forecast"] == {
        "source": "predicted",
        "outcome": "fails",
        "sentence": "The lock is stale: lock/chain will fail.",
        "enforced": True,
        "failing": ["lock/chain"],
        "why": ["train ran with other values of train than params.yaml has."],
        "held": [
            {
                "subject": "late",
                "gates": ["contract", "roc_auc/min", "rows_gone", "labels_changed", "strength"],
            }
        ],
    }
    assert found["next"] == {"command": "dvc repro", "why": "train did not run on what is here"}

    project.dvc("repro", "--quiet")
    found = status(project)
    assert (found["forecast"]["source"], found["forecast"]["outcome"]) == ("predicted", "unknown")
    assert found["next"]["command"] == "mergegate review"

    assert project.mergegate("review").code == 0
    found = status(project)
    assert (found["forecast"]["source"], found["forecast"]["outcome"]) == ("review", "passes")
    assert found["next"]["command"] == "git add --all && git commit"

    project.commit("Train harder")
    found = status(project)
    assert (found["forecast"]["source"], found["forecast"]["outcome"]) == ("review", "passes")
    assert (found["place"]["ahead"], found["place"]["behind"]) == (1, 0)
    assert found["next"]["command"] == "git remote add origin URL"
    project.git("remote", "add", "origin", "../server.git")
    assert following(project) == "mergegate push && git push --set-upstream origin stronger"

    project.write("train.py", project.read("train.py") + "\n")
    found = status(project)
    assert found["forecast"]["source"] == "predicted"
    assert found["next"]["command"] == "dvc repro"
    project.git("checkout", "--quiet", "train.py")
    assert status(project)["forecast"]["source"] == "review"


def test_a_push_into_a_remote_that_git_holds_makes_no_review_old(project: Project) -> None:
    project.write(".dvc/config", "[core]\n    remote = here\n['remote \"here\"']\n    url = ../kept\n")
    project.dvc("push", "--quiet")
    project.commit("Keep the data in git")
    project.git("switch", "--quiet", "--create", "stronger")
    project.set_strength(0.9)
    project.dvc("repro", "--quiet")
    assert project.mergegate("review").code == 0
    project.dvc("push", "--quiet")
    project.write("kept/notes.txt", "")
    assert following(project) == "mergegate review"
    (project.root / "kept/notes.txt").unlink()
    found = status(project)
    assert found["forecast"]["source"] == "review"
    assert found["place"]["untracked"] > 0
    assert found["next"]["command"] == "git add --all && git commit"
    project.commit("Train harder")
    found = status(project)
    assert (found["forecast"]["source"], found["forecast"]["outcome"]) == ("review", "passes")
    assert found["moves"]["files"] == []


def test_the_screen_fits_one_and_ends_with_the_command(project: Project) -> None:
    project.git("switch", "--quiet", "--create", "stronger")
    project.set_strength(0.9)
    head = project.git("rev-parse", "HEAD")[:7]
    ended = project.mergegate("status", env=WIDE)
    assert (ended.code, ended.err) == (0, "")
    assert "\n".join(line.rstrip() for line in ended.out.splitlines()) == (
        f"stronger on {head}, level with main, 1 file edited\n"
        "\n"
        "Changed since main\n"
        "  params  train.strength 0.5 → 0.9\n"
        "  runs    train (params)\n"
        "\n"
        "The gate\n"
        "  will fail  The lock is stale: lock/chain will fail.\n"
        "  because    train ran with other values of train than params.yaml has.\n"
        "  judges     late: contract, roc_auc/min, rows_gone, labels_changed, strength\n"
        "\n"
        "Next: dvc repro\n"
        "  train did not run on what is here"
    )


def test_data_that_is_here_and_not_added_comes_first(project: Project) -> None:
    project.git("switch", "--quiet", "--create", "more")
    project.write("data/rows.csv", project.read("data/rows.csv") + "999,no\n")
    found = status(project)
    assert [(move["path"], move["added_yet"]) for move in found["moves"]["data"]] == [
        ("data/rows.csv", False)
    ]
    assert found["next"]["command"] == "dvc add data/rows.csv"
    project.dvc("add", "--quiet", "data/rows.csv")
    found = status(project)
    assert found["moves"]["data"][0]["files_changed"] == 1
    assert [asked["subject"] for asked in found["forecast"]["held"]] == ["late", "data:data/rows.csv"]
    assert found["next"]["command"] == "dvc repro"


def test_a_gate_that_blocks_is_the_next_thing_to_look_at(project: Project) -> None:
    project.git("switch", "--quiet", "--create", "weaker")
    project.write("mergegate.yaml", project.read("mergegate.yaml").replace("min: 0.6", "min: 0.99"))
    project.git("commit", "--quiet", "--all", "--message", "Raise the bar")
    project.git("branch", "--force", "main")
    project.set_strength(0.9)
    project.dvc("repro", "--quiet")
    assert project.mergegate("review").code == 1
    found = status(project)
    assert found["forecast"]["failing"] == ["late/roc_auc/min"]
    assert found["next"] == {
        "command": "mergegate gates explain late/roc_auc/min",
        "why": "late/roc_auc/min blocks",
    }


def test_a_merge_with_conflicts_is_resolved_before_anything_else(project: Project) -> None:
    project.git("switch", "--quiet", "--create", "one")
    project.set_strength(0.7)
    project.commit("One")
    project.git("switch", "--quiet", "main")
    project.set_strength(0.8)
    project.commit("Another")
    assert project.run("git", "merge", "one").code == 1
    found = status(project)
    assert (found["place"]["conflicted"], found["place"]["doing"]) == (1, "merge")
    assert found["next"] == {
        "command": "git status",
        "why": "a merge has conflicts to resolve: params.yaml",
    }


@pytest.mark.parametrize(
    ("policy", "outcome", "command"),
    [
        (None, "unknown", "mergegate init"),
        ("version: 1\nmod: enforce\n", "fails", "mergegate policy check"),
        ("version: 99\n", "fails", "mergegate explain policy-version"),
    ],
)
def test_a_policy_that_is_missing_or_wrong_is_said(
    project: Project, policy: str | None, outcome: str, command: str
) -> None:
    if policy is None:
        (project.root / "mergegate.yaml").unlink()
    else:
        project.write("mergegate.yaml", policy)
    project.commit("Another policy")
    found = status(project)
    assert (found["forecast"]["source"], found["forecast"]["outcome"]) == ("none", outcome)
    assert found["next"]["command"] == command


def test_a_change_that_breaks_its_own_policy_is_told_before_its_review_fails(project: Project) -> None:
    project.git("switch", "--quiet", "--create", "broken")
    project.write("mergegate.yaml", "version: 99\n")
    found = status(project)
    assert found["forecast"]["failing"] == ["mergegate.yaml/contract"]
    assert found["forecast"]["why"][0].startswith("mergegate.yaml:1, version")
    assert found["next"]["command"] == "mergegate policy check"


def test_a_target_that_is_no_revision_is_a_mistake_of_who_asks(project: Project) -> None:
    ended = project.mergegate("status", "--target", "nowhere")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("mergegate: 'nowhere' is no revision of this repository\n")


def test_a_repository_without_a_commit_and_none_at_all(project: Project) -> None:
    project.git("switch", "--quiet", "--orphan", "empty")
    project.git("branch", "--quiet", "-D", "main")
    found = status(project)
    assert found["notes"] == ["There is no commit yet: nothing to compare with."]
    assert found["next"]["command"] == "git add --all && git commit -m 'Begin'"
    outside = Project(project.home, project.home).mergegate("status")
    assert outside.code == 2
    assert outside.err.endswith("  more: mergegate explain not-a-repository\n")


def test_a_pipeline_that_dvc_would_refuse_is_said_and_hides_nothing(project: Project) -> None:
    project.git("switch", "--quiet", "--create", "broken")
    project.write("dvc.yaml", "stages: [")
    project.write("new.py", "")
    found = status(project)
    assert found["moves"]["problems"][0].startswith("dvc.yaml:1: is not valid YAML")
    assert found["moves"]["files"] == ["dvc.yaml", "new.py"]
    assert found["forecast"]["outcome"] == "fails"
    assert found["next"]["command"] == "mergegate plan"


def test_names_in_the_work_tree_are_shown_inert(project: Project) -> None:
    project.write("\x1b[2J\u202ename.py", "")
    ended = project.mergegate("status", env=WIDE)
    assert ended.code == 0
    assert "\x1b" not in ended.out
    assert "\u202e" not in ended.out


def test_a_project_in_a_folder_is_told_of_itself_alone(project: Project) -> None:
    project.write("other/mergegate.yaml", project.read("mergegate.yaml"))
    project.write("other/a.py", "")
    project.commit("Begin another")
    project.git("switch", "--quiet", "--detach")
    project.set_strength(0.9)
    project.write("other/a.py", "1\n")
    project.write("other/new words.py", "")
    other = Project(project.root / "other", project.home)
    found = status(other)
    assert (found["project"], found["place"]["branch"]) == ("other", None)
    assert (found["place"]["edited"], found["place"]["untracked"]) == (1, 1)
    assert found["moves"]["files"] == ["a.py", "new words.py"]
    assert found["moves"]["params"] == []


def test_a_clone_that_is_cut_off_before_the_base_says_so(project: Project) -> None:
    project.git("switch", "--quiet", "--create", "change")
    project.commit("One")
    project.git("switch", "--quiet", "main")
    project.commit("Another")
    clone = project.clone("shallow", "--depth", "1", "--no-single-branch", "--branch", "change")
    found = status(clone)
    assert found["forecast"]["failing"] == ["shallow-clone"]
    assert found["next"] == {
        "command": "mergegate explain shallow-clone",
        "why": "origin/main and workspace have no common ancestor in this shallow clone.",
    }
