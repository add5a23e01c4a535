"""Less to load and less in the way: sphinx-book-theme's pages without what this book does not need.

Templates are edited as they are loaded, so that the theme stays as it was installed; an edit that finds nothing to
change says so in a warning (and fails under ``-W``) instead of failing in silence after an upgrade of the theme. The
finished site loses the files that no page loads, and its icon font the icons that no page shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docutils import nodes
from fontTools import subset
from jinja2 import BaseLoader, Environment
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

logger = logging.getLogger(__name__)

#: By template: regular expressions, and what replaces their matches.
EDITS = {
    # Icons are characters of a web font. This script, 540 KB when compressed, would draw the same icons as SVG.
    "static/webpack-macros.html": [(r"<script src=[^>]*fontawesome\.js[^>]*></script>", "")],
    # What a button is called has to hold what can be read on it.
    "components/search-button-field.html": [(r' aria-label="[^"]*"', "")],
    # Everything on a page is in a landmark.
    "pydata_sphinx_theme/layout.html": [
        (r'<div id="pst-primary-sidebar"', r'\g<0> role="navigation" aria-label="{{ _("Book") }}"'),
        # Without scripts nothing turns "auto" into one of the two themes that have colours.
        (r'data-theme="\{\{ default_mode \}\}"', 'data-theme="light"'),
    ],
    # The first page's title is the book's: once is enough.
    "basic/layout.html": [
        (
            r"(<title>\{\{ title\|striptags\|e \}\})\{\{ titlesuffix \}\}",
            r'\1{{ "" if title == docstitle else titlesuffix }}',
        )
    ],
    # What opens a chapter's part of the table of contents was an icon without a name.
    "components/sbt-sidebar-nav.html": [
        (
            r"show_nav_level=theme_show_navbar_depth\|int\)",
            r"""\g<0> | string | replace("<summary>", '<summary aria-label="Pages of this chapter">')""",
        )
    ],
    # The buttons for the two sidebars were named by a tooltip only, which touch screens do not have.
    "components/toggle-primary-sidebar.html": [(r'title="([^"]*)"', r'\g<0> aria-label="\1"')],
    "components/toggle-secondary-sidebar.html": [(r'title="([^"]*)"', r'\g<0> aria-label="\1"')],
}
#: By a regular expression that a page's text matches: what it should have been.
MENDS = {
    'role="doc-biblioentry"': 'role="listitem"',  # it stands in a list
    '<summary aria-label="Toggle hidden content">': "<summary>",  # which hid "Show code cell source"
    r'<p class="(collapsed|expanded) admonition-title">(.*?)</p>': r'<span class="\1">\2</span>',  # in a summary
    '<aside class="footnote-list brackets">': '<aside class="footnote-list brackets" aria-label="Footnotes">',
    # sphinx-exercise gives the same id to every exercise, and puts a blank into a link, where it is underlined.
    '<section id="(exercise|solution)-content">': "<section>",
    "(Solution to)(<a [^>]*>) ": r"\1 \2",
}
#: Files of ``_static`` that no page loads.
UNUSED = ("scripts/fontawesome.js*", "**/*.map", "vendor/fontawesome/webfonts/*.ttf")
#: What draws one icon in the theme's style sheet: its names, and its character.
ICON_RULE = re.compile(r'((?:\.fa-[\w-]+:before,?)+)\{content:"(\\?[^"]+)"\}')


class EditedTemplates(BaseLoader):
    """Loads templates as another loader does, with :data:`EDITS` made."""

    def __init__(self, loader: BaseLoader) -> None:
        self.loader = loader

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Return a template's source, its file and how to know that it is fresh."""
        source, file, fresh = self.loader.get_source(environment, template)
        path = Path(file or template).resolve().as_posix()
        source = re.sub(r'<(i|span) class="(?=fa)', r'<\1 aria-hidden="true" class="', source)
        for name, edits in EDITS.items():
            for old, new in edits if path.endswith(f"/{name}") else ():
                source, changes = re.subn(old, new, source)
                if not changes:
                    logger.warning("the theme has changed: no %s in %s", old, path, type="theme")
        return source, file, fresh


def edit_templates(app: Sphinx) -> None:
    """Have the builder's templates edited."""
    if app.builder.format == "html":
        bridge: Any = app.builder.templates
        bridge.loaders = [EditedTemplates(loader) for loader in bridge.loaders]


def configure(app: Sphinx, config: Config) -> None:
    """Leave out what the pages do not use."""
    config.html_theme_options = {
        "use_download_button": False,  # it offers the page's source, in which nothing can be run
        "use_fullscreen_button": False,
        "logo": {"text": config.html_title or config.project},
        **config.html_theme_options,
    }
    config.copybutton_selector = "div:not(.output) > div.highlight pre"  # code is copied, what it prints is not


def mend_body(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Give parts of a page's text the roles and names that assistive technology expects."""
    for old, new in MENDS.items():
        context["body"] = re.sub(old, new, context.get("body", ""))


def shrink(app: Sphinx, error: Exception | None) -> None:
    """Take out of a finished site what no page loads or shows."""
    static = Path(app.outdir, "_static")
    sheet, font = (
        static / "styles/pydata-sphinx-theme.css",
        static / "vendor/fontawesome/webfonts/fa-solid-900.woff2",
    )
    if error or app.builder.format != "html" or not sheet.exists() or getattr(app.config, "book_preview", False):
        return
    for pattern in UNUSED:
        for file in static.glob(pattern):
            file.unlink()
    sources = [*Path(app.outdir).rglob("*.html"), *static.rglob("*.js")]
    named = {f".{name}:before" for file in sources for name in re.findall(r"\bfa-[\w-]+", file.read_text("utf-8"))}
    css = sheet.read_text("utf-8")
    css = ICON_RULE.sub(lambda rule: rule[0] if named & set(rule[1].split(",")) else "", css)
    sheet.write_text(css, "utf-8")
    icons = {chr(int(code, 16)) for code in re.findall(r'"\\([0-9a-f]{4})"', css)}
    icons |= set(re.findall("[\ue000-\uf8ff]", css))
    options = subset.Options(flavor="woff2")
    with subset.load_font(str(font), options) as solid:
        subsetter = subset.Subsetter(options)
        subsetter.populate(text="".join(icons))
        subsetter.subset(solid)
        subset.save_font(solid, str(font), options)


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    # Before sphinx_copybutton reads its setting, which it does with the usual priority of 500.
    app.connect("config-inited", configure, priority=400)
    app.connect("builder-inited", edit_templates)
    app.connect("html-page-context", mend_body)
    app.connect("build-finished", shrink)
