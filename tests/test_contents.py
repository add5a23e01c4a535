"""The table of contents is the only list of the pages."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from conftest import CONTENTS, ROOT
from press.contents import Chapter, Contents
from press.page import Page, PageError


def project(folder: Path, toc: str, *pages: str) -> Path:
    (folder / "_toc.yml").write_text(toc, encoding="utf-8")
    for page in pages:
        (folder / f"{page}.md").parent.mkdir(exist_ok=True)
        (folder / f"{page}.md").write_text("# T\n", encoding="utf-8")
    return folder


TOC = """format: jb-book
root: index
parts:
- caption: One
  numbered: true
  chapters:
  - file: chapters/a
    sections:
    - file: exercises/a
    - file: chapters/more.md
      sections:
      - file: chapters/deep
- caption: About
  chapters:
  - file: about
- caption: Two
  numbered: true
  chapters:
  - file: chapters/b
    title: Another name
  - url: https://example.org
"""


def test_chapters_are_numbered_through_all_numbered_parts(tmp_path: Path) -> None:
    names = ("index", "chapters/a", "exercises/a", "chapters/more", "chapters/deep", "about", "chapters/b")
    contents = Contents.read(project(tmp_path, TOC, *names))
    assert contents.pages == names
    assert contents.chapters == (
        Chapter(1, "chapters/a", ("exercises/a", "chapters/more", "chapters/deep")),
        Chapter(2, "chapters/b", ()),
    )
    assert contents.exercises == ("a",)
    assert [page.name for page in contents.read_pages(tmp_path)] == list(names)


def test_a_page_that_is_not_there_is_an_error_that_names_the_line(tmp_path: Path) -> None:
    folder = project(
        tmp_path, TOC, "index", "chapters/a", "exercises/a", "chapters/more", "chapters/deep", "chapters/b"
    )
    with pytest.raises(PageError, match=r"_toc\.yml:15: there is no page about\.md"):
        Contents.read(folder)


def test_a_slip_in_yaml_is_one_line_that_names_its_own(tmp_path: Path) -> None:
    with pytest.raises(PageError, match=r"^_toc\.yml:2: not YAML, [^\n]+$"):
        Contents.read(project(tmp_path, "format: jb-book\nroot: a: b\n", "index"))
    (tmp_path / "_toc.yml").write_bytes(b"root: \xff\n")
    with pytest.raises(PageError, match=r"^_toc\.yml: not UTF-8"):
        Contents.read(tmp_path)
    (tmp_path / "_toc.yml").unlink()
    with pytest.raises(FileNotFoundError, match=r"there is no _toc\.yml in .*run this in the folder of the book"):
        Contents.read(tmp_path)


@pytest.mark.parametrize(
    ("toc", "line"),
    [
        ("format: jb-book\n", 1),
        ("- index\n", 1),
        ("index\n", 1),
        ("", 1),
        ("format: jb-book\nroot: index\nchapters:\n- fiel: a\n", 4),
        ("format: jb-book\nroot: index\nchapters:\n- a\n", 4),
        ("format: jb-book\nroot: index\nparts:\n- chapters:\n  - file: a\n  - file: 3\n", 6),
        ("format: jb-book\nroot: index\nparts:\n- chapters:\n  - file: a\n    sections:\n    - a\n", 7),
        ("format: jb-book\nroot: index\ndefaults: a\n", 1),
        ("format: jb-book\nroot: index\nchapters:\n- glob: '*'\n", 4),
    ],
)
def test_a_table_of_contents_that_cannot_be_read_says_why_and_where(toc: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(PageError, match=rf"^_toc\.yml:{line}: [^\n]+: write [^\n]+$"):
        Contents.read(project(tmp_path, toc, "index", "a"))


def test_every_page_is_in_the_table_of_contents() -> None:
    files = [*ROOT.glob("chapters/*.md"), *ROOT.glob("exercises/*.md"), ROOT / "index.md", ROOT / "results.md"]
    assert {path.relative_to(ROOT).with_suffix("").as_posix() for path in files} == {*CONTENTS.pages}
    assert len(CONTENTS.chapters) >= 5 and len(CONTENTS.exercises) >= 5


def lists_of_chapters(source: str) -> list[int]:
    """The lines of lists, tuples and sets of constants that name three chapters or more."""
    names = {chapter.name for chapter in CONTENTS.chapters}
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            texts = {each.value for each in node.elts if isinstance(each, ast.Constant) and isinstance(each.value, str)}
            if len({text.rpartition("/")[2] for text in texts} & names) >= 3:
                found.append(node.lineno)
    return found


def test_the_cards_of_the_landing_page_are_the_chapters() -> None:
    """The page names them for readers, in words of its own."""
    page = Page.read("index", ROOT)
    cards = [each for each in page.directives if each.name == "grid-item-card"]
    shown = [(each.options["link"], each.argument) for each in cards if each.argument[:1].isdigit()]
    assert [link for link, _ in shown] == [chapter.page for chapter in CONTENTS.chapters]
    for (_, words), chapter in zip(shown, CONTENTS.chapters, strict=True):
        number, _, title = words.partition(". ")
        assert int(number) == chapter.number and Page.read(chapter.page, ROOT).title.startswith(title)


def test_there_is_no_second_list_of_chapters() -> None:
    assert lists_of_chapters('x = 1\ny = ("chapters/cnn", "rnn", "exercises/essentials")') == [2]
    assert lists_of_chapters('y = ("cnn", "rnn", 3)') == []
    files = [path for folder in ("book", "press", "tests", ".github") for path in (ROOT / folder).rglob("*.py")]
    for path in files:
        assert not (lines := lists_of_chapters(path.read_text(encoding="utf-8"))), f"{path}:{lines[0]}"
