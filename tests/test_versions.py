"""Versions that meet: a notebook of this term on last term's hub, and last term's work on this term's desk."""

from __future__ import annotations

import csv
import inspect
import json
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode, v4

import book
import running
from book.checks.core import known
from conftest import ROOT
from conftest import book as run_book
from press.handout import marking, versions
from press.notebook import start
from press.notebook import writing as notebooks
from press.notebook.wheel import build_wheel, wheel_name
from test_submissions import CHECK, RIGHT

pytestmark = pytest.mark.slow

NAME = "deep_learning_by_running_it"
OLD = "0.1.0"
WHERE = "import book\nprint(getattr(book, '__version__', 'old'), book.__file__)"
on_a_hub = pytest.mark.skipif(sys.platform == "win32", reason="makes symbolic links")


# A hub: an environment with everything that this one has, except the book.


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package of this version, and one that says it is 0.1.0, which had no `__version__`."""
    folder = tmp_path_factory.mktemp("wheels")
    build_wheel(ROOT, folder)
    old = folder / "old"
    shutil.copytree(ROOT / "book", old / "book", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("README.md", "LICENSE"):
        shutil.copy(ROOT / name, old)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (old / "pyproject.toml").write_text(project.replace(f'version = "{book.__version__}"', f'version = "{OLD}"'))
    module = old / "book/__init__.py"
    module.write_text(re.sub(r"^__version__ = .*$", "", module.read_text(encoding="utf-8"), flags=re.M))
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w"]
    subprocess.run([*command, str(folder), str(old)], check=True)
    assert (folder / f"{NAME}-{OLD}-py3-none-any.whl").is_file()
    return folder


class Hub:
    """An environment of its own, and a folder with a notebook in it."""

    def __init__(self, folder: Path, wheels: Path) -> None:
        self.folder, self.wheels, self.work = folder, wheels, folder / "work"
        self.work.mkdir(parents=True)
        shutil.copy(wheels / wheel_name(), self.work)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "environment"], check=True)
        self.python = folder / "environment/bin/python"
        self.packages = next((folder / "environment").glob("lib/*/site-packages"))
        for entry in Path(sysconfig.get_path("purelib")).iterdir():
            if NAME not in entry.name:
                (self.packages / entry.name).symlink_to(entry)

    def install(self, version: str) -> Path:
        wheel = self.wheels / f"{NAME}-{version}-py3-none-any.whl"
        command = [str(self.python), "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--force-reinstall"]
        subprocess.run([*command, str(wheel)], check=True)
        return self.packages / f"{NAME}-{version}.dist-info"

    def versions(self) -> dict[str, str]:
        return running.versions(self.python)

    def run(self, *before: str) -> tuple[str, str, str]:
        """What the first cell printed, the error it raised or nothing, and which `book` the kernel has then."""
        install = v4.new_code_cell(start.installation(book.__version__, "", wheel_name()))
        cells = [*map(v4.new_code_cell, before), install, v4.new_code_cell(WHERE)]
        for cell in cells:
            cell.metadata["tags"] = ["raises-exception"]  # the next cell runs all the same
        path = self.folder / "notebook.ipynb"
        nbformat.write(v4.new_notebook(cells=cells), path)
        done = running.run(path, self.python, self.work, {"PIP_NO_INDEX": "1", "PYTHONPATH": ""})
        assert not done.error
        *_, first, where = done.notebook.cells
        said = "".join(output.get("text", "") for output in first.outputs)
        error = "".join(output.get("evalue", "") for output in first.outputs)
        return said, error, "".join(output.get("text", "") for output in where.outputs).strip()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> Hub:
    return Hub(tmp_path_factory.mktemp("hub"), wheels)


@pytest.fixture
def bare(hub: Hub) -> Hub:
    """The hub without any `book`."""
    for left in [*hub.packages.glob(f"{NAME}*"), hub.packages / "book", hub.work / "book"]:
        shutil.rmtree(left, ignore_errors=True)
    return hub


@on_a_hub
def test_last_term_s_package_is_named_and_replaced(bare: Hub) -> None:
    bare.install(OLD)
    before = bare.versions()
    assert before["deep-learning-by-running-it"] == OLD
    said, error, where = bare.run()
    assert f"needs version {book.__version__} of `book`, and {OLD} is here. Installing" in said and not error
    assert where == f"{book.__version__} {bare.packages}/book/__init__.py", "the same kernel imports the new one"
    after = bare.versions()
    assert after == {**before, "deep-learning-by-running-it": book.__version__}, "nothing else was touched"
    assert {"tensorflow", "keras", "numpy"} <= set(after)


@on_a_hub
def test_with_the_same_version_nothing_is_said_and_nothing_installed(bare: Hub) -> None:
    stamp = (bare.install(book.__version__) / "METADATA").stat().st_mtime_ns
    said, error, where = bare.run("import book")
    assert (said, error) == ("", "")
    assert where == f"{book.__version__} {bare.packages}/book/__init__.py"
    assert next(bare.packages.glob(f"{NAME}-*/METADATA")).stat().st_mtime_ns == stamp


@on_a_hub
def test_without_the_package_it_is_installed(bare: Hub) -> None:
    said, error, where = bare.run()
    assert "needs version" not in said and not error
    assert where == f"{book.__version__} {bare.packages}/book/__init__.py"


@on_a_hub
def test_a_package_that_is_imported_already_asks_for_a_restart(bare: Hub) -> None:
    bare.install(OLD)
    said, error, where = bare.run("import book")
    assert f"{OLD} is here" in said and "Restart the kernel" in error and where.startswith("old ")
    # A second look, with no restart, is not content with what now lies on the disk; a restart is enough.
    bare.install(OLD)
    install = start.installation(book.__version__, "", wheel_name())
    _, error, _ = bare.run("import book", install)
    assert "Restart the kernel" in error
    assert bare.run() == ("", "", f"{book.__version__} {bare.packages}/book/__init__.py")


@on_a_hub
@pytest.mark.parametrize(
    "written", ['{"url": "file:///b", "dir_info": {"editable": true}}', '{"dir_info":{"editable":true}}']
)
def test_a_checkout_is_not_installed_over(written: str, bare: Hub) -> None:
    (bare.install(OLD) / "direct_url.json").write_text(written)
    said, error, where = bare.run()
    assert f"{OLD} is here. Switch that checkout to this version, and run `make book`." in said
    assert not error and where.startswith("old "), "its author may go on"
    assert bare.versions()["deep-learning-by-running-it"] == OLD


@on_a_hub
def test_a_package_of_a_folder_is_no_checkout(bare: Hub) -> None:
    (bare.install(OLD) / "direct_url.json").write_text('{"url": "file:///b", "dir_info": {}}')
    said, _, where = bare.run()
    assert "Installing" in said and where.startswith(book.__version__)


@on_a_hub
def test_another_package_of_this_name_is_named_and_left_alone(bare: Hub) -> None:
    (bare.packages / "book").mkdir()
    (bare.packages / "book/__init__.py").write_text("pages = 3\n")
    _, error, where = bare.run()
    assert "Another package is called `book` here" in error
    assert where.startswith("old ") and not list(bare.packages.glob(f"{NAME}*"))
    # One beside the notebook hides the book's own.
    shutil.move(bare.packages / "book", bare.work / "book")
    bare.install(book.__version__)
    _, error, _ = bare.run()
    assert f"Another package is called `book` here: {bare.work}/book/__init__.py. " in error
    shutil.rmtree(bare.work / "book")
    own = bare.work / "book.py"
    own.write_text("pages = 3\n")
    _, error, _ = bare.run()
    own.unlink()
    assert f"{own}. Restart the kernel; if this comes again, rename or uninstall it." in error
    assert bare.run()[:2] == ("", "")


@on_a_hub
@pytest.mark.parametrize("before", ["", OLD])
def test_what_cannot_be_installed_is_said(before: str, bare: Hub) -> None:
    """The file is not beside the notebook, and there is no network: a restart would not help."""
    if before:
        bare.install(before)
    wheel = bare.work / wheel_name()
    wheel.rename(bare.folder / wheel.name)
    _, error, _ = bare.run()
    (bare.folder / wheel.name).rename(wheel)
    assert f"`book` {book.__version__} could not be installed. Is there a network?" in error
    assert bare.run()[1] == "" and bare.versions()["deep-learning-by-running-it"] == book.__version__


def test_the_package_asks_for_no_version_that_a_hub_would_have_to_replace() -> None:
    """`%pip install` replaces what does not meet a requirement: so there is none that a hub of today does not meet."""
    listed = re.search(r"^dependencies = (\[.*\])$", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M)
    assert listed
    names = json.loads(listed[1])
    assert [name for name in names if not re.fullmatch(r"[\w-]+", name)] == ["keras>=3"]
    assert not {"tensorflow", "tensorflow-cpu"} & set(names), (
        "installed by the first cell, and only if there is no book"
    )


# What a notebook says of itself.


@pytest.mark.parametrize("solutions", [False, True])
def test_a_written_notebook_holds_its_version_and_what_its_exercises_ask_for(solutions: bool) -> None:
    notebook = notebooks.Book(ROOT).notebook("exercises/cnn", solutions=solutions)
    now = {id: list(inspect.signature(checker).parameters) for id, checker in known().items() if id.startswith("cnn/")}
    assert notebook.metadata.book == {"version": book.__version__, "page": "exercises/cnn", "checks": now}
    assert versions.asked(notebook) == now and versions.made_with(notebook) == book.__version__
    text, install = notebook.cells[:2]
    assert f"version {book.__version__}." in text.source
    assert "book-install" in install.metadata.tags
    assert [cell for cell in notebook.cells if "book-install" in cell.metadata.get("tags", [])] == [install]
    notebook.metadata.book.version = "9.9.9"
    install.source = made("9.9.9").cells[0].source  # as that version writes it
    versions.prepare(notebook)
    assert "%pip" not in install.source, "it is recognised by its tag and its text"


def test_a_chapter_holds_its_version_and_asks_for_nothing() -> None:
    about = notebooks.Book(ROOT).notebook("chapters/cnn", solutions=True).metadata.book
    assert about == {"version": book.__version__, "page": "chapters/cnn", "checks": {}}


def made(version: str, checks: dict[str, list[str]] | None = None, *sources: str) -> NotebookNode:
    """A notebook as this version writes them, of any version."""
    install = start.installation(version, "https://example.org/", f"{NAME}-{version}-py3-none-any.whl")
    cells = [v4.new_code_cell(install, metadata=dict(start.INSTALLS)), *map(v4.new_code_cell, sources)]
    about: dict[str, Any] = {"version": version, "page": "exercises/essentials"}
    about |= {"checks": checks} if checks else {}
    notebook: NotebookNode = v4.new_notebook(cells=cells, metadata={"book": about})
    return notebook


def of_the_first_version(*sources: str, address: str = "") -> NotebookNode:
    """A notebook with the first cell that 0.1.0 wrote, and no metadata of ours."""
    wheel = f"{NAME}-0.1.0-py3-none-any.whl"
    imports, package = "", f'"{wheel}"'
    if address:
        imports, package = "import os\n\n", f'"{wheel}" if os.path.exists("{wheel}") else "{address}notebooks/{wheel}"'
    install = f"{imports}try:\n    import book\nexcept ImportError:\n    package = {package}\n"
    install += "    %pip install --quiet {package} tensorflow"
    notebook: NotebookNode = v4.new_notebook(cells=[*map(v4.new_code_cell, [install, *sources])])
    return notebook


def test_a_notebook_says_which_version_it_was_made_with() -> None:
    assert versions.made_with(made("0.2.0")) == "0.2.0"
    assert versions.made_with(made("0.3.0rc1")) == "0.3.0rc1"
    assert versions.made_with(of_the_first_version()) == OLD
    assert versions.made_with(of_the_first_version(address="https://example.org/")) == OLD
    stripped = made("0.2.0")
    del stripped.metadata["book"]
    assert versions.made_with(stripped) == "0.2.0", "its first cell says so too"


@pytest.mark.parametrize(
    "said", [None, [], "0.2.0", {"version": 2}, {"version": "=HYPERLINK(1)"}, {"version": "1" * 99}]
)
def test_what_is_no_version_is_not_taken_for_one(said: object) -> None:
    notebook = v4.new_notebook(cells=[v4.new_code_cell("x = 1")], metadata={"book": said})
    assert versions.made_with(notebook) == versions.UNKNOWN
    assert versions.asked(notebook) == {}


def test_what_exercises_ask_for_is_in_the_notebook_or_known_of_the_first_version() -> None:
    asked = {"essentials/1": ["a", "b"]}
    assert versions.asked(made("9.9.9", asked)) == asked
    assert versions.asked(made("9.9.9")) == {}
    assert versions.asked(of_the_first_version())["cnn/5"] == ["model", "scores"]


def test_this_version_marks_all_work_of_the_first() -> None:
    """Within a term no check's id and no answer may change; a change between terms shows here, and is meant."""
    then = versions.asked(of_the_first_version())
    assert len(then) == 27
    now = {id: list(inspect.signature(checker).parameters) for id, checker in known().items()}
    assert {id: names for id, names in now.items() if id in then} == then


# Verdicts across versions.


TODAY = {"essentials/1": ["a", "b"], "essentials/2": ["c"], "essentials/7": ["late"]}


@pytest.fixture
def small_book(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "today", lambda: TODAY)


@pytest.mark.usefixtures("small_book")
def test_what_today_s_checks_do_not_fit_is_not_marked_and_says_why() -> None:
    then = {"essentials/1": ["a", "b"], "essentials/2": ["c", "d"], "essentials/3": ["e"], "cnn/1": ["f"]}
    verdicts = {
        "essentials/1": ("passed", "Right."),
        "essentials/2": ("wrong", "The check takes these answers"),
        "essentials/3": ("wrong", "There is no such exercise."),
        "essentials/7": ("missing", "The notebook holds no check of this exercise"),
    }
    done = versions.fair(verdicts, OLD, then)
    assert list(done) == ["essentials/1", "essentials/2", "essentials/3"], "nobody was asked the one that came later"
    assert done["essentials/1"] == ("passed", "Right.")
    state, why = done["essentials/2"]
    assert state == "unmarked" and "asked for c, d, and now asks for c" in why and f"with version {OLD}" in why
    state, why = done["essentials/3"]
    assert state == "unmarked" and f"{book.__version__} cannot mark it: this exercise is not in it" in why


@pytest.mark.usefixtures("small_book")
def test_the_same_number_of_other_answers_is_not_marked_either() -> None:
    done = versions.fair({"essentials/1": ("passed", "By chance.")}, OLD, {"essentials/1": ["b", "a"]})
    assert done["essentials/1"][0] == "unmarked"


@pytest.mark.usefixtures("small_book")
@pytest.mark.parametrize("version", [versions.UNKNOWN, book.__version__])
def test_verdicts_on_this_version_s_work_stay_as_they_are(version: str) -> None:
    verdicts = {"essentials/3": ("wrong", "There is no such exercise."), "essentials/7": ("missing", "")}
    assert versions.fair(verdicts, version, {"essentials/1": ["z"]}) == verdicts


@pytest.mark.usefixtures("small_book")
def test_where_it_is_not_known_what_was_asked_only_what_is_gone_is_not_marked() -> None:
    verdicts = {"essentials/1": ("wrong", "x"), "essentials/2": ("missing", "y"), "essentials/3": ("wrong", "z")}
    done = versions.fair(verdicts, "9.9.9", {})
    assert [done[id][0] for id in sorted(done)] == ["wrong", "missing", "unmarked"]


def test_only_the_cell_as_it_was_written_is_kept_from_installing() -> None:
    notebook = made("9.9.9", None, "x = 1")
    changed = made("9.9.9")
    changed.cells[0].source += "\nanswer = 42"
    untagged = made("9.9.9")
    untagged.cells[0].metadata = {}
    others = [made("9.9.9") for _ in range(3)]
    for other, tags in zip(others, (None, 3, "book-install"), strict=True):
        other.cells[0].metadata["tags"] = tags  # as other programs may leave it
    assert versions.prepare(notebook)["version"] == "9.9.9"
    assert notebook.cells[0].source.splitlines() == ["import importlib.metadata, importlib.util, os", "import book"]
    assert notebook.cells[1].source == "x = 1"
    for other in (changed, untagged, *others, made(book.__version__), of_the_first_version()):
        before = [cell.source for cell in other.cells]
        versions.prepare(other)
        assert [cell.source for cell in other.cells] == before


GONE = 'from book.checks import check\ncheck("essentials/99", 1)'


@pytest.fixture
def marked(tmp_path: Path, small_data: Path) -> Callable[..., tuple[str, dict[tuple[str, str], dict[str, str]]]]:
    """Mark notebooks; return the table, and the rows of the CSV file by notebook and exercise."""

    def mark(**notebooks: NotebookNode) -> tuple[str, dict[tuple[str, str], dict[str, str]]]:
        (tmp_path / "in").mkdir()
        for name, notebook in notebooks.items():
            nbformat.write(notebook, tmp_path / "in" / f"{name}.ipynb")
        # Keras needs half as long for this backend, and none of the answers is a network.
        done = run_book("check", "in", "--csv", "marks.csv", cwd=tmp_path, data=small_data, KERAS_BACKEND="jax")
        with (tmp_path / "marks.csv").open(encoding="utf-8") as file:
            return done.stdout, {(Path(row["notebook"]).stem, row["exercise"]): row for row in csv.DictReader(file)}

    return mark


def test_book_check_says_versions_and_marks_the_work_of_others(
    marked: Callable[..., tuple[str, dict[tuple[str, str], dict[str, str]]]],
) -> None:
    here = book.__version__
    own = {"essentials/1": ["best_epochs", "best_epoch", "gap"]}
    table, rows = marked(
        first=of_the_first_version(RIGHT, CHECK, GONE),
        same=made(here, own, RIGHT, CHECK),
        future=made("9.9.9", {**own, "essentials/2": ["other"]}, RIGHT, CHECK, "assert os and book"),
        nameless=v4.new_notebook(cells=[v4.new_code_cell(RIGHT), v4.new_code_cell(CHECK)]),
    )
    said = {name: row["version"] for (name, _), row in rows.items()}
    assert said == {"first": OLD, "same": here, "future": "9.9.9", "nameless": "unknown"}
    for name in said:
        assert rows[name, "essentials/1"]["state"] == "passed", name
    assert rows["first", "essentials/2"]["state"] == "missing"
    assert rows["first", "essentials/99"]["state"] == "unmarked"
    assert (
        rows["first", "essentials/1"]["remarks"] == f"made with version {OLD}, marked with the checks of version {here}"
    )
    assert rows["same", "essentials/1"]["remarks"] == rows["nameless", "essentials/1"]["remarks"] == ""
    remark = f"made with the newer version 9.9.9, marked with the checks of version {here}"
    assert rows["future", "essentials/1"]["remarks"] == remark, "its first cell did not fail, and names of it are there"
    assert rows["future", "essentials/2"]["state"] == "unmarked"
    assert ("future", "essentials/3") not in rows
    assert re.search(rf"first.ipynb +{re.escape(OLD)} +1/", table) and re.search(r"nameless.ipynb +unknown +1/", table)
    assert "essentials/99: not marked. Version" in table and remark in table


def test_no_cell_installs_anything_while_it_is_marked(tmp_path: Path, wheels: Path) -> None:
    """The wheel would be there to take, and the folder to install it into could be written."""
    wheel, target = wheels / f"{NAME}-{OLD}-py3-none-any.whl", tmp_path / "target"
    cell = f"%pip install --no-deps --target {target} {wheel}"
    path = tmp_path / "installs.ipynb"
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell(cell)]), path)
    marking.mark(path, seconds=120, gigabytes=6)
    assert not list(tmp_path.rglob("book"))
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", *cell.split()[2:]], check=True)
    assert (target / "book").is_dir(), "outside of marking, the same words install it"
