"""The exercises on the site: every worked solution passes its check, and a student edition has no solutions.

In a student edition (``book build --student``) the solutions are taken out of each page before anything else sees it
(:mod:`press.site.execution`), so that no page, search index or archive can hold one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from press.site.execution import executed, told
from press.site.values import is_chosen, is_student

logger = logging.getLogger(__name__)


def choose_edition(app: Sphinx, config: Config) -> None:
    """Keep Sphinx from copying the sources, solutions and all, into a student edition."""
    if is_student(config):
        config.html_copy_source = False
    # All editions, and the preview, take the chapters from one cache.
    config.nb_execution_cache_path = config.nb_execution_cache_path or str(Path(app.srcdir, "_build/.jupyter_cache"))


def leave_other_edition(app: Sphinx) -> None:
    """Keep nothing that a build of the other edition left: of its pages, and in the folder of a student edition."""
    env: Any = app.env
    if getattr(env, "book_edition", None) != app.config.book_edition:
        executed(env).clear()  # `book build --page` keeps the other pages that it finds here
        if is_student(app.config):
            shutil.rmtree(app.outdir, ignore_errors=True)
            Path(app.outdir).mkdir(parents=True)
    env.book_edition = app.config.book_edition


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
    for docname in sorted(executed(app.env)):
        for verdict in told(app.env, docname, "verdict"):
            if is_chosen(app.config, docname) and verdict["state"] != "passed":
                yield docname, verdict


def setup(app: Sphinx) -> None:
    """Connect to Sphinx's events."""
    app.connect("config-inited", choose_edition)
    app.connect("builder-inited", leave_other_edition)
    app.connect("env-updated", check_answers)
    app.connect("build-finished", fail_build)
