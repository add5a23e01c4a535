"""Notebooks opened in a real JupyterLab, in a browser, and run from its menu."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
import yaml
from nbformat import v4
from playwright.sync_api import Browser, Page, expect

from book.outputs import told
from conftest import ROOT
from press import page as pages
from press.notebook import writing as notebooks


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lab")
    wanted = {"text-classification.ipynb", "essentials-exercises.ipynb"}
    for name, text in notebooks.notebooks(notebooks.Book(ROOT), student=True):
        if name in wanted:
            (folder / name).write_text(text, encoding="utf-8")
    cells = ["from book.explorers import OverfittingExplorer", "explorer = OverfittingExplorer(rows=250)\nexplorer"]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}}
    explorer = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells], metadata=kernel)
    nbformat.write(explorer, folder / "explorer.ipynb")
    for name in ("index.md", "jupytext.toml"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope="module")
def address(folder: Path, small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a JupyterLab answers that shows the folder."""
    own = tmp_path_factory.mktemp("jupyter")
    log = own / "log.txt"
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"]
    command += ["--IdentityProvider.token=", f"--ServerApp.root_dir={folder}"]
    environment = {
        **os.environ,
        **{f"JUPYTER_{each}_DIR": str(own / each) for each in ("CONFIG", "RUNTIME")},
        "BOOK_DATA": str(small_data),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    with log.open("w") as file, subprocess.Popen(command, env=environment, stdout=file, stderr=file) as server:
        try:
            deadline = time.monotonic() + 120
            while not (found := re.search(r"http://127\.0\.0\.1:[1-9]\d*/", log.read_text())):
                assert server.poll() is None and time.monotonic() < deadline, log.read_text()
                time.sleep(0.5)
            yield found[0]
        finally:
            server.terminate()


def press_run_all(page: Page) -> None:
    """Run all cells of the notebook that is open, from the menu."""
    expect(page.locator(".jp-Notebook .jp-Cell").first).to_be_visible(timeout=120_000)
    # Before its kernel answers, a notebook ignores the menu.
    expect(page.get_by_text("| Idle")).to_be_visible(timeout=120_000)
    page.locator(".lm-MenuBar-item", has_text=re.compile(r"^Run$")).click()
    page.locator(".lm-Menu-item", has_text=re.compile("^Run All Cells")).click()


def run_all(page: Page, address: str, path: Path) -> nbformat.NotebookNode:
    """Open a notebook, run all its cells, save it, and return what was saved."""
    page.goto(f"{address}lab/tree/{path.name}?reset")
    press_run_all(page)
    deadline = time.monotonic() + 420
    while True:
        page.wait_for_timeout(2000)
        page.keyboard.press("Control+s")
        page.wait_for_timeout(1000)
        notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        failed = [output for cell in code for output in cell.outputs if output.output_type == "error"]
        if failed or all(cell.execution_count for cell in code):
            return notebook
        assert time.monotonic() < deadline, [cell.source for cell in code if not cell.execution_count]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": 1200, "height": 900})
    yield page
    page.close()


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def test_a_chapter_runs_from_top_to_bottom(page: Page, address: str, folder: Path) -> None:
    notebook = run_all(page, address, folder / "text-classification.ipynb")
    assert not [output for output in outputs(notebook) if output.output_type == "error"]
    assert not [output for output in outputs(notebook) if output.get("name") == "stderr"]
    figures = [output for output in outputs(notebook) if "image/svg+xml" in output.get("data", {})]
    captions = sum(len(re.findall(r"^\*\*Figure", cell.source, re.M)) for cell in notebook.cells)
    assert len(figures) == captions >= 6


def test_a_page_itself_opens_as_a_notebook_and_survives_being_saved(page: Page, address: str, folder: Path) -> None:
    """With the entry *Jupytext Notebook* of the menu *Open With*, in the project's own environment."""
    page.goto(f"{address}lab?reset")
    item = page.locator(".jp-DirListing-item", has_text="index.md")
    item.click(button="right", timeout=120_000)
    page.locator(".lm-Menu-item", has_text="Open With").hover()
    page.locator(".lm-Menu-item", has_text="Jupytext Notebook").click()
    press_run_all(page)
    expect(page.locator(".jp-OutputArea-output svg, .jp-OutputArea-output img").first).to_be_visible(timeout=180_000)
    assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']").count() == 0

    before = (folder / "index.md").read_text(encoding="utf-8")
    deadline = time.monotonic() + 60
    while (after := (folder / "index.md").read_text(encoding="utf-8")) == before:
        assert time.monotonic() < deadline, "it was not saved"
        page.keyboard.press("Control+s")
        page.wait_for_timeout(1000)
    heads = [yaml.safe_load(text.split("---")[1]) for text in (before, after)]
    assert heads[0]["myst"] == heads[1]["myst"] and pages.Page("index", after).is_executed
    then, now = pages.Page("index", before), pages.Page("index", after)
    assert [(cell.source, cell.metadata) for cell in then.cells] == [(cell.source, cell.metadata) for cell in now.cells]


def test_a_student_notebook_answers_with_cards(page: Page, address: str, folder: Path) -> None:
    notebook = run_all(page, address, folder / "essentials-exercises.ipynb")
    verdicts = told(notebook, "verdict")
    assert len(verdicts) >= 5 and {verdict["state"] for verdict in verdicts} == {"unanswered"}
    card = page.locator(".check-unanswered").first
    card.scroll_into_view_if_needed()
    expect(card).to_be_visible()
    expect(card).to_contain_text("No answer yet (essentials/1)")


def test_an_explorer_trains_the_chosen_network_and_can_be_stopped(page: Page, address: str, folder: Path) -> None:
    run_all(page, address, folder / "explorer.ipynb")
    explorer = page.locator(".explorer")
    expect(explorer.locator(".explorer-says")).to_contain_text("Validation loss is lowest at epoch")
    status, button = explorer.locator(".explorer-status"), explorer.get_by_role("button", name="Train this now")
    assert explorer.locator(".explorer-line.live").count() == 0
    button.click()
    expect(status).to_contain_text("Training: epoch", timeout=120_000)
    expect(explorer.locator(".explorer-line.live")).to_have_count(4)
    expect(status).to_contain_text("Trained for 30 epochs", timeout=120_000)

    button.click()
    expect(status).to_contain_text("Training: epoch 2 ", timeout=120_000)
    explorer.get_by_role("button", name="Stop").click()
    expect(status).to_contain_text("Stopped after", timeout=60_000)
    expect(button).to_be_visible()

    explorer.get_by_role("slider", name="Training reviews").press("End")
    assert explorer.locator(".explorer-line.live").count() == 0, "the curves of another network are gone"
    button.click()
    expect(status).to_contain_text("It could not be trained: 15,000 examples to train on", timeout=60_000)
    expect(button).to_be_visible()
