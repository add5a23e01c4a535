"""What an author gets wrong is one line, before anything is executed; what is right is no fault."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from book import claims, recordings
from conftest import CONTENTS, ROOT
from press import proofs
from press.contents import Contents
from press.faults import Fault
from press.page import Page

#: The top of a page, seven lines.
HEAD = """---
kernelspec: {name: python3, display_name: Python 3}
jupytext: {text_representation: {extension: .md, format_name: myst}}
myst: {html_meta: {description: A page.}}
---
# T

"""
CELL = "```{code-cell} ipython3\n---\nOPTIONS\n---\nx = 1\n```\n"
FIGURE = "mystnb:\n  figure: {name: fig-a, caption: A line.}\n  image: {alt: A line that falls.}"
EXERCISE = "```{exercise-start} look\n:label: e-1\n```\nQ\n```{exercise-end}\n```\n"
SOLUTION = "```{solution-start} e-1\n```\nA\n```{solution-end}\n```\n"
CHECK = "```{code-cell}\nfrom book.checks import check\ncheck('cnn/1', 1)\n```\n"
CLAIM = "```{code-cell}\nclaim('cnn-test-accuracy', 1)\n```\n"
IMPORTS = "```{code-cell}\n{}\n```\n"


def cell(options: str) -> str:
    return CELL.replace("OPTIONS", options)


def code(source: str, tags: str = "") -> str:
    return f"```{{code-cell}}\n{tags}{source}\n```\n"


def found(text: str, name: str = "chapters/cnn") -> list[Fault]:
    return proofs.own_faults(Page(name, text))


# Each is what stands below the title, from line 8; the line of the fault; and words that it must hold.
MISTAKES = {
    # Fences, and cells that are none
    "a fence that is not closed": ("```{note}\nx\n", 8, "```{note} is never closed"),
    "colons that are not closed": (":::{note}\nx\n\n" + code("x"), 8, ":::{note} is never closed"),
    "a cell that is not closed": ("```{code-cell}\nx = 1\n\nProse.\n", 8, "never closed"),
    "a cell in a list": ("- a\n\n  ```{code-cell}\n  x\n  ```\n", 10, "would not be executed"),
    "a cell between colons": (":::{code-cell}\nx\n:::\n", 8, "would not be executed"),
    "a cell in a note": ("````{note}\n```{code-cell}\nx\n```\n````\n", 9, "would not be executed"),
    "a cell after a space": ("``` {code-cell}\nx\n```\n", 8, "would not be executed"),
    "a cell in HTML": ("<div>\n```{code-cell}\nx\n```\n</div>\n", 9, "would not be executed"),
    "a comment that is not closed": ("Prose.\n\n<!-- a note: more\n", 10, "<!-- is never closed: end it with -->"),
    "HTML with a class that is not closed": ('<PRE class="a">\nx\n', 8, "end it with </pre>"),
    "HTML that swallows what follows": ("<pre>\nx\n\n" + code("x"), 8, "<pre> is never closed: end it with </pre>"),
    "a script that is not closed": ("<script>\nx\n", 8, "end it with </script>"),
    # What Python refuses before it runs
    "a return": (code("return 3"), 9, "'return' outside function"),
    "a break": (code("x = 1\nbreak"), 10, "'break' outside loop"),
    "an argument twice": (code("def f(a, a): pass"), 9, "duplicate argument"),
    # Options of cells
    "tags that are no YAML": ("```{code-cell}\n:tags: [a\n\nx\n```\n", 9, "not YAML"),
    "options that are no YAML": (cell("tags: [a]\nmystnb: {figure"), 11, "not YAML"),
    "options that are a list": (cell("- hide-input"), 9, "write `name: value`"),
    "options that are not closed": ("```{code-cell}\n---\ntags: [a]\nx = 1\n```\n", 9, "never closed"),
    "options twice": ("```{code-cell}\n:tags: [hide-input]\n---\nmystnb: {}\n---\nx\n```\n", 10, "written twice"),
    "options the other way round": ("```{code-cell}\n---\na: 1\n---\n:tags: [a]\nx\n```\n", 12, "written twice"),
    "options after a blank line": ("```{code-cell}\n\n---\ntags: [a]\n---\nx\n```\n", 10, "not from its first line"),
    "an unknown option of a figure": (cell(FIGURE.replace("caption", "captoin")), 14, "'captoin' below `figure:`"),
    "an unknown option of an image": (cell(FIGURE.replace("{alt", "{atl: 1, alt")), 14, "write alt"),
    "an unknown option of myst-nb": (cell("mystnb: {scroll_output: true}"), 12, "write scroll_outputs"),
    "a figure outside mystnb": (cell("figure: {name: a}"), 12, "write it below `mystnb:`"),
    "mystnb misspelt": (cell("mystbn: {figure: {name: a}}"), 12, "write 'mystnb'"),
    "tags misspelt": (cell("tag: [hide-input]"), 12, "write 'tags'"),
    "mystnb that is a text": (cell("mystnb: figure"), 12, "names and values"),
    "a figure that is a text": (cell("mystnb:\n  figure: fig-a\n  image: {alt: A}"), 14, "`figure: {name: ...}`"),
    "an image that is a text": (cell(FIGURE.replace("{alt: A line that falls.}", "A line")), 14, "`image: {alt: ...}`"),
    "a tag misspelt": (cell("tags: [remove-cel]"), 12, "write 'remove-cell'"),
    "a tag with an underscore": (cell("tags: [hide_input]"), 12, "write 'hide-input'"),
    "a tag in capitals": (cell("tags: [Hide-Output]"), 12, "write 'hide-output'"),
    "tags as one text": (cell("tags: hide-input, other"), 12, "write them as a list"),
    # Figures and images
    "a figure without a name": (cell(FIGURE.replace("name: fig-a, ", "")), 14, "no name"),
    "a figure without a caption": (cell(FIGURE.replace(", caption: A line.", "")), 14, "no caption"),
    "a figure without words": (cell(FIGURE.replace("A line that falls.", "")), 14, "no alternative text"),
    "a figure without an image": (cell("mystnb: {figure: {name: a, caption: A.}}"), 12, "no alternative text"),
    "a figure of nothing": (
        cell("mystnb:\n  figure:\n  image: {alt: A}"),
        14,
        "no name (`figure: {name: ...}`) and no caption",
    ),
    "an image": ("One\n![](a.png)\n", 9, "no alternative text"),
    "an image of blanks": ("![  ](a.png)\n", 8, "no alternative text"),
    "an image by reference": ("![][a]\n\n[a]: a.png\n", 8, "no alternative text"),
    "an image in a table": ("| a | b |\n|---|---|\n| ![](a.png) | b |\n", 10, "no alternative text"),
    "an image directive": ("```{image} a.png\n:width: 3em\n```\n", 8, "no alternative text"),
    "a figure directive": (":::{figure} a.png\n:name: a\n\nWords\n:::\n", 8, "no alternative text"),
    "an empty option": ("```{figure} a.png\n---\nalt: ''\n---\nWords\n```\n", 8, "no alternative text"),
    "an image in a note": ("````{note}\nOne\n\n![](a.png)\n````\n", 11, "no alternative text"),
    "an image on a card": ("```{card} T\n:img-top: a.png\nx\n```\n", 8, "no alternative text"),
    "an image in HTML": ("<div>\n<img src='a.png'>\n</div>\n", 9, "no alternative text"),
    "an image in a line of HTML": ("One\n<img src='a.png'> two\n", 9, "no alternative text"),
    # Python
    "no Python": (code("x = 1\ny = (") + code("x"), 10, "not Python, SyntaxError: '(' was never closed"),
    "no Python below a magic": (code("%matplotlib inline\nfor x in y\n    x"), 10, "expected ':'"),
    "no Python, an indent": (code("x = 1\n  y = 2"), 10, "indent"),
    # Numbers
    "a number of nobody": ("{glue:text}`nobody:.1%`\n", 8, "claims.toml does not define"),
    "a number misspelt": ("One\n{glue:text}`cnn-test-acuracy:.1%`\n", 9, "'cnn-test-accuracy' is there"),
    "a number that is not registered": ("{glue:text}`cnn-test-accuracy:.1%`\n", 8, "no cell of this page registers"),
    "a number of another page": ("{glue:text}`text-parameters:,`\n", 8, "it is of chapters/text-classification"),
    "a format that is none": (CLAIM + "{glue:text}`cnn-test-accuracy:.1q`\n", 11, "format '.1q'"),
    "a format with two dots": (CLAIM + "{glue:text}`cnn-test-accuracy:.1.%`\n", 11, "format '.1.%'"),
    "a format of words": (CLAIM + "{glue:text}`cnn-test-accuracy:percent`\n", 11, "format 'percent'"),
    "a claim of nobody": (code("claim('nobody', 1)"), 9, "registers 'nobody', which book/claims.toml"),
    "claims of nobody": (code("for n in x:\n    claim(f'nobody-{n}', 1)"), 10, "registers 'nobody-*'"),
    "a claim of nobody by keywords": (code("claim(value=1, name='nobody')"), 9, "registers 'nobody'"),
    "a claim misspelt": (code("claims.claim('cnn-test-accuracies', 1)"), 9, "'cnn-test-accuracy' is there"),
    "a claim twice": (CLAIM + CLAIM, 12, "again, as line 9 does"),
    "a claim twice in a cell": (code("claim('cnn-test-accuracy', 1)\nclaim('cnn-test-accuracy', 1)"), 10, "again"),
    # Labels and titles
    "a target twice": ("(a)=\n## A\n\n(a)=\n## B\n", 11, "'a' stands at chapters/cnn.md:8 too"),
    "a target in other letters": ("(A)=\n## A\n\n```{note}\n:name: a\nx\n```\n", 11, "stands at"),
    "a figure twice": (cell(FIGURE) + cell(FIGURE), 22, "'fig-a' stands at chapters/cnn.md:14"),
    "a formula twice": ("$$\nx\n$$ (m)\n\n```{math}\n:label: m\n\nx\n```\n", 12, "'m' stands at"),
    "an exercise twice": (EXERCISE + EXERCISE, 14, "'e-1' stands at"),
    "a label in a list": ("(a)=\n## A\n\n- ```{note}\n  :name: a\n  x\n  ```\n", 11, "'a' stands at"),
    "a second title": ("## A\n\n# B\n", 10, "a second title"),
    "a second title, underlined": ("B\n=\n", 8, "a second title"),
    # Exercises
    "an exercise without a label": (EXERCISE.replace(":label: e-1\n", ""), 8, "no label"),
    "a closed exercise without a label": (":::{exercise}\nQ\n:::\n", 8, "no label"),
    "a solution of nothing": (EXERCISE + SOLUTION.replace(" e-1", ""), 14, "does not say of which exercise"),
    "an exercise that is not ended": ("```{exercise-start} look\n:label: e\n```\nQ\n", 8, "not opened and closed"),
    "a solution that is not ended": ("```{solution-start} e\n```\nQ\n", 8, "not opened and closed"),
    "a solution that is only ended": ("```{solution-end}\n```\n", 8, "not opened and closed"),
    "a check of nobody": (CHECK.replace("cnn/1", "cnn/99"), 10, "no checker is called 'cnn/99'"),
    "a check of another chapter": (CHECK.replace("cnn/1", "cmm/1"), 10, "write it in book/checks/cmm.py"),
    "a check without a number": (CHECK.replace("cnn/1", "cnn"), 10, "no checker is called 'cnn'"),
    # Directives
    "options of a directive": ("```{note}\n:class: tip\n:name\nx\n```\n", 8, "the options of {note} cannot be read"),
    "options in YAML": ("```{note}\n---\n- a\n---\nx\n```\n", 8, "the options of {note} cannot be read"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line(mistake: str) -> None:
    text, line, words = MISTAKES[mistake]
    [fault] = found(HEAD + text)
    assert (fault.file, fault.line) == ("chapters/cnn.md", line) and words in fault.what, fault
    assert "\n" not in str(fault)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("x\n", 1, "no title"),
        ("## A\n", 1, "no title"),
        ("# A {ref}`b`\n", 6, "a title holds no role"),
    ],
)
def test_a_title_that_is_none(text: str, line: int, words: str) -> None:
    [fault] = found(HEAD.replace("# T\n", text))
    assert fault.line == line and words in fault.what


@pytest.mark.parametrize(
    ("head", "line", "words"),
    [
        (HEAD.replace("{description: A page.}", "{description: A page."), 4, "the front matter is not YAML"),
        (HEAD.replace("A page.", "A page: of mine, 'x"), 4, "the front matter is not YAML"),
        (HEAD.replace("myst: {html_meta: {description: A page.}}", "myst: a: b"), 4, "the front matter is not YAML"),
        (HEAD.replace("myst: {", "date: 2026-13-01\nmyst: {"), 1, "the front matter is not YAML, month"),
        (HEAD.replace("myst: {", "\tmyst: {"), 4, "the front matter is not YAML"),
        ("---\n- a\n---\n# T\n\n", 1, "holds no names and values"),
        (HEAD.replace("}}\n---\n", "}}\n"), 1, "never closed"),
        (HEAD.replace("format_name: myst", "format_name: markdown"), 1, "no code of this page would be executed"),
        (HEAD.replace("jupytext: {", "jupytxt: {"), 1, "no code of this page would be executed"),
        (
            HEAD.replace("jupytext: {text_representation: {extension: .md, format_name: myst}}", "jupytext: myst"),
            1,
            "no code",
        ),
        (HEAD.replace("name: python3", "name: pyhton3"), 1, "no kernel is called 'pyhton3'"),
        (HEAD.replace("name: python3", "name: Python 3"), 1, "no kernel is called 'Python 3'"),
        (HEAD.replace("{name: python3, display_name: Python 3}", "python3"), 1, "the kernel has no name"),
        (HEAD.replace("description: A page.", "descripton: A page."), 1, "no description"),
        (HEAD.replace("description: A page.", "description: "), 1, "no description"),
        (HEAD.replace("{html_meta: {description: A page.}}", "html_meta"), 1, "no description"),
        (HEAD.replace("A page.", "A page. " * 20 + "."), 1, "161 characters"),
    ],
)
def test_front_matter_that_is_wrong(head: str, line: int, words: str) -> None:
    [fault] = found(head + code("x = 1"))
    assert fault.line == line and words in fault.what and "first line" not in fault.what, fault


@pytest.mark.parametrize("head", ["", "\n" + HEAD, " " + HEAD])
def test_front_matter_that_is_not_there(head: str) -> None:
    what = "\n".join(map(str, found(head + "# T\n\n" + code("x = 1"))))
    assert "chapters/cnn.md:1: no code of this page would be executed" in what and "no description" in what
    assert ("begin the first line of the file with `---`" in what) is bool(head)
    assert "executed" not in "\n".join(map(str, found(head + "# T\n\nNo code.\n"))), (
        "a page without code needs no kernel"
    )


RIGHT = {
    "nothing": "Prose.\n",
    "a comment": "<!-- a note\n\nthat goes on -->\n\nProse.\n",
    "HTML": "<div>\n\n" + code("x") + "\n</div>\n\n<pre>\nx\n\ny\n</pre>\n",
    "a comment that holds a cell": "<!--\n```{code-cell}\nx\n```\n-->\n",
    "a tag that begins like another": "<preface>\nx\n\n" + code("x"),
    "what Python only warns of": code("x = 1 is 1; y = '\\d'"),
    "await at the top": code("await f()"),
    "an underlined title below": "A\n-\n",
    "a heading with a role": "## A {ref}`b`\n",
    "a figure": cell(FIGURE),
    "options in one line": cell("mystnb: {figure: {name: a, caption: A., align: left}, image: {alt: A, width: 300px}}"),
    "a caption over lines": cell(FIGURE.replace("caption: A line.", "caption: 'A\n    line.'")),
    "tags": "```{code-cell}\n:tags: [remove-cell, remove_input, a-tag-of-mine, x]\n\nx\n```\n",
    "one tag": cell("tags: hide-input"),
    "no tags": cell("tags: []\nmystnb:\n  text_lexer: python"),
    "an option of another program": cell("slideshow: {slide_type: slide}\njupyter: {source_hidden: true}"),
    "options after colons": "```{code-cell}\n:tags: [hide-input]\n:mystnb: {output_stderr: remove}\nx = 1\n```\n",
    "a cell that is empty": "```{code-cell}\n```\n",
    "a cell of comments": code("# nothing"),
    "a minus": code("---1"),
    "a slice": code("x[\n:3]"),
    "magics": code("%matplotlib inline\nx = !ls\n!echo a\n?help\nhelp?\n%time x = 1") + code("%%bash\nif [ 1 ]; then"),
    "a cell magic": code("%%time\nx = 1") + code("%%html\n<b>a</b>"),
    "await": code("await x"),
    "a demonstration of an error": code("print('a", ":tags: [raises-exception]\n\n"),
    "a cell that is not run": code("print('a", ":tags: [skip-execution]\n\n"),
    "a raw cell": "```{raw-cell}\n:format: text/html\nif (x\n```\n",
    "images": "![a](a.png) ![b][c] ![*d*](e.png)\n\n[c]: c.png\n",
    "an image with words": "```{image} a.png\n:alt: A\n```\n",
    "a figure with words": "```{figure} a.png\n---\nalt: A\nname: b\n---\nWords\n```\n",
    "images of HTML": "<img src='a.png' alt='A'>\n\nOne <img alt=\"\" src='a.png'>\n\n<!-- <img src='a'> -->\n",
    "an image that is text": "`![](a.png)`\n\n```markdown\n![](a.png)\n<img src=a>\n```\n",
    "an image that is code": "```{code-block} markdown\n![](a)\n```\n",
    "a card": "```{card} T\n:img-top: a.png\n:img-alt: A\nx\n```\n\n```{card} T\nx\n```\n",
    "numbers": CLAIM
    + "{glue:text}`cnn-test-accuracy:.1%` {glue:text}`cnn-test-accuracy` {glue:text}`cnn-test-accuracy:,`",
    "a number before its claim": "{glue:text}`cnn-test-accuracy:.3f`\n\n" + CLAIM,
    "a number of a loop": code("for n in x:\n    claim(f'cnn-{n}', 1)") + "\n{glue:text}`cnn-test-accuracy:.1%`\n",
    "a number of another page by its name": "{glue:text}`../chapters/rnn.md::text-parameters:,`\n",
    "a number of myst-nb": code("glue('mine', 1)") + "\n{glue:text}`mine:.1f`\n",
    "a claim by keywords": code("claim(value=1, name='cnn-test-accuracy')") + "\n{glue:text}`cnn-test-accuracy`\n",
    "a claim of a list": code("claim(*results)\nclaim(**more)\nclaim(names[0], 1)"),
    "a claim in branches": code("if x:\n    claim('cnn-test-accuracy', 1)\nelse:\n    claim('cnn-test-accuracy', 2)"),
    "labels": "(a)=\n## A\n\n(b)=\n### B\n\n$$\nx\n$$ (c)\n\n```{note}\n:name: d\nx\n```\n",
    "a label that is shown": "(a)=\n## A\n\n{ref}`a` `(a)=`\n\n```\n(a)=\n```\n",
    "an exercise": EXERCISE + SOLUTION,
    "an exercise in YAML": EXERCISE.replace(":label: e-1\n", "---\nclass: dropdown\nlabel: e-1\n---\n"),
    "a label that is not first": EXERCISE.replace(":label", ":class: dropdown\n:label") + SOLUTION,
    "a solution with a label": EXERCISE + SOLUTION.replace("e-1\n", "e-1\n:label: s-1\n"),
    "a check": CHECK,
    "another function check": code("def check(name):\n    return name\n\n\ncheck('nobody')"),
    "a check that is computed": code("from book.checks import check\ncheck(name, 1)\ncheck(f'cnn/{n}', 1)"),
}


@pytest.mark.parametrize("form", RIGHT)
def test_what_is_right_is_no_fault(form: str) -> None:
    assert found(HEAD + RIGHT[form]) == []


@pytest.mark.parametrize(
    "head",
    [
        HEAD.replace("# T\n", "T\n=\n"),
        HEAD.replace("# T\n", "T and\nmore\n====\n"),
        HEAD.replace("format_name: myst", 'format_name: "myst"'),
        HEAD.replace("jupytext: {text_representation: {extension: .md, format_name: myst}}", "file_format: mystnb"),
        HEAD.replace("name: python3", "name: my-environment"),
        HEAD.replace("kernelspec: {name: python3, display_name: Python 3}\n", ""),
        "\ufeff" + HEAD,
        HEAD.replace("\n", "\r\n"),
        HEAD.replace("{description: A page.}", "\n    description: >\n      A page\n      of two lines.\n"[:-1])
        .replace("{html_meta: ", "\n  html_meta: ")
        .replace("lines.}", "lines."),
        HEAD.replace("description: A page.", "description lang=en: A page."),
        HEAD.replace("# T\n", "(top)=\n# T\n"),
    ],
)
def test_other_right_ways_to_begin_a_page(head: str) -> None:
    assert found(head + code("x = 1")) == []


def test_all_mistakes_of_a_page_are_found_at_once() -> None:
    text = HEAD.replace("A page.", "") + "".join(
        f"{MISTAKES[name][0]}\n"
        for name in ("tags that are no YAML", "an image", "options in YAML", "a tag misspelt", "no Python")
    )
    assert [fault.line for fault in found(text)] == [1, 9, 15, 17, 28, 33]


# The whole book


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A book of three pages, with claims of its own."""
    (tmp_path / "_config.yml").write_text("title: A book\n")
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nparts:\n- numbered: true\n  chapters:\n  - file: a\n  - file: b\n"
    )
    (tmp_path / "book").mkdir()
    (tmp_path / "book/claims.toml").write_text('[[claim]]\nid = "one"\npage = "a"\nwhat = "One"\nshow = ".1%"\n')
    monkeypatch.setattr(claims, "DEFINITIONS", tmp_path / "book/claims.toml")
    for name in ("index", "a", "b"):
        (tmp_path / f"{name}.md").write_text(HEAD)
    (tmp_path / "a.md").write_text(HEAD + code("claim('one', 1)"))
    return tmp_path


def of_book(root: Path) -> list[str]:
    return [str(fault) for fault in proofs.faults(Contents.read(root), root)]


def test_this_book_has_no_faults() -> None:
    assert proofs.faults(CONTENTS, ROOT) == []


@pytest.mark.parametrize(
    ("page", "text", "said"),
    [
        ("b", "(x)=\n## A\n", "b.md:8: the label 'x' stands at a.md:11 too"),
        ("b", cell(FIGURE.replace("fig-a", "X")), "b.md:14: the label 'X' stands at a.md:11 too"),
        ("index", "```{note}\n:name: x\nA\n```\n", "a.md:11: the label 'x' stands at index.md:8 too"),
        (
            "b",
            EXERCISE + SOLUTION.replace("e-1", "e-2"),
            "b.md:14: a solution of 'e-2', which is the label of no exercise",
        ),
        ("b", ":::{solution} x\nA\n:::\n", "b.md:8: a solution of 'x'"),
        ("b", code("claim('one', 1)"), "b.md:9: registers 'one', which book/claims.toml says is of a"),
        ("b", "{glue:text}`one:.1%`\n", "b.md:8: shows 'one', which no cell of this page registers: it is of a"),
        # What has no form in a notebook
        ("b", "```{csv-table}\na,b\n```\n", "b.md:8: the directive {csv-table} has no form in a notebook"),
        ("b", "See {doc}`a`.\n", "b.md:8: the role {doc} has no form in a notebook"),
        ("b", "See {numref}`nothing`.\n", "b.md:8: a reference to 'nothing', which no chapter or exercise holds"),
        ("b", cell(FIGURE.replace("A line.", "'{ref}`nothing`'")), "b.md:14: a reference to 'nothing'"),
        ("b", code("x = claim('one', 1)"), "b.md:9: registers 'one'"),
        ("b", "```{raw-cell}\nx\n```\n", "b.md:9: {raw-cell} has no form in a notebook"),
    ],
)
def test_a_mistake_that_the_whole_book_shows(page: str, text: str, said: str, small: Path) -> None:
    with (small / "a.md").open("a") as file:
        file.write("(x)=\n## X\n")
    assert of_book(small) == []
    (small / f"{page}.md").write_text(HEAD + text)
    [line] = of_book(small)
    assert line.startswith(said), line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(y)=\n## Y\n", []),
        (EXERCISE, []),
        (EXERCISE + "\nOne.\n\n```{csv-table}\na\n```\n\n" + code("x") + "{doc}`a`\n", ["b.md:17", "b.md:24"]),
    ],
)
def test_each_cell_of_text_says_what_has_no_form_in_a_notebook(text: str, said: list[str], small: Path) -> None:
    (small / "b.md").write_text(HEAD + text)
    assert [line.split(": ")[0] for line in of_book(small)] == said


def test_a_solution_may_be_of_an_exercise_on_another_page(small: Path) -> None:
    (small / "a.md").write_text((small / "a.md").read_text() + EXERCISE)
    (small / "b.md").write_text(HEAD + SOLUTION)
    assert of_book(small) == []


def test_pages_that_cannot_be_read_do_not_hide_what_is_wrong_with_others(small: Path) -> None:
    (small / "index.md").write_bytes(HEAD.encode() + b"caf\xe9\n")
    (small / "a.md").write_text((small / "a.md").read_text() + "\n```{note}\n{numref}`nothing`\n")
    (small / "b.md").write_text(HEAD + "![](a.png)\n\n```{note}\n:a\nx\n```\n\n# U\n")
    assert [line.split(" ")[0] for line in of_book(small)] == [
        "a.md:12:",
        "b.md:8:",
        "b.md:10:",
        "b.md:15:",
        "index.md:8:",
    ]


ONE = '[[claim]]\nid = "one"\npage = "a"\nwhat = "One"\nshow = ".1%"\n'


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        (ONE + "data\n", "book/claims.toml:6: not TOML, "),
        (ONE + 'data = "any\n', "book/claims.toml:6: not TOML, "),
        (ONE + ONE, "book/claims.toml:6: the claim 'one' stands at line 1 too"),
        (
            "# a comment\n\n" + ONE.replace("show", "shwo"),
            "book/claims.toml:3: the field 'shwo' of a claim is unknown: write show",
        ),
        (ONE.replace('".1%"', '".1q"'), "book/claims.toml:1: the format '.1q' is none"),
        (ONE + "expected = '3'\n", "book/claims.toml:1: the field 'expected' of a claim is a number"),
        (ONE + "above = 0\nbelow = 1\n", "book/claims.toml:1: a claim takes one of"),
        (ONE + 'data = "sampel"\n', "book/claims.toml:1: the field 'data' of a claim is full, sample or any"),
        (
            ONE + ONE.replace("one", "two").replace('"a"', '"c"'),
            "book/claims.toml:6: the claim 'two' is of c, which is no page",
        ),
        (ONE + ONE.replace("one", "two"), "book/claims.toml:6: no cell of a.md registers 'two'"),
        (ONE + "[[clam]]\nid = 'x'\n", "book/claims.toml: 'clam' is unknown"),
    ],
)
def test_a_slip_in_the_claims_is_one_line(toml: str, said: str, small: Path) -> None:
    (small / "book/claims.toml").write_text(toml)
    lines = of_book(small)
    assert lines[0].startswith(said), lines
    assert all(line.startswith("book/claims.toml") or "which book/claims.toml" in line for line in lines)


def test_claims_in_any_order_and_layout_are_no_slip(small: Path) -> None:
    more = '\n[[claim]]  # two\nwhat = """\nTwo"""\nshow = ","\nid = "two"\npage = "b"\n'
    more += 'below = 3.5\ndata = "any"\noriginal = 1\n'
    (small / "book/claims.toml").write_text(ONE + more)
    (small / "b.md").write_text(HEAD + code("claim('two', 1)"))
    assert of_book(small) == []


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("_config.yml", "title: a: b\n", "_config.yml:1: not YAML"),
        ("_config.yml", "- a\n", "_config.yml:1: it holds no names and values"),
        ("references.bib", "@book{a,\n  title {A}\n}\n", "references.bib:2: not BibTeX, "),
        (
            "references.bib",
            "@book{a,\n  title = {A}\n}\n@book{a,\n  title = {A}\n}\n",
            "references.bib: not BibTeX, repeated",
        ),
    ],
)
def test_a_slip_in_a_file_beside_the_pages_is_one_line(file: str, text: str, said: str, small: Path) -> None:
    (small / "references.bib").write_text("@book{a,\n  title = {A}\n}\n")
    assert of_book(small) == []
    (small / file).write_text(text)
    lines = of_book(small)
    assert lines and all(line.startswith(said) for line in lines), lines


@pytest.mark.parametrize("damage", ["{", '{"runs": [\n{"seed": 1,}\n]}', "\xff"])
def test_damaged_recordings_are_one_line(damage: str, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "FILE", small / "recorded.json")
    assert of_book(small) == []
    (small / "recorded.json").write_bytes(damage.encode("latin-1"))
    [line] = of_book(small)
    assert line.startswith("recorded.json") and "take it back" in line


def test_proofs_need_neither_sphinx_nor_keras() -> None:
    slow = ["sphinx.application", "myst_nb", "nbformat", "keras", "IPython"]
    source = f"import press.proofs, sys\nprint([name for name in {slow} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.stdout == "[]\n", result.stderr
