"""The table of contents: the only list of the chapters and their exercises is ``_toc.yml``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from sphinx_external_toc.api import GlobItem, SiteMap
from sphinx_external_toc.parsing import MalformedError, parse_toc_yaml

from press.faults import Fault, not_yaml
from press.page import Page, PageError

FILE = "_toc.yml"
#: What stands on a built page in place of outputs that a build left out, or that are still being computed.
LEFT_OUT = "This page was left out of this build."
EXECUTING = "This cell is being executed."
NOT_YET = "This cell has not been executed yet."


@dataclass(frozen=True)
class Chapter:
    """A numbered chapter: its number, its page, and the pages below it."""

    number: int
    page: str
    sections: tuple[str, ...]

    @property
    def name(self) -> str:
        """The page without its folder, for example ``cnn``."""
        return self.page.rpartition("/")[2]

    @property
    def pages(self) -> tuple[str, ...]:
        """The chapter's page and those below it."""
        return (self.page, *self.sections)


@dataclass(frozen=True)
class Contents:
    """What the site holds, in order: the numbered chapters, and all pages."""

    chapters: tuple[Chapter, ...]
    pages: tuple[str, ...]

    @classmethod
    def read(cls, root: Path) -> Contents:
        """Read the table of contents.

        Args:
            root: The folder that holds it.

        Raises:
            FileNotFoundError: There is none.
            PageError: It is not written as it must be, or names a page that is not there.
        """
        path = root / FILE
        if not path.is_file():
            raise FileNotFoundError(f"there is no {FILE} in {root.resolve()}: run this in the folder of the book")
        try:
            toc = parse_toc_yaml(path)
        except (MalformedError, TypeError) as problem:
            raise PageError(_malformed(path, str(problem))) from None
        except (yaml.YAMLError, ValueError) as problem:
            raise PageError(not_yaml(FILE, problem)) from None
        entries = [entry for name in toc for tree in toc[name].subtrees for entry in tree.items]
        if any(isinstance(entry, GlobItem) for entry in entries):
            line = _line_of(path, "glob:")
            raise PageError(Fault(FILE, line, "a pattern names no page here: write each page as `- file: ...`"))
        numbered = [file for tree in toc.root.subtrees if tree.numbered for file in tree.files()]
        chapters = [
            Chapter(number, _name(file), tuple(map(_name, _below(toc, file))))
            for number, file in enumerate(numbered, 1)
        ]
        names = tuple(map(_name, [toc.root.docname, *_below(toc, toc.root.docname)]))
        for name in names:
            if not (root / f"{name}.md").is_file():
                what = f"there is no page {name}.md: write it, or take it out of {FILE}"
                raise PageError(Fault(FILE, _line_of(path, name) or 1, what))
        return cls(tuple(chapters), names)

    def read_pages(self, root: Path) -> list[Page]:
        """All pages, in order."""
        return [Page.read(name, root) for name in self.pages]

    @property
    def exercises(self) -> tuple[str, ...]:
        """The chapters that have a page of exercises, without their folder, for example ``cnn``."""
        return tuple(page.rpartition("/")[2] for page in self.pages if page.startswith("exercises/"))


def _below(toc: SiteMap, file: str) -> Iterator[str]:
    """The pages below one, in order, however deep."""
    for child in toc[file].child_files():
        yield child
        yield from _below(toc, child)


def _line_of(path: Path, words: str) -> int:
    """The first line of a file that holds some words, comments aside; 0 if none does."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if words in line.partition(" #")[0]), 0)


def _malformed(path: Path, problem: str) -> Fault:
    """What is wrong with the table of contents, at the entry that the problem names: ``... @ '/parts/0/'``."""
    what, _, place = problem.partition(" @ '")
    place, _, more = place.partition("'")
    node = yaml.compose(path.read_text(encoding="utf-8"))
    for step in filter(None, place.split("/")):
        if isinstance(node, yaml.SequenceNode):
            node = node.value[int(step)]
        elif isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == step), node)
    line = node.start_mark.line + 1 if node else 1
    return Fault(FILE, line, f"{what}{more}: write the entries as {FILE} of a Jupyter Book has them".replace("\n", " "))


def _name(file: str) -> str:
    return file.removesuffix(".md")
