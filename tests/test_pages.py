from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import jupytext
import pytest
import yaml
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook

import prose
from conftest import CONTENTS, ROOT
from press import dependencies
from press.myst import EXTENSIONS
from press.page import Page, PageError, check_call
from press.record import pages as recording

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
    assert recording.code_hash(PAGE) == recording.code_hash(PAGE.replace("Some prose", "Other prose"))
    assert recording.code_hash(PAGE) == recording.code_hash(PAGE.replace("[1, 0]", "[2, 0]"))
    assert recording.code_hash(PAGE) != recording.code_hash(PAGE.replace("x = 1", "x = 2"))


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
    assert dependencies.uses_data(PAGE.replace("x = 1", code))
    assert not dependencies.uses_data(PAGE.replace("x = 1", code.replace("book", "other")))


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
    ],
)
def test_a_solution_that_cannot_be_taken_out_whole_is_an_error(text: str, line: int, says: str) -> None:
    page = Page("exercises/x", QUESTION + text)
    with pytest.raises(PageError, match=rf"^exercises/x\.md:{line}: .*{says}"):
        page.without_solutions  # noqa: B018


def test_a_page_without_solutions_is_left_as_it_is() -> None:
    text = QUESTION + "A solution, and `{solution} e`:\n\n~~~\n```{solution} e\n```\n~~~\n"
    assert Page("exercises/x", text).without_solutions == text


def test_the_parser_has_the_extensions_of_the_site() -> None:
    site = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["parse"]["myst_enable_extensions"]
    assert {*site} - {"smartquotes"} == {*EXTENSIONS}, "smart quotes change the look of words, and nothing that is read"


def test_all_pages_are_parsed_in_less_than_two_seconds() -> None:
    code = (
        "import time; from pathlib import Path; from press.contents import Contents\n"
        "started = time.process_time(); root = Path()\n"
        "for page in Contents.read(root).read_pages(root):\n"
        "    page.title, page.cells, page.directives, page.roles, page.numbered, page.solutions, page.calls('claim')\n"
        "print(time.process_time() - started)"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert float(result.stdout) < 2
