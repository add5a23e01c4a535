"""SVG figures that follow light and dark mode: written into the page, with the style's colours as CSS variables.

``book/figures.mplstyle`` fixes the colours, this module replaces them, and ``assets/book.css`` says what they are in
light and dark mode, in print and with forced colours. Every other colour in a figure is left alone: a black number
on a light cell of a heat map has to stay black.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from press.site import svg

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


def inline_svg(root: ElementTree.Element, prefix: str, alt: str, width: str = "") -> str:
    """Return an SVG file as an element for an HTML page.

    Args:
        root: What :func:`press.site.svg.read` returns; it is changed. It must be a drawing and nothing else.
        prefix: Put before each id, to make it unique on the page; ids that nothing refers to are dropped.
        alt: The alternative text.
        width: The width that the page gives it, for example ``50%``; by default the file's own.

    Raises:
        SvgError: The file does not say how large it is.
    """
    view_box, width = svg.size(root, width)
    for parent in list(root.iter()):
        for child in list(parent):
            if not str(child.tag).startswith(svg.SPACE) or svg.local(child) in ("metadata", "style"):
                parent.remove(child)
    values = [value for element in root.iter() for value in svg.attributes(element).values()]
    wanted = {match[1] for value in values for match in re.finditer(r"(?:^|url\(\s*[\"']?)#([^\"')\s]+)", value)}
    for element in root.iter():
        name = element.tag = svg.local(element)
        attributes = svg.attributes(element)
        identity = attributes.pop("id", None)
        for key, value in attributes.items():
            if key == "href":
                attributes[key] = re.sub("^#", f"#{prefix}", value)
            elif key == "d":
                attributes[key] = " ".join(value.split())
            else:
                attributes[key] = re.sub(r"url\((\s*[\"']?)#", rf"url(\1#{prefix}", value)
        if identity in wanted:
            attributes["id"] = prefix + str(identity)
        if "style" in attributes:
            attributes["style"] = themed(attributes["style"], text=name in ("text", "tspan"))
        element.attrib.clear()
        element.attrib.update(attributes)
        for side in ("text", "tail"):
            if name not in ("text", "tspan", "title", "desc") and not (getattr(element, side) or "").strip():
                setattr(element, side, None)
    for side in ("width", "height"):
        root.attrib.pop(side, None)
    # The natural width: book.css shrinks a figure to the column, but not so far that its text cannot be read.
    root.attrib |= {"viewBox": view_box, "class": "figure", "role": "img"}
    root.attrib |= {"aria-label": alt, "style": f"--width: {width}"}
    return ElementTree.tostring(root, encoding="unicode")


def found_file(folder: Path, name: str) -> Path | None:
    """The file of an image, however the page wrote its name; None if there is none, or more than one that may be meant.

    MyST writes ``%20`` for a space in the address of an image, and docutils takes the spaces out of a directive's.

    Args:
        folder: Where the name is looked up.
        name: A path, as the document tree holds it.
    """
    for each in (name, unquote(name)):
        if (folder / each).is_file():
            return folder / each
    path = folder / name
    if not path.parent.is_dir():
        return None
    names = {path.name, unquote(path.name)}
    found = [each for each in path.parent.iterdir() if each.is_file() and "".join(each.name.split()) in names]
    return found[0] if len(found) == 1 else None


class FindImages(SphinxTransform):
    """Find the file of each image before Sphinx looks for it, and say which is missing."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        """Give each image the path of its file; the place of a missing one holds its name."""
        for image in list(self.document.findall(nodes.image)):
            uri = image["uri"]
            if "://" in uri or uri.startswith("data:") or uri.endswith(".*"):  # the last finds its file itself
                continue
            folder = self.env.srcdir if uri.startswith("/") else Path(self.env.doc2path(self.env.docname)).parent
            file = found_file(Path(folder), uri.lstrip("/"))
            if file is not None:
                image["uri"] = "/" + Path(os.path.relpath(file, self.env.srcdir)).as_posix()
                continue
            path, _ = self.env.relfn2path(unquote(uri))
            self.env.note_dependency(path)  # so that the page is read again
            near = difflib.get_close_matches(Path(path).name, _names(Path(self.env.srcdir, path).parent), 1)
            logger.warning(
                "no image file %s: put it there, or correct its name%s",
                path,
                f" (there is {near[0]})" if near else "",
                location=place(self.env, image),
                type="figure",
            )
            image.replace_self(nodes.inline("", image.get("alt") or path))


def _names(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()] if folder.is_dir() else []


def place(env: BuildEnvironment, node: nodes.Element) -> tuple[str, int | None]:
    """The page and the line of a node, or of the nearest node around it that has one."""
    return env.docname, next((each.line for each in (node, *parents(node)) if each.line), None)


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
            path = Path(self.env.srcdir, image["uri"].lstrip("/"))
            if path.suffix.lower() == ".svg" and path.is_file():
                self.inline(image, path, f"figure-{number}-", alt)

    def inline(self, image: nodes.image, path: Path, prefix: str, alt: str) -> None:
        """Write a drawing into the page. Any other SVG stays an image, which neither runs nor fetches anything."""
        try:
            root = svg.read(path.read_bytes())
            if problem := svg.missing(root):
                raise svg.SvgError(problem)
            if not svg.is_drawing(root):
                return
            drawn = inline_svg(root, prefix, alt, image.get("width", ""))
        except (svg.SvgError, RecursionError) as error:
            what = error if isinstance(error, svg.SvgError) else "is nested too deeply: export it again as plain SVG"
            logger.warning("image %s %s", path.name, what, location=place(self.env, image), type="figure")
            return
        # The theme lets the keyboard reach boxes of this class when they do scroll, as on a phone.
        box = f'<div class="pst-scrollable-table-container">{drawn}</div>\n'
        image.replace_self(nodes.raw("", box, format="html"))

    def warn(self, image: nodes.image, lack: str) -> None:
        """Warn that an image of the page lacks something."""
        name = Path(image["uri"]).name
        logger.warning("image %s has %s", name, lack, location=place(self.env, image), type="figure")


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    app.add_transform(FindImages)
    app.add_post_transform(InlineFigures)
