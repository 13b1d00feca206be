"""Finding topics by what people type: a name in any case, a kind before it, or the id of a gate."""

import difflib
import re

from mergegate.topics.reading import KINDS, Topic, read_all

LONGEST = 200
"""Signs of a name that are looked at."""

_NEAR = 5
_IN_GATES = ("gate", "metric", "leak")
_BRACKETS = re.compile(r"\[.*\]$")


def find(name: str) -> tuple[Topic, ...]:
    """The topics of a name, one of each kind that has it; `cause/missing` and `cause missing` name the kind.

    Case and the difference of `-`, `_` and blank don't count. Empty for a name that nothing has.
    """
    asked = _plain(name)
    found = tuple(topic for topic in read_all() if asked in map(_plain, topic.names))
    if found:
        return found
    for kind in KINDS:
        inside = (
            asked.removeprefix(f"{kind.word}/").removeprefix(f"{kind.word}:").removeprefix(f"{kind.word}_")
        )
        if inside != asked and (of_kind := tuple(each for each in find(inside) if each.kind == kind.word)):
            return of_kind
    return ()


def parts(name: str) -> tuple[Topic, ...]:
    """The topics of the parts of a gate's id, such as `late-arrival/roc_auc/min`, its last part first.

    `recall[late]` has those of `recall`. Empty for what is no gate's id.
    """
    pieces = [_BRACKETS.sub("", piece) for piece in name[:LONGEST].split("/")]
    found: dict[tuple[str, str], Topic] = {}
    for piece in reversed(pieces):
        for topic in find(piece):
            if topic.kind in _IN_GATES:
                found.setdefault((topic.kind, topic.name), topic)
    return tuple(found.values())


def nearest(name: str) -> list[str]:
    """The names most like one that nothing has, the best first."""
    names = {_plain(each): each for topic in read_all() for each in topic.names}
    asked = _plain(name)
    close = difflib.get_close_matches(asked, names, n=_NEAR, cutoff=0.6)
    within = [each for each in names if asked and (asked in each or each in asked)]
    return [names[each] for each in dict.fromkeys((*close, *within))][:_NEAR]


def _plain(name: str) -> str:
    return re.sub(r"[-\s]+", "_", name[:LONGEST].strip().casefold())
