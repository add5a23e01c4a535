"""The build on a book of two small pages: what is executed when, and what fails it."""

from __future__ import annotations

import ast
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from shutil import copy, copytree
from types import SimpleNamespace

import myst_nb.core.execute.cache
import psutil
import pytest
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

from book.datasets.dataset import datasets
from conftest import ROOT, book
from press import site
from press.contents import LEFT_OUT, NOT_YET
from press.site import redirects, values

pytestmark = pytest.mark.slow

HEAD = """---
kernelspec: {name: python3, display_name: Python 3}
jupytext: {text_representation: {extension: .md, format_name: myst}}
myst: {html_meta: {description: A page.}}
---
"""
#: The top of a page without code.
DESCRIBED = "---\nmyst: {html_meta: {description: A page.}}\n---\n"
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
    (tmp_path / "index.md").write_text(DESCRIBED + "# A small book\n\nProse.\n")
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


def test_a_mistake_is_found_before_anything_is_executed(project: Path) -> None:
    build(project)
    for prose, said in (
        ("See {reff}`there`.", "there is no role {reff}: did you mean ref?"),
        ("See [](#nowhere).", "nothing is labelled nowhere: correct the name"),
        ("As {cite}`nobody-2020` says.", "there is no work nobody-2020 in references.bib"),
    ):
        write(project, "a", "x = 1", prose=prose)
        line = 1 + (project / "chapters/a.md").read_text().splitlines().index(prose)
        output = build(project, code=1)
        assert output.count("chapters/a.md:") == 1 and f"chapters/a.md:{line}: {said}" in output, output
        assert runs(project) == (1, 1) and NOT_YET in html(project)["a.html"]
    write(project, "a", "x = 1")
    build(project)
    assert runs(project) == (2, 1) and NOT_YET not in html(project)["a.html"]


def test_only_the_named_page_is_executed(project: Path) -> None:
    build(project, "--page", "b")
    assert runs(project) == (0, 1)
    assert LEFT_OUT in html(project)["a.html"] and LEFT_OUT not in html(project)["b.html"]
    build(project)
    assert LEFT_OUT not in html(project)["a.html"]
    assert runs(project) == (1, 1)
    write(project, "a", "x = 1")
    write(project, "b", "x = 1")
    build(project, "--page", "chapters/a")
    assert runs(project) == (2, 1)
    build(project)
    assert runs(project) == (2, 2)
    assert "no page chapters/c.md" in build(project, "--page", "c", code=1)
    configure(project, "book_pages: [chapters/c]")
    output = jupyter_book_alone(project).stderr
    assert "book_pages: 'chapters/c' is no page" in output and runs(project) == (2, 2), output


@pytest.mark.parametrize(
    ("pages", "said"),
    [
        ([], None),
        (["new"], None),
        (["new", "new"], None),
        ("new", "book_pages is 'new': write a list"),
        (None, "book_pages is None: write a list"),
        (["new", "slip"], "book_pages: 'slip' is no page"),
        ([["new"]], "book_pages: ['new'] is no page"),
    ],
)
def test_pages_that_are_not_there_cannot_be_chosen(pages: object, said: str | None) -> None:
    app, env = SimpleNamespace(config=SimpleNamespace(book_pages=pages)), SimpleNamespace(found_docs={"new", "other"})
    if said is None:
        assert values.refuse_unknown_pages(app, env, []) is None  # type: ignore[arg-type, func-returns-value]
        return
    with pytest.raises(ExtensionError, match=re.escape(said)):
        values.refuse_unknown_pages(app, env, [])  # type: ignore[arg-type]


def test_a_failing_cell_fails_every_build_until_it_is_mended(project: Path) -> None:
    write(project, "b", "values = [1, 2]\nvalues[5]")
    line = 1 + (project / "chapters/b.md").read_text().splitlines().index("values = [1, 2]")
    for number in (1, 2):
        output = build(project, code=1)
        for shown in (
            f"chapters/b.md:{line}: Executing notebook failed: IndexError: list index out of range",
            "cell 2 of 3: values = [1, 2]\n",
            "values[5]",
            "IndexError: list index out of range",
        ):
            assert shown in output, output
        assert re.search(r"^chapters/b +FAILED$", output, re.M), output
        assert output.count("Executing notebook failed") == 1 and "\x1b[31mIndexError" not in output
        assert runs(project) == (1, number), "a failing page is executed once a build"
        shown_page = html(project)["b.html"]
        assert "the answer is 42" in shown_page and "IndexError" in shown_page, "what it did until then is shown"
    write(project, "b", "values = [1, 2]")
    build(project)
    assert runs(project) == (1, 3)
    assert "IndexError" not in html(project)["b.html"]


def test_a_kernel_that_dies_is_a_failing_page(project: Path) -> None:
    write(project, "b", "import os; os._exit(3)")
    output = build(project, code=1)
    assert (
        "chapters/b.md" in output and "DeadKernelError: Kernel died\ncell 2 of 3: import os; os._exit(3)" in output
    ), output
    assert runs(project) == (1, 1) and "Traceback" not in output


def test_a_kernel_that_is_not_there_is_a_failing_page(project: Path) -> None:
    page = project / "chapters/b.md"
    page.write_text(page.read_text().replace("kernelspec: {name: python3,", "kernelspec: {name: of-my-own,"))
    output = build(project, "--page", "b", code=1)
    assert "chapters/b.md:" in output and "NoSuchKernel: No such kernel named of-my-own" in output, output
    assert "Traceback" not in output


def test_what_is_wrong_with_the_settings_fails_every_build(project: Path) -> None:
    text = (project / "_config.yml").read_text()
    (project / "_config.yml").write_text(text.replace("logo: assets/logo.svg", "logo: assets/none.svg"))
    for _ in range(2):
        output = build(project, code=1)
        assert "_config.yml: logo file" in output and "\x1b" not in output, output
    assert runs(project) == (0, 0)


def test_a_figure_below_a_cell_that_failed_is_drawn_once_it_is_mended(project: Path) -> None:
    figure = """See {numref}`fig-b`.

```{code-cell} ipython3
---
mystnb:
  figure: {name: fig-b, caption: A line.}
  image: {alt: A line.}
---
from IPython.display import SVG
SVG('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0L9 9"/></svg>')
```
"""
    for code, status in (("1 / 0", 1), ("1 / 1", 0)):
        write(project, "b", code)
        page = project / "chapters/b.md"
        page.write_text(page.read_text() + "\n" + figure)
        build(project, code=status)
    assert "A line." in html(project)["b.html"] and NOT_YET not in html(project)["b.html"]


def test_a_page_that_a_failed_build_left_unfinished_is_not_taken_for_one_that_runs(project: Path) -> None:
    build(project)
    write(project, "a", "x = 1", prose="See {reff}`there`.")
    write(project, "b", "x = 2")
    build(project, code=1)
    assert NOT_YET in html(project)["b.html"]
    write(project, "a", "x = 1")
    output = build(project, "--page", "a")
    assert LEFT_OUT in html(project)["b.html"] and NOT_YET not in html(project)["b.html"]
    assert "chapters/b " not in output[output.index("run time") :]
    build(project)
    assert runs(project) == (2, 2) and LEFT_OUT not in html(project)["b.html"]


def test_the_table_of_executions_says_which_failed(project: Path) -> None:
    write(project, "b", "1 / 0")
    (project / "index.md").write_text(DESCRIBED + "# A small book\n\n```{nb-exec-table}\n```\n")
    for names in ("a b", "b"):  # the other page is executed, and then taken from the cache
        output = build(project, code=1)
        assert all(f"chapters/{name}: starting" in output for name in names.split())
        rows = BeautifulSoup((project / "_build/html/index.html").read_text(), "html.parser").select("tbody tr")
        said = {row.select("td")[0].get_text(strip=True): row.select("td")[4].get_text(strip=True) for row in rows}
        assert said == {"chapters/a": "✅", "chapters/b": "❌"}, said


def replaced(code: str) -> list[str]:
    """The attributes of imported modules and classes that some code assigns."""
    tree, found = ast.parse(code), []
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    imported = {(name.asname or name.name).split(".")[0] for node in imports for name in node.names}
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            if isinstance(target, ast.Attribute) and ast.unparse(target).split(".")[0] in imported:
                found.append(ast.unparse(target))
    return found


#: What the extension asks of Sphinx besides events.
ADDS = (
    "add_config_value",
    "add_directive",
    "add_html_math_renderer",
    "add_node",
    "add_post_transform",
    "add_transform",
)


def test_nothing_of_myst_nb_is_replaced() -> None:
    before = myst_nb.core.execute.cache.single_nb_execution
    connected: list[str] = []
    app = SimpleNamespace(
        connect=lambda event, *_, **__: connected.append(event),
        **dict.fromkeys(ADDS, lambda *_, **__: None),
    )
    site.setup(app)  # type: ignore[arg-type]
    assert "source-read" in connected and myst_nb.core.execute.cache.single_nb_execution is before
    assert replaced("import a.b\nfrom c import d\na.b.e = 1\nd.f: int = 2\nd.g += 1\nown.h = 3") == [
        "a.b.e",
        "d.f",
        "d.g",
    ]
    for path in (ROOT / "press/site").glob("*.py"):
        assert replaced(path.read_text(encoding="utf-8")) == [], path


def test_ctrl_c_ends_the_build_and_its_kernels(project: Path) -> None:
    write(project, "b", 'import os, time\nopen("pid.txt", "w").write(str(os.getpid()))\ntime.sleep(300)')
    command = [sys.executable, "-m", "press.cli", "build"]
    environment = {**os.environ, "BOOK_DATA": "sample"}
    with subprocess.Popen(
        command, cwd=project, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        pid, deadline = project / "chapters/pid.txt", time.monotonic() + 120
        while not (pid.exists() and pid.read_text()) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        kernel = psutil.Process(int(pid.read_text()))
        stopped = time.monotonic()
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    kernel.wait(timeout=20)
    assert time.monotonic() - stopped < 20
    assert process.returncode == 130 and "Traceback" not in output, output
    pid.unlink()
    write(project, "b", "pass")
    build(project)
    assert runs(project)[1] == 2, "nothing of it was kept as if it had ended"


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


def test_half_a_file_in_the_cache_is_made_anew(project: Path) -> None:
    build(project)
    for path in list((project / "_build/.jupyter_cache/executed").rglob("base.ipynb")):
        if "runs-a" in path.read_text():
            path.write_text(path.read_text()[:100])
        else:
            shutil.rmtree(path.parent)
    shutil.rmtree(project / "_build/.doctrees")
    build(project)
    assert runs(project) == (2, 2) and "the answer is 42" in html(project)["a.html"]


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


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_claim_that_is_no_number_does_not_hold(value: str, project: Path, small_data: Path) -> None:
    """Of a training that diverged, on data where the claim is not checked otherwise; JSON keeps the value as text."""
    write(project, "b", f'from book.claims import claim\nclaim("cnn-test-accuracy", float("{value}"))')
    output = build(project, data=small_data, code=1)
    [warning] = re.findall(r"^.*'cnn-test-accuracy' does not hold.*$", output, re.M)
    assert "chapters/cnn" in warning and f" is {value}, and must be " in warning and "Traceback" not in output
    write(project, "b", 'from book.claims import claim\nclaim("cnn-test-accuracy", 0.5)')
    build(project, data=small_data)


FOREIGN = """from IPython.display import display
for kind, data in ITEMS:
    display({"text/plain": "foreign"}, raw=True, metadata={"book": {"kind": kind, "data": data}})"""


def test_what_other_programs_tell_is_a_warning_with_its_page(project: Path) -> None:
    verdict = {"id": "essentials/99", "state": "passed", "message": ""}
    bad = [
        ("claim", 3),
        ("claim", {"id": "text-parameters", "value": "x"}),
        ("claim", {"id": ["text-parameters"], "value": 1}),
        ("verdict", "x"),
        ("verdict", {**verdict, "message": None}),
        ("passport", {"device": "", "data": "", "date": "", "commit": "", "versions": [], "files": {}}),
    ]
    write(project, "b", FOREIGN.replace("ITEMS", repr(bad)))
    for _ in range(2):
        output = build(project, code=1)
        assert "Traceback" not in output and "Handler" not in output, output
        assert len(re.findall(r"chapters/b\.md: .*an output tells a \w+ that cannot be read", output)) == len(bad), (
            output
        )
    build(project, "--page", "a")
    good = [("claim", {"id": "text-parameters", "value": 160305}), ("verdict", verdict), ("other", "x")]
    write(project, "b", FOREIGN.replace("ITEMS", repr(good)))
    assert "cannot be read" not in build(project)


def test_a_solution_that_its_check_does_not_pass_fails_the_build_from_the_cache_too(project: Path) -> None:
    write(project, "b", 'from book.checks import check\ncheck("essentials/1", 1, 1, 1)')
    said = "the solution of essentials/1 does not pass its check: "
    for _ in range(2):
        output = build(project, code=1)
        assert said in output, output
    # As on a runner that kept the cache of an earlier build, and nothing else.
    for folder in ("html", ".doctrees", "jupyter_execute"):
        shutil.rmtree(project / "_build" / folder)
    assert said in build(project, code=1)
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
    page = HEAD.replace(HEAD.splitlines()[2], "file_format: mystnb") + "# NAME\n\nProse.\n"
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


# Settings

SOLVED = """
```{exercise-start} build
:label: exercise-b-1
```
Work it out.
```{exercise-end}
```

```{solution-start} exercise-b-1
:class: dropdown
```
The SECRET.

```{code-cell} ipython3
"SECRET output"
```
```{solution-end}
```
"""


def configure(project: Path, line: str) -> None:
    """Set a Sphinx value in the book's configuration, in place of any that an earlier call set."""
    text = (ROOT / "_config.yml").read_text(encoding="utf-8")
    text = re.sub(r" +book_redirects: .*\n", "", text)
    (project / "_config.yml").write_text(f"{text}    {line}\n")


def secrets(folder: Path) -> list[str]:
    """The files that hold something of a solution."""
    return sorted(str(path) for path in folder.rglob("*") if path.is_file() and b"SECRET" in path.read_bytes())


def number(project: Path, *names: str) -> None:
    """Make pages numbered chapters, which come as notebooks too."""
    toc = "format: jb-book\nroot: index\nparts:\n- caption: Chapters\n  numbered: true\n  chapters:\n"
    (project / "_toc.yml").write_text(toc + "".join(f"  - file: {name}\n" for name in names))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        copy(ROOT / name, project)


@pytest.fixture
def solved(project: Path) -> Path:
    """A book whose second page has a solution."""
    (project / "exercises").mkdir()
    (project / "exercises/b.md").write_text(HEAD + "\n# Exercises\n" + SOLVED)
    number(project, "chapters/a", "exercises/b")
    return project


def test_another_edition_in_the_same_folder_leaves_nothing_of_the_first(solved: Path) -> None:
    built = solved / "_build/html"
    build(solved)
    assert str(built / "exercises/b.html") in secrets(built)
    assert (built / "notebooks/b-solutions.ipynb").exists()
    configure(solved, "book_edition: student")
    build(solved, "--page", "chapters/a")
    assert secrets(built) == [], "nor where this build leaves its page out"
    build(solved)
    assert secrets(built) == [] and "Work it out." in (built / "exercises/b.html").read_text()
    assert not list(built.glob("notebooks/*solutions*"))
    configure(solved, "book_edition: ''")
    build(solved)
    assert str(built / "exercises/b.html") in secrets(built)
    configure(solved, "book_edition: Student")
    assert "book_edition is 'Student': write 'student'" in build(solved, code=1)


def test_the_students_site_is_beside_the_other(solved: Path) -> None:
    build(solved)
    before = runs(solved)
    output = build(solved, "--student")
    students = solved / "_build/student/_build/html"
    assert (
        "_build/student/_build/html/index.html" in output
        and "Work it out." in (students / "exercises/b.html").read_text()
    )
    assert secrets(students) == [] and secrets(solved / "_build/html")
    assert runs(solved) == before and "chapters/a: starting" not in output, "the chapters come from the same cache"


def test_a_page_of_the_students_site_is_read_again_only_where_it_changed(solved: Path) -> None:
    page = solved / "exercises/b.md"
    page.write_text(page.read_text().replace('"SECRET output"', 'from book import plots\n"SECRET output"'))
    build(solved, "--student")
    [tree] = (solved / "_build/student").rglob("exercises/b.doctree")
    before = tree.stat().st_mtime_ns
    build(solved, "--student")
    assert tree.stat().st_mtime_ns == before, "what only its solution imports does not count"
    page.write_text(page.read_text().replace("Work it out.", "Work it out again."))
    build(solved, "--student")
    assert tree.stat().st_mtime_ns != before


def test_how_the_notebooks_ran_in_colab_is_said_on_every_page(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def said() -> dict[str, str]:
        found = {}
        for name, text in html(project).items():
            run = BeautifulSoup(text, "html.parser").select_one(".launch-run")
            found[name] = run.get_text() if run else ""
        return found

    number(project, "chapters/a", "chapters/b")
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/a-book")
    for text in ("all ran on <Monday>", "a notebook failed on Tuesday", ""):
        build(project, *(["--colab-run", text] if text else []))
        assert said() == {"a.html": text, "b.html": text}
    assert runs(project) == (1, 1)
    # Variables of the names that once did this say nothing.
    variables = {"BOOK_COLAB_RUN": "other", "BOOK_EDITION": "student", "BOOK_PAGES": "chapters/a"}
    assert book("build", cwd=project, data="sample", **variables).returncode == 0
    assert said() == {"a.html": "", "b.html": ""} and (project / "_build/html/_sources").is_dir()


def test_a_folder_without_a_book_is_named(tmp_path: Path) -> None:
    output = build(tmp_path, code=1)
    assert f"book: there is no _toc.yml in {tmp_path}: run this in the folder of the book\n" in output


def test_a_renamed_page_is_found_at_its_old_address(project: Path) -> None:
    configure(project, "book_redirects: {chapters/first: old/second, old/second: chapters/b}")
    build(project)
    built = project / "_build/html"
    for old, expected in {"chapters/first": "b.html", "old/second": "../chapters/b.html"}.items():
        page = BeautifulSoup((built / f"{old}.html").read_text(encoding="utf-8"), "html.parser")
        assert page.html and page.html["lang"] == "en"
        assert page.title and page.title.get_text() == "Page b"
        [refresh] = page.select("meta[http-equiv=refresh]")
        [canonical] = page.select("link[rel=canonical]")
        [link] = page.select("a")
        assert (refresh["content"], canonical["href"], link["href"]) == (f"0; url={expected}", expected, expected)
        assert ((built / old).parent / expected).resolve() == (built / "chapters/b.html").resolve()
        assert "This page has moved: Page b" in page.get_text()
    assert "the answer is 42" in (built / "chapters/b.html").read_text()
    assert "chapters/first" not in (built / "searchindex.js").read_text(), "it is no page of the book"
    configure(project, "book_redirects: {chapters/a: chapters/b}")
    output = build(project, code=1)
    assert "chapters/a is still a page: take it out there" in output and runs(project) == (1, 1), output


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"old": "new"}, None),
        ({"old": "older", "older": "new"}, None),
        ({}, None),
        ({"old": "nowhere"}, "old leads to nowhere, which is no page: write a name"),
        ({"old": "older", "older": "nowhere"}, "older leads to nowhere"),
        ({"old": "old"}, "old -> old leads round in a circle"),
        ({"a": "b", "b": "c", "c": "b"}, "a -> b -> c -> b leads round in a circle"),
        ({"new": "other"}, "new is still a page: take it out there, or rename"),
        ({"../old": "new"}, "write '../old' like a name in _toc.yml"),
        ({"/old": "new"}, "like a name in _toc.yml"),
        ({".": "new"}, "like a name in _toc.yml"),
        ({"C:/old": "new"}, "like a name in _toc.yml"),
        ({"old page": "new"}, "like a name in _toc.yml"),
        ({"old?": "new"}, "like a name in _toc.yml"),
        ({"old\n": "new"}, "like a name in _toc.yml"),
        ({"_static/old": "new"}, "like a name in _toc.yml"),
        ({"a/../old": "new"}, "like a name in _toc.yml"),
        ({"search": "new"}, "the site has a page search of its own"),
        ({"genindex": "new"}, "the site has a page genindex of its own"),
        ({"chapters/search": "new", "chapters/été_1.2-b": "new"}, None),
        ({"old.md": "new"}, "like a name in _toc.yml"),
        ({"old": None}, "old leads to None, which is no page"),
        (None, "write old names of pages with their new ones"),
        (["old"], "write old names of pages with their new ones"),
    ],
)
def test_a_redirect_that_cannot_be_says_what_to_do(entries: object, said: str | None) -> None:
    app, env = (
        SimpleNamespace(config=SimpleNamespace(book_redirects=entries)),
        SimpleNamespace(found_docs={"new", "other"}),
    )
    if said is None:
        assert redirects.check_redirects(app, env, []) is None  # type: ignore[arg-type, func-returns-value]
        return
    with pytest.raises(ExtensionError, match=re.escape(said)):
        redirects.check_redirects(app, env, [])  # type: ignore[arg-type]
