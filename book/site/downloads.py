"""Notebooks to download: a block on every page that has one, and the files behind it."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.osutil import relative_uri

from book import notebooks
from book.pages import PageError
from book.site.exercises import is_student_edition

FOLDER = "notebooks"


def read_book(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Read the chapters and exercises once a build."""
    app.book_notebooks = notebooks.Book(Path(app.srcdir))  # type: ignore[attr-defined]


def add_block(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Offer a page's notebooks under its title."""
    book: notebooks.Book = app.book_notebooks  # type: ignore[attr-defined]
    title = doctree.next_node(nodes.title)
    if docname not in book.texts or title is None:
        return
    links = nodes.bullet_list()
    for words, file in offered(docname, student=is_student_edition()):
        address = relative_uri(app.builder.get_target_uri(docname), f"{FOLDER}/{file}")
        # A raw link, since Sphinx has no node for a link to a file that it does not copy itself.
        link = f'<a class="reference download" href="{address}" download>{words}</a>'
        links += nodes.list_item("", nodes.paragraph("", "", nodes.raw("", link, format="html")))
    block = nodes.container("", nodes.paragraph("", "Downloads"), links, classes=["downloads"])
    section = title.parent
    section.insert(section.index(title) + 1, block)


def offered(page: str, *, student: bool) -> list[tuple[str, str]]:
    """What a page offers: words and the name of a file."""
    if not page.startswith("exercises/"):
        return [("chapter notebook", notebooks.file_name(page))]
    files = [("exercise notebook", notebooks.file_name(page))]
    if not student:
        files.append(("with solutions", notebooks.file_name(page, solutions=True)))
    return [*files, ("all exercises (zip)", notebooks.ZIP)]


def write_files(app: Sphinx, error: Exception | None) -> None:
    """Write the notebooks into a finished site."""
    if error is None and app.builder.format == "html" and app.book_notebooks.texts:  # type: ignore[attr-defined]
        try:
            notebooks.write(app.book_notebooks, Path(app.outdir, FOLDER), student=is_student_edition())  # type: ignore[attr-defined]
        except PageError as problem:
            raise ExtensionError(str(problem)) from None


def setup(app: Sphinx) -> None:
    """Connect to Sphinx's events."""
    app.connect("env-before-read-docs", read_book)
    app.connect("doctree-resolved", add_block, priority=600)  # before the page's facts are put above it
    app.connect("build-finished", write_files)
