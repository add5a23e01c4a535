"""The Sphinx extension of the book: what Jupyter Book does not do by itself."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from press.site import (
    citations,
    data,
    execution,
    exercises,
    explorers,
    figures,
    launch,
    leftovers,
    math,
    navigation,
    passport,
    redirects,
    results,
    shown,
    solutions,
    tables,
    theme,
    values,
)

HERE = Path(__file__).parent


def version() -> int:
    """A number that changes with the code of this extension: what an older one wrote is then made anew."""
    code = b"".join(path.read_bytes() for path in sorted(HERE.glob("*.py")))
    return int(hashlib.sha256(code).hexdigest()[:15], 16)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect every part of the extension to Sphinx."""
    for part in (
        *(values, citations, execution, data, exercises, solutions, launch, redirects, leftovers, navigation),
        *(passport, results, tables, math, shown, explorers, figures, theme),
    ):
        part.setup(app)
    return {"version": "1", "env_version": version(), "parallel_read_safe": False, "parallel_write_safe": True}
