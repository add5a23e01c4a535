"""SVG figures that follow light and dark mode: written into the page, with the style's colours as CSS variables.

``book/figures.mplstyle`` fixes the colours, this module replaces them, and ``assets/book.css`` says what they are in
light and dark mode, in print and with forced colours. Every other colour in a figure is left alone: a black number
on a light cell of a heat map has to stay black.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

logger = logging.getLogger(__name__)

#: The colours of ``book/figures.mplstyle`` and the names of their variables. Black lines are drawn like text.
INKS = {"#222222": "text", "#767676": "grey", "#dddddd": "grid"}
PALETTE = {
    "#0072b2": "blue",
    "#d55e00": "orange",
    "#009e73": "green",
    "#cc79a7": "pink",
    "#e69f00": "yellow",
    "#56b4e9": "sky",
}
COLOUR = re.compile("|".join([*INKS, *PALETTE]), re.IGNORECASE)


def themed(style: str, *, text: bool = False) -> str:
    """Return a ``style`` attribute with the book's colours and fonts replaced by CSS variables.

    Args:
        style: CSS declarations.
        text: Whether they are those of text, which needs more contrast than a line does.
    """

    def variable(match: re.Match[str]) -> str:
        colour = match[0].lower()
        name = INKS.get(colour) or PALETTE[colour] + ("-text" if text else "")
        return f"var(--figure-{name}, {colour})"

    style = COLOUR.sub(variable, style)
    style = re.sub(r"stroke: (#000000|black)\b", "stroke: var(--figure-text, #000000)", style)
    return re.sub(r"(font(?:-family)?:[^;]*?)'DejaVu Sans'[^;]*", r"\1var(--figure-font, sans-serif)", style)


def inline_svg(source: str, prefix: str, alt: str) -> str:
    """Return an SVG file as an element for an HTML page.

    Args:
        source: The file, as Matplotlib writes it.
        prefix: Put before each id, to make it unique on the page; ids that nothing refers to are dropped.
        alt: The alternative text.

    Raises:
        xml.etree.ElementTree.ParseError: The file is no XML.
    """
    root = ElementTree.fromstring(source)
    wanted = set(re.findall(r"(?:href=[\"']|url\([\"']?)#([^\"')]+)", source))
    for parent in list(root.iter()):
        for child in list(parent):
            name = str(child.tag).rpartition("}")[2]
            # Matplotlib's rule for line ends is for every element: in a page, for all of it. book.css repeats it.
            if name == "metadata" or (name == "style" and (child.text or "").lstrip().startswith("*")):
                parent.remove(child)
    for element in root.iter():
        name = element.tag = str(element.tag).rpartition("}")[2]
        attributes = {key.rpartition("}")[2]: value for key, value in element.attrib.items()}
        identity = attributes.pop("id", None)
        if identity in wanted:
            attributes["id"] = prefix + str(identity)
        for key, value in attributes.items():
            if key == "href":
                attributes[key] = re.sub("^#", f"#{prefix}", value)
            elif key == "d":
                attributes[key] = " ".join(value.split())
            else:
                attributes[key] = re.sub(r"url\(([\"']?)#", rf"url(\1#{prefix}", value)
        if "style" in attributes:
            attributes["style"] = themed(attributes["style"], text=name in ("text", "tspan"))
        element.attrib.clear()
        element.attrib.update(attributes)
        for side in ("text", "tail"):
            if name not in ("text", "tspan", "title", "desc", "style") and not (getattr(element, side) or "").strip():
                setattr(element, side, None)
    size = {side: float(re.sub("[a-z]+$", "", root.attrib.pop(side, "0"))) for side in ("width", "height")}
    root.attrib.setdefault("viewBox", f"0 0 {size['width']:g} {size['height']:g}")
    # The natural width, in pixels (Matplotlib gives points): book.css shrinks a figure to the column, but not so far
    # that its text cannot be read.
    pixels = float(root.attrib["viewBox"].split()[2]) * 4 / 3
    root.attrib |= {"class": "figure", "role": "img", "aria-label": alt, "style": f"--width: {pixels:.0f}px"}
    return ElementTree.tostring(root, encoding="unicode")


def is_output(image: nodes.Element) -> bool:
    """Say whether an image is the output of a notebook's cell."""
    return any(node.get("nb_element") == "cell_code_output" for node in parents(image))


def has_caption(image: nodes.Element) -> bool:
    """Say whether an image stands in a figure that has a caption."""
    figures = [node for node in parents(image) if isinstance(node, nodes.figure)]
    return any(isinstance(child, nodes.caption) for figure in figures for child in figure.children)


def parents(node: nodes.Element | None) -> Iterator[nodes.Element]:
    """Yield the elements around an element, from the inside out."""
    while node is not None and (node := node.parent) is not None:
        yield node


class InlineFigures(SphinxPostTransform):
    """Write SVG images into HTML pages, and warn of images without alternative text or caption."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Replace the SVG images of a page, and check every image."""
        for number, image in enumerate(list(self.document.findall(nodes.image)), 1):
            alt = image.get("alt", "").strip()
            if not alt:
                self.warn(image, "no alternative text (for a cell: `mystnb: image: alt:`)")
            if is_output(image) and not has_caption(image):
                self.warn(image, "no caption (`mystnb: figure: caption:`)")
            path = Path(self.env.srcdir, image["uri"])
            if path.suffix == ".svg" and path.exists():
                svg = inline_svg(path.read_text("utf-8"), f"figure-{number}-", alt)
                # The theme lets the keyboard reach boxes of this class when they do scroll, as on a phone.
                box = f'<div class="pst-scrollable-table-container">{svg}</div>\n'
                image.replace_self(nodes.raw("", box, format="html"))

    def warn(self, image: nodes.image, lack: str) -> None:
        """Warn that an image of the page lacks something."""
        place = self.env.docname, next((node.line for node in (image, *parents(image)) if node.line), None)
        logger.warning("image %s has %s", Path(image["uri"]).name, lack, location=place, type="figure")


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    app.add_post_transform(InlineFigures)
