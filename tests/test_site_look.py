"""Formulas, figures and the theme: small Sphinx projects, built in a temporary folder, nothing executed."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from press.site import figures, math
from press.site.svg import read

#: What Matplotlib writes, in short.
SVG = """<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="72pt" height="36pt" viewBox="0 0 72 36"
 xmlns="http://www.w3.org/2000/svg">
 <metadata><title>Matplotlib</title></metadata>
 <defs><style type="text/css">*{stroke-linejoin: round}</style><path id="m1" d="M 0 0
L 0 3"/><clipPath id="p1"><rect width="5" height="5"/></clipPath></defs>
 <g id="axes_1"><use xlink:href="#m1" clip-path="url(#p1)" style="stroke: #D55E00; fill: #0072b2"/>
 <text style="font-size: 10px; font-family: 'DejaVu Sans', Verdana, sans-serif; fill: #222222">epoch #222222</text>
 <text style="fill: #0072b2">training</text><text>172</text><path style="fill: #ffffff; stroke: #000000"/></g>
</svg>"""


def cell(alt: str | None, caption: str | None, mime: str = "image/svg+xml", data: str = SVG) -> dict[str, Any]:
    """A notebook's cell that has drawn a figure."""
    mystnb: dict[str, Any] = {"image": {"alt": alt}} if alt else {}
    if caption:
        mystnb["figure"] = {"caption": caption}
    output = {"output_type": "display_data", "data": {mime: data, "text/plain": ["<Figure>"]}, "metadata": {}}
    return {
        "cell_type": "code",
        "execution_count": 1,
        "metadata": {"mystnb": mystnb},
        "outputs": [output],
        "source": "draw()",
    }


CONFIGURATION = """
from press.site import figures, math, shown, theme
project = "Test"
extensions = ["myst_nb", "sphinx_copybutton", "sphinxcontrib.bibtex"]
html_theme = "sphinx_book_theme"
html_context = {"default_mode": "auto"}
nb_execution_mode = "off"
myst_enable_extensions = ["amsmath", "dollarmath"]
bibtex_bibfiles = ["references.bib"]
def setup(app):
    for part in (math, figures, shown, theme):
        part.setup(app)
"""
BIBLIOGRAPHY = "@book{a-2000-b, author={A. Author}, title={Title}, year={2000}, publisher={Publisher}}"


def built(
    folder: Path, pages: dict[str, str | list[dict[str, Any]]], builder: str = "html", **metadata: Any
) -> tuple[Path, str]:
    """Build pages, Markdown or a notebook's cells, as the book is built; return the site and the warnings."""
    source = folder / "source"
    source.mkdir(exist_ok=True)
    (source / "conf.py").write_text(CONFIGURATION)
    (source / "references.bib").write_text(BIBLIOGRAPHY)
    for name, content in pages.items():
        if isinstance(content, str):
            (source / f"{name}.md").write_text(f"# {name}\n\n{content}\n")
            continue
        heading = {"cell_type": "markdown", "metadata": {}, "source": f"# {name}"}
        metadata |= {"language_info": {"name": "python", "pygments_lexer": "python"}, "orphan": True}
        notebook = {"cells": [heading, *content], "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}
        (source / f"{name}.ipynb").write_text(json.dumps(notebook))
    warnings = StringIO()
    with patch_docutils(str(source)), docutils_namespace():
        Sphinx(source, source, folder / "site", folder / "doctrees", builder, status=None, warning=warnings).build()
    return folder / "site", re.sub(r"\x1b\[[\d;]*m", "", warnings.getvalue())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a formula of each kind, two figures and a bibliography."""
    site, warnings = built(
        tmp_path_factory.mktemp("look"),
        {
            "index": r"""Inline $h_t = \tanh(W x_t)$.

```{math}
:label: loss
L = \sqrt{\sum_{i=1}^n \frac{a_i}{\hat{y}_i}}
```

As {eq}`loss` says.

$$
a &= b \\
c &= d
$$

$$\begin{split}a &= b \\ c &= d\end{split}$$

\begin{align}
x &= y
\end{align}

{cite}`a-2000-b`[^1]

[^1]: A footnote.

```{bibliography}
```
""",
            "figures": [cell("Loss falls.", "Loss."), cell('Two "bars" & more.', "Bars.")],
        },
    )
    assert warnings == ""
    return site


def test_formulas_become_mathml(site: Path) -> None:
    page = (site / "index.html").read_text()
    assert "<mi>tanh</mi>" in page and "<mfrac>" in page and "<munderover>" in page
    assert page.count('<math display="block">') == 4 and page.count("<mtable") == 3
    assert not re.search(r"mathjax|\\frac|\\begin|aria-hidden=\"true\"[^>]*><math", page, re.IGNORECASE)


def test_a_labelled_formula_has_a_number_that_a_reference_leads_to(site: Path) -> None:
    page = (site / "index.html").read_text()
    assert re.search(r'<div class="math[^"]*" id="equation-loss">.*?<span class="eqno">\(1\)', page, re.DOTALL)
    assert re.search(r'<a [^>]*href="#equation-loss">\(1\)</a>', page)


def test_the_font_holds_the_characters_of_the_formulas_and_no_more(site: Path) -> None:
    font = TTFont(site / "_static/math.woff2")
    root, total, hat, slanted_w, slanted_x = 0x221A, 0x2211, 0x2C6, 0x1D44A, 0x1D465
    assert {*map(ord, "=(tanh"), root, total, hat, slanted_w, slanted_x} <= set(font.getBestCmap())
    assert ord("∫") not in font.getBestCmap() and "MATH" in font
    assert (site / "_static/math.woff2").stat().st_size < 30_000


@pytest.mark.parametrize("formula", [r"\frac{a", r"\nosuchcommand", "a^b^c", "{"])
def test_a_wrong_formula_is_a_warning_that_names_page_and_formula(formula: str, tmp_path: Path) -> None:
    site, warnings = built(tmp_path, {"index": f"Before.\n\n$${formula}$$"})
    assert re.search(r"index\.md:\d+: WARNING: formula", warnings) and f"${formula}$: " in warnings
    assert f"<code>{formula}</code>" in (site / "index.html").read_text()


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("a = b", "a = b"),
        (r"a \\ b", r"\begin{aligned}a \\ b\end{aligned}"),
        ("a\n\nb", r"\begin{aligned}a\\ b\end{aligned}"),
        (r"\begin{split}a\end{split}", r"\begin{aligned}a\end{aligned}"),
        (r"\begin{align*}a\end{align*}", r"\begin{aligned}a\end{aligned}"),
        (r"\begin{cases}a \\ b\end{cases}", r"\begin{cases}a \\ b\end{cases}"),
    ],
)
def test_latex_is_completed_as_sphinx_does(source: str, result: str) -> None:
    assert math.latex_of(source) == result


def test_other_builders_keep_their_own_formulas(tmp_path: Path) -> None:
    site, warnings = built(tmp_path, {"index": "$x^2$"}, "pseudoxml")
    assert warnings == "" and "x^2" in (site / "index.pseudoxml").read_text()


def test_figures_stand_in_the_page_with_their_alternative_text(site: Path) -> None:
    page = (site / "figures.html").read_text()
    assert page.count("<svg ") == page.count('role="img"') == 2 and "<img alt" not in page
    assert 'aria-label="Loss falls."' in page and 'aria-label="Two &quot;bars&quot; &amp; more."' in page
    assert "Matplotlib" not in page and "<!DOCTYPE svg" not in page and "stroke-linejoin" not in page
    assert not list(site.glob("_images/*"))


def test_ids_are_unique_and_references_lead_to_them(site: Path) -> None:
    page = (site / "figures.html").read_text()
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    used = re.findall(r'<use href="#([^"]+)" clip-path="url\(#([^"]+)\)"', page)
    assert len(used) == 2 and len({name for pair in used for name in pair} & set(ids)) == 4
    assert not any(name.endswith("axes_1") for name in ids), "nothing refers to it"


def test_the_colours_of_the_style_become_variables_and_no_others() -> None:
    svg = figures.inline_svg(read(SVG.encode()), "a-", "Alt")
    assert "stroke: var(--figure-orange, #d55e00); fill: var(--figure-blue, #0072b2)" in svg
    assert "fill: var(--figure-text, #222222)" in svg and "epoch #222222" in svg
    assert '<text style="fill: var(--figure-blue-text, #0072b2)">training</text>' in svg
    assert "<text>172</text>" in svg and "fill: #ffffff; stroke: var(--figure-text, #000000)" in svg
    assert "font-family: var(--figure-font, sans-serif);" in svg and "DejaVu" not in svg


def test_a_figure_keeps_its_shape_and_natural_width() -> None:
    root = figures.inline_svg(read(SVG.encode()), "a-", "Alt").partition(">")[0]
    assert 'viewBox="0 0 72 36"' in root and "--width: 96px" in root and " height=" not in root


def test_every_colour_variable_has_a_light_and_a_dark_value() -> None:
    css = (Path(__file__).parent.parent / "assets/book.css").read_text()
    for name in [*figures.INKS.values(), *figures.PALETTE.values()]:
        assert len(re.findall(rf"--figure-{name}: #", css)) == 2, name
    for name in figures.PALETTE.values():
        assert f"--figure-{name}-text:" in css


@pytest.mark.parametrize(
    ("alt", "caption", "lack"),
    [(None, "Caption.", "no alternative text"), ("Alt.", None, "no caption"), ("Alt.", "Caption.", "")],
)
@pytest.mark.parametrize("mime", ["image/svg+xml", "image/png"])
def test_a_figure_without_words_is_a_warning(
    alt: str | None, caption: str | None, lack: str, mime: str, tmp_path: Path
) -> None:
    data = SVG if "svg" in mime else "iVBORw0KGgo="
    site, warnings = built(tmp_path, {"index": [cell(alt, caption, mime, data)]})
    assert len(re.findall(r"index\.ipynb:\d+: WARNING: image", warnings)) == bool(lack) and lack in warnings
    assert ("<img " in (site / "index.html").read_text().partition("<article")[2]) == (mime == "image/png")


def test_a_page_loads_nothing_that_it_does_not_need(site: Path) -> None:
    for page in site.glob("*.html"):
        loaded = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"#]+)"', page.read_text())
        assert loaded and not [url for url in loaded if "//" in url or re.search("fontawesome|thebe|require", url)]
        for url in loaded:
            assert (page.parent / url.partition("?")[0]).exists(), url
    assert not list(site.rglob("*.map")) and not list(site.rglob("fontawesome.js"))


def test_the_icon_font_holds_the_icons_that_pages_show(site: Path) -> None:
    font = site / "_static/vendor/fontawesome/webfonts/fa-solid-900.woff2"
    icons = TTFont(font).getBestCmap()
    magnifying_glass, warning, bars, guitar = 0xF002, 0xF071, 0xF0C9, 0xF7A6
    assert {magnifying_glass, warning, bars} <= set(icons) and guitar not in icons
    assert font.stat().st_size < 10_000
    css = (site / "_static/styles/pydata-sphinx-theme.css").read_text()
    assert ".fa-magnifying-glass:before" in css and ".fa-guitar:before" not in css


def test_buttons_landmarks_and_lists_are_named_for_assistive_technology(site: Path) -> None:
    page = (site / "index.html").read_text()
    assert re.search(r'<div id="pst-primary-sidebar" role="navigation" aria-label="[^"]+"', page)
    assert not re.search(r"<button[^>]*search-button-field[^>]*aria-label", page)
    assert re.search(r"<button[^>]*primary-toggle[^>]*aria-label=", page)
    assert "doc-biblioentry" not in page and 'role="listitem"' in page
    assert 'class="footnote-list brackets" aria-label=' in page
    assert not re.findall(r'<(?:i|span) class="fa', page)
    assert 'href="#main-content"' in page
