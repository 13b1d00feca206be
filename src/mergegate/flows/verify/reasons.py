"""Why each kind of finding matters, and which hazards of docs/why-verify.md it is the sign of."""

from typing import NamedTuple


class Reason(NamedTuple):
    """Numbers of docs/why-verify.md, and a sentence for whoever never heard of it."""

    hazards: tuple[int, ...]
    why: str


DISAGREE = Reason((), "Files of this revision that must agree do not.")
"""Of any other kind."""

_NOT_THESE = "What is reviewed and released would not be what these files make."

REASONS = {
    # The lock against dvc.yaml, params and git.
    "not-run": Reason((), "An output that no run made can't be trusted, or isn't there at all."),
    "command": Reason((13,), _NOT_THESE),
    "deps-changed": Reason((14,), f"{_NOT_THESE} DVC passes by a dependency that was taken out."),
    "outs-changed": Reason((14,), f"{_NOT_THESE} DVC passes by an output that was taken out."),
    "params-changed": Reason((14,), f"{_NOT_THESE} DVC passes by a param that was taken out."),
    "param-value": Reason((11, 13), _NOT_THESE),
    "edited": Reason((11, 13), _NOT_THESE),
    "broken-link": Reason((1, 10), "The stage's output belongs to other data than this revision has."),
    "output-edited": Reason((13,), "A metric or report that was edited by hand is no result."),
    "missing": Reason((), "Whoever clones this revision can't run the stage."),
    "no-checksum": Reason((5,), "No one can tell what the data was, or fetch it."),
    "not-in-git": Reason((), "DVC does not keep this output, and git does not either."),
    "unchecked": Reason((), "What can't be checked may hide anything."),
    "ghost": Reason((15,), "It stays for ever, and looks like a stage that ran."),
    "frozen": Reason((15,), "Its output may be of other inputs, and `dvc repro` is green all the same."),
    # What the change did.
    "merged": Reason((9,), "Git joined two halves of dvc.lock: nobody has ever run this combination."),
    "one-side": Reason((12,), "What the other branch did to this data is gone, and no conflict says so."),
    "same-outputs": Reason(
        (13,), "A comment in code does this; so does a lock that was edited by hand or by `dvc commit`."
    ),
    "other-outputs": Reason(
        (13, 18), "A stage that draws at random does this; so does a lock that was edited by hand."
    ),
    "entries-gone": Reason((1, 2), "`dvc add` on a folder that is not whole drops the rest without a word."),
    "entries-ignored": Reason((2,), "A line in .dvcignore dropped data that nobody deleted."),
    "no-longer-made": Reason((), "What no stage writes, anyone could have written."),
    "no-history": Reason((), "What the change did to data and locks can't be told from this commit alone."),
    # The folder on disk.
    "not-added": Reason((), "What you have here is not what others will get."),
    "linked-folder": Reason((2,), "`dvc add` follows no link to a folder: its files are in nobody's clone."),
    "ignored-file": Reason((2,), "Stages here read it, and nobody else will have it."),
    "link-on-the-way": Reason(
        (27,), "`dvc pull` follows the link and writes where it leads, into .git/hooks if it says so."
    ),
    # Objects.
    "not-pushed": Reason((5,), "Merged, the data would be lost to everybody else."),
    "not-on-remote": Reason((5,), "`dvc pull` of this revision fails for everybody else."),
    "list-without-files": Reason(
        (3, 4), "The folder's list is there, so DVC believes that its files are; a fresh clone's pull fails."
    ),
    "wrong-size": Reason((6,), "`dvc pull` hands out other bytes than the revision names, and is green."),
    "wrong-bytes": Reason((6,), "`dvc pull` hands out other bytes than the revision names, and is green."),
    "imported": Reason((8,), "Your remote never gets a copy: when that repository goes, so does the data."),
    "unversioned": Reason((7,), "Its `dvc pull` finds nothing: the commit was made before the push."),
    "push-false": Reason((), "Other stages read it, and on another machine they must make it first."),
    "no-remote": Reason((5,), "The data is on the machine that made it and nowhere else."),
    "object-unreadable": Reason((), "Whether it is there is not known, and that is not the same as yes."),
    "remote-unreadable": Reason(
        (), "Whether it holds the data is not known, and that is not the same as yes."
    ),
}
