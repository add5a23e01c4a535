"""What a page shows in place of outputs that are not there yet: those that a build or a preview is still computing.

The outputs of the page's last execution stay as far as they are still true: up to the first cell that has changed, if
nothing else that the page depends on has. So a page can be read, its figures numbered and its labels found, while it is
being executed, and a mistake in its text is found before.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from nbformat import v4

from book.outputs import HIDDEN

HTML = '<div class="book-executing" role="status">{}</div>'
#: For a cell that draws: with an image, the figure gets its number, its caption and its label.
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="320pt" height="80pt" viewBox="0 0 320 80">'
    '<text x="160" y="44" text-anchor="middle" style="font: 11px sans-serif">{}</text></svg>'
)
#: What a kernel says of itself, as far as the site needs it.
LANGUAGE = {"name": "python", "pygments_lexer": "ipython3"}
SVG_TYPE = "image/svg+xml"
#: What a sentence shows in place of a number: infinity, which any format for numbers takes; or a sign.
NO_NUMBER, NOTHING = "1e999", "…"


def fill(notebook: Any, before: Any, says: str, numbers: Mapping[str, bool], ended: Sequence[Any] = ()) -> None:
    """Put outputs and placeholders into a notebook that has not been executed.

    Args:
        notebook: The notebook, whose last cell holds the fingerprint; it is changed.
        before: The notebook of the page's last execution, or None.
        says: What a placeholder says.
        numbers: What the page's sentences show, by the names that cells tell: whether in a format for numbers.
        ended: The first cells of code, as far as an execution that goes on has come.
    """
    notebook.metadata["language_info"] = LANGUAGE
    cells, old = _code_cells(notebook), _code_cells(before)
    kept = max(_still_true(cells, old), len(ended))
    # Of a run that failed, the cells below have no outputs since they were not reached.
    silent = {cell.source for cell in old if cell.execution_count and not cell.outputs and not _draws(cell)}
    for cell, was in zip(cells[:kept], [*ended, *old[len(ended) :]], strict=False):
        cell.outputs, cell.execution_count = was.outputs, was.execution_count
    for cell in cells[kept:]:
        if cell.source not in silent and "remove-output" not in cell.metadata.get("tags", []):
            cell.outputs = [_placeholder(cell, says)]
    if kept and before is not None and "widgets" in before.metadata:
        notebook.metadata["widgets"] = before.metadata["widgets"]
    missing = set(numbers) - _told(cells[:kept]).keys()
    if cells and missing:
        known = _told(old)
        cells[-1].outputs = [
            _number(name, known.get(name, NO_NUMBER if numbers[name] else NOTHING)) for name in sorted(missing)
        ]


def _code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"] if notebook is not None else []


def _still_true(cells: list[Any], old: list[Any]) -> int:
    """How many cells, from the first, have outputs that are still true."""
    if not old or cells[-1].source != old[-1].source:  # something else has changed, and may have changed each of them
        return 0
    same = [cell.source == was.source for cell, was in zip(cells, old, strict=False)]
    return min((*(at for at, equal in enumerate(same) if not equal), len(cells) - 1))


def _draws(cell: Any) -> bool:
    """Whether a cell has a figure, with a number, a caption and a label that the page may refer to."""
    return bool((cell.metadata.get("mystnb") or {}).get("figure"))


def _placeholder(cell: Any, says: str) -> Any:
    if _draws(cell):
        return v4.new_output("display_data", {SVG_TYPE: SVG.format(html.escape(says))})
    return v4.new_output("display_data", {"text/html": HTML.format(html.escape(says)), "text/plain": says})


def _told(cells: list[Any]) -> dict[str, str]:
    """What some cells told a sentence, by name."""
    told = {}
    for output in (output for cell in cells for output in cell.outputs):
        name = (output.get("metadata", {}).get("scrapbook") or {}).get("name")
        if name:
            told[name] = output.get("data", {}).get(f"{HIDDEN}text/plain", NO_NUMBER)
    return told


def _number(name: str, text: str) -> Any:
    told = {"scrapbook": {"name": name, "mime_prefix": HIDDEN}}
    # In each form in which a directive may show it.
    forms = {"text/plain": text, "text/markdown": text, "text/latex": "$\\ldots$", SVG_TYPE: SVG.format("")}
    data = {f"{HIDDEN}{kind}": form for kind, form in forms.items()}
    return v4.new_output("display_data", data, metadata=told)
