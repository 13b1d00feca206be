"""The template of a pull request: what a review can't know."""

FILE = ".github/pull_request_template.md"

TEXT = """\
<!-- The review's comment says what changed in params, data and metrics. Say what it can't know. -->

**Why**

**What should become better, and what may become worse**

**Data**: where new rows come from, who labelled them, what may not be kept
"""
