"""Tables that are made from the outputs of all pages: written after every build, when these are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

Make = Callable[[Sphinx], Sequence[nodes.Node]]


class late_table(nodes.General, nodes.Element):  # noqa: N801 (docutils names its nodes so)
    """Stands where a table goes until all pages have been read; its attribute ``of`` names the directive."""


def add_directive(app: Sphinx, name: str, make: Make) -> None:
    """Add a directive without options or content, which stands for what ``make`` returns."""

    class Directive(SphinxDirective):
        def run(self) -> list[nodes.Node]:
            _pages_with_tables(self.env).add(self.env.docname)
            return [late_table(of=name)]

    app.add_directive(name, Directive)
    _makers(app)[name] = make


def table(headings: Iterable[str], rows: Iterable[Iterable[str]], look: str) -> nodes.table:
    """A table of texts.

    Args:
        headings: One for each column.
        rows: A text for each column.
        look: Its class in the style sheet.
    """
    head = list(headings)
    group = nodes.tgroup("", cols=len(head))
    group += [nodes.colspec("", colwidth=1) for _ in head]
    group += nodes.thead("", _cells(head))
    group += nodes.tbody("", *[_cells(row) for row in rows])
    return nodes.table("", group, classes=[look])


def _cells(texts: Iterable[str]) -> nodes.row:
    return nodes.row("", *[nodes.entry("", nodes.paragraph("", text)) for text in texts])


def _outdated(app: Sphinx, env: BuildEnvironment) -> list[str]:
    return sorted(_pages_with_tables(env) & set(env.found_docs))


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for placeholder in list(doctree.findall(late_table)):
        placeholder.replace_self(list(_makers(app)[placeholder["of"]](app)))


def _makers(app: Any) -> dict[str, Make]:
    if not hasattr(app, "book_tables"):
        app.book_tables = {}
    found: dict[str, Make] = app.book_tables
    return found


def _pages_with_tables(env: Any) -> set[str]:
    if not hasattr(env, "book_pages_with_tables"):
        env.book_pages_with_tables = set()
    found: set[str] = env.book_pages_with_tables
    return found


def setup(app: Sphinx) -> None:
    """Connect to Sphinx's events."""
    app.add_node(late_table)
    app.connect("env-updated", _outdated)
    app.connect("doctree-resolved", _fill)
