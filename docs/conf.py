"""The site: Sphinx reads this file where `make docs` builds `site/` from the pages of this folder.

docs/decisions/0016-docs-site.md says why Sphinx.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

project = "mergegate"
extensions = ["myst_parser", "docs.building.navigation", "docs.building.files"]
root_doc = "index"
source_suffix = {".md": "markdown"}
exclude_patterns = ["building", "generating", "images", "schema", "__pycache__"]

navigation = {
    "Tutorial": ["My first pull request <first-pull-request>", "Reading a review <reading-a-review>"],
    "How to set up": [
        "Adopt it <adopt>",
        "On GitHub <github>",
        "On GitLab <gitlab>",
        "Can it be skipped? <doctor>",
        "Recipes for the policy <policy-recipes>",
    ],
    "How to work with data": [
        "Review data like code <data-review>",
        "New data by itself <ingest>",
        "Keep a shared remote <keep>",
    ],
    "How to work with models": [
        "Every day <everyday>",
        "Compare two files <compare-two-files>",
        "Golden rows <golden-set>",
        "What must run again <plan>",
        "Is this lock true? <reproduce>",
        "Merge branches <merging>",
    ],
    "Reference": [
        "The policy <policy>",
        "The contracts <contracts>",
        "reference/*",
    ],
    "Explanation": [
        "What intervals hold <statistics>",
        "Security <security>",
        "Where DVC says green <why-verify>",
        "What it costs <cost>",
        "Benchmarks <benchmarks>",
        "Decisions <decisions/README>",
    ],
}
"""The side bar: pages by caption, `*` for any pages. A page that is in none fails the build."""
shelves = {"decisions/README": ["decisions/0*"]}
"""What stands below a page."""

# As forges name headings, so that one link is right in both places.
myst_heading_anchors = 4
nitpicky = True
# `--json` in a sentence is no dash.
smartquotes = False
suppress_warnings: list[str] = []

html_theme = "furo"
html_title = "mergegate"
templates_path = ["building/templates"]
html_static_path = ["building/static"]
html_favicon = "building/static/icon.svg"
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_copyright = False
html_use_index = False
html_theme_options: dict[str, object] = {"top_of_page_buttons": []}
pygments_style = "github-light-high-contrast"
pygments_dark_style = "github-dark-high-contrast"
