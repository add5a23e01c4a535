"""The pages of the book: their code cells, and their text with and without solutions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


class PageError(Exception):
    """A page is not written as it must be; the message names the page and what is wrong."""


@dataclass(frozen=True)
class Cell:
    """One code cell: its source, and whether it only draws a figure."""

    source: str
    figure: bool


def code_cells(text: str) -> list[Cell]:
    """The code cells of a MyST notebook, in order.

    Args:
        text: The source of the page, with its front matter.
    """
    import jupytext  # slow to import, and not needed in a kernel

    notebook = jupytext.reads(text, fmt="md:myst")
    return [
        Cell(cell.source, figure="figure" in cell.metadata.get("mystnb", {}))
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def is_executed(text: str) -> bool:
    """Whether a page is a notebook: its front matter says so to Jupytext, and so to myst-nb."""
    head, _, _ = text.removeprefix("---\n").partition("\n---")
    return text.startswith("---\n") and "format_name: myst" in head


#: A worked solution, with the directives around it.
SOLUTION = re.compile(r"^(`{3,})\{solution-start\} (\S+)\n.*?^\1\{solution-end\}\n\1\n?", re.MULTILINE | re.DOTALL)


def without_solutions(text: str) -> str:
    """A page of exercises without its solutions.

    Raises:
        PageError: A solution is opened and not closed, or the other way round.
    """
    text = SOLUTION.sub("", text)
    if left := re.search(r"^`{3,}\{solution-\w+\}.*", text, re.MULTILINE):
        raise PageError(f"a solution that is not opened and closed: {left[0]}")
    return text


def page_text(name: str) -> str:
    """The source of a page named like ``chapters/cnn``, relative to the current folder.

    Raises:
        FileNotFoundError: There is no such page here; the message says where pages are looked for.
    """
    path = Path(f"{name}.md")
    if not path.is_file():
        raise FileNotFoundError(f"no page {path} in {Path.cwd()}: run this in the folder of _config.yml")
    return path.read_text(encoding="utf-8")


def computation(text: str) -> str:
    """The code of a page without the cells that only draw: what decides its numbers."""
    return "\n\n".join(cell.source for cell in code_cells(text) if not cell.figure)
