"""Building the site: Jupyter Book's settings, and one Sphinx application that reads and writes what has changed."""

from __future__ import annotations

import io
import logging
import os
import re
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from press.contents import FILE as CONTENTS
from press.faults import Fault
from press.page import PageError
from press.settings import FILE

if TYPE_CHECKING:
    from press.site.kernels import Executor


class Site:
    """The site, made from the pages in the current folder as ``jupyter-book build . -q -n --keep-going`` makes it.

    Sphinx, docutils and their log belong to one site at a time: close it before another is opened.

    Args:
        output: The folder in which the site becomes ``_build/html``.
        settings: Sphinx configuration values, in place of those in ``_config.yml``.
        tell: Called with each fault when it is found.
        executor: What executes the pages, if another site has begun to.

    Raises:
        sphinx.errors.SphinxError: The settings cannot be used; the message says why.
    """

    def __init__(
        self,
        output: Path,
        settings: dict[str, Any],
        tell: Callable[[Fault], None],
        executor: Executor | None = None,
    ) -> None:
        # Slow to import, and not needed by other commands.
        from jupyter_book.config import get_final_config
        from sphinx.application import Sphinx
        from sphinx.util.docutils import docutils_namespace, patch_docutils

        from press.report import Report

        root = Path.cwd()
        # The first two are what Jupyter Book's own command adds: a change of them would read every page again.
        own = {"external_toc_path": (root / CONTENTS).as_posix(), "latex_individualpages": False, "nitpicky": True}
        configuration, _ = get_final_config(user_yaml=root / FILE, cli_config=own | settings, sourcedir=root)
        folder = root / output / "_build"
        with ExitStack() as opened:
            opened.enter_context(patch_docutils(None))
            opened.enter_context(docutils_namespace())
            said = io.StringIO()
            self.app = Sphinx(
                srcdir=root,
                confdir=None,
                outdir=folder / "html",
                doctreedir=folder / ".doctrees",
                buildername="html",
                confoverrides=configuration,
                status=None,
                warning=said,
            )
            if executor:
                self.app.book_executor = executor  # type: ignore[attr-defined]
            if any(tree.numbered for each in self.app.config.external_site_map.values() for tree in each.subtrees):
                self.app.setup_extension("sphinx_multitoc_numbering")
            self.report = Report(self.app, tell)
            for line in said.getvalue().splitlines():
                self.report.add(re.sub(r"\x1b\[[\d;]*m|WARNING: ", "", line))
            self._opened = opened.pop_all()
        #: What is wrong with the settings is wrong with each build.
        self._at_start = list(self.report.faults)
        # Sphinx never forgets a script or a style sheet: what a page of an earlier build asked for came to every page.
        parts: list[Any] = [self.app.registry.css_files, self.app.registry.js_files]
        parts += [getattr(self.app.builder, name) for name in ("_css_files", "_js_files")]
        self._files = [(files, list(files)) for files in parts]

    @property
    def executor(self) -> Executor:
        """What executes the pages."""
        from press.site.execution import executor_of

        return executor_of(self.app)

    def update(self) -> list[Fault]:
        """Read and write what has changed.

        Returns:
            What is wrong with the pages that were read or written.

        Raises:
            sphinx.errors.SphinxError: The build cannot go on; the message says why.
        """
        self.report.faults.clear()
        self.app.statuscode = 0
        for files, first in self._files:
            files[:] = first
        self.app.build()
        return sorted([*self._at_start, *self.report.faults])

    @property
    def has_failed(self) -> bool:
        """Whether something that an earlier build found is still wrong."""
        return bool(self.app.statuscode)

    def close(self, *, kernels: bool = True) -> None:
        """Leave docutils as it was, and end the kernels if another site does not go on with them."""
        for page in self.executor.pending() if kernels else ():
            self.executor.forget(page)
        self._opened.close()


def build(output: Path, settings: dict[str, Any]) -> int:
    """Build the book in the current folder.

    All pages are read and written first, with placeholders for what is not executed yet: so a mistake is found before
    anything is executed. Then the pages are executed, and written again.

    Args:
        output: The folder in which the site becomes ``_build/html``.
        settings: Sphinx configuration values, in place of those in ``_config.yml``.

    Returns:
        The exit status: 0 for a build without a fault.
    """
    from sphinx.errors import SphinxError

    # A style of Pygments sets up the root of all logs when it is imported, unless somebody else has.
    logging.basicConfig(handlers=[logging.NullHandler()])
    try:
        site = Site(output, settings | {"book_waits": False}, tell)
    except SphinxError as error:
        tell(fault_in(error))
        return 1
    try:
        return 1 if _update(site) or site.has_failed else 0
    except SphinxError as error:
        tell(fault_in(error))
        return 1
    except KeyboardInterrupt:
        # At once: Python's own way out waits for what the kernels are doing.
        site.close()
        print("\nbook: stopped", file=sys.stderr)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(130)
    finally:
        site.close()


def _update(site: Site) -> list[Fault]:
    """Bring a site up to date, and execute what that needs; return the faults."""
    faults = site.update()
    while not faults and (pending := site.executor.pending()):
        site.executor.start()
        for page in pending:
            site.executor.wait(page)
        faults = site.update()
    return faults


def fault_in(error: Exception) -> Fault:
    """What ended a build, in one line."""
    # Sphinx wraps what a part of the extension raises.
    inner = getattr(error, "orig_exc", None) or error
    if isinstance(inner, PageError):
        return inner.fault
    text, _, details = str(inner).strip().partition("\n")
    return Fault(FILE, 0, text, details)


def tell(fault: Fault) -> None:
    """Print a fault where errors belong."""
    print("\n".join(filter(None, [str(fault), fault.details])), file=sys.stderr, flush=True)
