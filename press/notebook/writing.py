"""The pages as Jupyter notebooks: chapters, and the exercises in a student edition and with their solutions.

A page is MyST Markdown; a notebook program knows plain Markdown only. So each directive and role is written out
(:mod:`press.notebook.markdown`): a figure keeps its number, a citation its authors and year, an admonition becomes a
quotation or a part that opens. A number that the site shows from its own execution is given as the mean of the recorded
runs.

The same pages give the same files, byte for byte.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from press.contents import Chapter, Contents
from press.faults import Fault
from press.notebook.cells import without_claims
from press.notebook.citations import Works
from press.notebook.markdown import Label, Writer
from press.notebook.start import about, start_cells
from press.notebook.wheel import build_wheel
from press.page import Cell, Page, PageError, check_call
from press.settings import Settings

if TYPE_CHECKING:
    import nbformat

#: All exercises as one archive.
ZIP = "exercises.zip"
#: How each kind of thing that has a number is called.
NAMES = {"figure": "Figure {}", "math": "({})", "exercise": "Exercise {}"}


class Book(Settings):
    """The pages that become notebooks, with what their cross-references need.

    Args:
        root: The folder of ``_config.yml`` and ``_toc.yml``.

    Attributes:
        pages: The numbered chapters and what is below them, by name.
        titles: Their titles.
        labels: What can be referred to.
        named: All names of something, also of what has no number.
        numbers: What has a number, by its page and line: ``Figure 1.3``.

    Raises:
        PageError: The notebooks of two pages would have the same file name.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.pages: dict[str, Page] = {}
        self.labels: dict[str, Label] = {}
        self.named: set[str] = set()
        self.numbers: dict[tuple[str, int], str] = {}
        for chapter in Contents.read(root).chapters:
            self._number(chapter)
        self._require_names_of_their_own()
        self.titles = {name: page.title for name, page in self.pages.items()}

    def _number(self, chapter: Chapter) -> None:
        """Number what can be referred to, as Sphinx does: each kind by itself, through a chapter and its exercises."""
        counts: Counter[str] = Counter()
        for name in chapter.pages:
            page = self.pages[name] = Page.read(name, self.root)
            self.named |= {each.label for each in page.labels}
            for each in page.numbered:
                counts[each.kind] += 1
                called = NAMES[each.kind].format(f"{chapter.number}.{counts[each.kind]}")
                self.numbers[name, each.line] = called
                if each.label:
                    self.labels[each.label] = Label(name, called)

    def _require_names_of_their_own(self) -> None:
        pages: dict[str, str] = {}
        for page in self.pages:
            for name in {file_name(page), file_name(page, solutions=page.startswith("exercises/"))}:
                other = pages.setdefault(name, page)
                if other != page:
                    what = f"its notebook {name} is also one of {other}.md: rename one of the two"
                    raise PageError(Fault(f"{page}.md", 1, what))

    @cached_property
    def works(self) -> Works:
        """The works of ``references.bib``."""
        return Works(self.root / "references.bib")

    def title(self, page: str) -> str | None:
        """The title of a page, also of one that has no notebook; None if there is no such page."""
        if page in self.titles:
            return self.titles[page]
        return Page.read(page, self.root).title if (self.root / f"{page}.md").is_file() else None

    def link(self, page: str, words: str) -> str:
        """A link to a page: on the site if its address is known, or else to the notebook beside this one."""
        if self.address:
            return f"[{words}]({self.address}{page}.html)"
        return f"[{words}]({file_name(page)})" if page in self.pages else words

    def notebook(self, page: str, *, solutions: bool) -> nbformat.NotebookNode:
        """A page as a notebook, not executed.

        Args:
            page: The page, for example ``exercises/cnn``.
            solutions: Whether to keep the solutions; without them each is a cell to fill in, and its check.

        Raises:
            PageError: The page holds something that has no place in a notebook.
        """
        return _Notebook(self, self.pages[page], solutions=solutions).made()

    def errors(self, page: str) -> list[PageError]:
        """What has no place in the notebook of a page: of each of its cells the first."""
        return _Notebook(self, self.pages[page], solutions=True).errors()


class _Cell(NamedTuple):
    """A cell of a notebook."""

    kind: Literal["code", "markdown"]
    source: str
    metadata: dict[str, Any]


class _Notebook:
    """Makes one notebook."""

    def __init__(self, book: Book, page: Page, *, solutions: bool) -> None:
        self.book, self.page, self.solutions = book, page, solutions
        self.writer = Writer(page, book, solutions=solutions)
        self.cells: list[_Cell] = []

    def errors(self) -> list[PageError]:
        found: list[PageError] = []
        try:
            cells = without_claims(self.page)
        except PageError as error:
            return [error]
        for own in cells:
            try:
                self._add(own)
            except PageError as error:
                found.append(error)
        return found

    def made(self) -> nbformat.NotebookNode:
        import nbformat  # slow to import
        from nbformat import v4

        for own in without_claims(self.page):
            self._add(own)
        if self.writer.cited:
            works = sorted(self.book.works.full(key) for key in self.writer.cited)
            self._add_text("\n\n".join(["## References", *works]))
        title = self.book.titles[self.page.name]
        cells = start_cells(title, self.page.name, self.book.address, solutions=self.solutions)
        for kind, source, options in self.cells:
            cells.append(
                v4.new_code_cell(source, metadata=options)
                if kind == "code"
                else v4.new_markdown_cell(source, metadata=options)
            )
        seen: Counter[str] = Counter()
        for cell in cells:
            digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
            seen[digest] += 1
            cell["id"] = f"{digest}-{seen[digest]}"
        checks = [cell for cell in cells if "check" in cell.metadata.get("tags", [])]
        metadata = {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
            "book": about(self.page.name, [call for cell in checks if (call := check_call(cell.source))]),
        }
        notebook: nbformat.NotebookNode = v4.new_notebook(cells=cells, metadata=metadata)
        notebook.nbformat, notebook.nbformat_minor = 4, 5
        nbformat.validate(notebook)
        return notebook

    def _add(self, cell: Cell) -> None:
        if cell.text is not None:
            if cell.metadata:
                raise self.page.error(cell.line, "a text with options of its own (+++) has no form in a notebook")
            self._add_text(self.writer.written(cell.text))
        elif cell.kind == "code":
            self._add_code(cell)
        else:
            raise self.page.error(cell.line, "{raw-cell} has no form in a notebook")

    def _add_text(self, text: str) -> None:
        if not text:
            return
        if self.cells and self.cells[-1].kind == "markdown":
            text = f"{self.cells.pop().source}\n\n{text}"
        self.cells.append(_Cell("markdown", text, {}))

    def _check(self, cell: Cell) -> tuple[str, list[str]] | None:
        """The exercise and the answers that a cell checks; None if it checks nothing."""
        checked = check_call(cell.source)
        call = next(cell.calls("check"), None)
        if checked is None and call and any(block.line <= cell.line <= block.last for block in self.page.solutions):
            raise self.page.error(
                call.line,
                'a check that the student edition would lose: write `check("chapter/number", answer)` in a cell of its '
                "own, with nothing but names after the exercise; import and compute in a cell before it",
            )
        return checked

    def _add_code(self, cell: Cell) -> None:
        checked = self._check(cell)
        if self.writer.is_gone(cell.line):
            if checked is None:
                return
            blanks = "\n".join(f"{name} = ..." for name in checked[1])
            self.cells.append(_Cell("code", f"# Your code here\n{blanks}", {"tags": ["answer"]}))
        metadata: dict[str, Any] = {}
        if "remove-cell" in cell.tags or "hide-input" in cell.tags:
            # Folded away in JupyterLab and VS Code, and in Colab.
            metadata = {"jupyter": {"source_hidden": True}, "cellView": "form"}
        if checked:
            metadata["tags"] = ["check"]
        self.cells.append(_Cell("code", cell.source, metadata))
        if cell.figure is not None:
            name, caption = (str(cell.figure.get(key) or "") for key in ("name", "caption"))
            if not name or not caption:
                raise self.page.error(cell.line, "a figure needs a name and a caption (mystnb: figure)")
            called = self.book.numbers[self.page.name, cell.line]
            self._add_text(f"**{called}.** {self.writer.plain(caption, cell.line)}")


def notebooks(book: Book, *, student: bool) -> Iterator[tuple[str, str]]:
    """The file name and the text of every notebook.

    Args:
        book: The pages.
        student: Leave out the notebooks with solutions.
    """
    import nbformat  # slow to import

    for page in book.pages:
        exercises = page.startswith("exercises/")
        yield file_name(page), nbformat.writes(book.notebook(page, solutions=not exercises)) + "\n"
        if exercises and not student:
            yield file_name(page, solutions=True), nbformat.writes(book.notebook(page, solutions=True)) + "\n"


def file_name(page: str, *, solutions: bool = False) -> str:
    """What a page's notebook is called: ``cnn.ipynb``, ``cnn-exercises.ipynb``, ``cnn-solutions.ipynb``."""
    folder, _, name = page.rpartition("/")
    edition = "-solutions" if solutions else "-exercises" if folder == "exercises" else ""
    return f"{name}{edition}.ipynb"


def write(book: Book, folder: Path, *, student: bool = False) -> list[Path]:
    """Write every notebook, the package that they need, and all exercises as one archive.

    Args:
        book: The pages.
        folder: Where to write; files that are there already are replaced.
        student: Leave the solutions out.

    Returns:
        The notebooks.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wheel = build_wheel(book.root, folder)
    written = []
    for name, text in notebooks(book, student=student):
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    with zipfile.ZipFile(folder / ZIP, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in [wheel, *sorted(written)]:
            if path == wheel or path.stem.endswith("-exercises"):
                archive.writestr(zipfile.ZipInfo(f"exercises/{path.name}"), path.read_bytes())
    return written
