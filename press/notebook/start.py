"""How every notebook begins: what it is, which version it was made with, and the installation of what it needs.

The second cell compares versions before a learner meets an error that a hub's older package causes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import book
from press.notebook.wheel import wheel_name

if TYPE_CHECKING:
    from nbformat import NotebookNode

#: Marks the cell that installs, for programs. It is folded away like other cells that are no part of the text.
INSTALLS: dict[str, Any] = {"tags": ["book-install"], "jupyter": {"source_hidden": True}, "cellView": "form"}
#: Only the full name tells the book's own distribution from another that has a package `book`. An upgrade leaves the
#: versions of all else alone: pip replaces only what it must, and the package asks for no newer version. pip raises no
#: error in a notebook, so what is there is asked again. The last lines look at what was in fact imported: before a
#: restart that may be the old one.
INSTALL = """import importlib.metadata, importlib.util, os

needed, wheel = "{version}", "{wheel}"
package = {package}

def installed():
    return next(iter(importlib.metadata.distributions(name="deep-learning-by-running-it")), None)

found = installed()
checkout = found and '"editable":true' in (found.read_text("direct_url.json") or "").replace(" ", "")
file = getattr(importlib.util.find_spec("book"), "origin", None)
ours = found and os.path.realpath(found.locate_file("book/__init__.py"))
if file and not checkout and os.path.realpath(file) != ours:
    advice = "Restart the kernel; if this comes again, rename or uninstall it."
    raise ImportError(f"Another package is called `book` here: {{file}}. {{advice}}")
if not found:
    %pip install --quiet {{package}} tensorflow
elif found.version != needed:
    advice = "Switch that checkout to this version, and run `make book`." if checkout else "Installing what it needs."
    print(f"This notebook needs version {{needed}} of `book`, and {{found.version}} is here. {{advice}}")
    if not checkout:
        %pip install --quiet {{package}}

found = installed()
if not checkout and (not found or found.version != needed):
    advice = "Is there a network? If pip named no error above, restart the kernel, and run from the top."
    raise ImportError(f"`book` {{needed}} could not be installed. {{advice}}")

import book

if getattr(book, "__version__", "") != needed and not checkout:
    raise ImportError(f"This is still the `book` of {{book.__file__}}. Restart the kernel, and run from the top.")"""


def start_cells(title: str, page: str, address: str, *, solutions: bool) -> list[NotebookNode]:
    """The first cells of a notebook: the title with the way back to the page, and the installation.

    Args:
        title: The title of the page.
        page: The page, for example ``exercises/cnn``.
        address: Where the site is published, with a slash at the end; empty if that is not known.
        solutions: Whether the notebook holds the solutions of a page of exercises.
    """
    from nbformat import v4  # slow to import

    kind = "is a chapter"
    if page.startswith("exercises/"):
        kind = "holds exercises, with their solutions," if solutions else "holds exercises"
    whole = "*Deep Learning by Running It*"
    if address:
        whole = f"[{whole}]({address}{page}.html)"
    wheel = wheel_name()
    beside = "" if address else f" The file `{wheel}` has to lie beside this notebook."
    text = f"""# {title}

This notebook {kind} of the book {whole}, version {book.__version__}. It runs in JupyterLab, VS Code and Colab.

In the book's own environment nothing needs to be installed: `make book` makes it in `.venv`. Anywhere else the next
cell installs the package `book`, which loads the data and draws the figures, and TensorFlow if it is missing. It says
so if another version of the package is there.{beside} The first use of a dataset downloads it."""
    install = v4.new_code_cell(installation(book.__version__, address, wheel), metadata=dict(INSTALLS))
    return [v4.new_markdown_cell(text), install]


def installation(version: str, address: str, wheel: str) -> str:
    """The code that installs a version of the package, from beside the notebook or else from the site."""
    package = "wheel"
    if address:  # a hub or the pack has the file beside the notebook, Colab has not
        package = f'wheel if os.path.exists(wheel) else "{address}notebooks/{wheel}"'
    return INSTALL.format(version=version, wheel=wheel, package=package)


def without_installing(cell: NotebookNode) -> str | None:
    """What is left of the cell that installs, where it must install nothing: its imports, which others may rely on.

    None for any other cell, and for one that is not to the letter as :func:`installation` writes it.
    """
    written = re.search(
        r'^needed, wheel = "(.+)", "(.+)"\npackage = wheel(?:.* else "(.*)notebooks/.*")?$', cell.source, re.M
    )
    tags = cell.metadata.get("tags")
    tagged = isinstance(tags, list) and "book-install" in tags
    if not tagged or not written or cell.source != installation(written[1], written[3] or "", written[2]):
        return None
    return f"{INSTALL.splitlines()[0]}\nimport book"


def about(page: str, checks: Sequence[tuple[str, list[str]]]) -> dict[str, Any]:
    """What a notebook's metadata say of it, below the key ``book``.

    Args:
        page: The page, for example ``exercises/cnn``.
        checks: Each exercise that the notebook checks, with the names of its answers.

    Returns:
        The version of the book, the page, and the exercises by id.
    """
    return {"version": book.__version__, "page": page, "checks": dict(checks)}
