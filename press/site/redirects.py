"""A page that was renamed is still found at its old address: a page there leads on to the new one.

``book_redirects``, below ``sphinx: config:`` in ``_config.yml``, holds the old names with the new ones. A page that is
renamed again keeps both entries: one leads to the next.
"""

from __future__ import annotations

import html
import json
import posixpath
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.osutil import relative_uri

#: Pages that the site makes itself. Its folders begin with an underscore.
OWN = ("search", "genindex", "py-modindex", "opensearch")
#: A plain path, which means the same on every system.
NAME = re.compile(r"[^\W_][\w./-]*")

#: What stands at an old address. With scripts a link to a part of the page leads to that part.
PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="canonical" href="{address}">
<script>location.replace({script} + location.search + location.hash)</script>
<meta http-equiv="refresh" content="0; url={address}">
</head>
<body>
<p>This page has moved: <a href="{address}">{title}</a></p>
</body>
</html>
"""


def check_redirects(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """End a build with a redirect that cannot be, before anything is executed.

    Raises:
        ExtensionError: What to do about it.
    """
    redirects = app.config.book_redirects
    if not isinstance(redirects, dict):
        raise ExtensionError("book_redirects: write old names of pages with their new ones, or leave it out")
    for old in redirects:
        _target(old, redirects, env.found_docs)


def _target(old: str, redirects: dict[str, Any], pages: set[str]) -> str:
    """Where an old name leads in the end."""
    if not isinstance(old, str) or not NAME.fullmatch(old) or old != posixpath.normpath(old) or old.endswith(".md"):
        raise ExtensionError(f"book_redirects: write {old!r} like a name in _toc.yml, for example chapters/old")
    if old.lower() in OWN:
        raise ExtensionError(f"book_redirects: the site has a page {old} of its own: leave this name out")
    if old in pages:
        raise ExtensionError(f"book_redirects: {old} is still a page: take it out there, or rename the page's file")
    passed = [old]
    while (new := str(redirects[passed[-1]])) in redirects:
        if new in passed:
            raise ExtensionError(
                f"book_redirects: {' -> '.join([*passed, new])} leads round in a circle: end it with a page"
            )
        passed.append(new)
    if new not in pages:
        raise ExtensionError(
            f"book_redirects: {passed[-1]} leads to {new}, which is no page: write a name that stands in _toc.yml"
        )
    return new


def write_redirects(app: Sphinx, error: Exception | None) -> None:
    """Write a page at each old address of a finished site."""
    if error is not None or app.builder.format != "html":
        return
    builder: Any = app.builder
    for old in app.config.book_redirects:
        new = _target(old, app.config.book_redirects, app.env.found_docs)
        address = relative_uri(builder.get_target_uri(old), builder.get_target_uri(new))
        path = Path(builder.get_outfilename(old))
        path.parent.mkdir(parents=True, exist_ok=True)
        text = PAGE.format(
            language=app.config.language,
            title=html.escape(app.env.titles[new].astext()),
            address=html.escape(address),
            script=json.dumps(address),
        )
        path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Connect to Sphinx's events."""
    app.connect("env-before-read-docs", check_redirects)
    app.connect("build-finished", write_redirects)
