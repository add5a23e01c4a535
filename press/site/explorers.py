"""Explorers on a page: the still picture for print and for readers without JavaScript, and the script that draws.

``assets/explorers.js`` takes the place of ipywidgets' own widget manager, which would come from another host.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from myst_nb.core.render import WIDGET_VIEW_MIMETYPE
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms.post_transforms import SphinxPostTransform


class StillAndWidget(SphinxPostTransform):
    """Keep an explorer's picture beside it, where myst-nb would keep one of the two."""

    default_priority = 3  # before myst-nb selects, at 4
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Replace the output of each explorer."""
        for bundle in list(self.document.findall(nodes.container)):
            if bundle.get("nb_element") != "mime_bundle":
                continue
            by_type = {child["mime_type"]: child for child in bundle.children if isinstance(child, nodes.container)}
            if {WIDGET_VIEW_MIMETYPE, "image/svg+xml"} <= by_type.keys():
                still = nodes.container("", *by_type["image/svg+xml"].children, classes=["explorer-still"])
                output = nodes.container(
                    "", still, *by_type[WIDGET_VIEW_MIMETYPE].children, classes=["explorer-output"]
                )
                bundle.replace_self(output)


def use_own_script(app: Sphinx, config: Config) -> None:
    """Load our script on the pages that have widgets."""
    config.nb_ipywidgets_js = {"explorers.js": {"defer": "defer"}}


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    app.connect("config-inited", use_own_script)
    app.add_post_transform(StillAndWidget)
