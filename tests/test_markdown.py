"""What each construct of MyST becomes in a notebook: plain Markdown, or an error that names the file and the line."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from conftest import ROOT
from press.notebook.writing import Book
from press.page import PageError

TOC = """format: jb-book
root: index
parts:
- caption: Chapters
  numbered: true
  chapters:
  - file: chapters/x
    sections:
    - file: exercises/x
"""
HEAD = """---
kernelspec: {name: python3, display_name: Python 3}
jupytext: {text_representation: {extension: .md, format_name: myst}}
---

# Title

"""
#: The line of a page's first line below its title.
FIRST = HEAD.count("\n") + 1
CODE = "\n\n```{code-cell} ipython3\nprint(1)\n```\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A book of one chapter with its exercises."""
    for name in ("_config.yml", "references.bib"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "_toc.yml").write_text(TOC, encoding="utf-8")
    (tmp_path / "index.md").write_text("# Home\n", encoding="utf-8")
    for folder in ("chapters", "exercises"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.md").write_text(f"{HEAD}Nothing.{CODE}", encoding="utf-8")
    return tmp_path


def written(project: Path, markdown: str, page: str = "chapters/x", *, solutions: bool = True) -> str:
    """The text of a page's notebook below its title and its installation."""
    (project / f"{page}.md").write_text(HEAD + markdown + CODE, encoding="utf-8")
    notebook = Book(project).notebook(page, solutions=solutions)
    return "\n\n".join(cell.source for cell in notebook.cells[2:] if cell.cell_type == "markdown")


PLAIN = [
    "*a* **b** `c`  \nd",
    "- a\n\n  1. b\n  2. c\n\n* d",
    "> quoted\n> more",
    "| a | b |\n|---|---|\n| `x` | *y* |",
    "Setext\n======",
    "## Closed ##",
    "a \\* b &amp; c \\{d}",
    "<b>html</b> and <https://a.b>",
    "---",
    "    a[0](b)\n    ```{note}",
    "~~~python\nx\n~~~",
    "- a\n\n  ```python\n  {cite}`x`\n  ```",
    "`{cite}`x",
    "\\{cite}`x`",
    "$a_1 = [0](b)$ and\n$$\nx\n$$",
    "$$\n\\begin{pmatrix}1\\\\2\\end{pmatrix}\n$$",
    "`\\eqref{a}`",
    "\\begin{align*}\na &= b\n\\end{align*}",
    "[out](https://a.b 't (1)')",
    "a\u00a0b\u200b",
    "![far](https://a.b/c.png)",
    "costs $5.",
    "100 % of %s",
    "word " * 20000 + "end",
]


@pytest.mark.parametrize("markdown", PLAIN, ids=range(len(PLAIN)))
def test_plain_markdown_stays_as_it_is_written(markdown: str, project: Path) -> None:
    assert written(project, f"Before.\n\n{markdown}\n\nAfter.") == f"Before.\n\n{markdown}\n\nAfter."


WORK = "{cite:t}`lecun-1998-gradient`"
LECUN = "LeCun et al. [1998]"
CITED = "{cite}`lecun-1998-gradient`"


@pytest.mark.parametrize(
    ("markdown", "becomes"),
    [
        (f"By {WORK}.", f"By {LECUN}."),
        ("By {cite:t}``lecun-1998-gradient``.", f"By {LECUN}."),
        ("By {CITE:T}`lecun-1998-gradient`.", f"By {LECUN}."),
        (
            "{cite}`lecun-1998-gradient,\nhubel-1962-receptive` is\nlong",
            "[LeCun et al., 1998; Hubel and Wiesel, 1962] is\nlong",
        ),
        (f"- a\n  by {WORK}\n\n  > {WORK}, {WORK}", f"- a\n  by {LECUN}\n\n  > {LECUN}, {LECUN}"),
        (f"| {WORK} | {WORK} |\n|---|---|\n| a | {WORK} |", f"| {LECUN} | {LECUN} |\n|---|---|\n| a | {LECUN} |"),
        (f"## By {WORK} ##", f"## By {LECUN} ##"),
        (f"**by {WORK}**", f"**by {LECUN}**"),
        (f"{CITED}: word", r"\[LeCun et al., 1998\]: word"),
        (f"- {CITED}:\n  <a b> 'c'", "- \\[LeCun et al., 1998\\]:\n  <a b> 'c'"),
        (f"{CITED}: two words", "[LeCun et al., 1998]: two words"),
        (f"By {CITED}: word", "By [LeCun et al., 1998]: word"),
        (f"{CITED}(https://a.b)", r"\[LeCun et al., 1998\](https://a.b)"),
        (f"{CITED}[x] {WORK}(y)", r"\[LeCun et al., 1998\][x] LeCun et al. \[1998\](y)"),
        (f"$$x$$ (m)\n\n{CITED}{{eq}}`m`", "$$\nx \\tag{1.1}\n$$\n\n\\[LeCun et al., 1998\\](1.1)"),
        (f"{CITED} (x) [y]", "[LeCun et al., 1998] (x) [y]"),
        ("1. see [a\n   2. b](../exercises/x.md)\n2. c", "1. see [a\n   2. b](x-exercises.ipynb)\n2. c"),
        ("> - see [a\n>   b\n>   c](../exercises/x.md)", "> - see [a\n>   b\n>   c](x-exercises.ipynb)"),
        ("> see [a\nb](../exercises/x.md)", "> see [a\nb](x-exercises.ipynb)"),
        ("see [a\nb](../exercises/x.md)", "see [a\nb](x-exercises.ipynb)"),
        ("<https://a.b> <MAILTO:a@b.c> <a@b.c>", "<https://a.b> <MAILTO:a@b.c> <a@b.c>"),
        ("<project:../exercises/x.md>", "[Title](x-exercises.ipynb)"),
        ("$$x$$ (m)\n\n<project:#m> [y](project:#m)", "$$\nx \\tag{1.1}\n$$\n\n(1.1) y"),
        (f"[by {WORK}](https://a.b)", f"[by {LECUN}](https://a.b)"),
        (f"[by {WORK}](../exercises/x.md)", f"[by {LECUN}](x-exercises.ipynb)"),
        (
            "[](../exercises/x.md) [a *b*](../exercises/x.md 'c')",
            "[Title](x-exercises.ipynb) [a *b*](x-exercises.ipynb)",
        ),
        (
            "[a][b], [b] and [c][]\n\n[b]: ../exercises/x.md\n[c]: https://a.b 't'\n\nEnd",
            '[a](x-exercises.ipynb), [b](x-exercises.ipynb) and [c](https://a.b "t")\n\nEnd',
        ),
        ("[a][b]\n\n[b]: https://a.b 'say \"t\"'", '[a](https://a.b "say \\"t\\"")'),
        ("```{note}\n[a][b]\n```\n\n[b]: https://a.b", "> **Note**\n>\n> [a](https://a.b)"),
        ("(sec:intro)=\n## Intro\n\n  (indented)=\n  text", "## Intro\n\n  text"),
        ("- (in-a-list)=\n  text", "-\n  text"),
        ("% a comment\n% of two lines\n\ntext", "text"),
        ("> % a comment\n>\n> text", ">\n> text"),
        ("one\n\n+++\n\ntwo", "one\n\ntwo"),
        ("```{note}\nx\n```", "> **Note**\n>\n> x"),
        ("~~~{note}\nx\n~~~", "> **Note**\n>\n> x"),
        (":::{note} first\nx\n:::", "> **Note**\n>\n> first\n> x"),
        ("``` {tip}\n:class: a\n\nx\n```", "> **Tip**\n>\n> x"),
        ("````{note}\n```{tip}\nx\n```\n````", "> **Note**\n>\n> > **Tip**\n> >\n> > x"),
        ("::::{note}\n:::{tip}\nx\n:::\n::::", "> **Note**\n>\n> > **Tip**\n> >\n> > x"),
        ("- a\n  ```{note}\n  x\n\n  y\n  ```\n  b", "- a\n\n  > **Note**\n  >\n  > x\n  >\n  > y\n\n  b"),
        ("1. ```{note}\n   x\n   ```", "1. > **Note**\n   >\n   > x"),
        ("> ```{note}\n> x\n> ```", "> > **Note**\n> >\n> > x"),
        ("- a\n\n  ```{only} html\n  x\n  ```", "- a"),
        (
            f":::{{admonition}} By {WORK}\n---\nclass: dropdown\n---\nx\n:::",
            f"<details><summary>By {LECUN}</summary>\n\nx\n\n</details>",
        ),
        ("```{dropdown} More\nx\n```", "<details><summary>More</summary>\n\nx\n\n</details>"),
        (
            "```{math}\n:label: m\nx\n```\n\n$$ y $$ (n)\n\n{eq}`m` {eq}`n`",
            "$$\nx \\tag{1.1}\n$$\n\n$$\ny \\tag{1.2}\n$$\n\n(1.1) (1.2)",
        ),
        ("```{math}\n---\nlabel: m\n---\nx\n```", "$$\nx \\tag{1.1}\n$$"),
        (
            ":::{dropdown} The *x* List<int> $a_1 b_1 < c$ & `d`\nx\n:::",
            "<details><summary>The <em>x</em> List&lt;int&gt; $a_1 b_1 &lt; c$ &amp; <code>d</code></summary>"
            "\n\nx\n\n</details>",
        ),
        ("```{tip}\n*x* <int>\n```", "> **Tip**\n>\n> *x* <int>"),
        (
            "```{math}\n:name: m\nx\n```\n\n```{math}\ny\n```\n\n$$ z $$ (n)\n\n{eq}`m` {eq}`n`",
            "$$\nx \\tag{1.1}\n$$\n\n$$\ny\n$$\n\n$$\nz \\tag{1.2}\n$$\n\n(1.1) (1.2)",
        ),
        (
            "\\begin{align}\na &= b\n\\end{align}\n\n\\begin{align*}\nc\n\\end{align*}\n\n$$ z $$ (n)\n\n{eq}`n`",
            "\\begin{align*}\na &= b \\tag{1.1}\n\\end{align*}\n\n\\begin{align*}\nc\n\\end{align*}\n\n"
            "$$\nz \\tag{1.2}\n$$\n\n(1.2)",
        ),
        (
            "- a\n\n  \\begin{alignat}{2}\n  a\n  \\end{alignat}\n\n> \\begin{pmatrix}\n> b\n> \\end{pmatrix}",
            "- a\n\n  \\begin{alignat*}{2}\n  a \\tag{1.1}\n  \\end{alignat*}\n\n"
            "> $$\n> \\begin{pmatrix}\n> b\n> \\end{pmatrix} \\tag{1.2}\n> $$",
        ),
        (
            "```{exercise-start} look\n---\nlabel: e\n---\n```\nQ\n```{exercise-end}\n```\n\n{ref}`e`",
            "**Exercise 1.1** (look)\n\nQ\n\nExercise 1.1",
        ),
        ("$$\nx \\\\\ny\n$$", "$$\n\\begin{aligned}x \\\\\ny\\end{aligned}\n$$"),
        ("- a\n\n  $$x \\\\ y$$", "- a\n\n  $$\n  \\begin{aligned}x \\\\ y\\end{aligned}\n  $$"),
        ("$$x \\\\ y$$ (m)", "$$\n\\begin{aligned}x \\\\ y\\end{aligned} \\tag{1.1}\n$$"),
        ("```{math}\nx \\\\ y\n```", "$$\n\\begin{aligned}x \\\\ y\\end{aligned}\n$$"),
        ("```{exercise-start} look\n```\nQ\n```{exercise-end}\n```", "**Exercise 1.1** (look)\n\nQ"),
        (":::{exercise}\n:label: e\nQ\n:::\n\n:::{exercise}\nR\n:::", "**Exercise 1.1**\n\nQ\n\n**Exercise 1.2**\n\nR"),
    ],
)
def test_myst_is_written_out(markdown: str, becomes: str, project: Path) -> None:
    assert written(project, markdown).split("\n\n## References")[0] == becomes


@pytest.mark.parametrize(
    ("markdown", "line", "says"),
    [
        ("{unknown}`x`", 0, "role {unknown}"),
        ("a\n{unknown}``x``", 1, "role {unknown}"),
        ("{glue:}`x`", 0, "role {glue:}"),
        ("{cite:alp}`lecun-1998-gradient`", 0, "role {cite:alp}"),
        ("```{unknown}\nx\n```", 0, "directive {unknown}"),
        ("- a\n\n  ```{unknown}\n  x\n  ```", 2, "directive {unknown}"),
        (":::{note}\n:class: a\n\nx\n\n{unknown}`x`\n:::", 5, "role {unknown}"),
        ("```{figure} pic.png\n:name: f\ncap\n```", 0, "directive {figure}"),
        ("```{include} other.md\n```", 0, "directive {include}"),
        ("::::{tab-set}\n:::{tab-item} One\nx\n:::\n::::", 0, "directive {tab-set}"),
        ("```{note}\nx", 0, "never closed"),
        (":::{note}\nx = 1\n\nMore text.", 0, ":::{note} is never closed"),
        ("```python\nx", 0, "```python is never closed"),
        ("- ```{note}\n  x\n\nText", 0, "never closed"),
        ("```{note}a\nx\n```", 0, "no space after its name"),
        ("- a\n\n  ```{code-cell} ipython3\n  x\n  ```", 2, "a code cell inside something else"),
        (":::box\nx\n:::", 0, "a block between colons"),
        ("```{note}\n:class\nx: [\n```", 0, "the options of {note}"),
        ("```{admonition}\nx\n```", 0, "has no title"),
        ("```{exercise} a\n:hidden:\nx\n```", 0, "hidden"),
        ("$$\nx\n$$\n\n$$\n\\eqref{a}\n$$", 4, "{eq}`name`"),
        ("a\n$\\ref{a}$", 1, "{eq}`name`"),
        ("a\nb \\eqref{a}", 1, "leads nowhere"),
        ("a $x \\\\ y$", 0, "within a sentence"),
        ("\\begin{align}\na \\label{l}\n\\end{align}", 0, "\\label does not work"),
        ("\\begin{align*}\na \\tag{l}\n\\end{align*}", 0, "numbered by themselves"),
        ("```{math}\n\\frac{x \\\\ y}{2}\n```", 0, "\\begin{aligned}"),
        ("$$x \\newline y$$ (m)", 0, "write \\\\"),
        ("text\n\n{numref}`nowhere`", 2, "'nowhere'"),
        ("[](#title)", 0, "'title'"),
        ("{cite}`nobody-1900`", 0, "nobody-1900"),
        ("{glue:text}`nobody:.1f`", 0, "nobody"),
        ("{glue:text}`cnn-test-accuracy:.1z`", 0, "cnn-test-accuracy"),
        ("[](gone.md)", 0, "gone.md"),
        ("a\n[b](gone.md 'a title')", 1, "gone.md"),
        ("[a][b]\n\n[b]: gone.md", 0, "gone.md"),
        ("![alt](pic.png)", 0, "an image that lies beside the page"),
        ("a\n<inv:python#list>", 1, "<inv:python#list> has no form"),
        ("a\n<inv://x>", 1, "<inv://x> has no form"),
        ("<path:a.txt>", 0, "<path:a.txt> has no form"),
        ("a\n<project:#nowhere>", 1, "'nowhere'"),
        ("<project:gone.md>", 0, "gone.md"),
        ("[a](inv:python#list)", 0, "no page"),
        ("A[^1]\n\n[^1]: foot", 0, "a footnote"),
        ("a\n\n{{ var }} text", 2, "a substitution"),
        ("{{ var }}", 0, "a substitution"),
        ("Term\n: What it is", 0, "a list of definitions"),
        (":field: value", 0, "a list of fields"),
        ("```{raw-cell}\nx\n```", 1, "{raw-cell}"),
        ('+++ {"tags": ["remove-cell"]}\n\ntext', 2, "a text with options"),
        ("+++ [\n\ntext", 0, "no names and values"),
        (
            "```{code-cell} ipython3\n---\nmystnb:\n  figure:\n    name: fig-x\n---\nprint(1)\n```",
            6,
            "a name and a caption",
        ),
        ("```{code-cell} ipython3\n---\na: [\n---\nprint(1)\n```", 2, "the options of this cell"),
    ],
)
def test_what_has_no_form_in_a_notebook_is_an_error_that_names_its_line(
    markdown: str, line: int, says: str, project: Path
) -> None:
    with pytest.raises(PageError, match=re.escape(f"chapters/x.md:{FIRST + line}: ") + ".*" + re.escape(says)):
        written(project, markdown)


def test_a_page_without_a_title_and_a_title_with_a_role_are_errors(project: Path) -> None:
    page = project / "chapters/x.md"
    for text, says in ((f"Text.{CODE}", "x.md:1: the page has no title"), ("\n# {cite}`a`\n", "x.md:2: a title holds")):
        page.write_text(text)
        with pytest.raises(PageError, match=says):
            Book(project)


@pytest.mark.parametrize("title", ["C#", "The `C` of $x$", "a *b*"])
def test_a_title_stands_once_at_the_top(title: str, project: Path) -> None:
    (project / "chapters/x.md").write_text(HEAD.replace("Title", title) + f"# Title\n\nText.{CODE}", encoding="utf-8")
    sources = [cell.source for cell in Book(project).notebook("chapters/x", solutions=True).cells]
    assert sources[0].startswith(f"# {title}\n\nThis notebook")
    assert sources[2:] == ["# Title\n\nText.", "print(1)"]


@pytest.mark.parametrize("code", ["%matplotlib inline\nimport sys", "!echo hello", "print('a", "%%time\nx = 1", "x?"])
def test_a_cell_that_is_no_python_is_left_as_it_is(code: str, project: Path) -> None:
    (project / "chapters/x.md").write_text(f"{HEAD}Text.\n\n```{{code-cell}}\n{code}\n```\n", encoding="utf-8")
    assert Book(project).notebook("chapters/x", solutions=True).cells[-1].source == code


def test_claims_are_struck_beside_a_magic_too(project: Path) -> None:
    code = "%matplotlib inline\nfrom book.claims import claim\nx = 1\nclaim('a', x)"
    (project / "chapters/x.md").write_text(f"{HEAD}Text.\n\n```{{code-cell}}\n{code}\n```\n", encoding="utf-8")
    assert Book(project).notebook("chapters/x", solutions=True).cells[-1].source == "%matplotlib inline\nx = 1"


CLAIMS = [
    ("claim('a', 1)\nx = 1", "x = 1"),
    ("if x:\n    claim('a', 1)\n    y = 2", "if x:\n    y = 2"),
    ("for a in b:\n    claim(a, 1)\nx = 1", "x = 1"),
    ("with f():\n    x = 1\n    claim(\n        'a', 1\n    )\nclaim('b', 1); claim('c', 1)", "with f():\n    x = 1"),
]


@pytest.mark.parametrize(("code", "becomes"), CLAIMS)
def test_what_registers_claims_is_taken_out_and_nothing_else(code: str, becomes: str, project: Path) -> None:
    source = f"{HEAD}Text.\n\n```{{code-cell}}\nfrom book.claims import claim\n{code}\n```\n"
    (project / "chapters/x.md").write_text(source, encoding="utf-8")
    assert Book(project).notebook("chapters/x", solutions=True).cells[-1].source == becomes


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("a = 1; claim('x', a); b = 2", 0),
        ("x = [\n]; claim('x', a)", 1),
        ("if x: claim('a', 1)\nelse:\n    y = 1", 0),
        ("if x:\n    y = 1\nelse:\n    claim('a', 1)", 3),
        ("with f():\n    claim('a', 1)", 1),
        ("try:\n    claim('a', 1)\nexcept ValueError:\n    pass", 1),
        ("def f():\n    claim('a', 1)", 1),
        ("from book.claims import claim as c\nc('a', 1)", 0),
        ("from book.claims import claim, definitions\nx = 1", 0),
        ("x = 1\nclaims.claim('a', 1)", 1),
        ("x = 1\ny = claim('a', 1)", 1),
        ("list(map(claim, x))", 0),
    ],
)
def test_a_claim_that_cannot_be_taken_out_alone_is_an_error(code: str, line: int, project: Path) -> None:
    (project / "chapters/x.md").write_text(f"{HEAD}Text.\n\n```{{code-cell}}\n{code}\n```\n", encoding="utf-8")
    with pytest.raises(PageError, match=rf"chapters/x\.md:{FIRST + 3 + line}: .*lines of their own"):
        Book(project).notebook("chapters/x", solutions=True)


@pytest.mark.parametrize(
    ("pages", "says"),
    [
        (["chapters/x", "chapters/more/x"], "chapters/more/x.md:1: its notebook x.ipynb is also one of chapters/x.md"),
        (["exercises/x", "chapters/x-exercises"], "chapters/x-exercises.md:1: .* is also one of exercises/x.md"),
        (["chapters/x-solutions", "exercises/x"], "exercises/x.md:1: .* is also one of chapters/x-solutions.md"),
        (["chapters/x", "exercises/x", "chapters/more/y"], None),
    ],
)
def test_two_notebooks_of_one_name_are_an_error_that_names_both_pages(
    pages: list[str], says: str | None, project: Path
) -> None:
    toc = TOC.partition("  - file")[0] + "".join(f"  - file: {page}\n" for page in pages)
    (project / "_toc.yml").write_text(toc, encoding="utf-8")
    for page in pages:
        (project / f"{page}.md").parent.mkdir(exist_ok=True)
        (project / f"{page}.md").write_text(f"{HEAD}Nothing.{CODE}", encoding="utf-8")
    if says is None:
        assert sorted(Book(project).pages) == sorted(pages)
    else:
        with pytest.raises(PageError, match=says):
            Book(project)


@pytest.mark.parametrize("change", ["bom", "crlf"])
def test_a_page_saved_on_windows_gives_the_same_notebook(change: str, project: Path) -> None:
    page = project / "chapters/x.md"
    text = f"{HEAD}(a)=\n## Heading\n\nBy {WORK}\nand others.{CODE}"
    page.write_bytes(text.encode())
    before = Book(project).notebook("chapters/x", solutions=True)
    page.write_bytes(b"\xef\xbb\xbf" + text.encode() if change == "bom" else text.replace("\n", "\r\n").encode())
    assert Book(project).notebook("chapters/x", solutions=True) == before


SOLVED = """```{exercise-start} look
:label: e
```
Question.
```{exercise-end}
```

:::{solution} e
SECRET, by {cite}`lecun-1998-gradient`.
:::

```{solution-start} e
```
SECRET
```{code-cell} ipython3
x = "SECRET"
```
```{code-cell} ipython3
check("x/1", x)
```
```{solution-end}
```

The end."""


def test_a_student_s_notebook_holds_the_question_a_place_to_answer_and_the_check(project: Path) -> None:
    student = written(project, SOLVED, "exercises/x", solutions=False)
    assert student == "**Exercise 1.1** (look)\n\nQuestion.\n\nThe end.", "and no work that only a solution cites"
    cells = Book(project).notebook("exercises/x", solutions=False).cells
    assert [cell.source for cell in cells if cell.cell_type == "code"][1:] == [
        *("# Your code here\nx = ...", 'check("x/1", x)', "print(1)"),
    ]
    solved = written(project, SOLVED, "exercises/x")
    assert solved.count("SECRET") == 2 and solved.count("**Solution**") == 2 and "## References" in solved


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ('from book.checks import check\ncheck("x/1", x)', 1),
        ('check("x/1", f(x))', 0),
        ('v = check("x/1", x)', 0),
        ('checks.check("x/1", x)', 0),
        ('check("x/1", x)\nprint(x)', 0),
    ],
)
@pytest.mark.parametrize("solutions", [True, False])
def test_a_check_that_the_student_edition_would_lose_is_an_error(
    code: str, line: int, solutions: bool, project: Path
) -> None:
    text = SOLVED.replace('check("x/1", x)', code)
    at = FIRST + text[: text.index(code)].count("\n") + line
    with pytest.raises(PageError, match=rf"exercises/x\.md:{at}: .*in a cell of its own"):
        written(project, text, "exercises/x", solutions=solutions)


def test_a_check_outside_a_solution_may_stand_with_other_code(project: Path) -> None:
    code = 'from book.checks import check\nv = check("x/1", 1)'
    written(project, f"{SOLVED}\n\n```{{code-cell}} ipython3\n{code}\n```", "exercises/x", solutions=False)
    assert code in [cell.source for cell in Book(project).notebook("exercises/x", solutions=False).cells]
