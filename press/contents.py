"""The table of contents: the only list of the chapters and their exercises is ``_toc.yml``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from sphinx_external_toc.api import SiteMap
from sphinx_external_toc.parsing import MalformedError, parse_toc_yaml

from press.faults import not_yaml
from press.page import Page, PageError

FILE = "_toc.yml"
#: All that is on the built page that a build left out, below its title.
LEFT_OUT = "This page was left out of this build."


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
        except MalformedError as problem:
            raise PageError(f"{FILE}: {problem}") from None
        except (yaml.YAMLError, ValueError) as problem:
            raise PageError(not_yaml(FILE, problem)) from None
        numbered = [file for tree in toc.root.subtrees if tree.numbered for file in tree.files()]
        chapters = [
            Chapter(number, _name(file), tuple(map(_name, _below(toc, file))))
            for number, file in enumerate(numbered, 1)
        ]
        names = tuple(map(_name, [toc.root.docname, *_below(toc, toc.root.docname)]))
        for name in names:
            if not (root / f"{name}.md").is_file():
                lines = path.read_text(encoding="utf-8").splitlines()
                line = next((number for number, line in enumerate(lines, 1) if name in line), 1)
                raise PageError(f"{FILE}:{line}: there is no page {name}.md: write it, or take it out of {FILE}")
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


def _name(file: str) -> str:
    return file.removesuffix(".md")
