"""The channel from a cell to the build: what is told in a notebook is read from its outputs, and nothing shows it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import nbformat
import pytest
from myst_nb.ext.glue import extract_glue_data
from nbclient import NotebookClient
from nbformat import v4

from book import outputs
from conftest import ROOT

CELLS = [
    'from book.claims import claim\nclaim("text-parameters", 160305)',
    'print("printed")\nfrom book.checks import check\ncheck("essentials/99", 1)',
    'from book.claims import claim\nclaim("cnn-parameters", 5)\nclaim("rnn-parameters", 0.25)',
    'from book import outputs\noutputs.tell("passport", {"device": "a ∇"})\nFOREIGN',
]
#: What other programs may put where ours is looked for.
FOREIGN = """from IPython.display import display
for value in (None, "text", 3, [], {}, {"kind": "claim"}, {"kind": ["claim"], "data": 1}, {"data": 1}):
    display({"text/plain": "foreign"}, raw=True, metadata={"book": value})"""


@pytest.fixture(scope="module")
def notebook() -> nbformat.NotebookNode:
    cells: list[Any] = [v4.new_markdown_cell("Words.")]
    cells += [v4.new_code_cell(cell.replace("FOREIGN", FOREIGN)) for cell in CELLS]
    made: nbformat.NotebookNode = v4.new_notebook(cells=cells)
    NotebookClient(made, kernel_name="python3", timeout=300).execute(cwd=str(ROOT))
    read: nbformat.NotebookNode = nbformat.reads(nbformat.writes(made), as_version=4)
    return read


@pytest.mark.slow
def test_what_is_told_is_read_in_order(notebook: nbformat.NotebookNode) -> None:
    assert outputs.told(notebook, "claim") == [
        {"id": "text-parameters", "value": 160305},
        {"id": "cnn-parameters", "value": 5},
        {"id": "rnn-parameters", "value": 0.25},
    ]
    [verdict] = outputs.told(notebook, "verdict")
    assert (verdict["id"], verdict["state"]) == ("essentials/99", "wrong")
    assert outputs.told(notebook, "passport") == [{"device": "a ∇"}]
    assert [kind for kind, _ in outputs.all_told(notebook)] == ["claim", "verdict", "claim", "claim", "passport"]
    assert outputs.told(notebook, "model") == []


@pytest.mark.slow
def test_only_a_verdict_is_shown_and_sentences_find_the_claims(notebook: nbformat.NotebookNode) -> None:
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    known = [output for output in shown if any(not kind.startswith(outputs.HIDDEN) for kind in output.get("data", {}))]
    assert len([output for output in known if "text/html" in output["data"]]) == 1, "the card"
    assert len(known) == 1 + 8, "besides what other programs displayed"
    copy = nbformat.from_dict(notebook)
    glued = extract_glue_data(nbformat.reads(nbformat.writes(copy), as_version=4), [0] * 5, None)
    texts = {name: output["data"]["text/plain"] for name, output in glued.items()}
    assert texts == {"text-parameters": "160305", "cnn-parameters": "5", "rnn-parameters": "0.25", "passport": ""}


def test_outside_a_notebook_nothing_is_told() -> None:
    code = 'from book.outputs import tell; tell("claim", 1); import sys; print("IPython" in sys.modules)'
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout == "False\n"
