"""What a finished site holds, on a tiny book: no solution in a student edition, and nothing of a page that is gone."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from shutil import copy, copytree
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from filelock import FileLock

from conftest import ROOT
from press import cli, written
from press.lock import alone
from press.page import Page
from press.site import navigation, solutions

HEAD = "---\nmyst: {html_meta: {description: A page.}}\n---\n\n"
SOLVED = """# Exercises

```{exercise-start} explain
:label: exercise-b-1
```
Which letter?
```{exercise-end}
```

:::{solution-start} exercise-b-1
:::
The letters are SECRETLY b and d.
:::{solution-end}
:::
"""
SECRET = "The letters are SECRETLY b and d."
STUDENT = "_build/student/_build/html"

#: Builds the book as the command does, and returns what it printed.
Build = Callable[..., str]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A book of pages without code: two chapters and a page of exercises."""
    for name in ("_config.yml", "references.bib", "requirements.lock", "pyproject.toml", "README.md", "LICENSE"):
        copy(ROOT / name, tmp_path)
    copytree(ROOT / "assets", tmp_path / "assets")
    write(tmp_path, "index", "# A small book\n")
    write(tmp_path, "chapters/a", "# Page a\n\nProse.\n")
    write(tmp_path, "exercises/b", SOLVED)
    contents(tmp_path, "chapters/a", "exercises/b")
    monkeypatch.setenv("BOOK_DATA", "sample")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(project: Path, name: str, text: str) -> None:
    path = project / f"{name}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEAD + text, encoding="utf-8")


def contents(project: Path, *names: str, others: Iterable[str] = ()) -> None:
    """Write the table of contents: numbered chapters, which come as notebooks too, and other pages."""
    parts = "".join(f"  - file: {name}\n" for name in names)
    toc = f"format: jb-book\nroot: index\nparts:\n- caption: Chapters\n  numbered: true\n  chapters:\n{parts}"
    if others:
        toc += "- caption: Others\n  chapters:\n" + "".join(f"  - file: {name}\n" for name in others)
    (project / "_toc.yml").write_text(toc)


@pytest.fixture
def build(project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Build:
    """The command ``book``, in this process: to import Sphinx takes longer than such a book."""

    def run(*arguments: str, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["book", *(arguments or ("build",))])
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = "".join(capfd.readouterr())
        found = end.value.code
        said += found if isinstance(found, str) else ""
        assert (found if isinstance(found, int) else 1) == code, said
        return said

    return run


# A student edition is looked through


def leaks(project: Path, name: str, content: bytes | str) -> list[str]:
    """The lines of solutions that are found in a file of a site."""
    site = project / "site"
    (site / name).parent.mkdir(parents=True, exist_ok=True)
    (site / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    pages = [Page.read(each, project) for each in ("index", "chapters/a", "exercises/b")]
    return [
        f"{each.page}:{each.line} {each.file}"
        for each in dict.fromkeys(solutions.search(site, solutions.secrets(pages, project)))
    ]


def zipped(name: str, content: bytes | str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
    return file.getvalue()


FILES: dict[str, tuple[str, bytes | str]] = {
    "text": ("_sources/b.md", f"x\n{SECRET}\n"),
    "tags and entities": ("b.html", "<p>The <b>letters</b>\nare <code><span>SECRETLY</span></code>&nbsp;b &amp; d</p>"),
    "a comment": ("b.html", f"<!-- {SECRET} -->"),
    "an alternative text": ("b.html", f"<img alt='{SECRET}'>"),
    "the search index": ("searchindex.js", 'Search.setIndex({"titles": ["The letters are SECRETLY b and d"]})'),
    "a notebook": ("notebooks/b.ipynb", json.dumps({"cells": [{"source": ["a\n", f"{SECRET}\n", "b"]}]})),
    "an output": ("b.ipynb", json.dumps({"text": f"a\n{SECRET}\nb"})),
    "codes of characters": ("b.json", r'"The letters\u0020are \u0053ECRETLY b and d"'),
    "an archive": ("notebooks/exercises.zip", zipped("exercises/b.ipynb", SECRET)),
    "an archive in an archive": ("room.zip", zipped("room/site/exercises.zip", zipped("b.txt", SECRET))),
    "a drawing": ("_images/b.svg", f"<svg><text>{SECRET}</text></svg>"),
    "words in an image": ("_images/b.png", b"\x89PNG\r\n\x1a\ntEXtComment\x00" + SECRET.encode() + b"\xff\xfe"),
}


@pytest.mark.parametrize(("name", "content"), FILES.values(), ids=FILES)
def test_a_line_of_a_solution_is_found_in_a_file(name: str, content: bytes | str, project: Path) -> None:
    content = content.replace("b &amp; d", "b <i>and</i> d") if isinstance(content, str) else content
    assert leaks(project, name, content) == [f"exercises/b:{line_of(project, SECRET)} {name}"]


def line_of(project: Path, text: str, page: str = "exercises/b") -> int:
    """The line of a page on which a text begins."""
    lines = (project / f"{page}.md").read_text(encoding="utf-8").split("\n")
    return next(number for number, line in enumerate(lines, 1) if text in line)


@pytest.mark.parametrize(
    ("solution", "elsewhere", "file"),
    [
        ("It is b.", "", "It is b."),
        ("model.fit(x_train, y_train)", "history = model.fit(x_train, y_train)\n", "x = model.fit(x_train, y_train)"),
        (
            "See [the first chapter of the book](a.md).",
            "See the *first chapter* of the book.\n",
            "first chapter of the book",
        ),
        ("The loss falls and falls.", "", "The loss falls, and rises, and falls."),
        ("The right number is one.", "", "The right number is oneself."),
    ],
    ids=["short", "a part of a line elsewhere", "also in the prose", "other words", "a part of a word"],
)
def test_other_lines_are_no_solution(solution: str, elsewhere: str, file: str, project: Path) -> None:
    write(project, "exercises/b", SOLVED.replace(SECRET, solution))
    write(project, "chapters/a", f"# Page a\n\n{elsewhere}")
    assert leaks(project, "b.html", file) == []


def test_a_check_stays_in_every_edition_and_the_package_knows_the_answers(project: Path) -> None:
    cell = '```{code-cell} ipython3\ncheck("b/1", letters_of_the_answer)\n```\n'
    write(project, "exercises/b", SOLVED.replace(":::{solution-end}", f"{cell}\n:::{{solution-end}}"))
    assert leaks(project, "b.ipynb", 'check("b/1", letters_of_the_answer)') == []
    assert leaks(project, "book.whl", zipped("book/checks/b.py", SECRET)) == []


@pytest.mark.parametrize(
    "unseen",
    [
        f"<!-- {SECRET} -->\n",
        f"<div hidden title='{SECRET}'></div>\n",
        f"Text <span title='{SECRET}'>here</span>.\n",
        f"![{SECRET}](a.svg)\n",
        f"```{{image}} a.svg\n:alt: {SECRET}\n```\n",
        f"```{{raw}} html\n<p>{SECRET}</p>\n```\n",
        f"% {SECRET}\n",
    ],
)
def test_what_no_page_shows_does_not_make_a_line_known(unseen: str, project: Path) -> None:
    write(project, "chapters/a", f"# Page a\n\n{unseen}")
    assert leaks(project, "a.html", SECRET)


def test_what_a_solution_includes_is_a_part_of_it(project: Path) -> None:
    (project / "exercises/more.md").write_text("Another SECRET of eleven words.\n")
    write(project, "exercises/b", SOLVED.replace(SECRET, "```{include} more.md\n```"))
    line = line_of(project, "{include}")
    assert leaks(project, "a.html", "Another SECRET of eleven words") == [f"exercises/b:{line} a.html"]


SOLUTION = "```{solution} exercise-b-1\nANOTHER secret from elsewhere.\n```\n"
#: Ways by which a solution comes to a page that no mark on the page tells of, by the page's text.
WAYS = {
    "included": "```{include} more.md\n```\n",
    "rst": "```{eval-rst}\n.. solution:: exercise-b-1\n   :label: other\n\n   ANOTHER secret from elsewhere.\n```\n",
    "substituted": "{{ answer }}\n",
    "literal": "```{literalinclude} ../exercises/b.md\n```\n",
    "download": "{download}`the source <../exercises/b.md>`\n",
    "comment": f"<!-- {SECRET} -->\n",
    "alternative": f"```{{image}} ../assets/logo.svg\n:alt: {SECRET}\n```\n",
}


def test_a_solution_in_the_student_edition_fails_the_build_and_is_not_left_there(project: Path, build: Build) -> None:
    (project / "chapters/more.md").write_text(SOLUTION)
    for name, text in WAYS.items():
        write(project, f"chapters/{name}", f"# {name}\n\n{text}")
    page = project / "chapters/substituted.md"
    values = "".join(f"      {line}\n" for line in SOLUTION.split("\n"))
    page.write_text(
        f"---\nmyst:\n  html_meta: {{description: A page.}}\n  substitutions:\n    answer: |\n{values}---\n\n"
        "# By a name\n\n{{ answer }}\n"
    )
    contents(project, "exercises/b", others=[f"chapters/{name}" for name in WAYS])
    for _ in range(2):
        output = build("build", "--student", code=1)
        assert "Traceback" not in output
        for name, mark in (("included", "{include}"), ("rst", "{eval-rst}"), ("substituted", "{{ answer")):
            at = f"chapters/{name}.md:{line_of(project, mark, f'chapters/{name}')}"
            assert re.search(rf"{at}: .*a solution stays in the student edition: write it on", output), output
        first, line = line_of(project, ":::{solution-start}"), line_of(project, SECRET)
        for number, name in [
            (line, "comment.html"),
            (line, "alternative.html"),
            (first, "literal.html"),
            (first, "b.md"),
        ]:
            said = (
                rf"exercises/b\.md:{number}: .*a solution is in \S+/{re.escape(name)} of the student edition: take it"
            )
            assert re.search(said, output), output
        left = [
            path for path in (project / STUDENT).rglob("*") if path.is_file() and b"secret" in path.read_bytes().lower()
        ]
        assert [path.name for path in left] in ([], ["searchindex.js"]), "words alone are no solution"
    build("build")
    contents(project, "chapters/a", "exercises/b")
    build("build", "--student")
    assert "Which letter?" in (project / STUDENT / "exercises/b.html").read_text(encoding="utf-8")


# Nothing of a page that is gone stays


ONE = """# Page one

![A drawing.](one.png)

```{code-cell} ipython3
---
mystnb: {figure: {name: figure-one, caption: A drawing.}, image: {alt: A drawing.}}
---
from IPython.display import SVG
SVG('<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><text>one</text></svg>')
```
"""
NOTEBOOK = """---
kernelspec: {name: python3, display_name: Python 3}
jupytext: {text_representation: {extension: .md, format_name: myst}}
myst: {html_meta: {description: A page.}}
---

"""
SAID = "Removed from _build/html, since no page has it: "


def configure(project: Path, redirects: str) -> None:
    text = (ROOT / "_config.yml").read_text(encoding="utf-8")
    (project / "_config.yml").write_text(re.sub(r"book_redirects: \{\}", f"book_redirects: {redirects}", text))


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_page_that_is_gone_leaves_nothing_and_what_is_not_ours_stays(project: Path, build: Build) -> None:
    built, site = project / "_build", project / "_build/html"
    (project / "chapters/one.md").write_text(NOTEBOOK + ONE)
    (project / "chapters/one.png").write_bytes(b"no image, but Sphinx does not look")
    (project / "assets/own.txt").write_text("own")
    write(project, "chapters/gone", "# Another page\n")
    contents(project, "chapters/a", "exercises/b", "chapters/gone", others=["chapters/one"])
    configure(project, "{chapters/first: chapters/one}")
    assert SAID not in build("build")
    ours = {f"html/{name}" for name in ("chapters/one.html", "_sources/chapters/one.md", "notebooks/gone.ipynb")}
    ours |= {"html/chapters/first.html", "html/_static/own.txt", "jupyter_execute/chapters/one.ipynb"}
    there = files(built)
    assert ours <= there
    assert len(files(site / "_images")) == 1 and len(list((built / "jupyter_execute").glob("*.svg"))) == 1
    theirs = (
        "CNAME",
        ".nojekyll",
        "notebooks/mine.ipynb",
        "chapters/mine.html",
        "_images/mine.svg",
        "chapters/one.txt",
    )
    for name in theirs:
        (site / name).write_text("mine")

    (project / "chapters/one.md").unlink()
    (project / "chapters/gone.md").unlink()
    (project / "assets/own.txt").unlink()
    contents(project, "chapters/a", "exercises/b")
    configure(project, "{}")
    assert SAID not in build("build", "--page", "chapters/a") and ours <= files(built), "a full build removes"
    output = build("build")
    [line] = [line for line in output.split("\n") if line.startswith(SAID)]
    gone = there - files(built)
    assert ours <= gone and "_images/one.png, _sources/chapters/gone.md" in line and "and 2 more." in line
    assert not files(site / "_images") - {"mine.svg"} and not list((built / "jupyter_execute").glob("*.svg"))
    assert {path for path in theirs if (site / path).is_file()} == set(theirs)
    assert (
        "chapters/one" not in (site / "searchindex.js").read_text()
        and "Page one" not in (site / "index.html").read_text()
    )
    assert SAID not in build("build"), "once"


def test_a_pack_holds_what_builds_wrote_and_neither_itself_nor_an_older_one(
    project: Path, build: Build, small_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = project / "_build/html"
    build("build")
    ours = files(site)
    monkeypatch.setenv("BOOK_DATA", str(small_data))
    for archive in (
        "_build/html/room.zip",
        "_build/html/notebooks/room.zip",
        "_build/../_build/html/chapters/room.zip",
    ):
        refused = build("pack", archive, code=1)
        assert "would lie in the site" in refused and "elsewhere, for example to room.zip" in refused
    assert files(site) == ours
    checkpoint = "notebooks/.ipynb_checkpoints/b-solutions-checkpoint.ipynb"
    theirs = ("CNAME", ".nojekyll", "older.zip", "notebooks/mine.ipynb", checkpoint)
    for name in theirs:
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).write_text("mine")
    said = build("pack", "room.zip")
    [line] = [line for line in said.split("\n") if line.startswith("Left out of the archive")]
    assert sorted(line.partition(": ")[2].split(", ")) == sorted(theirs)
    with zipfile.ZipFile("room.zip") as room:
        packed = {name.removeprefix("room/site/") for name in room.namelist() if name.startswith("room/site/")}
    assert packed == ours
    (site.parent / written.FILE).unlink()
    assert "no list of what builds wrote" in build("pack", "room.zip", code=1)


def test_a_renamed_page_and_an_image_that_is_not_used_any_more_leave_nothing(project: Path, build: Build) -> None:
    site = project / "_build/html"
    contents(project, "exercises/b", others=["chapters/a"])
    for name in ("used", "unused"):
        (project / f"chapters/{name}.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    write(project, "chapters/a", "# Page a\n\n{download}`one <used.svg>` {download}`two <unused.svg>`\n")
    build("build")
    assert len(files(site / "_downloads")) == 2
    write(project, "chapters/a", "# Page a\n\n{download}`one <used.svg>`\n")
    build("build")
    assert [Path(name).name for name in files(site / "_downloads")] == ["used.svg"]
    (project / "chapters/a.md").rename(project / "chapters/z.md")
    contents(project, "exercises/b", others=["chapters/z"])
    configure(project, "{chapters/a: chapters/z}")
    output = build("build")
    assert SAID in output and ": _sources/chapters/a.md." in output and "chapters/a.html" not in output
    assert "This page has moved" in (site / "chapters/a.html").read_text(encoding="utf-8")


def test_only_what_stands_in_the_list_is_ever_removed(tmp_path: Path) -> None:
    site = tmp_path / "build/html"
    site.mkdir(parents=True)
    for name in ("build/html/a.html", "build/html/b.html", "outside.txt"):
        (tmp_path / name).write_text("x")
    written.write(site, [site / "a.html", site / "gone.html"])
    assert written.read(site) == {site / "a.html"}
    with (site.parent / written.FILE).open("a") as file:
        file.write(f"../outside.txt\nhtml/../../outside.txt\n{tmp_path}/outside.txt\n")
    assert written.read(site) == {site / "a.html"}
    assert written.read(tmp_path / "elsewhere/html") == set()


# A chosen page leaves nothing behind


def links(project: Path, page: str) -> set[str]:
    """The titles that a page's list of the book's pages holds."""
    soup = BeautifulSoup((project / f"_build/html/{page}.html").read_text(encoding="utf-8"), "html.parser")
    return {link.get_text(strip=True) for link in soup.select(".bd-links .bd-sidenav:not(.bd-sidenav__home-link) a")}


def test_every_page_lists_a_page_that_came_that_went_and_that_has_another_title(project: Path, build: Build) -> None:
    """The first page has code, is not chosen, and is not executed for it."""
    code = "with open('runs.txt', 'a') as file:\n    file.write('x')\nprint('this is kept')"
    (project / "index.md").write_text(f"{NOTEBOOK}# A small book\n\n```{{code-cell}} ipython3\n{code}\n```\n")
    listed = {"1. Page a", "2. Exercises"}
    build("build")
    assert [links(project, page) for page in ("chapters/a", "exercises/b")] == [listed] * 2
    write(project, "chapters/one", "# Page one\n\n$$y = x$$ (first)\n\nSee {eq}`first`.\n")
    contents(project, "chapters/one", "chapters/a", "exercises/b")
    build("build", "--page", "chapters/one")
    listed = {"1. Page one", "2. Page a", "3. Exercises"}
    assert [links(project, page) for page in ("index", "chapters/one", "chapters/a", "exercises/b")] == [listed] * 4
    shown = (project / "_build/html/chapters/one.html").read_text(encoding="utf-8")
    assert "(1.1)" in shown
    build("build")
    write(project, "chapters/one", "# Page two\n")
    build("build")
    assert "1. Page two" in links(project, "chapters/a")
    (project / "chapters/one.md").unlink()
    contents(project, "chapters/a", "exercises/b")
    build("build", "--page", "exercises/b")
    listed = {"1. Page a", "2. Exercises"}
    assert [links(project, page) for page in ("index", "chapters/a", "exercises/b")] == [listed] * 3
    build("build")
    assert "this is kept" in (project / "_build/html/index.html").read_text(encoding="utf-8")
    assert (project / "runs.txt").read_text() == "x"


def test_pages_are_written_again_only_where_their_list_has_changed(tmp_path: Path) -> None:
    titles = {"a": nodes.title("", "A"), "b": nodes.title("", "B")}
    toc = {"root": "a"}
    site_map = SimpleNamespace(as_json=lambda: toc)
    app: Any = SimpleNamespace(
        env=SimpleNamespace(found_docs={"a", "b"}, titles=titles),
        config=SimpleNamespace(external_site_map=site_map),
        doctreedir=tmp_path,
    )

    def written_again(*pages: str, error: Exception | None = None) -> list[str]:
        found = navigation.pages_to_write(app, app.env)
        for page in pages or found:
            navigation.note_page(app, page, "page.html", {}, nodes.section())
        navigation.note_page(app, "search", "search.html", {}, None)
        navigation.keep(app, error)
        return found

    assert [written_again(), written_again()] == [["a", "b"], []]
    titles["a"] = nodes.title("", "Another")
    assert [written_again(), written_again()] == [["a", "b"], []]
    toc["root"] = "b"
    assert written_again("a", error=ValueError()) == ["a", "b"], "a build that ended early"
    assert [written_again("a"), written_again(), written_again()] == [["a", "b"], ["b"], []], "a build of some pages"
    (tmp_path / navigation.FILE).write_text("{")
    assert [written_again(), written_again()] == [["a", "b"], []]


def test_one_build_waits_for_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    holds, ends = threading.Event(), threading.Event()

    def other() -> None:
        with FileLock(tmp_path / ".lock"):
            holds.set()
            ends.wait()

    thread = threading.Thread(target=other)
    thread.start()
    holds.wait()
    threading.Timer(0.3, ends.set).start()
    with alone(tmp_path):
        assert ends.is_set()
    thread.join()
    assert capsys.readouterr().out == f"Another command works in {tmp_path}: waiting until it ends.\n"
    with alone(tmp_path):
        pass
    with pytest.raises(RuntimeError), alone(tmp_path):  # and the next one need not wait for one that failed
        raise RuntimeError
    with alone(tmp_path / "new"):
        pass
    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_two_builds_at_once_lose_no_page(project: Path) -> None:
    for name in ("one", "two"):
        text = f"# Page {name}\n\n```{{code-cell}} ipython3\nprint('this is', '{name}')\n```\n"
        (project / f"chapters/{name}.md").write_text(NOTEBOOK + text)
    contents(project, "chapters/one", "chapters/two")
    command = [sys.executable, "-m", "press.cli", "build", "--page"]
    both = [
        subprocess.Popen([*command, name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for name in ("one", "two")
    ]
    said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("waiting until it ends" in output for output in said) == 1
    for name in ("one", "two"):
        assert f"this is {name}" in (project / f"_build/html/chapters/{name}.html").read_text(encoding="utf-8")
