"""Notebooks in an environment with Colab's versions, with no copy of the repository around."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

import running
from press.notebook.wheel import wheel_name

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Colab's machines run Linux"),
]


WIDGETS = """
import time
import ipywidgets
from book.explorers import CapacityExplorer, OverfittingExplorer

explorer, other = OverfittingExplorer(rows=250), CapacityExplorer()
seen, sent = [], []
explorer.observe(lambda change: seen.append(change.new), "units")
ipywidgets.link((explorer, "units"), (other, "units"))
explorer.units = 4
assert seen == [4] and other.units == 4
explorer.send = sent.append
explorer.train()
while explorer.training:
    time.sleep(0.5)
assert "history" in sent[1] and sent[-1]["status"].startswith("Trained for 30 epochs"), sent
ipywidgets.VBox([explorer, other])
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return running.environment(tmp_path_factory.mktemp("colab") / "environment")


def test_the_first_cell_installs_the_package_and_leaves_the_rest_alone(
    python: Path, tmp_path: Path, on_small_data: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chapter with an explorer, and a page of exercises, run to their end; the second finds all in place."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    before = running.versions(python)
    assert before["ipywidgets"] == "7.7.1" and "deep-learning-by-running-it" not in before
    work = tmp_path / "empty"
    work.mkdir()
    with running.served(tmp_path) as address:
        paths = {path.stem: path for path in running.published(tmp_path, address)}
        chapter = running.run(paths["text-classification"], python, work)
    assert not chapter.error
    after = running.versions(python)
    assert {name: after.get(name) for name in before} == before
    assert "deep-learning-by-running-it" in after
    outputs = [output.get("data", {}) for cell in chapter.notebook.cells for output in cell.get("outputs", [])]
    assert any("application/vnd.jupyter.widget-view+json" in data for data in outputs)

    # The server is gone. A package that lies beside the notebook is taken all the same.
    subprocess.run(
        [str(python), "-m", "pip", "uninstall", "--quiet", "--yes", "deep-learning-by-running-it"], check=True
    )
    shutil.copy(tmp_path / "notebooks" / wheel_name(), work)
    nbformat.write(v4.new_notebook(cells=chapter.notebook.cells[:2]), tmp_path / "start.ipynb")
    start = running.run(tmp_path / "start.ipynb", python, work)
    assert not start.error and running.versions(python) == after
    (work / wheel_name()).unlink()

    # Then nothing is left to install.
    exercises = running.run(paths["text-classification-exercises"], python, work)
    assert not exercises.error
    # An explorer is a widget like others, and trains.
    cells = [v4.new_code_cell(WIDGETS)]
    nbformat.write(v4.new_notebook(cells=cells), tmp_path / "widgets.ipynb")
    widgets = running.run(tmp_path / "widgets.ipynb", python, work)
    assert not widgets.error
    assert "application/vnd.jupyter.widget-view+json" in widgets.notebook.cells[0].outputs[-1]["data"]


def test_a_notebook_that_does_not_exist_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["running.py", "cmn"])
    with pytest.raises(SystemExit) as stopped:
        running.main()
    assert stopped.value.code == 2 and "no such notebook: cmn" in capsys.readouterr().err
