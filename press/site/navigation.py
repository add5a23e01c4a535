"""Every page lists all others: when one comes, goes, moves or has another title, each page is written again.

Sphinx alone writes anew only the page whose own list of contents has changed. None is executed for it.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx


def pages_to_write(app: Sphinx, env: Any) -> list[str]:
    """All pages, if what they show of each other has changed since the last build."""
    titles = {page: title.astext() for page, title in env.titles.items()}
    navigation = (app.config.external_site_map.as_json(), titles)
    if navigation == getattr(env, "book_navigation", None):
        return []
    env.book_navigation = navigation
    return sorted(env.found_docs)


def setup(app: Sphinx) -> None:
    """Connect to Sphinx's events."""
    app.connect("env-get-updated", pages_to_write)
