"""Executing the pages: when, and on which data; :mod:`press.site.kernels` runs them.

jupyter-cache knows a page by the text of its cells alone. A hidden last cell therefore holds a fingerprint of all
else that its outputs depend on (:func:`press.page.fingerprint`): when that changes, so does the text, and the page
is executed again. The same cell records how it was executed (:mod:`book.passport`).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging

from book.datasets import sources
from press import dependencies
from press.machine import duration
from press.page import Page

logger = logging.getLogger(__name__)

FINGERPRINT_CELL = """

```{{code-cell}} ipython3
:tags: [remove-cell]
# Executed with: {}
from book import passport

passport.record(data={})
```
"""

WORDS_A_MINUTE = 200


def resolve_data(app: Sphinx, config: Config) -> None:
    """Decide once where the data comes from, and hand that decision to every kernel."""
    try:
        source = sources.resolve()
    except sources.DataError as error:
        raise ExtensionError(str(error)) from None
    os.environ["BOOK_DATA"] = source.setting
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # less chatter from TensorFlow, in kernels too


def outdated_pages(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """The pages to execute again: what they depend on has changed, or their last execution failed."""
    known = _fingerprints(env)
    outdated = []
    for docname in set(known) - removed:
        path = Path(env.doc2path(docname))
        execution = NbMetadataCollector.get_exec_data(env, docname)
        failed = execution is not None and not execution["succeeded"]
        if failed or (path.is_file() and _fingerprint(app, path.read_text(encoding="utf-8")) != known[docname]):
            outdated.append(docname)
    return outdated


def only_chosen_pages(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Leave the notebooks that ``book build --page`` did not name as they are; the next full build reads them."""
    docnames[:] = [name for name in docnames if is_chosen(name) or name not in _fingerprints(env)]


def add_fingerprint(app: Sphinx, docname: str, source: list[str]) -> None:
    """Append the hidden cell to a page that is executed."""
    page = Page(docname, source[0])
    if not page.is_executed:
        return
    if is_chosen(docname):
        mark = _fingerprint(app, source[0])
        source[0] += FINGERPRINT_CELL.format(mark, sorted(dependencies.datasets_used(source[0])))
    else:
        # Sphinx wants something to link to. No fingerprint is empty, so the page stays outdated.
        mark = ""
        source[0] = f"# {page.title}\n\nThis page was left out of this build.\n"
    _fingerprints(app.env)[docname] = mark


def is_chosen(docname: str) -> bool:
    """Whether this build covers a page: ``book build --page`` names those that it does."""
    chosen = os.environ.get("BOOK_PAGES", "").split()
    return not chosen or docname in chosen


def forget_page(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Drop the fingerprint of a page that is read again or removed."""
    _fingerprints(env).pop(docname, None)


def add_facts(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Say under the title how long a page takes to read, how long it ran, and on which data if not on all."""
    execution = NbMetadataCollector.get_exec_data(app.env, docname)
    title = doctree.next_node(nodes.title)
    if execution is None or title is None:
        return
    words = sum(len(node.astext().split()) for node in doctree.findall(nodes.paragraph))
    minutes = max(1, round(words / WORDS_A_MINUTE))
    facts = f"Reading time: about {minutes} minute{'s' if minutes > 1 else ''}."
    if execution["runtime"] is not None:
        facts += f" The code of this page ran in {duration(execution['runtime'])} when the page was built."
    section = title.parent
    at = section.index(title) + 1
    section.insert(at, nodes.paragraph("", facts, classes=["page-facts"]))
    text = Path(app.env.doc2path(docname)).read_text(encoding="utf-8")
    data, used = sources.in_use(), dependencies.datasets_used(text)
    if fewer := data.fewer(used):
        banner = (
            f"This page ran on {data.what(used)} ({fewer} to learn from), so its numbers differ from those on the full "
            "data."
        )
        section.insert(at + 1, nodes.note("", nodes.paragraph("", banner), classes=["data-banner"]))


def print_times(app: Sphinx, error: Exception | None) -> None:
    """At the end of a build, print how long each page ran."""
    rows = [
        (docname, execution["runtime"], execution["succeeded"])
        for docname in sorted(_fingerprints(app.env))
        if (execution := NbMetadataCollector.get_exec_data(app.env, docname))
    ]
    # Also without -W, and for a page that is not executed now: a build with a failure in it has failed.
    if any(is_chosen(docname) and not succeeded for docname, _, succeeded in rows):
        app.statuscode = 1
    if error is None and rows:
        print(f"\n{'page':40}run time")
        for docname, runtime, succeeded in rows:
            print(f"{docname:40}{duration(runtime or 0) if succeeded else 'FAILED'}")
        sys.stdout.flush()


def _fingerprints(env: Any) -> dict[str, str]:
    if not hasattr(env, "book_fingerprints"):
        env.book_fingerprints = {}
    return env.book_fingerprints


def _fingerprint(app: Sphinx, text: str) -> str:
    return dependencies.fingerprint(text, Path(app.srcdir), sources.in_use())


def setup(app: Sphinx) -> None:
    """Connect to Sphinx's events."""
    app.connect("config-inited", resolve_data)
    app.connect("env-get-outdated", outdated_pages)
    app.connect("env-before-read-docs", only_chosen_pages)
    app.connect("env-purge-doc", forget_page)
    app.connect("source-read", add_fingerprint)
    app.connect("doctree-resolved", add_facts)
    app.connect("build-finished", print_times)
