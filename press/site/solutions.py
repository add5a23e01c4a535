"""A finished student edition is looked through: no page that Sphinx read has a solution, and no file a line of one.

The solutions are taken out of a page before Sphinx reads it. That is done by their marks, and a solution can come by
other ways: a text that is brought in from elsewhere, HTML, the output of a cell. So what was written is searched.

A line counts by its words and numbers alone, since quotation marks, links and colours change on the way to the site.
It is a solution's if it has at least ``FEWEST`` letters and digits, and stands nowhere in what the pages write without
their solutions, nor around every page. What a cell prints counts for nothing: a solution that quotes a line of it has
to quote less. What no page shows as text does not make a line known: HTML, comments, alternative texts, front matter.
A line that holds code, formulas or roles is also searched for in parts, because these are written out.

Every file is searched, and each file of an archive, but not the package ``book``: its checkers have to know the
answers, every edition has it, and it holds nothing of a page.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx_exercise.nodes import solution_end_node, solution_node, solution_start_node

from press.myst import VERBATIM, Text, is_directive
from press.page import Page, check_call
from press.site.values import is_student

logger = logging.getLogger(__name__)

#: Fewer letters and digits may be the same by chance: in a line, and in a part of one.
FEWEST, FEWEST_IN_PART = 16, 24
NO_WORD = re.compile(r"[\W_]+")
#: Where a line changes between what is plain text and what is not.
MARKS = str.maketrans(dict.fromkeys("`${}", "\n"))
#: What the site writes by itself: its words, and the book's title and contents, stand on every page.
FRAME = ("search", "genindex")
SOLUTION = (solution_node, solution_start_node, solution_end_node)
#: Inline text that a page does not show as text.
UNSEEN = ("image", "html_inline")
#: Directives whose text may become anything.
FOREIGN = ("raw", "eval-rst")
SUBSTITUTED = "substitution_block"


@dataclass(frozen=True)
class Found:
    """A line of a solution in a file: the page and the line of the solution, and the file."""

    page: str
    line: int
    file: str


def words(text: str) -> str:
    """The words and numbers of a text, all small, with a blank before each and at the end.

    The end of a line counts as a blank, also as programs write it inside a string.
    """
    plain = text.replace("\\n", " ").replace("\\t", " ").casefold()
    return f" {' '.join(NO_WORD.sub(' ', plain).split())} "


def secrets(pages: Iterable[Page], root: Path, frame: Iterable[Path] = ()) -> dict[str, tuple[str, int]]:
    """What must be in no file: the words of each line of a solution, or of a part of it, with the page and the line.

    Args:
        pages: All pages of the book, with their solutions.
        root: The book's folder.
        frame: Pages of the site that hold nothing of the book's pages but what stands around each of them.
    """
    pages = list(pages)
    known = "\n".join(words(text) for page in pages for text in shown(page))
    known += "\n".join(words(text) for file in frame if file.is_file() for text in texts(file.name, file.read_bytes()))
    found: dict[str, tuple[str, int]] = {}
    for page in pages:
        for line, text in _lines(page, root):
            parts = [(part, FEWEST_IN_PART) for part in text.translate(MARKS).split("\n")]
            for part, fewest in [(text, FEWEST), *parts]:
                secret = words(part)
                if len(secret.replace(" ", "")) >= fewest and secret not in known:
                    found.setdefault(secret, (page.name, line))
    return found


def _lines(page: Page, root: Path) -> Iterator[tuple[int, str]]:
    """The lines of a page's solutions and of what they include, without the checks, which stay in every edition."""
    checks = {
        line
        for cell in page.code_cells
        if check_call(cell.source)
        for line in range(cell.line, cell.line + cell.source.count("\n") + 1)
    }
    for block in page.solutions:
        for line in range(block.line, block.last + 1):
            if line not in checks:
                yield line, page.root.lines[line - 1]
        for each in page.directives:
            file = root / Path(page.name).parent / each.argument
            if each.name == "include" and block.line <= each.line <= block.last and file.is_file():
                yield from ((each.line, text) for text in file.read_text(encoding="utf-8", errors="ignore").split("\n"))


def shown(page: Page) -> Iterator[str]:
    """What a page shows as text in a student edition: prose, code, formulas, titles and captions, and the checks."""
    yield from (cell.source for cell in page.code_cells if check_call(cell.source))
    for text in Page(page.name, page.without_solutions).texts:
        for token in text.tokens:
            if token.type == "inline":
                yield _inline(token)
            elif is_directive(token):
                yield from _of_directive(text, token)
            elif token.type not in ("front_matter", "html_block", "myst_line_comment"):
                yield token.content


def _inline(block: Any) -> str:
    """A line or more of prose, without what is not shown as text."""
    text = list(block.content)
    for token in block.children or []:
        if token.type in UNSEEN and "span" in token.meta:
            first, last = token.meta["span"]
            text[first:last] = [""] * (last - first)
    return "".join(text)


def _of_directive(text: Text, token: Any) -> Iterator[str]:
    """What a directive shows: the bodies of those that hold MyST are texts of their own."""
    directive = text.directive(token)
    yield directive.argument
    yield from (str(value) for name, value in directive.options.items() if name != "alt")
    if directive.name in VERBATIM and directive.name not in FOREIGN:
        yield directive.body


def texts(name: str, content: bytes) -> Iterator[str]:
    """The text of a file, or of each file in an archive, also as a reader sees it: without tags.

    Args:
        name: The file's name.
        content: What it holds.
    """
    if name.endswith(".whl"):
        return
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for each in archive.namelist():
                yield from texts(each, archive.read(each))
        return
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), content.decode(errors="ignore"))
    yield html.unescape(text)
    if "<" in text:
        yield html.unescape(re.sub(r"<[^>]*>", "", text))


def search(folder: Path, secrets: dict[str, tuple[str, int]]) -> Iterator[Found]:
    """The lines of solutions in the files of a folder.

    Args:
        folder: The folder of the site.
        secrets: What must not be there, from :func:`secrets`.
    """
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        name = path.relative_to(folder).as_posix()
        for text in texts(name, path.read_bytes()):
            there = words(text)
            yield from (Found(*at, name) for secret, at in secrets.items() if secret in there)


def look(app: Sphinx, error: Exception | None) -> None:
    """Fail a student edition that holds something of a solution, and remove the files that do."""
    if error is not None or app.builder.format != "html" or app.config.book_preview or not is_student(app.config):
        return
    site, root = Path(app.outdir), Path(app.srcdir)
    names = sorted(app.env.found_docs)
    pages = {name: Page.read(name, root) for name in names}
    bad: dict[Path, None] = {}
    for name in names:
        for node in _solutions(app.env.get_doctree(name)):
            what = "a solution stays in the student edition: write it on its exercise's page, where it is taken out"
            _warn(what, (name, _brought_in(pages[name], getattr(node, "line", None) or 1)))
            bad[Path(str(app.builder.get_outfilename(name)))] = None  # type: ignore[attr-defined]
    said = set()
    for found in search(site, secrets(pages.values(), root, [site / f"{name}.html" for name in FRAME])):
        bad[site / found.file] = None
        block = next(each for each in pages[found.page].solutions if each.line <= found.line <= each.last)
        if (block, found.file) not in said:
            what = (
                f"this line of a solution is in {found.file} of the student edition: take it out of what is shown there"
            )
            _warn(what, (found.page, found.line))
        said.add((block, found.file))
    for path in bad:
        path.unlink(missing_ok=True)
        app.statuscode = 1


def _solutions(doctree: nodes.document) -> Iterator[nodes.Node]:
    """The solutions on a page as Sphinx read it."""
    return doctree.findall(lambda node: isinstance(node, SOLUTION))


def _brought_in(page: Page, line: int) -> int:
    """The line of a page that brings in what Sphinx has at a line, which may be one of another file."""
    lines = [each.line for each in page.directives if each.name in ("include", *FOREIGN)]
    for text in page.texts:
        lines += [text.line(token) for token in text.tokens if "{{" in token.content or token.type == SUBSTITUTED]
    before = [each for each in lines if each <= line]
    return max(before) if before else min(lines, default=line)


def _warn(what: str, where: tuple[str, int]) -> None:
    logger.warning(what, location=where, type="book", subtype="solution")


def setup(app: Sphinx) -> None:
    """Connect to Sphinx's events."""
    app.connect("build-finished", look, priority=900)  # when all that this build writes is there
