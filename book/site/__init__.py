"""The Sphinx extension of the book: what Jupyter Book does not do by itself."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from book.site import execution, exercises, explorers, figures, kernels, launch, math, passport, results, tables, theme


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect every part of the extension to Sphinx."""
    for part in (execution, kernels, exercises, launch, passport, results, tables, math, explorers, figures, theme):
        part.setup(app)
    # Raise env_version when what is kept between builds changes its form: then every page is read anew.
    return {"version": "1", "env_version": 2, "parallel_read_safe": False, "parallel_write_safe": True}
