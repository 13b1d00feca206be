"""Bars for the proposed models, from the current predictions' own intervals."""

import tempfile
from pathlib import Path

from mergegate import repo
from mergegate.errors import MergegateError
from mergegate.flows import suggestions
from mergegate.flows.init.policy_text import Draft, render_policy
from mergegate.flows.review import Request
from mergegate.records.suggestion import Suggestions


def suggest_bars(project: repo.Project, draft: Draft) -> Suggestions | str:
    """Suggestions for every model of the draft from the last commit, or why there are none.

    They are those of `mergegate gates suggest`.
    """
    if not draft.models:
        return ""
    if repo.workspace_revision(project).sha is None:
        return "they come from the last commit, and there is none yet"
    with tempfile.TemporaryDirectory(prefix="mergegate-") as folder:
        policy = Path(folder, "mergegate.yaml")
        policy.write_text(render_policy(draft), encoding="utf-8")
        try:
            return suggestions.suggest(Request(start=project.root, base="HEAD", head="HEAD", policy=policy))
        except MergegateError as error:
            return error.message
