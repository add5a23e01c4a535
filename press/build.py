"""Building the site: Jupyter Book, with Sphinx configuration values that its own command has no options for."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from press.contents import FILE as CONTENTS
from press.settings import FILE


def build(output: Path, settings: dict[str, Any], *, strict: bool) -> int:
    """Build the book in the current folder as ``jupyter-book build . -q -n --keep-going`` does.

    Args:
        output: The folder in which the site becomes ``_build/html``.
        settings: Sphinx configuration values, in place of those in ``_config.yml``.
        strict: Whether a warning fails the build (``-W``).

    Returns:
        The exit status: 0 for a build without an error.
    """
    from jupyter_book.sphinx import build_sphinx  # slow to import, and not needed by other commands

    root = Path.cwd()
    configuration, contents = root / FILE, root / CONTENTS
    # The first two are what Jupyter Book's own command adds: a change of them would read every page again.
    overrides = {"external_toc_path": contents.as_posix(), "latex_individualpages": False, "nitpicky": True, **settings}
    result = build_sphinx(
        root,
        root / output / "_build/html",
        noconfig=True,
        path_config=configuration,
        confoverrides=overrides,
        warningiserror=strict,
        keep_going=True,
        quiet=True,
    )
    if isinstance(result, KeyboardInterrupt):
        # At once: Python's own way out waits for the kernels to end their cells. They end when this process has.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(130)
    return 1 if isinstance(result, Exception) else int(result)
