"""Citations, without a look through all installed packages for each of them."""

from __future__ import annotations

from pybtex.plugin import find_plugin, register_plugin
from sphinx.application import Sphinx

#: What sphinxcontrib-bibtex and the style of its bibliographies ask for, again for each citation and each bibliography.
PLUGINS = (
    ("pybtex.backends", "plaintext"),
    ("pybtex.style.formatting", "plain"),
    ("pybtex.style.labels", "number"),
    ("pybtex.style.names", "plain"),
    ("pybtex.style.sorting", "author_year_title"),
)


def setup(app: Sphinx) -> None:
    """Name the plugins that pybtex would look for."""
    for group, name in PLUGINS:
        register_plugin(group, name, find_plugin(group, name), force=True)
