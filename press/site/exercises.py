"""The exercises on the site: every worked solution passes its check, and a student edition has no solutions.

``BOOK_EDITION=student`` (set by ``book build --student``) takes the solutions out of the source before anything else
sees them, so that no page, search index or archive can hold one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from book.outputs import VERDICT
from press.page import Page
from press.site.execution import is_chosen

logger = logging.getLogger(__name__)


def is_student_edition() -> bool:
    """Whether this build leaves the solutions out."""
    return os.environ.get("BOOK_EDITION") == "student"


def choose_edition(app: Sphinx, config: Config) -> None:
    """Keep Sphinx from copying the sources, solutions and all, into a student edition."""
    if is_student_edition():
        config.html_copy_source = False
        # Both editions take the chapters from one cache.
        config.nb_execution_cache_path = str(Path(app.srcdir, "_build", ".jupyter_cache"))


def remove_solutions(app: Sphinx, docname: str, source: list[str]) -> None:
    """Take the solutions out of a page."""
    if is_student_edition():
        source[0] = Page(docname, source[0]).without_solutions


def check_answers(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of each worked solution that its own check does not pass, so that ``-W`` fails the build."""
    for docname, verdict in not_passed(app):
        logger.warning(
            "the solution of %s does not pass its check: %s",
            verdict["id"],
            verdict["message"],
            location=(docname, None),
            type="book",
            subtype="check",
        )


def fail_build(app: Sphinx, error: Exception | None) -> None:
    """A build with a solution that does not pass has failed, also without ``-W``."""
    if error is None and any(not_passed(app)):
        app.statuscode = 1


def not_passed(app: Sphinx) -> Iterator[tuple[str, dict[str, str]]]:
    """The verdicts other than *passed* in the stored outputs of all pages, executed now or before."""
    folder = Path(app.env.mystnb_config.output_folder)  # type: ignore[attr-defined]
    for docname in sorted(getattr(app.env, "nb_metadata", {})):
        path = folder / f"{docname}.ipynb"
        if docname in app.env.found_docs and is_chosen(docname) and path.is_file():
            for verdict in verdicts(nbformat.read(path, as_version=4)):
                if verdict["state"] != "passed":
                    yield docname, verdict


def verdicts(notebook: Any) -> Iterator[dict[str, str]]:
    """What the checks of an executed notebook said, in order."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if verdict := output.get("metadata", {}).get(VERDICT):
                yield verdict


def setup(app: Sphinx) -> None:
    """Connect to Sphinx's events."""
    app.connect("config-inited", choose_edition)
    app.connect("source-read", remove_solutions, priority=100)  # before the fingerprint is taken
    app.connect("env-updated", check_answers)
    app.connect("build-finished", fail_build)
