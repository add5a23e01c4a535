"""Executing the pages: when, and on which data; :mod:`press.site.kernels` runs them beside what Sphinx does.

jupyter-cache knows a page by the text of its cells alone. A hidden last cell therefore holds a fingerprint of all
else that its outputs depend on (:func:`press.dependencies.fingerprint`): when that changes, so does the text, and the
page is executed again. The same cell tells how it was executed (:mod:`book.passport`).
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_nb.core.read import create_nb_reader
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging

from book import outputs
from book.datasets import sources
from press import dependencies
from press.contents import EXECUTING, LEFT_OUT, NOT_YET
from press.machine import duration
from press.page import Page
from press.site import placeholders, shown
from press.site.kernels import Executor, Failure
from press.site.values import is_chosen, is_student

logger = logging.getLogger(__name__)

FINGERPRINT_CELL = """

```{{code-cell}} ipython3
:tags: [remove-cell]
# Executed with: {}
from book import outputs, passport

outputs.tell("passport", passport.passport(data={}))
```
"""

WORDS_A_MINUTE = 200

#: The texts in what cells tell, by kind. Any program may write something else into the metadata of an output.
TOLD: dict[str, tuple[str, ...]] = {
    "claim": ("id",),
    "verdict": ("id", "state", "message"),
    "passport": ("device", "data", "date", "commit"),
}


@dataclass
class Executed:
    """What Sphinx keeps of a page with code.

    Attributes:
        mark: Its fingerprint.
        told: What its cells told, kinds with their data.
        unshown: Of which outputs the page shows nothing: the cell's line, and what to do.
        failure: Why it did not run to its end.
        is_unfinished: Whether it holds placeholders in place of outputs.
    """

    mark: str
    told: list[tuple[str, Any]] = field(default_factory=list)
    unshown: list[tuple[int, str]] = field(default_factory=list)
    failure: Failure | None = None
    is_unfinished: bool = False


def executed(env: Any) -> dict[str, Executed]:
    """What is kept of each page with code, by name."""
    if not hasattr(env, "book_executed"):
        env.book_executed = {}
    found: dict[str, Executed] = env.book_executed
    return found


def is_unfinished(app: Sphinx) -> bool:
    """Whether a page of this build is still to be executed."""
    return any(page.is_unfinished and is_chosen(app.config, name) for name, page in executed(app.env).items())


def told(env: Any, docname: str, kind: str) -> list[Any]:
    """What the cells of a page told of one kind, in order, whether they ran now or before, as far as it can be read."""
    page = executed(env).get(docname)
    return [data for each, data in page.told if each == kind and is_readable(kind, data)] if page else []


def is_readable(kind: str, data: Any) -> bool:
    """Whether what a cell told has the form that the site reads; what is of no kind of ours has."""
    if kind not in TOLD:
        return True
    if not isinstance(data, dict) or not all(isinstance(data.get(name), str) for name in TOLD[kind]):
        return False
    if kind == "claim":
        return isinstance(data.get("value"), int | float) or data.get("value") in ("nan", "inf", "-inf")
    if kind == "passport":
        tables = [data.get("versions"), data.get("files")]
        return all(isinstance(each, dict) and all(isinstance(text, str) for text in each.values()) for each in tables)
    return True


def warn_of_unreadable(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of what cells told in another form: it is left out."""
    for docname, page in sorted(executed(env).items()):
        for kind, data in page.told:
            if is_chosen(app.config, docname) and not is_readable(kind, data):
                logger.warning(
                    "an output tells a %s that cannot be read: %.80r. Leave metadata called 'book' to the book itself",
                    kind,
                    data,
                    location=(docname, None),
                    type="book",
                    subtype="told",
                )


def warn_of_unshown(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of outputs that a page cannot show, executed now or before."""
    for docname, page in sorted(executed(env).items()):
        for line, what in page.unshown if is_chosen(app.config, docname) else ():
            logger.warning("%s", what, location=(docname, line), type="book", subtype="output")


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
    """The pages to read again: what they depend on has changed, or they have not been executed to their end."""
    outdated = []
    # Later, only the text of a page can have changed: this process knows the rest.
    is_first = not hasattr(app, "book_texts")
    for docname in removed:
        executor_of(app).forget(docname)
    for docname, page in executed(env).items():
        path = Path(env.doc2path(docname))
        if docname in removed or not path.is_file():
            continue
        if not is_chosen(app.config, docname):
            # Of the pages that `book build --page` did not name, only those whose text has changed, and those whose
            # placeholders may say something else now.
            if page.is_unfinished:
                outdated.append(docname)
            continue
        is_incomplete = bool(page.failure) or page.is_unfinished
        if is_incomplete or (is_first and _fingerprint(app, _edition(app, docname)) != page.mark):
            outdated.append(docname)
    return outdated


def prepare(app: Sphinx, env: Any, docnames: list[str]) -> None:
    """Note the pages with code that are going to be read, and begin to execute them if the build waits for them."""
    config = env.mystnb_config
    texts: dict[str, tuple[str, str | None]] = {}
    notebooks = {}
    for docname in docnames:
        path = Path(env.doc2path(docname))
        text, mark = texts[docname] = _prepared(app, _edition(app, docname))
        if mark:
            reader = create_nb_reader(str(path), env.myst_config, config, text)
            notebooks[docname] = (path, reader.read(text))
    app.book_texts, app.book_notebooks_read = texts, notebooks  # type: ignore[attr-defined]
    executor = executor_of(app)
    executor.add({name: notebook for name, notebook in notebooks.items() if is_chosen(app.config, name)})
    if app.config.book_waits:
        executor.start()


def executor_of(app: Any) -> Executor:
    """What executes the pages of this build."""
    if not hasattr(app, "book_executor"):
        config = app.env.mystnb_config
        app.book_executor = Executor(config.execution_cache_path, Path(app.outdir).parent, config.execution_timeout)
    found: Executor = app.book_executor
    return found


def read_page(app: Any, docname: str, source: list[str]) -> None:
    """Hand Sphinx a page as this build reads it, once its outputs are in the cache, where myst-nb finds them.

    Where the build does not wait, placeholders are there instead.
    """
    source[0], mark = app.book_texts[docname]
    if mark is None:
        return
    page = executed(app.env)[docname] = Executed(mark)
    executor, chosen = executor_of(app), is_chosen(app.config, docname)
    path, notebook = app.book_notebooks_read[docname]
    if chosen and (app.config.book_waits or docname not in executor.pending()):
        page.failure = executor.wait(docname)
    elif not executor.holds(notebook):
        says = (EXECUTING if app.config.book_preview else NOT_YET) if chosen else LEFT_OUT
        glued = Page.read(docname, Path(app.srcdir)).glued
        placeholders.fill(notebook, executor.last(path), says, glued, executor.ended_cells(docname))
        executor.store_placeholders(path, notebook)
        page.is_unfinished = True
    cache = executor.placeholders if page.is_unfinished else executor.cache
    app.env.mystnb_config = app.env.mystnb_config.copy(execution_cache_path=str(cache.path))
    if not page.is_unfinished:
        done = executor.found(notebook)
        page.told, page.unshown = outputs.all_told(done), list(shown.unshown(notebook, done))
    if page.failure:
        logger.warning(
            "Executing notebook failed: %s\n%s",
            page.failure.error,
            page.failure.traceback,
            location=(docname, page.failure.line),
            type="book",
            subtype="execution",
        )


def _edition(app: Sphinx, docname: str) -> Page:
    """A page as the edition has it: students' has no solutions."""
    page = Page.read(docname, Path(app.srcdir))
    return Page(docname, page.without_solutions) if is_student(app.config) else page


def _prepared(app: Sphinx, page: Page) -> tuple[str, str | None]:
    """The text of a page that this build reads, and its fingerprint: None for a page without code.

    A page that is executed gets the hidden cell.
    """
    if not page.is_executed:
        return page.text, None
    mark = _fingerprint(app, page)
    return page.text + FINGERPRINT_CELL.format(mark, sorted(dependencies.datasets_used(page))), mark


def note_failure(app: Sphinx, doctree: nodes.document) -> None:
    """Correct what myst-nb says of a page that failed: it found the outputs of one in the cache."""
    page = executed(app.env).get(app.env.docname)
    execution = NbMetadataCollector.get_exec_data(app.env, app.env.docname)
    if page and page.failure and execution:
        failed = {"succeeded": False, "error": page.failure.error, "traceback": page.failure.traceback}
        NbMetadataCollector.set_exec_data(app.env, app.env.docname, {**execution, **failed})


def forget_page(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Drop what is kept of a page that is read again or removed."""
    executed(env).pop(docname, None)


def add_facts(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Say under the title how long a page takes to read, how long it ran, and on which data if not on all."""
    execution = NbMetadataCollector.get_exec_data(app.env, docname)
    title = doctree.next_node(nodes.title)
    if execution is None or title is None or executed(app.env)[docname].is_unfinished:
        return
    words = sum(len(node.astext().split()) for node in doctree.findall(nodes.paragraph))
    minutes = max(1, round(words / WORDS_A_MINUTE))
    facts = f"Reading time: about {minutes} minute{'s' if minutes > 1 else ''}."
    if execution["runtime"] is not None:
        facts += f" The code of this page ran in {duration(execution['runtime'])} when the page was built."
    section = title.parent
    at = section.index(title) + 1
    section.insert(at, nodes.paragraph("", facts, classes=["page-facts"]))
    data, used = sources.in_use(), dependencies.datasets_used(_edition(app, docname))
    if fewer := data.fewer(used):
        banner = (
            f"This page ran on {data.what(used)} ({fewer} to learn from), so its numbers differ from those on the full "
            "data."
        )
        section.insert(at + 1, nodes.note("", nodes.paragraph("", banner), classes=["data-banner"]))


def print_times(app: Sphinx, error: Exception | None) -> None:
    """At the end of a build, print how long each page ran."""
    if app.config.book_preview or is_unfinished(app):
        return
    rows = [
        (docname, execution["runtime"], execution["succeeded"])
        for docname in sorted(executed(app.env))
        if is_chosen(app.config, docname) and (execution := NbMetadataCollector.get_exec_data(app.env, docname))
    ]
    # Also without -W, and for a page that is not executed now: a build with a failure in it has failed.
    if any(not succeeded for _, _, succeeded in rows):
        app.statuscode = 1
    if error is None and rows:
        print(f"\n{'page':40}run time")
        for docname, runtime, succeeded in rows:
            print(f"{docname:40}{duration(runtime or 0) if succeeded else 'FAILED'}")
        sys.stdout.flush()


def _fingerprint(app: Sphinx, page: Page) -> str:
    return dependencies.fingerprint(page, Path(app.srcdir), sources.in_use())


def setup(app: Sphinx) -> None:
    """Connect to Sphinx's events."""
    # A graphics processor's memory is shared by the kernels instead of taken whole by the first.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    app.connect("config-inited", resolve_data)
    app.connect("env-get-outdated", outdated_pages)
    app.connect("env-before-read-docs", prepare, priority=900)  # when it is decided which are read
    app.connect("env-purge-doc", forget_page)
    app.connect("source-read", read_page)
    app.connect("doctree-read", note_failure)
    app.connect("env-updated", warn_of_unreadable)
    app.connect("env-updated", warn_of_unshown)
    app.connect("doctree-resolved", add_facts)
    app.connect("build-finished", print_times)
