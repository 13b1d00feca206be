"""The comment's text: the review, else what happened and what to do; always of which commit."""

from mergegate import __version__
from mergegate.records.judgement import Judged, Judgement, State
from mergegate.records.review import Review
from mergegate.report import markdown
from mergegate.report.escaping import prose

MOST = 60_000
"""Bytes of the text; GitHub refuses over 65,536 characters, and CML's mark comes on top."""

_SENTENCE = 1_000
_SHA = 10
_LONGEST_URL = 500
_SIGN: dict[State, str] = {"pending": "⏳", "success": "✅", "failure": "❌", "error": "⚠️"}
_UNREVIEWED: dict[State, str] = {
    "pending": "Not reviewed yet",
    "success": "Passed",
    "failure": "Failed",
    "error": "Not judged",
}


def build_body(judgement: Judgement, judged: Judged) -> str:
    """The comment on one pull request, at most MOST bytes, without a line end at its end."""
    foot = _foot(judgement.sha, judgement.run_url, with_page=judged.review is not None)
    if judged.review is None:
        heading = f"## {_SIGN[judged.state]} {_UNREVIEWED[judged.state]}: {prose(judged.description, 140)}"
        return "\n\n".join(filter(None, (heading, prose(judged.sentence, _SENTENCE), foot)))
    note = f"> ⚠️ {prose(judged.sentence, _SENTENCE)}" if judged.sentence else ""
    return _around(judged.review, note, foot)


def build_review_body(review: Review, sha: str) -> str:
    """The comment of a review by itself, which no run is known of."""
    return _around(review, "", _foot(sha, "", with_page=False))


def _around(review: Review, note: str, foot: str) -> str:
    room = MOST - len(note.encode()) - len(foot.encode()) - 8
    parts = (note, markdown.render(review, limit=room).rstrip(), foot)
    return "\n\n".join(filter(None, parts))


def _foot(sha: str, run_url: str, *, with_page: bool) -> str:
    """The commit, the run, and who says so."""
    parts = [f"For commit `{sha[:_SHA]}`"]
    if _is_plain(run_url):
        what = "the run, with the whole report among its artifacts" if with_page else "the run"
        parts.append(f"[{what}]({run_url})")
    parts.append(f"mergegate {prose(__version__, 20)}")
    return f"<sub>{' · '.join(parts)}</sub>"


def _is_plain(url: str) -> bool:
    """Whether an address can stand in a link as it is."""
    bare = url.removeprefix("https://").removeprefix("http://")
    return (
        bare != url
        and len(url) <= _LONGEST_URL
        and all(char.isascii() and (char.isalnum() or char in "._~:/?&=%+-") for char in bare)
    )
