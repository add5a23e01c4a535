"""Every page lists all others: when one comes, goes, moves or has another title, each page is written again.

Sphinx alone writes anew only the page whose own list of contents has changed. None is executed for it.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

#: In the folder of what Sphinx has read: by page, the mark of the list that it was last written with.
FILE = "navigation.json"


def mark(app: Sphinx) -> str:
    """A string that changes with what the pages show of each other: their order and their titles."""
    titles = {page: title.astext() for page, title in app.env.titles.items()}
    shown = json.dumps([app.config.external_site_map.as_json(), titles], sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()


def pages_to_write(app: Sphinx, env: Any) -> list[str]:
    """The pages that were last written with another list, or never."""
    known, now = _known(app), mark(app)
    return sorted(page for page in env.found_docs if known.get(page) != now)


def number_from_one(app: Sphinx, doctree: nodes.document) -> None:
    """Have the first numbered list begin with 1: what counts the chapters goes on counting in the next build.

    Source: ``assign_section_numbers`` of sphinx_external_toc.collectors 1.1.0, whose count lives as long as a process.
    """
    if app.env.docname == app.config.root_doc:
        first = next((each for each in doctree.findall(addnodes.toctree) if each.get("numbered")), None)
        if first is not None:
            first["restart_numbering"] = True


def forget_list(app: Sphinx, env: Any) -> None:
    """Forget the first page as it was: Sphinx keeps it, with the list of all pages, from one build to the next."""
    env.__dict__.pop("master_doctree", None)


def note_page(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Note that a page is written."""
    if doctree is not None:  # no index, nor the page that searches
        app.book_written = {*getattr(app, "book_written", ()), page}


def keep(app: Any, error: Exception | None) -> None:
    """Keep what the pages were written with."""
    if error is None and (pages := getattr(app, "book_written", None)):
        known = {page: each for page, each in _known(app).items() if page in app.env.found_docs}
        known |= dict.fromkeys(pages, mark(app))
        Path(app.doctreedir, FILE).write_text(json.dumps(known), encoding="utf-8")
    app.book_written = set()


def _known(app: Sphinx) -> dict[str, str]:
    file = Path(app.doctreedir, FILE)
    try:
        known: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # half a file, of a build that was ended
        known = {}
    return known


def setup(app: Sphinx) -> None:
    """Connect to Sphinx's events."""
    app.connect("doctree-read", number_from_one)
    app.connect("env-updated", forget_list)
    app.connect("env-get-updated", pages_to_write)
    app.connect("html-page-context", note_page)
    app.connect("build-finished", keep)
