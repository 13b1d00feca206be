"""A Sphinx extension: the side bar is what conf.py's `navigation` says, so that pages stay plain Markdown."""

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

TREE = """\

```{{toctree}}
:hidden:
:glob:
{caption}
{pages}
```
"""


def setup(app: Sphinx) -> ExtensionMetadata:
    """Called by Sphinx."""
    app.add_config_value("navigation", {}, "env")
    app.add_config_value("shelves", {}, "env")
    app.connect("source-read", add_trees)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def add_trees(app: Sphinx, page: str, source: list[str]) -> None:
    """End the first page, and each with others below it, with a list that the side bar is made of."""
    if page == app.config.root_doc:
        trees = app.config.navigation.items()
    elif page in app.config.shelves:
        trees = [("", app.config.shelves[page])]
    else:
        return
    for caption, pages in trees:
        option = f":caption: {caption}\n" if caption else ""
        source[0] += TREE.format(caption=option, pages="\n".join(map(from_root, pages)))


def from_root(entry: str) -> str:
    """`page` or `Title <page>`, the page from the root, wherever the list stands."""
    title, opening, page = entry.rpartition("<")
    return f"{title}{opening}/{page}"
