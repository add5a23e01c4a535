"""The pages as Jupyter notebooks: chapters, and the exercises in a student edition and with their solutions.

A page is MyST Markdown; a notebook program knows plain Markdown only. So each directive and role is written out: a
figure keeps its number, a citation its authors and year, an admonition becomes a quotation or a part that opens. A
number that the site shows from its own execution is given as the mean of the recorded runs. What this module does not
know is an error, so that no raw MyST reaches a learner.

The same pages give the same files, byte for byte.
"""

from __future__ import annotations

import ast
import copy
import hashlib
import os
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import yaml
from nbformat import v4

from book import claims
from press.handout.start import about, start_cells
from press.handout.wheel import build_wheel
from press.page import PageError

#: Directives that become a quotation, with the title of one that has none of its own.
NOTES = {"admonition": "", "note": "Note", "tip": "Tip", "important": "Important", "warning": "Warning"}
#: All exercises as one archive.
ZIP = "exercises.zip"

#: Stands for a line of code that is taken out.
STRUCK = "\0"

FENCE = re.compile(r"^(`{3,}|:{3,})\s*(?:\{([\w-]+)\})?\s*(.*)$")
ROLE_OR_CODE = re.compile(
    r"\{(?P<role>[\w:-]+)\}`(?P<content>[^`]+)`"
    r"|(?P<code>(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)|\$\$.+?\$\$|\$[^$]+\$)"
    r"|\[(?P<words>[^\]`]*(?:`[^`]*`[^\]`]*)*)\]\((?P<target>[^)\s]+)\)",
    re.DOTALL,
)


@dataclass
class Label:
    """What a cross-reference points at: the page it stands on, and what it is called, for example ``Figure 1.3``."""

    page: str
    name: str


@dataclass
class Book:
    """The pages that become notebooks, with what their cross-references need.

    Args:
        root: The folder of ``_config.yml`` and ``_toc.yml``.
    """

    root: Path
    labels: dict[str, Label] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, (chapter, sections) in enumerate(self._chapters().items(), 1):
            counts: Counter[str] = Counter()
            for page in (chapter, *sections):
                self.texts[page] = (self.root / f"{page}.md").read_text(encoding="utf-8")
                self._note_labels(page, number, counts)

    def _chapters(self) -> dict[str, list[str]]:
        """The numbered chapters of the table of contents, each with the pages below it."""
        contents = yaml.safe_load((self.root / "_toc.yml").read_text(encoding="utf-8"))
        return {
            chapter["file"]: [section["file"] for section in chapter.get("sections", [])]
            for part in contents.get("parts", [])
            if part.get("numbered")
            for chapter in part["chapters"]
        }

    def _note_labels(self, page: str, chapter: int, counts: Counter[str]) -> None:
        """Number what can be referred to, as Sphinx does: each kind by itself, through a chapter and its exercises."""

        def note(kind: str, label: str, pattern: str = "{}") -> None:
            counts[kind] += 1
            self.labels[label] = Label(page, pattern.format(f"{chapter}.{counts[kind]}"))

        for cell in cells(self.texts[page]):
            if cell.cell_type == "code":
                if name := cell.metadata.get("mystnb", {}).get("figure", {}).get("name"):
                    note("figure", name, "Figure {}")
                continue
            if page not in self.titles and (title := re.search(r"^# (.+)$", cell.source, re.M)):
                self.titles[page] = title[1]
            for found in re.finditer(r"\{(math|exercise-start)\}.*\n:label: (\S+)", cell.source):
                note(found[1], found[2], "({})" if found[1] == "math" else "Exercise {}")

    @cached_property
    def configuration(self) -> dict[str, Any]:
        """What ``_config.yml`` holds."""
        found: dict[str, Any] = yaml.safe_load((self.root / "_config.yml").read_text(encoding="utf-8"))
        return found

    @cached_property
    def repository(self) -> str:
        """The book's repository on GitHub, as ``owner/name``; empty if it is not known, or elsewhere.

        ``repository: url`` of ``_config.yml`` says which it is, or else the environment variable ``GITHUB_REPOSITORY``,
        which GitHub sets where it runs a workflow.
        """
        address = (self.configuration.get("repository") or {}).get("url") or ""
        if not address and (name := os.environ.get("GITHUB_REPOSITORY", "")):
            address = f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{name}"
        found = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+?)(\.git)?/?", address)
        return found[1] if found else ""

    @cached_property
    def address(self) -> str:
        """Where the site is published, with a slash at the end; empty if that is not known.

        ``html: baseurl`` of ``_config.yml`` says where, or else it is where GitHub Pages puts the repository's site.
        """
        address = (self.configuration.get("html") or {}).get("baseurl") or ""
        if not address and self.repository:
            owner, name = self.repository.lower().split("/")
            host = f"{owner}.github.io"
            address = f"https://{host}/{'' if name == host else self.repository.split('/')[1]}"
        return address and address.rstrip("/") + "/"

    @cached_property
    def works(self) -> dict[str, Any]:
        """The works of ``references.bib`` by key."""
        from pybtex.database import parse_file

        return dict(parse_file(str(self.root / "references.bib")).entries)

    def notebook(self, page: str, *, solutions: bool) -> nbformat.NotebookNode:
        """A page as a notebook, not executed.

        Args:
            page: The page, for example ``exercises/cnn``.
            solutions: Whether to keep the solutions; without them each is a cell to fill in, and its check.

        Raises:
            PageError: The page holds something that has no place in a notebook.
        """
        return _Writer(self, page, solutions).notebook()


def cells(text: str) -> list[nbformat.NotebookNode]:
    """The cells of a page."""
    return copy.deepcopy(_parsed(text))


@cache
def _parsed(text: str) -> list[nbformat.NotebookNode]:
    found: list[nbformat.NotebookNode] = jupytext.reads(text, fmt="md:myst").cells
    return found


def without_claims(found: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """The cells without what registers claims: that is the site's business, and would puzzle a learner.

    A cell that the site removes is dropped altogether, unless it defines a name that a later cell uses.
    """
    kept: list[nbformat.NotebookNode] = []
    used: set[str] = set()
    for cell in reversed(found):
        if cell.cell_type == "code":
            source = _without_claim_calls(cell.source)
            tree = list(ast.walk(ast.parse(source)))
            names = [node for node in tree if isinstance(node, ast.Name)]
            defined = {node.id for node in names if isinstance(node.ctx, ast.Store)}
            defined |= {node.name for node in tree if isinstance(node, ast.FunctionDef)}
            if not source or ("remove-cell" in cell.metadata.get("tags", []) and not defined & used):
                continue
            used |= {node.id for node in names if isinstance(node.ctx, ast.Load)}
            cell.source = source
        kept.insert(0, cell)
    return kept


def _without_claim_calls(source: str) -> str:
    lines = source.splitlines()

    def registers(node: ast.stmt) -> bool:
        """Whether a statement does nothing but register claims."""
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            return getattr(node.value.func, "id", "") == "claim"
        if isinstance(node, ast.For | ast.If) and not node.orelse:
            return all(registers(each) for each in node.body)
        return isinstance(node, ast.ImportFrom) and node.module == "book.claims"

    def strike(body: list[ast.stmt]) -> None:
        for node in body:
            if registers(node):
                lines[node.lineno - 1 : node.end_lineno] = [STRUCK] * (
                    (node.end_lineno or node.lineno) - node.lineno + 1
                )
            else:
                strike(getattr(node, "body", []) if isinstance(node, ast.stmt) else [])

    strike(ast.parse(source).body)
    return "\n".join(line for line in lines if line != STRUCK).strip()


class _Writer:
    """Writes one notebook."""

    def __init__(self, book: Book, page: str, solutions: bool) -> None:
        self.book, self.page, self.solutions = book, page, solutions
        self.in_solution = False
        self.cited: list[str] = []
        self.cells: list[nbformat.NotebookNode] = []

    def notebook(self) -> nbformat.NotebookNode:
        for cell in without_claims(cells(self.book.texts[self.page])):
            if cell.cell_type == "code":
                self._add_code(cell)
            else:
                self._add_text(self._markdown(cell.source.splitlines()))
        if self.cited:
            works = sorted(self._reference(key) for key in set(self.cited))
            self._add_text("\n\n".join(["## References", *works]))
        self._add_start()
        seen: Counter[str] = Counter()
        for cell in self.cells:
            digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
            seen[digest] += 1
            cell["id"] = f"{digest}-{seen[digest]}"
        checks = [cell for cell in self.cells if "check" in cell.metadata.get("tags", [])]
        metadata = {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
            "book": about(self.page, [call for cell in checks if (call := check_call(cell.source))]),
        }
        notebook = v4.new_notebook(cells=self.cells, metadata=metadata)
        notebook.nbformat, notebook.nbformat_minor = 4, 5
        nbformat.validate(notebook)
        return notebook

    def _add_start(self) -> None:
        """Put the title, the way back to the page and the installation at the top."""
        title = self.book.titles[self.page]
        first = self.cells[0]
        first.source = first.source.replace(f"# {title}", "", 1).strip()
        self.cells[:0] = start_cells(title, self.page, self.book.address, solutions=self.solutions)
        self.cells = [cell for cell in self.cells if cell.cell_type == "code" or cell.source]

    def _add_text(self, text: str) -> None:
        if not text:
            return
        if self.cells and self.cells[-1].cell_type == "markdown":
            self.cells[-1].source += f"\n\n{text}"
        else:
            self.cells.append(v4.new_markdown_cell(text))

    def _add_code(self, cell: nbformat.NotebookNode) -> None:
        checked = check_call(cell.source)
        if self._dropping():
            if checked is None:
                return
            blanks = "\n".join(f"{name} = ..." for name in checked[1])
            self.cells.append(v4.new_code_cell(f"# Your code here\n{blanks}", metadata={"tags": ["answer"]}))
        tags = cell.metadata.get("tags", [])
        metadata: dict[str, Any] = {}
        if "remove-cell" in tags or "hide-input" in tags:
            # Folded away in JupyterLab and VS Code, and in Colab.
            metadata = {"jupyter": {"source_hidden": True}, "cellView": "form"}
        if checked:
            metadata["tags"] = ["check"]
        self.cells.append(v4.new_code_cell(cell.source, metadata=metadata))
        figure = cell.metadata.get("mystnb", {}).get("figure", {})
        if figure:
            self._add_text(f"**{self.book.labels[figure['name']].name}.** {self._inline(str(figure['caption']))}")

    # Directives

    def _markdown(self, lines: list[str]) -> str:
        """MyST as plain Markdown; text inside a solution is dropped where solutions are."""
        done: list[str] = []
        text: list[str] = []

        def flush() -> None:
            if (prose := self._inline("\n".join(text)).strip("\n")).strip() and not self._dropping():
                done.append(prose)
            text.clear()

        position = 0
        while position < len(lines):
            line = lines[position]
            opening = FENCE.match(line)
            if opening is None:
                if not re.fullmatch(r"\([\w-]+\)=", line.strip()):  # the name of a heading, not for readers
                    text.append(line)
                position += 1
                continue
            end = self._end(lines, position, opening[1])
            flush()
            if opening[2] is None:  # a listing
                if not self._dropping():
                    done.append("\n".join(lines[position : end + 1]))
            else:
                block = self._directive(opening[2], opening[3], lines[position + 1 : end])
                if block and not self._dropping():
                    done.append(block)
            position = end + 1
        flush()
        return "\n\n".join(done)

    def _dropping(self) -> bool:
        return self.in_solution and not self.solutions

    def _end(self, lines: list[str], start: int, fence: str) -> int:
        for position in range(start + 1, len(lines)):
            line = lines[position].strip()
            if line.startswith(fence) and not line.strip(fence[0]):
                return position
        raise PageError(f"{self.page}.md: {lines[start]} is never closed")

    def _directive(self, name: str, argument: str, body: list[str]) -> str:
        options: dict[str, str] = {}
        while body and (option := re.match(r":([\w-]+):\s*(.*)", body[0])):
            options[option[1]] = option[2]
            body = body[1:]
        content = "\n".join(body)
        if name == "math":
            number = self.book.labels[options["label"]].name.strip("()") if "label" in options else ""
            return "$$\n" + content.strip() + (f" \\tag{{{number}}}" if number else "") + "\n$$"
        if name == "exercise-start":
            return f"**{self.book.labels[options['label']].name}** ({argument})"
        if name in ("exercise-end", "only"):  # the latter for what concerns the site and no notebook
            return ""
        if name == "solution-start":
            self.in_solution = True
            return "**Solution**"
        if name == "solution-end":
            self.in_solution = False
            return ""
        if name in NOTES:
            title = argument or NOTES[name]
            inner = self._markdown(body)
            if "dropdown" in options.get("class", "").split():
                return f"<details><summary>{title}</summary>\n\n{inner}\n\n</details>"
            quoted = "\n".join(f"> {line}".rstrip() for line in inner.splitlines())
            return f"> **{title}**\n>\n{quoted}"
        raise PageError(f"{self.page}.md: the directive {{{name}}} has no form in a notebook: book/notebooks.py")

    # Roles and links

    def _inline(self, text: str) -> str:
        return ROLE_OR_CODE.sub(self._replaced, text)

    def _replaced(self, found: re.Match[str]) -> str:
        if found["code"]:
            return found[0]
        if found["target"]:
            return self._link(found["words"], found["target"])
        content = " ".join(found["content"].split())
        match found["role"]:
            case "glue:text":
                return recorded_number(content)
            case "cite" | "cite:p":
                return "[" + "; ".join(self._citation(key, "{}, {}") for key in re.split(r"\s*,\s*", content)) + "]"
            case "cite:t":
                return ", ".join(self._citation(key, "{} [{}]") for key in re.split(r"\s*,\s*", content))
            case "numref" | "ref" | "eq":
                words = re.fullmatch(r"(.+?)\s*<(.+)>", content)
                return self._reference_to(*((words[2], words[1]) if words else (content, "")))
        raise PageError(f"{self.page}.md: the role {{{found['role']}}} has no form in a notebook: book/notebooks.py")

    def _link(self, words: str, target: str) -> str:
        if "://" in target or target.startswith("mailto:"):
            return f"[{words}]({target})"
        if target.startswith("#"):
            return self._reference_to(target[1:], words)
        file, _, _ = target.partition("#")
        name = posixpath.normpath(posixpath.join(posixpath.dirname(self.page), file)).removesuffix(".md")
        page = self.book.root / f"{name}.md"
        if not page.is_file():
            raise PageError(f"{self.page}.md: a link to {target}, which is no page")
        return self._to_page(name, words or self.book.titles.get(name) or _title(page))

    def _to_page(self, page: str, words: str) -> str:
        if self.book.address:
            return f"[{words}]({self.book.address}{page}.html)"
        if page in self.book.titles:
            return f"[{words}]({file_name(page)})"
        return words

    def _reference_to(self, label: str, words: str = "") -> str:
        if label not in self.book.labels:
            raise PageError(f"{self.page}.md: a reference to {label!r}, which no chapter or exercise holds")
        found = self.book.labels[label]
        words = (words or found.name).replace("{number}", found.name.split()[-1])
        return words if found.page == self.page else self._to_page(found.page, words)

    def _citation(self, key: str, pattern: str) -> str:
        self.cited.append(key)
        entry = self._work(key)
        names = [" ".join(person.last_names) for person in entry.persons.get("author", entry.persons.get("editor", []))]
        names = [name.strip("{}") for name in names] or [entry.fields.get("organization", entry.fields["title"])]
        who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
        return pattern.format(_plain(who), entry.fields.get("year", "n.d."))

    def _reference(self, key: str) -> str:
        from pybtex.backends.plaintext import Backend
        from pybtex.style.formatting.plain import Style

        formatted = Style().format_entry("", self._work(key))
        text: str = formatted.text.render(Backend())
        return text.replace("*", r"\*")

    def _work(self, key: str) -> Any:
        if key not in self.book.works:
            raise PageError(f"{self.page}.md: cites {key}, which references.bib does not hold")
        return self.book.works[key]


def check_call(source: str) -> tuple[str, list[str]] | None:
    """The exercise and the names of the answers, if a cell is a call of ``check``; None for any other cell."""
    found = re.fullmatch(r'check\(\s*"([\w-]+/\d+)"((?:,\s*\w+)*),?\s*\)', source.strip())
    return (found[1], re.findall(r"\w+", found[2])) if found else None


def recorded_number(content: str) -> str:
    """The number that ``{glue:text}`` shows, as the mean of the recorded runs: ``98.0% (mean of 5 runs)``.

    Args:
        content: The id of a claim and a format, for example ``cnn-test-accuracy:.1%``.
    """
    name, _, show = content.partition(":")
    one = claims.definitions()[name]
    if one.expected is not None:
        return format(claims.as_number(one.expected), show)
    recorded = claims.recorded().get(name)
    if recorded is None:
        return "(a number that has not been recorded yet)"
    if len(set(recorded.values)) == 1:  # the size of a part of the data, say
        return format(claims.as_number(recorded.values[0]), show)
    return f"{recorded.mean:{show}} (mean of {len(recorded.values)} runs)"


def _plain(text: str) -> str:
    """A name from a BibTeX file without TeX's marks."""
    from pybtex.richtext import Text

    return str(Text.from_latex(text))


def _title(page: Path) -> str:
    title = re.search(r"^# (.+)$", page.read_text(encoding="utf-8"), re.M)
    return title[1] if title else page.stem


def notebooks(book: Book, *, student: bool) -> Iterator[tuple[str, str]]:
    """The file name and the text of every notebook.

    Args:
        book: The pages.
        student: Leave out the notebooks with solutions.
    """
    for page in book.texts:
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
