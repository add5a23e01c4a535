"""Running a page's notebook elsewhere, and downloading it: a block on every page that has one, and the files behind it.

Colab and Binder take the notebook from the branch ``notebooks`` of the book's repository, where
:mod:`press.handout.publishing` puts what this module writes into the site's folder ``notebooks``. A build that does not
know its repository offers only the downloads, and says so.
"""

from __future__ import annotations

import html
from pathlib import Path
from urllib.parse import quote, urlencode

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.osutil import relative_uri

from press.handout.publishing import BRANCH
from press.notebook import writing as notebooks
from press.notebook.wheel import wheel_name
from press.page import PageError
from press.settings import Settings
from press.site.execution import is_unfinished
from press.site.values import is_student

FOLDER = "notebooks"


def colab(repository: str, file: str) -> str:
    """The address that opens a notebook in Colab.

    Args:
        repository: As ``owner/name``, on GitHub.
        file: The notebook's name.
    """
    return f"https://colab.research.google.com/github/{repository}/blob/{BRANCH}/{quote(file)}"


def pull(repository: str, file: str) -> str:
    """The part of an address by which nbgitpuller, on Binder or a JupyterHub, fetches the notebooks and opens one.

    Source: https://nbgitpuller.readthedocs.io/en/latest/topic/url-options.html
    """
    # A folder of its own: on Binder one named like the repository could be a part of the book's.
    folder = f"{repository.split('/')[1]}-notebooks"
    options = {"repo": f"https://github.com/{repository}", "branch": BRANCH}
    options |= {"targetpath": folder, "urlpath": f"lab/tree/{folder}/{file}"}
    return f"git-pull?{urlencode(options)}"


def binder(repository: str, file: str) -> str:
    """The address that opens a notebook on Binder: the machine is made from ``main``, the notebook from its branch.

    A new notebook therefore needs no new machine.
    """
    return f"https://mybinder.org/v2/gh/{repository}/main?{urlencode({'urlpath': pull(repository, file)})}"


def find_repository(app: Sphinx, config: Config) -> None:
    """Say in the configuration whose repository this is: its change then writes every page anew."""
    config.book_repository = Settings(Path(app.srcdir)).repository


def read_book(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Read the chapters and exercises once a build."""
    app.book_notebooks = notebooks.Book(Path(app.srcdir))  # type: ignore[attr-defined]


def add_block(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Offer a page's notebooks under its title."""
    book: notebooks.Book = app.book_notebooks  # type: ignore[attr-defined]
    title = doctree.next_node(nodes.title)
    if docname not in book.pages or title is None:
        return
    block = nodes.container(classes=["launch"])
    file = notebooks.file_name(docname)
    if repository := app.config.book_repository:
        services = [("Colab", colab(repository, file)), ("Binder", binder(repository, file))]
        links = [f'<a class="reference external" href="{html.escape(to)}">{name}</a>' for name, to in services]
        if run := app.config.book_colab_run:
            links.append(f'<span class="launch-run">{html.escape(run)}</span>')
        block += _line("Run in", links)
    links = []
    for words, name in offered(docname, student=is_student(app.config), package=not app.config.book_repository):
        address = relative_uri(app.builder.get_target_uri(docname), f"{FOLDER}/{name}")
        links.append(f'<a class="reference download" href="{address}" download>{words}</a>')
    block += _line("Download", links)
    section = title.parent
    section.insert(section.index(title) + 1, block)


def _line(words: str, links: list[str]) -> nodes.container:
    # Raw links: Sphinx has no node for a link to a file that it does not copy itself.
    items = [nodes.list_item("", nodes.paragraph("", "", nodes.raw("", link, format="html"))) for link in links]
    return nodes.container("", nodes.paragraph("", words), nodes.bullet_list("", *items), classes=["launch-line"])


def offered(page: str, *, student: bool, package: bool) -> list[tuple[str, str]]:
    """What a page offers to download: words and the name of a file.

    Args:
        page: The page.
        student: Leave the solutions out.
        package: Offer the package too, for notebooks that do not know where the site is published.
    """
    exercises = page.startswith("exercises/")
    files = [("exercise notebook" if exercises else "chapter notebook", notebooks.file_name(page))]
    if exercises and not student:
        files.append(("with solutions", notebooks.file_name(page, solutions=True)))
    if exercises:
        files.append(("all exercises (zip)", notebooks.ZIP))
    if package:
        files.append(("their package" if exercises else "its package", wheel_name()))
    return files


def write_files(app: Sphinx, error: Exception | None) -> None:
    """Write the notebooks into a finished site."""
    if error is not None or app.builder.format != "html" or app.config.book_preview or is_unfinished(app):
        return
    if not app.book_notebooks.pages:  # type: ignore[attr-defined]
        return
    try:
        notebooks.write(app.book_notebooks, Path(app.outdir, FOLDER), student=is_student(app.config))  # type: ignore[attr-defined]
    except PageError as problem:
        raise ExtensionError(str(problem)) from None
    if not app.config.book_repository:
        print(
            "The pages offer downloads, and neither Colab nor Binder: the book's repository on GitHub is not known "
            "(repository: url in _config.yml, or the environment variable GITHUB_REPOSITORY)."
        )


def setup(app: Sphinx) -> None:
    """Connect to Sphinx's events."""
    app.connect("config-inited", find_repository)
    app.connect("env-before-read-docs", read_book)
    app.connect("doctree-resolved", add_block, priority=600)  # before the page's facts are put above it
    app.connect("build-finished", write_files)
