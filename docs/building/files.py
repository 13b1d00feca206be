"""A Sphinx extension: links to files that are no pages, such as [the owners](../.github/CODEOWNERS).

On a forge such a link shows the file. Here one below docs/ is published under its own path, and any other of
the repository gets a page that shows it.
"""

import html
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from docutils import nodes
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.highlighting import PygmentsBridge
from sphinx.util.typing import ExtensionMetadata

FOLDER = "files"
"""Where the pages of the repository's files are, below the site's root."""
LANGUAGES = {".yaml": "yaml", ".yml": "yaml", ".py": "python", ".toml": "toml", ".json": "json"}
NOTE = '<p class="of-the-repository"><code>{name}</code>, a file of the repository</p>\n'

Pages = Iterator[tuple[str, dict[str, Any], str]]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Called by Sphinx."""
    # Before Sphinx gathers what it would copy under a name of its own.
    app.connect("doctree-read", lead_to_files, priority=100)
    app.connect("html-collect-pages", show_files)
    app.connect("build-finished", publish_files)
    return {"parallel_read_safe": False, "parallel_write_safe": True}


class Files:
    """What the pages link to: `published` below docs/, `shown` elsewhere in the repository."""

    def __init__(self, app: Sphinx) -> None:
        self.docs = Path(app.srcdir).resolve()
        self.root = self.docs.parent
        self.published: set[str] = set()
        self.shown: list[str] = []

    def place(self, target: Path) -> str:
        """A file's address in the site, where it will be. Raises ValueError outside the repository."""
        if target.is_relative_to(self.docs):
            name = target.relative_to(self.docs).as_posix()
            if target.suffix == ".md":
                return f"{name.removesuffix('.md')}.html"
            self.published.add(name)
            return name
        name = target.relative_to(self.root).as_posix()
        if name not in self.shown:
            self.shown.append(name)
        return f"{page_of(name)}.html"


def files_of(app: Sphinx) -> Files:
    """What has been noted so far in this build."""
    noted: Files = app.__dict__.setdefault("repository_files", Files(app))
    return noted


def page_of(name: str) -> str:
    """The page for a file: no part begins with a dot, as some hosts leave such folders out."""
    parts = (f"dot-{part[1:]}" if part.startswith(".") else part for part in name.split("/"))
    return "/".join([FOLDER, *parts])


def lead_to_files(app: Sphinx, tree: nodes.document) -> None:
    """Turn each link to a file into one to where the site has it."""
    page = PurePosixPath(app.env.docname)
    files = files_of(app)
    found: list[tuple[nodes.Element, Path]] = [
        (link, files.docs / page.parent / link["reftarget"])
        for link in tree.findall(addnodes.download_reference)
    ]
    # A Markdown file that is no page: Sphinx would have it by its whole path, less the ending.
    found += [
        (link, Path(f"{link['reftarget']}.md"))
        for link in tree.findall(addnodes.pending_xref)
        if link.get("refdomain") == "doc" and link["reftarget"].startswith("/")
    ]
    for link, target in found:
        address = os.path.relpath(files.place(target.resolve()), page.parent)
        link.replace_self(nodes.reference("", "", *link.children, internal=True, refuri=address))


def show_files(app: Sphinx) -> Pages:
    """A page for each file of the repository that is linked to, from pages or from such files."""
    files = files_of(app)
    colours = PygmentsBridge("html", app.config.pygments_style)
    # It grows while they are read.
    for name in files.shown:
        text = (files.root / name).read_text(encoding="utf-8")
        path = PurePosixPath(name)
        if path.suffix == ".md":
            shown = markdown(text, name, files, colours)
        else:
            shown = (
                f"<h1>{path.name}</h1>\n{colours.highlight_block(text, LANGUAGES.get(path.suffix, 'text'))}"
            )
        yield page_of(name), {"title": path.name, "body": NOTE.format(name=name) + shown}, "page.html"


class Renderer(RendererHTML):
    """Markdown's elements as the theme's styles expect them."""

    colours: PygmentsBridge

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """A block of code."""
        return self.colours.highlight_block(tokens[idx].content, tokens[idx].info or "text")

    code_block = fence

    def code_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Code in a sentence."""
        return f'<code class="docutils literal">{html.escape(tokens[idx].content)}</code>'

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """A table in a box that scrolls where it is wider than the page."""
        return '<div class="table-wrapper docutils container"><table class="docutils">'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """The end of the table and of its box."""
        return "</table></div>"


def markdown(text: str, name: str, files: Files, colours: PygmentsBridge) -> str:
    """A Markdown file of the repository as HTML, its links led to where the site has what they name."""
    parser = MarkdownIt("commonmark").enable("table")
    renderer = Renderer(parser)
    renderer.colours = colours
    tokens = parser.parse(text)
    here = PurePosixPath(page_of(name)).parent
    for link in (each for token in tokens for each in token.children or () if each.type == "link_open"):
        path, sign, anchor = str(link.attrs["href"]).partition("#")
        target = (files.root / name).parent.joinpath(path).resolve()
        if path and target.is_file():
            link.attrs["href"] = os.path.relpath(files.place(target), here) + sign + anchor
    return renderer.render(tokens, parser.options, {})


def publish_files(app: Sphinx, error: Exception | None) -> None:
    """Copy what is linked to below docs/, each file under its own path."""
    files = files_of(app)
    for name in sorted(files.published) if error is None else []:
        place = Path(app.outdir) / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(files.docs / name, place)
