"""Formulas with no network and no JavaScript: LaTeX becomes MathML Core when the site is built.

The formulas are drawn in STIX Two Math, which the package ``ziamath`` carries (SIL Open Font License 1.1). At the end
of a build the font is cut down to the characters that the site's formulas use and written to ``_static/math.woff2``,
where ``assets/book.css`` picks it up.
"""

from __future__ import annotations

import html
import re
import unicodedata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from docutils import nodes
from fontTools import subset
from math_core import LatexError, LatexToMathML
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.locale import _
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

from press import formulas
from press.site.figures import parents

logger = logging.getLogger(__name__)
converter = LatexToMathML(fancy_error=False)

#: The slanted letters that MathML draws for a one-letter ``<mi>``, by the upright letter in the page's source.
ITALIC = {
    unicodedata.normalize("NFKC", letter): letter
    for letter in map(chr, (0x210E, *range(0x1D434, 0x1D468), *range(0x1D6A4, 0x1D6A6), *range(0x1D6E2, 0x1D71C)))
}


#: What to do about a fault, by words with which math-core names it.
ADVICE = {
    "Unknown command": "correct it, or write it otherwise; a macro holds only in the formula that defines it",
    "Unknown environment": "write align, gather, aligned, cases or a matrix instead",
    'Unexpected "$"': "leave the dollars out: all of it is one formula",
    "Math mode within text mode": r"end the text before the formula: \text{if } x > 0",
    'Expected closing token "}"': r"a dollar ends a formula, also inside of it: write \text{if } x > 0",
    "Unmatched closing token": "a dollar ends a formula, also inside of it",
    'Found "&"': r"write \begin{aligned} and \end{aligned} around it",
}


def latex_of(source: str) -> str:
    r"""Return what ``math-core`` is given for the text of a formula.

    Numbered environments lose their own number (Sphinx gives one). ``split``, which ``math-core`` does not know,
    becomes ``aligned``. A line break loses the space after it (``\\[2pt]``), which would be drawn.
    """
    source = re.sub(r"\\\\\[\s*-?[\d.]+\s*[a-z]{2}\s*\]", r"\\\\ ", formulas.completed(source))
    source = re.sub(r"\\(begin|end)\{(equation|align|gather|multline)\}", r"\\\1{\2*}", source)
    return re.sub(r"\\(begin|end)\{(?:split|align\*)\}", r"\\\1{aligned}", source)


def mathml(node: nodes.Element, *, display: bool) -> str:
    """Return a formula as MathML, or as its source, with a warning, where it is wrong or would lose something."""
    source = node.astext()
    problem = formulas.fault(source, display=display)
    if not problem:
        try:
            written = converter.convert_with_local_state(latex_of(source), displaystyle=display)
            if re.sub(r"</?math[^>]*>", "", written):
                return written
            problem = "shows nothing. A macro holds only in the formula that defines it: define it there"
        except LatexError as error:
            fault = str(error).partition(": ")[2].rstrip(".")  # without the place, counted in what math-core was given
            problem = "; ".join([fault, *(each for words, each in ADVICE.items() if words in fault)])
    logger.warning("formula %s: %s", formulas.short(source), problem, location=node, type="math")
    return f"<code>{html.escape(source)}</code>"


class References(SphinxTransform):
    """Warn of references to formulas in LaTeX's way, which a page shows as they are written."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        """Look at the page's sentences."""
        for block in self.document.findall(nodes.TextElement):
            is_sentence = isinstance(block, nodes.paragraph | nodes.caption | nodes.title)
            for text in block.findall(nodes.Text) if is_sentence else ():
                is_code = isinstance(text.parent, nodes.literal | nodes.math | nodes.raw)
                if not is_code and (problem := formulas.reference_in(text)):
                    # MyST gives the table a line, and its cells that of something before it.
                    table = next((each for each in parents(block) if isinstance(each, nodes.table)), block)
                    logger.warning("%s", problem, location=table, type="math")


def visit_math(self: HTML5Translator, node: nodes.math) -> None:
    """Write an inline formula."""
    self.body.append(self.starttag(node, "span", "", CLASS="math"))
    self.body.append(mathml(node, display=False) + "</span>")
    raise nodes.SkipNode


def visit_math_block(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a displayed formula in a box that scrolls, with its number, if it has one, beside the box."""
    self.body.append(self.starttag(node, "div", "", CLASS="math"))
    # The theme lets the keyboard reach boxes of this class when they do scroll.
    self.body.append('<div class="pst-scrollable-table-container">' + mathml(node, display=True) + "</div>")
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def characters(page: str) -> set[str]:
    """Return the characters that the formulas of an HTML page are drawn with."""
    formulas = " ".join(re.findall(r"<math\b.*?</math>", page, re.DOTALL))
    drawn = set(html.unescape(re.sub(r"<[^>]*>", "", formulas)))
    drawn.update(ITALIC[letter] for letter in re.findall(r"<mi>(.)</mi>", formulas) if letter in ITALIC)
    return drawn | {"√"} if "<msqrt" in formulas or "<mroot" in formulas else drawn


def write_font(characters: set[str], path: Path) -> None:
    """Write STIX Two Math, cut down to some characters and what they grow into (large brackets, roots), as WOFF2."""
    spec = find_spec("ziamath")
    assert spec and spec.origin
    options = subset.Options(flavor="woff2", hinting=False, layout_features=["ccmp", "dtls", "flac", "mark", "ssty"])
    font = subset.load_font(str(Path(spec.origin).parent / "fonts/STIXTwoMath-Regular.ttf"), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(characters))
    subsetter.subset(font)
    subset.save_font(font, str(path), options)


def add_font(app: Sphinx, error: Exception | None) -> None:
    """Put the font into a finished site, if the characters that it needs have changed."""
    if error or app.builder.format != "html":
        return
    needed = set().union(*(characters(page.read_text("utf-8")) for page in Path(app.outdir).rglob("*.html")))
    font, record = Path(app.outdir, "_static/math.woff2"), Path(app.doctreedir, "math-characters.txt")
    text = "".join(sorted(needed))
    if not needed or (font.exists() and record.exists() and record.read_text("utf-8") == text):
        return
    write_font(needed, font)
    record.write_text(text, "utf-8")


def choose(app: Sphinx, config: Config) -> None:
    """Make this the renderer, and keep MyST from marking every section with classes for MathJax."""
    config.html_math_renderer = "mathml"
    config.myst_update_mathjax = False


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    app.add_transform(References)
    app.connect("config-inited", choose)
    app.connect("build-finished", add_font)
