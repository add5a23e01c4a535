"""The notebooks made from the pages: what they hold, that they run, and what ``book check`` says of them."""

from __future__ import annotations

import ast
import csv
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from book import claims
from conftest import CONTENTS, ROOT, book
from press.notebook import writing as notebooks
from press.page import Page

CHAPTERS = CONTENTS.exercises
KINDS = ("", "-exercises", "-solutions")
NAMES = [f"{chapter}{kind}" for chapter in CHAPTERS for kind in KINDS]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notebooks")
    result = book("notebooks", str(folder), cwd=ROOT, data="sample")
    assert result.returncode == 0, result.stdout
    assert "exercises.zip" in result.stdout
    return folder


def read(folder: Path, name: str) -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    return notebook


def text(notebook: nbformat.NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def code(notebook: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code" and "%pip" not in cell.source]


def test_every_chapter_and_exercise_page_has_its_notebooks(folder: Path) -> None:
    assert sorted(path.stem for path in folder.glob("*.ipynb")) == sorted(NAMES)


@pytest.mark.slow
def test_a_second_run_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    assert book("notebooks", str(tmp_path), cwd=ROOT, data="sample").returncode == 0
    files = sorted(path.name for path in folder.iterdir())
    assert files == sorted(path.name for path in tmp_path.iterdir())
    for name in files:
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes(), name


@pytest.mark.parametrize("name", NAMES)
def test_no_raw_myst_is_left(name: str, folder: Path) -> None:
    prose = text(read(folder, name))
    raw = re.search(r"\{[a-z:-]+\}`|^(`{3,}|:{3,}).*\{|^:\w+:|\]\(\)|\]\([^)]*\.md\)|\(#|recorded yet", prose, re.M)
    assert not raw, raw
    assert len(re.findall(r"(?<!\\)\$\$", prose)) % 2 == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_begins_with_its_title_and_what_to_install(name: str, folder: Path) -> None:
    notebook = read(folder, name)
    start, install = notebook.cells[:2]
    assert start.source.startswith("# ") and "Deep Learning by Running It" in start.source
    wheel = re.search(r"`(deep_learning\S+\.whl)`", start.source)
    assert wheel and (folder / wheel[1]).is_file() and wheel[1] in install.source
    prose = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    assert [cell for cell in prose if cell.source.startswith("# ")] == [start]
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert not any(cell.get("outputs") for cell in notebook.cells)


def test_no_notebook_uses_a_name_that_it_does_not_define(folder: Path) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821", "--output-format", "concise"]
    files = sorted(map(str, folder.glob("*.ipynb")))
    result = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
    assert len(files) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_code_is_the_page_s_own_without_claims(name: str, folder: Path) -> None:
    cells = code(read(folder, name))
    for source in cells:
        ast.parse(source)
        assert "claim" not in source
    edition = re.fullmatch("(.+)-(exercises|solutions)", name)
    page = Page.read(f"exercises/{edition[1]}" if edition else f"chapters/{name}", ROOT)
    own = [cell.source for cell in page.code_cells]
    changed = [source for source in cells if source not in own]
    with_claims = [source for source in own if "claim" in source]
    starters = [source for source in changed if source.startswith("# Your code here")]
    assert len(changed) - len(starters) <= len(with_claims)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_numbers_of_figures_formulas_and_exercises_are_those_of_the_site(
    chapter: str, folder: Path, built: tuple[Path, str]
) -> None:
    for page, name in ((f"chapters/{chapter}", chapter), (f"exercises/{chapter}", f"{chapter}-solutions")):
        soup = BeautifulSoup((built[0] / f"_build/html/{page}.html").read_text(encoding="utf-8"), "html.parser")
        prose = text(read(folder, name))
        captions = [caption.get_text(" ", strip=True) for caption in soup.select("figcaption .caption-number")]
        assert captions and re.findall(r"^\*\*(Figure \d\.\d+)\.\*\*", prose, re.M) == captions
        numbers = [re.sub(r"[^\d.]", "", number.get_text()) for number in soup.select(".eqno")]
        assert re.findall(r"\\tag\{([\d.]+)\}", prose) == numbers
        titles = [title.get_text(strip=True) for title in soup.select(".exercise > .admonition-title .caption-number")]
        assert re.findall(r"^\*\*(Exercise [\d.]+)\*\*", prose, re.M) == titles


def test_citations_are_written_out_with_their_works(folder: Path) -> None:
    prose = text(read(folder, "essentials"))
    assert "[Thorpe et al., 1996]" in prose and "[Hubel and Wiesel, 1962]" in prose
    assert prose.count("## References") == 1
    works = prose.split("## References")[1]
    assert "Simon Thorpe" in works and "1996" in works


def test_a_number_is_the_mean_of_the_recorded_runs(folder: Path) -> None:
    prose = text(read(folder, "essentials"))
    recorded = claims.over_seeds()["essentials-test-accuracy"]
    assert f"{recorded.mean:.1%} (mean of {len(recorded.values)} runs)" in prose
    assert "There are 60,000 images to learn from" in prose, "what does not vary is given as it is"


def test_links_lead_to_notebooks_that_are_there(folder: Path) -> None:
    for name in NAMES:
        for target in re.findall(r"\]\(([^)]+)\)", text(read(folder, name))):
            assert "://" in target or (folder / target).is_file(), f"{name}: {target}"


def test_with_an_address_links_lead_to_the_site(tmp_path: Path) -> None:
    configuration = (ROOT / "_config.yml").read_text(encoding="utf-8")
    for name in ("_toc.yml", "references.bib", "index.md", "results.md", "chapters", "exercises"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "_config.yml").write_text(
        configuration.replace("html:\n", "html:\n  baseurl: https://example.org/book\n")
    )
    notebook = notebooks.Book(tmp_path).notebook("exercises/cnn", solutions=False)
    assert "(https://example.org/book/exercises/cnn.html)" in notebook.cells[0].source
    assert 'else "https://example.org/book/notebooks/deep_learning' in notebook.cells[1].source
    assert "(https://example.org/book/chapters/cnn.html)" in text(notebook)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_student_edition_holds_no_solution(chapter: str, folder: Path) -> None:
    student, solutions = read(folder, f"{chapter}-exercises"), read(folder, f"{chapter}-solutions")
    page = Page.read(f"exercises/{chapter}", ROOT)
    kept = page.without_solutions
    solved = [source for source in code(solutions) if source not in code(student)]
    assert len(solved) >= 5
    for source in solved:
        assert source not in "\n".join(code(student))
    for block in page.solutions:
        for line in page.root.lines[block.line - 1 : block.last]:
            if len(line) > 30 and line not in kept and "check(" not in line:
                assert line not in "\n".join([text(student), *code(student)])
    starters = [cell for cell in student.cells if "answer" in cell.metadata.get("tags", [])]
    checks = [cell for cell in student.cells if "check" in cell.metadata.get("tags", [])]
    assert len(starters) == len(checks) == len(page.solutions) >= 5
    assert all(re.fullmatch(r"# Your code here(\n\w+ = \.\.\.)+", cell.source) for cell in starters)


def test_all_exercises_come_in_one_archive_with_their_package(folder: Path) -> None:
    with zipfile.ZipFile(folder / "exercises.zip") as archive:
        names = archive.namelist()
        assert archive.testzip() is None
        for name in names:
            assert archive.read(name) == (folder / Path(name).name).read_bytes()
    assert {Path(name).stem for name in names if name.endswith(".ipynb")} == {f"{each}-exercises" for each in CHAPTERS}
    assert sum(name.endswith(".whl") for name in names) == 1


def test_the_package_holds_what_the_notebooks_read(folder: Path) -> None:
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    kinds = (".py", ".js", ".css", ".jsonl")
    packaged = {path.relative_to(ROOT).as_posix() for path in (ROOT / "book").rglob("*") if path.suffix in kinds}
    assert packaged | {"book/claims.toml", "book/recorded.json", "book/figures.mplstyle"} <= names


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_student_and_solutions_editions_run_from_top_to_bottom(
    chapter: str, folder: Path, small_data: Path, tmp_path: Path
) -> None:
    files = [str(folder / f"{chapter}{kind}.ipynb") for kind in KINDS[1:]]
    result = book("check", *files, "--csv", str(tmp_path / "marks.csv"), cwd=tmp_path, data=small_data)
    with (tmp_path / "marks.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["remarks"] for row in rows} == {""}, "no cell failed"
    states = {file: [row["state"] for row in rows if row["notebook"] == file] for file in files}
    number = len(Page.read(f"exercises/{chapter}", ROOT).solutions)
    assert states == {files[0]: ["unanswered"] * number, files[1]: ["passed"] * number}, result.stdout
    assert result.returncode == 1 and f"{number}/{number}" in result.stdout
