"""The page *Data*, where ``{datasets}`` stands: written from what each dataset says of itself in its module."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective
from sphinx.util.parsing import nested_parse_to_nodes

import book.datasets
from book.datasets import keras_files
from book.datasets.dataset import Dataset, datasets


class Datasets(SphinxDirective):
    """A section for each dataset."""

    def run(self) -> list[nodes.Node]:
        """Parse the sections as if they stood on the page, so that their citations and links work."""
        _known(self.env)[self.env.docname] = mark()
        return nested_parse_to_nodes(self.state, sections(), source=__name__, allow_section_headings=True)


def sections() -> str:
    """All of them, in MyST."""
    return "\n\n".join(section(dataset) for dataset in datasets())


def section(dataset: Dataset) -> str:
    """What a dataset is, what may be done with it, and how it is had, in MyST."""
    train, test = dataset.full_rows
    rows = f"{train:,} {dataset.many} to learn from and {test:,} to test on."
    if dataset.has_originals:
        few, few_test = dataset.packaged.rows
        rows += f" In the packaged sample, {few:,} and {few_test:,}."
    entries = {
        "Rows": rows,
        "Source": f"{{cite:t}}`{dataset.citation}`, and the dataset's [home page]({dataset.home}).",
        "Licence": dataset.licence,
        "What a site may show": dataset.shown,
        **dict(_ways(dataset)),
    }
    items = [f"{term}\n: {_indented(text)}" for term, text in entries.items()]
    return "\n\n".join([f"## {dataset.title}", f"`book.datasets.{dataset.name}`. {dataset.about}", *items])


def _ways(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """How the dataset is had: for each value of ``BOOK_DATA``, the files that it is read from."""
    packaged, own = dataset.packaged, "in the book's own layout, which `book data export folder` writes"
    layout = _list(f"`{file.name}`: {file.layout}" for file in dataset.files)
    carried = f"The package `{packaged.distribution}` carries it. {packaged.licence}\n\n" + _list(
        [f"`{Path(packaged.path).name}`: SHA-256 `{packaged.sha256}`"]
    )
    if dataset.has_originals:
        originals = [(file.name, file.original.sha256) for file in dataset.files if file.original]
        keras = _list(f"[`{name}`]({keras_files.HOST}{name}): SHA-256 `{digest}`" for name, digest in originals)
        yield "`BOOK_DATA=full`", f"Keras's own, from Keras's cache or fetched into it:\n\n{keras}"
        yield "`BOOK_DATA=sample`", carried
        yield "`BOOK_DATA=folder`", f"A folder with files {own}:\n\n{layout}"
    else:
        yield "Whatever `BOOK_DATA` says", carried
        yield "`BOOK_DATA=folder`", f"The folder's own, if it has them, {own}:\n\n{layout}"


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _indented(text: str) -> str:
    """A text of several lines as the definition of a term."""
    return re.sub(r"\n(?=.)", "\n  ", text)


def mark() -> str:
    """A string that changes with the modules of the datasets: the page is then read again."""
    files = [path for folder in book.datasets.__path__ for path in sorted(Path(folder).glob("*.py"))]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


def outdated(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """The pages that were written from other modules than there are now."""
    return [docname for docname, known in _known(env).items() if known != mark() and docname not in removed]


def forget_page(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Drop the mark of a page that is read again or removed."""
    _known(env).pop(docname, None)


def _known(env: Any) -> dict[str, str]:
    """The mark that each page with the directive was written with."""
    if not hasattr(env, "book_pages_with_datasets"):
        env.book_pages_with_datasets = {}
    found: dict[str, str] = env.book_pages_with_datasets
    return found


def setup(app: Sphinx) -> None:
    """Connect to Sphinx's events."""
    app.add_directive("datasets", Datasets)
    app.connect("env-get-outdated", outdated)
    app.connect("env-purge-doc", forget_page)
