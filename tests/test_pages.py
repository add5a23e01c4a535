from __future__ import annotations

from pathlib import Path

import pytest

import prose
from press import dependencies
from press import page as pages
from press.record.staleness import code_identity

PAGE = """---
kernelspec: {name: python3, display_name: Python 3}
---

# A page

```{code-cell} ipython3
from book import plots
x = 1
```

Some prose.

```{code-cell} ipython3
---
mystnb: {figure: {name: fig-a, caption: A.}, image: {alt: A line.}}
---
plots.training_curves({"loss": [1, 0]})
```
"""


@pytest.mark.parametrize("path", prose.PAGES, ids=lambda path: path.stem)
def test_every_page_keeps_the_rules(path: Path) -> None:
    assert prose.problems(path) == []


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("This is simply true.", "unwanted"),
        ("The accuracy is 0.8812 on the test data.", "typed by hand"),
        ("The network reaches 98.2 % of them.", "typed by hand"),
        ("We get {glue:text}`nothing:.1%`.", "which no cell registers"),
        ("```{code-cell} ipython3\nplt.show()\n```", "no caption"),
        ("```{code-cell} ipython3\n!pip install keras\n```", "does not install"),
        ('```{code-cell} ipython3\nclaim("nowhere", 1)\n```', "does not define"),
    ],
)
def test_the_rules_catch(bad: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(PAGE + "\n" + bad + "\n")
    assert any(says in line for line in prose.problems(path)), prose.problems(path)


def test_the_computation_of_a_page_leaves_out_its_figures_and_its_prose() -> None:
    assert pages.computation(PAGE) == "from book import plots\nx = 1"
    assert code_identity(PAGE) == code_identity(PAGE.replace("Some prose", "Other prose"))
    assert code_identity(PAGE) == code_identity(PAGE.replace("[1, 0]", "[2, 0]"))
    assert code_identity(PAGE) != code_identity(PAGE.replace("x = 1", "x = 2"))


def test_modules_are_followed_through_their_imports() -> None:
    names = {
        path.relative_to(dependencies.PACKAGE).as_posix()
        for path in dependencies.modules("from book.datasets import mnist")
    }
    assert {"datasets/__init__.py", "datasets/mnist.py", "datasets/sources.py", "datasets/sample.py"} <= names
    assert "plots.py" not in names and "cli.py" not in names
    assert dependencies.modules("import numpy") == set()


def test_the_fingerprint_follows_modules_versions_and_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "book"
    (package / "datasets").mkdir(parents=True)
    (package / "datasets" / "__init__.py").write_text("rows = 1\n")
    for name in ("__init__.py", "plots.py", "other.py", "figures.mplstyle"):
        (package / name).write_text("")
    monkeypatch.setattr(dependencies, "PACKAGE", package)
    monkeypatch.setattr(dependencies, "DATASETS", package / "datasets" / "__init__.py")
    lock = tmp_path / "requirements.lock"
    lock.write_text("keras==3\n")

    def mark(text: str = PAGE, data: str = "sample") -> str:
        dependencies._file_hash.cache_clear()
        return dependencies.fingerprint(text, tmp_path, data)

    with_data = PAGE.replace("x = 1", "from book.datasets import mnist")
    before, before_data = mark(), mark(with_data)
    assert mark(PAGE.replace("Some prose", "Other prose")) == before
    assert mark(data="full") == before, "a page without data does not depend on it"
    assert mark(with_data, data="full") != before_data
    (package / "other.py").write_text("y = 2\n")
    assert mark() == before, "the page does not import this module"
    (package / "datasets" / "__init__.py").write_text("rows = 2\n")
    assert mark() == before and mark(with_data) != before_data
    (package / "figures.mplstyle").write_text("lines.linewidth: 3\n")
    assert mark() != before
    (package / "figures.mplstyle").write_text("")
    assert mark() == before
    (package / "plots.py").write_text("z = 3\n")
    changed = mark()
    assert changed != before
    lock.write_text("keras==4\n")
    assert mark() != changed
    changed = mark()
    (tmp_path / "requirements-gpu.lock").write_text("nvidia==1\n")
    assert mark() != changed
    changed = mark()
    (package / "passport.py").write_text("shape = 2\n")
    assert mark() != changed, "it decides what every page records of its execution"
    changed = mark()
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert mark() != changed


def test_a_page_that_compares_with_recorded_runs_follows_those_of_chapters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "book"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "recorded.py").write_text("")
    monkeypatch.setattr(dependencies, "PACKAGE", package)
    page = PAGE.replace("from book import plots", "from book import recorded")

    def mark(*runs: str) -> str:
        (package / "recorded.json").write_text("\n".join(runs))
        return dependencies.fingerprint(page, tmp_path, "sample")

    chapter, exercises = '{"page": "chapters/cnn", "seed": 1}', '{"page": "exercises/cnn", "seed": 1}'
    before = mark(chapter)
    assert mark(chapter, exercises) == before, "a page of exercises does not wait for its own recording"
    assert mark(chapter.replace("1", "2")) != before


@pytest.mark.parametrize("file", ["explorers/one.js", "explorers/explorers.css", "sweeps/runs.jsonl"])
def test_a_page_with_an_explorer_follows_what_the_explorer_shows(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "book"
    for name in ("__init__.py", "explorers/__init__.py", "explorers/widget.py", "sweeps/runs.py", file):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("")
    (package / "explorers/widget.py").write_text("from book.sweeps import runs\n")
    (package / "explorers/__init__.py").write_text("from book.explorers.widget import Explorer\n")
    monkeypatch.setattr(dependencies, "PACKAGE", package)
    page = PAGE.replace("from book import plots", "from book.explorers import Explorer")
    before, other = (dependencies.fingerprint(text, tmp_path, "sample") for text in (page, PAGE))
    (package / file).write_text("changed")
    after, other_after = (dependencies.fingerprint(text, tmp_path, "sample") for text in (page, PAGE))
    assert after != before and other_after == other


def test_a_page_that_cannot_be_parsed_is_left_to_its_kernel(tmp_path: Path) -> None:
    assert dependencies.fingerprint(PAGE.replace("x = 1", "x = ("), tmp_path, "sample")


@pytest.mark.parametrize(
    "line", ["from book.datasets import imdb", "from book import datasets", "import book.datasets"]
)
def test_a_page_that_loads_data_is_known(line: str) -> None:
    assert dependencies.uses_data(PAGE.replace("x = 1", line))
    assert not dependencies.uses_data(PAGE)
