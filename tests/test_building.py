"""The build on a book of two small pages: what is executed when, and what fails it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import copy, copytree

import pytest
from bs4 import BeautifulSoup

from book.datasets.dataset import datasets
from conftest import ROOT, book
from press import site

HEAD = """---
kernelspec: {name: python3, display_name: Python 3}
jupytext: {text_representation: {extension: .md, format_name: myst}}
myst: {html_meta: {description: A page.}}
---
"""
# Each execution leaves a mark beside the page.
PAGE = """
# Page NAME

Prose.

```{code-cell} ipython3
with open("runs-NAME.txt", "a") as file:
    file.write("x")
print("the answer is", 6 * 7)
```

```{code-cell} ipython3
CODE
```
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A book of two pages, each with the code that ``write`` gives it."""
    copy(ROOT / "_config.yml", tmp_path)
    copy(ROOT / "references.bib", tmp_path)
    copy(ROOT / "requirements.lock", tmp_path)
    copytree(ROOT / "assets", tmp_path / "assets")
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n- file: chapters/a\n- file: chapters/b\n"
    )
    (tmp_path / "index.md").write_text("# A small book\n\nProse.\n")
    (tmp_path / "chapters").mkdir()
    write(tmp_path, "a", "from book.datasets import mnist")
    write(tmp_path, "b", "pass")
    return tmp_path


def write(project: Path, name: str, code: str, prose: str = "Prose.") -> None:
    text = PAGE.replace("NAME", name).replace("CODE", code).replace("Prose.", prose)
    (project / "chapters" / f"{name}.md").write_text(HEAD + text)


def runs(project: Path) -> tuple[int, int]:
    """How often each page has been executed."""
    files = [project / "chapters" / f"runs-{name}.txt" for name in "ab"]
    return tuple(len(file.read_text()) if file.exists() else 0 for file in files)  # type: ignore[return-value]


def html(project: Path) -> dict[str, str]:
    """The pages, without the checksums that Sphinx adds to style sheets where it finds them already written."""
    files = (project / "_build/html/chapters").glob("*.html")
    return {file.name: re.sub(r"\?v=\w+", "", file.read_text(encoding="utf-8")) for file in files}


def build(project: Path, *arguments: str, data: str | Path = "sample", code: int = 0) -> str:
    result = book("build", *arguments, cwd=project, data=data)
    assert result.returncode == code, result.stdout
    return result.stdout


def test_only_what_changed_is_executed(project: Path, small_data: Path) -> None:
    output = build(project)
    assert runs(project) == (1, 1)
    for shown in (
        "chapters/a: starting",
        "chapters/b: done in",
        "run time",
        "_build/html/index.html",
        "sample",
    ):
        assert shown in output, output
    page = project / "_build/html/chapters/a.html"
    assert "the answer is 42" in page.read_text()

    build(project)
    assert runs(project) == (1, 1), "an unchanged tree executes nothing"

    write(project, "a", "from book.datasets import mnist", prose="Other words.")
    build(project)
    assert runs(project) == (1, 1), "a prose edit executes nothing"
    assert "Other words." in page.read_text()

    write(project, "b", "x = 1")
    build(project)
    assert runs(project) == (1, 2), "an edit of a cell executes its page"

    build(project, data=small_data)
    assert runs(project) == (2, 2), "another data source executes the pages that load data"
    assert "a part of the data" in page.read_text(), "and they say so"

    with (project / "requirements.lock").open("a") as lock:
        lock.write("# another version\n")
    build(project, data=small_data)
    assert runs(project) == (3, 3), "other versions execute every page"


def test_only_the_named_page_is_executed(project: Path) -> None:
    build(project, "--page", "b")
    assert runs(project) == (0, 1)
    build(project)
    assert runs(project) == (1, 1)
    write(project, "a", "x = 1")
    write(project, "b", "x = 1")
    build(project, "--page", "chapters/a")
    assert runs(project) == (2, 1)
    build(project)
    assert runs(project) == (2, 2)
    assert "no page chapters/c.md" in build(project, "--page", "c", code=1)


def test_a_failing_cell_fails_every_build_until_it_is_mended(project: Path) -> None:
    write(project, "b", "values = [1, 2]\nvalues[5]")
    for _ in range(2):
        output = build(project, code=1)
        for shown in ("chapters/b", "values[5]", "IndexError: list index out of range"):
            assert shown in output, output
    write(project, "b", "values = [1, 2]")
    build(project)


def jupyter_book_alone(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    environment = {**os.environ, "BOOK_DATA": "sample"}
    command = [str(jupyter_book), "build", ".", *arguments]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("code", ["x = (", 'from book.claims import claim\nclaim("text-parameters", 1)'])
def test_every_way_to_build_fails(code: str, project: Path) -> None:
    write(project, "b", code)
    output = build(project, "--page", "b", code=1)
    assert "chapters/b" in output and ("SyntaxError" in output or "does not hold" in output), output
    assert jupyter_book_alone(project).returncode != 0


def test_a_notebook_beside_its_page_is_not_read_in_its_place(project: Path) -> None:
    (project / "chapters" / "a.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    build(project)
    assert "the answer is 42" in (project / "_build/html/chapters/a.html").read_text()


def test_a_long_cell_is_named_while_it_runs(project: Path) -> None:
    write(project, "b", "import time; time.sleep(12)")
    assert "cell 2 of 3: import time; time.sleep(12)" in build(project)


def test_a_false_claim_fails_the_build_from_the_cache_too(project: Path) -> None:
    write(project, "b", 'from book.claims import claim\nclaim("text-parameters", 160306)')
    for _ in range(2):
        output = build(project, code=1)
        assert "'text-parameters' does not hold" in output and "is 160,306, and must be 160,305" in output, output
    assert runs(project)[1] == 1, "the second check read the stored output"
    write(project, "b", 'from book.claims import claim\nclaim("text-parameters", 160305)')
    build(project)


def test_a_solution_that_its_check_does_not_pass_fails_the_build_from_the_cache_too(project: Path) -> None:
    write(project, "b", 'from book.checks import check\ncheck("essentials/99", 1)')
    for _ in range(2):
        output = build(project, code=1)
        assert "the solution of essentials/99 does not pass its check: There is no such exercise" in output, output
    build(project, "--page", "b", code=1)
    build(project, "--page", "a")
    assert runs(project) == (1, 1)


def test_the_page_data_is_written_from_the_modules_of_the_datasets(project: Path) -> None:
    for name in ("data", "running", "references"):
        copy(ROOT / "chapters" / f"{name}.md", project / "chapters")
        with (project / "_toc.yml").open("a") as contents:
            contents.write(f"- file: chapters/{name}\n")
    write(project, "a", "from book.datasets import mnist\nmnist.load_data()")
    build(project)
    pages = {name: BeautifulSoup(text, "html.parser") for name, text in html(project).items()}
    sections = pages["data.html"].select("section section")
    assert [section.select("h2")[0].find(string=True) for section in sections] == [each.title for each in datasets()]
    for dataset, section in zip(datasets(), sections, strict=True):
        said = section.get_text()
        assert f"{dataset.full_rows[0]:,} {dataset.many} to learn from" in said
        assert all(file.original and file.original.sha256 in said for file in dataset.files)
        assert dataset.packaged.sha256 in said and dataset.packaged.distribution in said
        links = {str(link["href"]) for link in section.select("a[href]")}
        assert dataset.home in links
        assert any(link.startswith("references.html#") for link in links), "its source is cited"
    banner = pages["a.html"].select_one(".data-banner")
    assert banner and "on the packaged sample (4,000 digits to learn from)" in banner.get_text()
    assert not pages["b.html"].select(".data-banner")


def test_a_change_of_the_extension_makes_every_page_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sphinx drops what it kept when this number changes."""
    monkeypatch.setattr(site, "HERE", tmp_path)
    (tmp_path / "launch.py").write_text("words = 1\n")
    before = site.version()
    assert before == site.version()
    (tmp_path / "launch.py").write_text("words = 2\n")
    assert before != site.version()


def test_jupyter_book_alone_gives_the_same_pages(project: Path) -> None:
    build(project)
    ours = html(project)
    result = jupyter_book_alone(project, "--all", "-W", "-n")
    assert result.returncode == 0, result.stdout + result.stderr
    assert runs(project) == (1, 1), "it took the executed pages from the same cache"
    assert html(project) == ours


def test_pages_with_another_head_a_byte_order_mark_and_magics_are_built(project: Path) -> None:
    page = "---\nfile_format: mystnb\nkernelspec: {name: python3, display_name: Python 3}\n---\n\n# NAME\n\nProse.\n"
    cells = (
        '\n```{code-cell} ipython3\n%matplotlib inline\nprint(6 * 7, "sold")\n```\n\n```{code-cell}\n!echo hello\n```\n'
    )
    (project / "chapters/a.md").write_text(page + cells, encoding="utf-8-sig")
    (project / "chapters/b.md").write_text(HEAD + "# NAME\n" + cells, encoding="utf-8-sig")
    build(project)
    for name in "ab":
        shown = (project / f"_build/html/chapters/{name}.html").read_text(encoding="utf-8")
        assert "42 sold" in shown and "hello" in shown and "page-facts" in shown


def test_a_fence_that_is_never_closed_is_named_with_its_line(project: Path) -> None:
    write(project, "a", "pass", prose=":::{note}\nProse.")
    output = build(project, code=1)
    line = (project / "chapters/a.md").read_text().split("\n").index(":::{note}") + 1
    assert f"chapters/a.md:{line}: :::{{note}} is never closed" in output and "KeyError" not in output
