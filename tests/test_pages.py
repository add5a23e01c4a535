from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import jupytext
import pytest
import yaml
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook

import prose
from book.datasets.sources import Source
from conftest import CONTENTS, ROOT
from press import dependencies
from press.myst import EXTENSIONS
from press.page import Page, PageError, check_call
from press.record.staleness import code_identity


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
    assert Page("a", PAGE).computation == "from book import plots\nx = 1"
    assert code_identity(Page("a", PAGE)) == code_identity(Page("a", PAGE.replace("Some prose", "Other prose")))
    assert code_identity(Page("a", PAGE)) == code_identity(Page("a", PAGE.replace("[1, 0]", "[2, 0]")))
    assert code_identity(Page("a", PAGE)) != code_identity(Page("a", PAGE.replace("x = 1", "x = 2")))


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
        return dependencies.fingerprint(Page("page", text), tmp_path, data)

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
    (tmp_path / "requirements-dev.lock").write_text("pytest==1\n")
    assert mark() == changed, "what tests and records decides nothing of what a page shows"
    for name in ("gpu", "data"):
        (tmp_path / f"requirements-{name}.lock").write_text("nvidia==1\n")
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
        return dependencies.fingerprint(Page("page", page), tmp_path, SAMPLE)

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
    before, other = (dependencies.fingerprint(Page("page", text), tmp_path, SAMPLE) for text in (page, PAGE))
    (package / file).write_text("changed")
    after, other_after = (dependencies.fingerprint(Page("page", text), tmp_path, SAMPLE) for text in (page, PAGE))
    assert after != before and other_after == other


def test_a_page_that_cannot_be_parsed_is_left_to_its_kernel(tmp_path: Path) -> None:
    assert dependencies.fingerprint(Page("page", PAGE.replace("x = 1", "x = (")), tmp_path, SAMPLE)


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
    assert dependencies.datasets_used(Page("page", PAGE.replace("x = 1", line))) == used
    assert dependencies.datasets_used(Page("page", PAGE)) == set()


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
        return dependencies.fingerprint(Page("page", text), tmp_path, SAMPLE)

    calls = page.replace("x = 1", f"{call}'one-chapter/3', x, y=2)")
    before, before_calls = mark(page), mark(calls)
    assert [sorted(dependencies.datasets_used(Page("page", text))) for text in (page, calls)] == [[], ["imdb"]]
    (package / "checks" / "other.py").write_text("y = 1\n")
    assert (mark(page), mark(calls)) == (before, before_calls)
    (package / "checks" / "one_chapter.py").write_text("from book.datasets import imdb\ny = 1\n")
    assert mark(page) == before and mark(calls) != before_calls
    assert mark(page.replace("x = 1", "print('one-chapter/3')\ncheck(x)\ncheck('x' * 9)\ncheck('no chapter')"))


HEAD = "---\nkernelspec: {name: python3, display_name: Python 3}\n---\n\n"
CELL = "\n```{code-cell} ipython3\n:tags: [remove-cell]\n\nx = 1\n```\n"


def test_what_stands_on_a_page_carries_its_line() -> None:
    text = (
        f"{HEAD}(top)=\n# A `b`\n\nSee {{cite}}`a,\nb` and\n{{glue:text}}`n:.1f`.\n{CELL}\n- a\n\n  :::{{note}}\n"
        "  ---\n  class: tip\n  ---\n  {numref}`c`\n  :::\n\n## Questions\n\n```{math}\n:label: m\n\nx\n```\n"
    )
    page = Page("chapters/a", text)
    lines = text.split("\n")
    assert (page.title, page.title_line) == ("A `b`", 6) and lines[5] == "# A `b`"
    assert [(role.name, role.content, role.line) for role in page.roles] == [
        *(("cite", "a, b", 8), ("glue:text", "n:.1f", 10), ("numref", "c", 24)),
    ]
    assert [(each.name, each.options, each.line, each.last, each.is_nested) for each in page.directives] == [
        *(("note", {"class": "tip"}, 20, 25, True), ("math", {"label": "m"}, 29, 33, False)),
    ]
    assert [(each.kind, each.label, each.line) for each in page.numbered] == [("math", "m", 29)]
    assert [(cell.kind, cell.line, lines[cell.line - 1]) for cell in page.cells] == [
        *(("text", 5, "(top)="), ("code", 15, "x = 1"), ("text", 18, "- a")),
    ]
    assert page.code_cells[0].tags == ["remove-cell"] and page.code_cells[0].figure is None
    assert (page.section(20), page.section(29)) == ("", "Questions")
    assert page.front_matter["kernelspec"]["name"] == "python3"


def test_claims_checks_and_seeds_are_read_from_the_code() -> None:
    code = (
        'claim(\n    "a", 1)\nfor name in names:\n    claims.claim(f"b-{name}", 1)\n    claim("c-" + name, 1)\n'
        '# claim("no", 1)\nkeras.utils.set_random_seed(3)\nset_random_seed(seed)\n"set_random_seed(4)"'
    )
    page = Page("a", f"# T\n\n```{{code-cell}}\n%matplotlib inline\n{code}\n```\n")
    assert [(call.argument, call.line) for call in page.calls("claim")] == [("a", 5), ("b-*", 8), ("c-*", 9)]
    assert page.seeds == [3]
    assert check_call('check(\n    "cnn/3",\n    best, gap,\n)') == ("cnn/3", ["best", "gap"])
    assert check_call('check("cnn/3")') == ("cnn/3", [])
    for other in (
        'x = check("cnn/3", a)',
        'check("cnn/3", a + 1)',
        'check("cnn/3", a)\nx',
        "check(a)",
        'other("cnn/3", a)',
    ):
        assert check_call(other) is None, other


@pytest.mark.parametrize("page", CONTENTS.read_pages(ROOT), ids=lambda page: page.name)
def test_myst_nb_and_jupytext_cut_the_same_cells(page: Page) -> None:
    ours = [(cell.kind, cell.source, cell.metadata) for cell in page.cells]
    for cells in (read_myst_markdown_notebook(page.text).cells, jupytext.reads(page.text, fmt="md:myst").cells):
        assert ours == [(cell.cell_type.replace("markdown", "text"), cell.source, cell.metadata) for cell in cells]
    assert [page.source.split("\n")[cell.line - 1] for cell in page.cells] == [
        cell.source.split("\n")[0] for cell in page.cells
    ]


@pytest.mark.parametrize(
    ("head", "executed"),
    [
        ("jupytext: {text_representation: {extension: .md, format_name: myst}}", True),
        ('jupytext:\n  text_representation:\n    format_name: "myst"', True),
        ("file_format: mystnb", True),
        ("jupytext: {text_representation: {format_name: markdown}}", False),
        ("title: 'format_name: myst'", False),
        ("# format_name: myst\ntitle: a", False),
        ("", False),
    ],
)
@pytest.mark.parametrize("saved", ["as it is", "with a byte-order mark", "with other ends of lines"])
def test_whether_a_page_is_executed_is_what_myst_nb_says(head: str, executed: bool, saved: str) -> None:
    text = f"---\n{head}\n---\n\n# T\n{CELL}" if head else f"# T\n\nformat_name: myst\n{CELL}"
    assert is_myst_markdown_notebook(text) is executed
    text = "\ufeff" + text if "mark" in saved else text.replace("\n", "\r\n") if "ends" in saved else text
    page = Page("a", text)
    assert page.is_executed is executed
    assert [cell.source for cell in page.code_cells] == ["x = 1"]


@pytest.mark.parametrize(
    "code",
    [
        "%matplotlib inline\nfrom book.datasets import mnist",
        "!ls\nimport book.datasets",
        "%%time\nfrom book.datasets import mnist",
        "%%capture out\n%matplotlib inline\nfrom book import datasets",
    ],
)
def test_a_magic_hides_no_import(code: str) -> None:
    assert "mnist" in dependencies.datasets_used(Page("page", PAGE.replace("x = 1", code)))
    assert not dependencies.datasets_used(Page("page", PAGE.replace("x = 1", code.replace("book", "other"))))


def test_a_page_that_is_not_there_or_no_text_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no page a\.md"):
        Page.read("a", tmp_path)
    (tmp_path / "a.md").write_bytes("# T\n\ncafé".encode("latin-1"))
    with pytest.raises(PageError, match=r"a\.md:3: not UTF-8"):
        Page.read("a", tmp_path)


@pytest.mark.parametrize(("head", "line"), [("a: [", 2), ("b: c\na: b: c", 3), ("- a", 1), ("a", 1)])
def test_front_matter_that_is_no_mapping_is_an_error(head: str, line: int) -> None:
    with pytest.raises(PageError, match=rf"^a\.md:{line}: the front matter"):
        Page("a", f"---\n{head}\n---\n# T\n").front_matter  # noqa: B018


QUESTION = "# T\n\n```{exercise-start} look\n:label: e\n```\nQ\n```{exercise-end}\n```\n\n"
#: The ways to write a solution, each on the lines from the tenth.
WAYS = {
    "backticks": "```{solution-start} e\n:class: dropdown\n```\nSECRET\n```{solution-end}\n```\n",
    "colons": ":::{solution-start} e\n:class: dropdown\n:::\nSECRET\n:::{solution-end}\n:::\n",
    "four colons": "::::{solution-start} e\n::::\nSECRET\n::::{solution-end}\n::::\n",
    "tildes": "~~~{solution-start} e\n~~~\nSECRET\n~~~{solution-end}\n~~~\n",
    "a space": "``` {solution-start} e\n```\nSECRET\n``` {solution-end}\n```\n",
    "indented": "  ```{solution-start} e\n  ```\nSECRET\n  ```{solution-end}\n  ```\n",
    "trailing spaces": "```{solution-start} e \n```\nSECRET\n```{solution-end} \n```\n",
    "other ends of lines": "```{solution-start} e\r\n```\r\nSECRET\r\n```{solution-end}\r\n```\r\n",
    "YAML options": "```{solution-start} e\n---\nclass: dropdown\n---\n```\nSECRET\n```{solution-end}\n```\n",
    "mixed": "```{solution-start} e\n```\nSECRET\n:::::{solution-end}\n:::::\n",
    "no label": "```{solution-start}\n```\nSECRET\n```{solution-end}\n```\n",
    "capitals": "```{Solution-Start} e\n```\nSECRET\n```{Solution-End}\n```\n",
    "closed": "````{solution} e\nSECRET\n```python\nSECRET\n```\n````\n",
    "closed, colons": ":::{solution} e\nSECRET\n:::\n",
    "closed, in a list": "- a\n\n  ```{solution} e\n  SECRET\n  ```\n",
    "closed, in a quotation": "> ```{solution} e\n> SECRET\n> ```\n",
    "closed, in a note": "````{note}\n```{solution} e\nSECRET\n```\n````\n",
    "with a cell": "```{solution-start} e\n```\nSECRET\n```{code-cell}\nSECRET\n```\n```{solution-end}\n```\n",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_solution_is_taken_out_however_it_is_written(way: str) -> None:
    page = Page("exercises/x", QUESTION + WAYS[way] + "\nThe end.\n")
    kept = page.without_solutions
    assert "SECRET" not in kept and "solution" not in kept.lower()
    assert kept.startswith(QUESTION) and kept.endswith("\nThe end.\n")
    assert len(page.solutions) == 1 and len(page.exercises) == 1
    assert page.exercises[0].label == "e" and (page.exercises[0].line, page.exercises[0].last) == (3, 8)
    assert "{solution" in page.source.split("\n")[page.solutions[0].line - 1].lower()


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("```{solution-start} e\n```\nSECRET\n", 10, "not opened and closed"),
        ("SECRET\n```{solution-end}\n```\n", 11, "not opened and closed"),
        (WAYS["backticks"].replace("end", "start"), 14, "not opened and closed"),
        (WAYS["backticks"].replace("solution-end", "exercise-end"), 10, "not opened and closed"),
        ("> ```{solution-start} e\n> ```\n> SECRET\n> ```{solution-end}\n> ```\n", 10, "must stand by itself"),
        ("- a\n\n  ```{solution-start} e\n  ```\n  SECRET\n  ```{solution-end}\n  ```\n", 12, "must stand by itself"),
        ("````{note}\n```{solution-start} e\n```\nSECRET\n```{solution-end}\n```\n````\n", 11, "must stand by itself"),
        (":::{solution} e\nSECRET\n", 10, "never closed"),
        ("````{note}\n\n:::{solution} e\nSECRET\n````\n", 12, "never closed"),
        ("<!--\n" + WAYS["backticks"] + "-->\n", 11, "inside HTML or a comment"),
        ("> <div>\n> {Solution} SECRET\n> </div>\n", 11, "inside HTML or a comment"),
        (":::{note}\n<!-- {solution-start} -->\n:::\n", 11, "inside HTML or a comment"),
        ("```{include} more.md\n```\n", 10, "{include} may bring in a solution"),
        (":::{note}\n```{eval-rst}\nx\n```\n:::\n", 11, "{eval-rst} may bring in a solution"),
        (WAYS["backticks"] + "\n```{eval-rst}\nx\n```\n", 17, "{eval-rst} may bring in a solution"),
    ],
)
def test_a_solution_that_cannot_be_taken_out_whole_is_an_error(text: str, line: int, says: str) -> None:
    page = Page("exercises/x", QUESTION + text)
    with pytest.raises(PageError, match=rf"^exercises/x\.md:{line}: .*{re.escape(says)}"):
        page.without_solutions  # noqa: B018


def test_a_page_without_solutions_is_left_as_it_is() -> None:
    text = QUESTION + "A solution, and `{solution} e`:\n\n~~~\n```{solution} e\n```\n~~~\n"
    assert Page("exercises/x", text).without_solutions == text
    for other in ("# T\n\n```{include} more.md\n```\n", QUESTION + "<!-- a comment -->\n", "# T\n\n<b>{note}</b>\n"):
        assert Page("chapters/x", other).without_solutions == other
    included = QUESTION + ":::{solution} e\n```{include} more.md\n```\n:::\n"
    assert Page("exercises/x", included).without_solutions == QUESTION, "what a solution brings in goes with it"


def test_the_parser_has_the_extensions_of_the_site() -> None:
    site = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["parse"]["myst_enable_extensions"]
    assert {*site} - {"smartquotes"} == {*EXTENSIONS}, "smart quotes change the look of words, and nothing that is read"
