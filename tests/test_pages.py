from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

import prose
from book.datasets.sources import Source
from press import dependencies
from press import page as pages
from press.record import pages as recording


def a_source(name: str, **data: str) -> Source:
    """Data of that much, whose datasets' fingerprints are made of these."""
    found: Any = SimpleNamespace(name=name, fingerprint=lambda names: " ".join(data[each] for each in sorted(names)))
    return cast(Source, found)


SAMPLE = a_source("sample", mnist="1", imdb="1")

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
    assert recording.code_hash(PAGE) == recording.code_hash(PAGE.replace("Some prose", "Other prose"))
    assert recording.code_hash(PAGE) == recording.code_hash(PAGE.replace("[1, 0]", "[2, 0]"))
    assert recording.code_hash(PAGE) != recording.code_hash(PAGE.replace("x = 1", "x = 2"))


def test_modules_are_followed_through_their_imports() -> None:
    names = {
        path.relative_to(dependencies.PACKAGE).as_posix()
        for path in dependencies.modules("from book.datasets import mnist")
    }
    assert {"datasets/__init__.py", "datasets/mnist.py", "datasets/sources.py", "datasets/packaged.py"} <= names
    assert not {"plots.py", "cli.py", "datasets/imdb.py"} & names
    assert dependencies.modules("import numpy") == set()


def test_the_fingerprint_follows_modules_versions_and_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "book"
    (package / "datasets").mkdir(parents=True)
    (package / "datasets" / "__init__.py").write_text("rows = 1\n")
    for name in ("__init__.py", "plots.py", "other.py", "figures.mplstyle"):
        (package / name).write_text("")
    (package / "datasets" / "sources.py").write_text("")
    for name in ("mnist.py", "imdb.py"):
        (package / "datasets" / name).write_text("from book.datasets import sources\n")
    monkeypatch.setattr(dependencies, "PACKAGE", package)
    lock = tmp_path / "requirements.lock"
    lock.write_text("keras==3\n")

    def mark(text: str = PAGE, data: Source = SAMPLE) -> str:
        dependencies._file_hash.cache_clear()
        return dependencies.fingerprint(text, tmp_path, data)

    with_data = PAGE.replace("x = 1", "from book.datasets import mnist")
    before, before_data = mark(), mark(with_data)
    assert mark(PAGE.replace("Some prose", "Other prose")) == before
    assert mark(data=a_source("full", mnist="1", imdb="1")) == before, "a page without data does not depend on it"
    assert mark(with_data, data=a_source("sample", mnist="2", imdb="1")) != before_data
    assert mark(with_data, data=a_source("sample", mnist="1", imdb="2")) == before_data, "it does not use this data"
    assert mark(with_data, data=a_source("full", mnist="1", imdb="1")) == before_data, "nor asks how much there is"
    asks = PAGE.replace("x = 1", "from book.datasets import sources")
    assert mark(asks) != mark(asks, data=a_source("full", mnist="1", imdb="1")), "and this one does ask"
    assert mark(asks) == mark(asks, data=a_source("sample", mnist="2", imdb="2"))
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
        return dependencies.fingerprint(page, tmp_path, SAMPLE)

    chapter, exercises = '{"page": "chapters/cnn", "seed": 1}', '{"page": "exercises/cnn", "seed": 1}'
    before = mark(chapter)
    assert mark(chapter, exercises) == before, "a page of exercises does not wait for its own recording"
    assert mark(chapter.replace("1", "2")) != before


@pytest.mark.parametrize("file", ["explorers/one.js", "explorers/explorers.css", "sweeps/recorded.jsonl"])
def test_a_page_with_an_explorer_follows_what_the_explorer_shows(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "book"
    for name in ("__init__.py", "explorers/__init__.py", "explorers/widget.py", "sweeps/recorded.py", file):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("")
    (package / "explorers/widget.py").write_text("from book.sweeps import recorded\n")
    (package / "explorers/__init__.py").write_text("from book.explorers.widget import Explorer\n")
    monkeypatch.setattr(dependencies, "PACKAGE", package)
    page = PAGE.replace("from book import plots", "from book.explorers import Explorer")
    before, other = (dependencies.fingerprint(text, tmp_path, SAMPLE) for text in (page, PAGE))
    (package / file).write_text("changed")
    after, other_after = (dependencies.fingerprint(text, tmp_path, SAMPLE) for text in (page, PAGE))
    assert after != before and other_after == other


def test_a_page_that_cannot_be_parsed_is_left_to_its_kernel(tmp_path: Path) -> None:
    assert dependencies.fingerprint(PAGE.replace("x = 1", "x = ("), tmp_path, SAMPLE)


@pytest.mark.parametrize(
    ("line", "used"),
    [
        ("from book.datasets import imdb", {"imdb"}),
        ("from book.datasets import mnist as digits, imdb", {"imdb", "mnist"}),
        ("import book.datasets.mnist", {"mnist"}),
        ("from book.datasets.mnist import load_data", {"mnist"}),
        ("from book import datasets", {"imdb", "mnist"}),
        ("import book.datasets as data", {"imdb", "mnist"}),
        ("from book.datasets import *", {"imdb", "mnist"}),
        ("from book.datasets import DataError, sources", set()),
        ("from book import recorded", set()),
        ("from keras.datasets import mnist", set()),
        ("import (", set()),
    ],
)
def test_the_datasets_that_a_page_uses(line: str, used: set[str]) -> None:
    assert dependencies.datasets_used(PAGE.replace("x = 1", line)) == used
    assert dependencies.datasets_used(PAGE) == set()


@pytest.mark.parametrize("call", ["check(", "checks.check("])
def test_a_page_follows_the_checks_that_it_calls(call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "book"
    (package / "checks").mkdir(parents=True)
    for name in ("__init__", "checks/__init__", "checks/core", "checks/one_chapter", "checks/other"):
        (package / f"{name}.py").write_text("")
    (package / "checks" / "__init__.py").write_text("from book.checks.core import check\n")
    (package / "checks" / "one_chapter.py").write_text("from book.datasets import imdb\n")
    monkeypatch.setattr(dependencies, "PACKAGE", package)
    page = PAGE.replace("from book import plots", "from book import checks\nfrom book.checks import check")

    def mark(text: str) -> str:
        dependencies._file_hash.cache_clear()
        return dependencies.fingerprint(text, tmp_path, SAMPLE)

    calls = page.replace("x = 1", f"{call}'one-chapter/3', x, y=2)")
    before, before_calls = mark(page), mark(calls)
    assert [sorted(dependencies.datasets_used(text)) for text in (page, calls)] == [[], ["imdb"]]
    (package / "checks" / "other.py").write_text("y = 1\n")
    assert (mark(page), mark(calls)) == (before, before_calls)
    (package / "checks" / "one_chapter.py").write_text("from book.datasets import imdb\ny = 1\n")
    assert mark(page) == before and mark(calls) != before_calls
    assert mark(page.replace("x = 1", "print('one-chapter/3')\ncheck(x)\ncheck('x' * 9)\ncheck('no chapter')"))
