"""The chapters' numbers, which must be the same whenever one process builds the book again."""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.config import Config


def restart(app: Sphinx, config: Config) -> None:
    """Have the first numbered part begin with 1: sphinx-external-toc goes on counting where its last build ended."""
    parts = [part for part in config.external_site_map.root.subtrees if part.numbered]
    if parts and parts[0].restart_numbering is None:
        parts[0].restart_numbering = True


def setup(app: Sphinx) -> None:
    """Connect to Sphinx, behind what reads the table of contents."""
    app.connect("config-inited", restart, priority=950)
