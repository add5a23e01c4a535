"""How every notebook begins: what it is, and the installation of what it needs."""

from __future__ import annotations

import nbformat
from nbformat import v4

from press.handout.wheel import wheel_name


def start_cells(title: str, page: str, address: str, *, solutions: bool) -> list[nbformat.NotebookNode]:
    """The first cells of a notebook: the title with the way back to the page, and the installation.

    Args:
        title: The title of the page.
        page: The page, for example ``exercises/cnn``.
        address: Where the site is published, with a slash at the end; empty if that is not known.
        solutions: Whether the notebook holds the solutions of a page of exercises.
    """
    kind = "is a chapter"
    if page.startswith("exercises/"):
        kind = "holds exercises, with their solutions," if solutions else "holds exercises"
    whole = "*Deep Learning by Running It*"
    if address:
        whole = f"[{whole}]({address}{page}.html)"
    wheel = wheel_name()
    beside = "" if address else f" The file `{wheel}` has to lie beside this notebook."
    start = f"""# {title}

This notebook {kind} of the book {whole}. It runs in JupyterLab, VS Code and Colab.

In the book's own environment nothing needs to be installed: `make book` makes it in `.venv`. Anywhere else the next
cell installs the package `book`, which loads the data and draws the figures, and TensorFlow if it is missing.{beside}
The first use of a dataset downloads it."""
    imports, package = "", f'"{wheel}"'
    if address:  # a hub or the pack has the file beside the notebook, Colab has not
        imports = "import os\n\n"
        package += f' if os.path.exists("{wheel}") else "{address}notebooks/{wheel}"'
    install = f"""{imports}try:
    import book
except ImportError:
    package = {package}
    %pip install --quiet {{package}} tensorflow"""
    return [v4.new_markdown_cell(start), v4.new_code_cell(install)]
