"""Whatever a workflow holds, no check breaks by it."""

import yaml
from hypothesis import given
from hypothesis import strategies as st

from mergegate.doctor import CHECKS
from mergegate.doctor.check import examine
from support import doctor
from support.doctor import facts

WORDS = st.sampled_from(
    [
        *("on", "jobs", "steps", "uses", "with", "run", "if", "env", "name", "needs", "permissions"),
        *("strategy", "concurrency", "types", "workflows", "push", "pull_request_target", "workflow_run"),
        *("write-all", "judge", "review", "mergegate/mergegate@v1", "mergegate judge", "${{ secrets.A }}"),
    ]
)
VALUES = st.recursive(
    st.one_of(WORDS, st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=12,
)
JOBS = st.dictionaries(
    st.sampled_from(["a", "judge"]), st.fixed_dictionaries({"steps": st.lists(VALUES, max_size=3)}) | VALUES
)


@given(jobs=JOBS, triggers_=VALUES, permissions=VALUES)
def test_no_document_breaks_a_check(jobs: object, triggers_: object, permissions: object) -> None:
    text = yaml.safe_dump({"on": triggers_, "permissions": permissions, "jobs": jobs})
    found = facts(workflows=doctor.workflows({"review.yml": text, "comment.yml": text, "x.yml": text}))
    examined = examine(CHECKS, found)
    assert [each.unseen for each in examined.checks if each.unseen] == []
