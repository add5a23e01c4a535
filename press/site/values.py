"""What a build is told besides its pages, as Sphinx configuration values.

``book build`` and ``book preview`` hand over the first five. A plain ``jupyter-book build`` takes each from
``sphinx: config:`` in ``_config.yml``, where it stands there.
"""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

STUDENT = "student"


def is_student(config: Config) -> bool:
    """Whether this build leaves the solutions out."""
    return bool(config.book_edition == STUDENT)


def is_chosen(config: Config, docname: str) -> bool:
    """Whether this build covers a page: ``book build --page`` names those that it does."""
    return not config.book_pages or docname in config.book_pages


def refuse_unknown_edition(app: Sphinx, config: Config) -> None:
    """An edition with a slip in its name must not publish the solutions."""
    if config.book_edition not in ("", STUDENT):
        raise ExtensionError(f"book_edition is {config.book_edition!r}: write {STUDENT!r}, or leave it out")


def refuse_unknown_pages(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """A page with a slip in its name must not leave every other one out."""
    names = app.config.book_pages
    if not isinstance(names, list):
        raise ExtensionError(f"book_pages is {names!r}: write a list of names that stand in _toc.yml, or leave it out")
    for name in names:
        if not isinstance(name, str) or name not in env.found_docs:
            raise ExtensionError(f"book_pages: {name!r} is no page: write a name that stands in _toc.yml")


def setup(app: Sphinx) -> None:
    """Name the values, and what Sphinx makes anew when one of them changes."""
    app.add_config_value("book_edition", "", "env", [str])
    app.add_config_value("book_pages", [], "", [list])
    app.add_config_value("book_colab_run", "", "html", [str])
    # Whether a page is read only when it has been executed; otherwise placeholders stand in it until then.
    app.add_config_value("book_waits", True, "", [bool])
    app.add_config_value("book_preview", False, "", [bool])  # leaves out the files that nobody looks at while writing
    app.add_config_value("book_repository", "", "html", [str])
    app.add_config_value("book_redirects", {}, "", [dict])
    app.connect("config-inited", refuse_unknown_edition)
    app.connect("env-before-read-docs", refuse_unknown_pages, priority=100)  # before a page is left out or executed
