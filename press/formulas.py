r"""Formulas in LaTeX: what a page and a notebook must agree on.

The page's formulas become MathML when the site is built, the notebook's are drawn by MathJax in Jupyter. Each drops
something without a word: a line break ``\\`` outside any environment, say, or a reference to a label that it does not
know. What both would draw alike is completed here, and what one of them would lose has a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

TOKEN = re.compile(r"\\(begin|end)\s*\{([^{}]*)\}|\\substack\s*\{|\\[a-zA-Z]+|\\.|[{}]|%[^\n]*", re.DOTALL)
#: What follows a reference: a label in brackets.
REFERENCE = re.compile(r"\\(?:eqref|ref|autoref|cref)\s*\{[^{}]*\}")
#: What each environment is called inside another one; an equation is nothing there.
INSIDE = {"align": "aligned", "split": "aligned", "gather": "gathered", "alignat": "alignedat", "equation": ""}
REFER = "write {eq}`name` in the text instead, where (name) stands behind the formula: $$ x $$ (name)"
LABEL = "write the formula between $$ and $$, with its name in brackets behind it, and {eq}`name` to refer to it"
#: Commands that the page or the notebook cannot follow, and what to write instead.
LOST = {
    **dict.fromkeys(("\\eqref", "\\ref", "\\autoref", "\\cref"), REFER),
    "\\label": LABEL,
    "\\tag": f"formulas are numbered by themselves. {LABEL[0].upper()}{LABEL[1:]}",
    "\\newline": r"write \\ instead",
}


def _breaks(source: str) -> Iterator[str]:
    r"""For each line break ``\\``, what it stands in: an environment, ``{``, ``\left``, or nothing."""
    around = [""]
    for token in TOKEN.finditer(source):
        text, side, name = token[0], token[1], token[2]
        if side == "begin" or text in ("{", "\\left"):
            around.append(name or text)
        elif text.startswith("\\substack"):
            around.append("substack")
        elif (side == "end" or text in ("}", "\\right")) and len(around) > 1:
            around.pop()
        elif text == r"\\":
            yield around[-1]


def fault(source: str, *, display: bool = True) -> str:
    r"""Say what a formula would lose, and what to write instead; empty if nothing.

    Args:
        source: The formula, without dollars.
        display: Whether it stands in a line of its own.
    """
    for token in TOKEN.finditer(source):
        if token[0] in LOST:
            return f"{token[0]} does not work in a formula: {LOST[token[0]]}"
        if token[0].startswith("%") and source[: token.start()].rstrip(" ")[-1:].isdigit():
            return r"% begins a comment, which nobody sees: write \% for the sign"
    for around in _breaks(source):
        if around.rstrip("*") == "equation":
            return rf"\\ does nothing in the environment {around}: write align or gather instead of it"
        if around in ("{", "\\left"):
            return (
                rf"\\ does nothing between {around} and its end: write \begin{{aligned}} and \end{{aligned}} around it"
            )
        if not around and not display:
            return r"\\ does nothing in a formula within a sentence: write the formula between $$ and $$"
    return ""


def short(source: str) -> str:
    """A formula as a message names it: on one line, its end left out."""
    line = " ".join(source.split())
    return f"${line}$" if len(line) <= 60 else f"${line[:60].rstrip()} ...$"


def reference_in(text: str) -> str:
    """Say what is wrong with a text that refers to a formula in LaTeX's way; empty if it does not."""
    found = REFERENCE.search(text)
    return f"{found[0]} leads nowhere: {REFER}" if found else ""


def completed(source: str) -> str:
    r"""Return a displayed formula with all that its line breaks need.

    As Sphinx does for MathJax, a formula with line breaks outside any environment is aligned, and so are several
    formulas with blank lines between them. Any other stays as it is.
    """
    parts = [part.strip() for part in re.split(r"\n\s*\n", source) if part.strip()]
    if len(parts) < 2 and "" not in _breaks(source):
        return source.strip()
    parts = [TOKEN.sub(_inside, part).strip().removesuffix(r"\\").rstrip() for part in parts]
    return r"\begin{aligned}" + r"\\ ".join(parts) + r"\end{aligned}"


def _inside(token: re.Match[str]) -> str:
    """An environment as it is written inside another; a comment would hide what follows."""
    if token[0].startswith("%"):
        return ""
    name = INSIDE.get((token[2] or "").rstrip("*"))
    return token[0] if name is None else f"\\{token[1]}{{{name}}}" if name else ""
