"""Formulas that would lose something: right on the page, or said with the file and the line.

What a notebook makes of the same ones is in ``test_markdown.py``.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_site_look import built

from press import formulas
from press.site.math import latex_of

VECTOR = r"\begin{pmatrix}1\\2\end{pmatrix}"

#: What stays as it is: each line break in it stands where it means something.
WHOLE = [
    "a = b",
    VECTOR,
    r"\begin{cases}a \\ b\end{cases}",
    r"\left( \begin{array}{c|c}a & b\\c & d\end{array} \right)",
    r"\begin{equation}\begin{split}a \\ b\end{split}\end{equation}",
    r"a \% b \\% what follows is a comment \\".replace(r"\\%", "%"),
    r"\frac{1}{2} \leftarrow x",
    r"\text{if } x > 0",
    r"\newcommand{\vx}{\mathbf{x}} \vx",
    r"\reflectbox{x} \labelsep",
]
#: A formula, and words of what is said of it.
LOST = [
    (r"\eqref{eq-a}", "{eq}`name`"),
    (r"a = b \quad \text{by} \ref{eq-a}", "{eq}`name`"),
    (r"x \label{l1}", "between $$ and $$"),
    ("\\begin{align}\na &= b \\label{l1}\\\\\nc &= d\n\\end{align}", "\\label does not work"),
    (r"x \tag{3}", "numbered by themselves"),
    (r"\begin{gather*}a \tag{a}\end{gather*}", "numbered by themselves"),
    (r"\begin{equation}a \\ b\end{equation}", "write align or gather"),
    (r"\begin{equation*}a \\ b\end{equation*}", "write align or gather"),
    (r"\frac{a \\ b}{2}", r"\begin{aligned}"),
    (r"\left( a \\ b \right)", r"\begin{aligned}"),
    (r"\begin{aligned}{a \\ b}\end{aligned}", r"\begin{aligned}"),
    (r"a \newline b", r"write \\"),
]


@pytest.mark.parametrize("source", WHOLE)
def test_what_loses_nothing_stays_as_it_is(source: str) -> None:
    assert formulas.fault(source) == "" and formulas.completed(source) == source


@pytest.mark.parametrize(
    ("source", "becomes"),
    [
        (rf"x = {VECTOR} \\ y = 3", rf"\begin{{aligned}}x = {VECTOR} \\ y = 3\end{{aligned}}"),
        (rf"y = 3 \\ x = {VECTOR}", rf"\begin{{aligned}}y = 3 \\ x = {VECTOR}\end{{aligned}}"),
        (
            "\\begin{cases}a\\\\b\\end{cases}\n\nc",
            "\\begin{aligned}\\begin{cases}a\\\\b\\end{cases}\\\\ c\\end{aligned}",
        ),
        (
            r"\begin{align}a&=b\end{align} \\ c",
            r"\begin{aligned}\begin{aligned}a&=b\end{aligned} \\ c\end{aligned}",
        ),
        (r"\begin{equation*}a\end{equation*} \\ c", r"\begin{aligned}a \\ c\end{aligned}"),
        ("a \\\\\n\nb \\\\", r"\begin{aligned}a\\ b\end{aligned}"),
        ("a \\\\ b % the end", r"\begin{aligned}a \\ b\end{aligned}"),
    ],
)
def test_a_line_break_outside_any_environment_breaks_the_line(source: str, becomes: str) -> None:
    assert formulas.fault(source) == "" and formulas.completed(source) == becomes


@pytest.mark.parametrize(("source", "says"), LOST)
def test_what_would_be_lost_is_said(source: str, says: str) -> None:
    assert says in formulas.fault(source)


@pytest.mark.parametrize("source", ["95%", "p = 5 % of the data"])
def test_a_per_cent_sign_is_no_comment(source: str) -> None:
    assert r"write \%" in formulas.fault(source)


@pytest.mark.parametrize("source", [r"95\%", r"a % a comment", r"\sum_{\substack{i<n\\ j<m}} a"])
def test_what_latex_knows_is_right(source: str) -> None:
    assert formulas.fault(source) == ""


def test_a_formula_in_a_sentence_has_one_line() -> None:
    assert "between $$ and $$" in formulas.fault(r"a \\ b", display=False)
    assert formulas.fault(VECTOR, display=False) == ""


@pytest.mark.parametrize("text", [r"See \eqref{eq-a}.", r"(\ref{a})", r"\autoref {fig}"])
def test_a_reference_in_latex_is_seen_in_a_sentence(text: str) -> None:
    assert "{eq}`name`" in formulas.reference_in(text)


@pytest.mark.parametrize("text", [r"the command \eqref", r"\preferred{x}", "(eq-a)"])
def test_other_words_are_no_reference(text: str) -> None:
    assert formulas.reference_in(text) == ""


def test_the_space_after_a_line_break_is_no_part_of_the_formula() -> None:
    assert "[" not in latex_of(r"a \\[2pt] b") and "[" not in latex_of(r"\begin{cases}a \\[-.5em] b\end{cases}")
    assert "[2]" in latex_of(r"a \\ [2] b")


PAGE = rf"""
$$
x = {VECTOR} \\
y = 3
$$

$$
a = b
$$ (eq-a)

See \eqref{{eq-a}} and {{eq}}`eq-a`, but not `\eqref{{eq-a}}`.

Then $\eqref{{eq-a}}$ again.

\begin{{align}}
a &= b \label{{l1}}\\
c &= d
\end{{align}}

$$f(x) = \text{{if $x>0$}}$$

Or $\text{{when $x>1$}}$.

$$\newcommand{{\vx}}{{\mathbf{{x}}}}$$

Then $\vx$.

$$\newcommand{{\vy}}{{\mathbf{{y}}}} \vy$$

$$\begin{{eqnarray}}a&=&b\end{{eqnarray}}$$

$$\begin{{cases}}a \\[2pt] b\end{{cases}}$$
"""


@pytest.mark.slow
def test_a_reference_in_a_table_a_list_a_note_or_a_title_has_its_line(tmp_path: Path) -> None:
    parts = [r"## A \ref{a}", r"- b \ref{b}", "```{note}\n\\ref{c}\n```", "| \\ref{d} | e |\n|---|---|\n| 1 | 2 |"]
    _, warnings = built(tmp_path, {"index": "\n\n".join(parts)})
    found = re.findall(r"index\.md:(\d+): WARNING: \\ref\{(\w)\}", warnings)
    assert found == [("3", "a"), ("5", "b"), ("8", "c"), ("11", "d")]


def test_a_message_names_a_formula_on_one_line() -> None:
    assert formulas.short("\na\n= b") == "$a = b$"
    assert formulas.short("x + " * 50).endswith("+ ...$") and len(formulas.short("x + " * 50)) < 70


@pytest.mark.slow
def test_the_site_says_where_a_formula_loses_something(tmp_path: Path) -> None:
    site, warnings = built(tmp_path, {"index": PAGE})
    lines = [line.partition("index.md:")[2] for line in warnings.splitlines()]
    at = {number: text for number, _, text in (line.partition(": WARNING: ") for line in lines)}
    source = f"# index\n\n{PAGE}".split("\n")

    def said(words: str) -> str:
        return at.pop(str(next(number for number, line in enumerate(source, 1) if words in line)))

    assert "\\eqref{eq-a} leads nowhere" in said("See ")
    assert "formula $\\eqref{eq-a}$: \\eqref does not work" in said("Then $\\eqref")
    assert "\\label does not work in a formula: write the formula between $$" in said("{align}")
    assert "end the text before the formula" in said("if $x>0$")
    assert "a dollar ends a formula" in said("when")
    assert "shows nothing" in said("\\newcommand{\\vx}")
    assert 'Unknown command "\\vx"' in (unknown := said("Then $\\vx$")) and "that defines it" in unknown
    assert "write align, gather" in said("eqnarray")
    assert at == {} and len(lines) == 9, "two for the formula that a dollar cuts"
    page = (site / "index.html").read_text(encoding="utf-8")
    formulas_there = re.findall(r"<math.*?</math>", page, re.DOTALL)
    assert formulas_there[0].count("<mtr>") == 4, "a row for each line, two in the vector"
    assert "\N{MATHEMATICAL BOLD SMALL Y}" in page and "??" not in page and "<mn>2</mn><mi>p</mi>" not in page
