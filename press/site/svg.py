"""SVG files that others made: which of them may stand in a page's own HTML, and how large each is.

In a page's HTML an SVG can run scripts, fetch files and restyle the page. As an image it can do none of this. So only
what is a drawing and nothing else is written into a page.

Source: W3C, Scalable Vector Graphics (SVG) 2, 2018, chapters 2 (secure static mode), 8 (sizes) and appendix C.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.parsers import expat

SPACE = "{http://www.w3.org/2000/svg}"
XHTML = "{http://www.w3.org/1999/xhtml}"
#: The elements that draw, and do nothing besides.
DRAWING = {
    *("svg", "g", "defs", "symbol", "use", "switch", "a", "title", "desc", "metadata", "view"),
    *("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "textPath", "image"),
    *("clipPath", "mask", "pattern", "marker", "linearGradient", "radialGradient", "stop", "filter"),
    *(f"fe{name}" for name in ("Blend", "ColorMatrix", "ComponentTransfer", "Composite", "ConvolveMatrix")),
    *(f"fe{name}" for name in ("DiffuseLighting", "DisplacementMap", "DistantLight", "DropShadow", "Flood")),
    *(f"fe{name}" for name in ("FuncA", "FuncB", "FuncG", "FuncR", "GaussianBlur", "Merge", "MergeNode")),
    *(f"fe{name}" for name in ("Morphology", "Offset", "PointLight", "SpecularLighting", "SpotLight", "Tile")),
    "feTurbulence",
}
#: What a value of CSS fetches: any address that is neither in the file nor an image written out.
FETCHED = re.compile(r"url\((?!\s*[\"']?\s*(#|data:image/))|@import", re.IGNORECASE)
#: How CSS hides an address from :data:`FETCHED`.
HIDING = re.compile(r"\\|image-set\(|\bsrc\(", re.IGNORECASE)
LINE_ENDS = re.compile(r"\s*\*\s*\{(\s*stroke-line(join|cap):\s*\w+\s*;?)*\s*\}\s*")
#: Pixels of each unit of length; one of text is that of a page's usual text.
UNITS = {
    **{"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4, "q": 96 / 101.6},
    **{"em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0},
}
LENGTH = re.compile(r"\+?(\d*\.?\d+(?:e[+-]?\d+)?)\s*([a-z]*)", re.IGNORECASE)


class SvgError(ValueError):
    """What is wrong with an SVG file, and what to do, as the end of a sentence that begins with its name."""


def read(data: bytes) -> ElementTree.Element:
    """Return the root of an SVG file.

    Args:
        data: The file, in the encoding that its first line names.

    Raises:
        SvgError: It is no SVG, or one that declares entities, a few of which can fill the memory.
    """
    # The declarations are refused before any of them is used: Python's own readers of XML would use them.
    check = expat.ParserCreate()
    check.EntityDeclHandler = _refuse_entity
    check.ProcessingInstructionHandler = _refuse_style_sheet
    try:
        check.Parse(data, True)
        root = ElementTree.fromstring(data)
    except (expat.ExpatError, ElementTree.ParseError, LookupError) as error:
        raise SvgError(f"cannot be read as XML ({error}): export it again as plain SVG") from None
    except ValueError as error:
        if isinstance(error, SvgError):
            raise
        raise SvgError(f"cannot be read as XML ({error}): save it as UTF-8") from None
    if root.tag != f"{SPACE}svg":
        raise SvgError(
            f"is no SVG: it begins with <{local(root)}>, not with <svg xmlns={SPACE[1:-1]!r}>. Export it again as SVG"
        )
    return root


def _refuse_entity(*declaration: object) -> None:
    raise SvgError("declares entities (<!ENTITY>), which can fill the memory: export it again as plain SVG")


def _refuse_style_sheet(target: str, data: str) -> None:
    if target == "xml-stylesheet":
        raise SvgError("takes its colours from a style sheet in another file: export it with its styles in it")


def local(element: ElementTree.Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def attributes(element: ElementTree.Element) -> dict[str, str]:
    """The attributes that mean something to a browser, those of drawing programs left out."""
    known = ("{http://www.w3.org/1999/xlink}", "{http://www.w3.org/XML/1998/namespace}")
    return {
        key.rpartition("}")[2]: value
        for key, value in element.attrib.items()
        if not key.startswith("{") or key.startswith(known)
    }


def missing(root: ElementTree.Element) -> str:
    """What a file wants to do that nothing on a page may, and what to do about it; empty for a drawing."""
    for element in root.iter():
        if str(element.tag).startswith("{") and not str(element.tag).startswith((SPACE, XHTML)):
            continue  # a drawing program's own
        name, values = local(element), attributes(element)
        target = "".join(values.get("href", "").split()).lower()
        is_link = name.lower() == "a"
        active = [key for key in values if key.lower().startswith("on")]
        if name.lower() == "script" or active or (is_link and target.startswith(("javascript:", "data:", "vbscript:"))):
            what = f"the attribute {active[0]}" if active else f"<{name}>"
            return f"holds a script ({what}), which does not run on a page: take it out, or export it as plain SVG"
        styles = [value for key, value in values.items() if key != "href"]
        styles += [element.text or ""] if name.lower() == "style" else []
        outside = next((each for each in styles if FETCHED.search(each)), "")
        if not is_link and target and not target.startswith(("#", "data:image/")):
            outside = values["href"]
        if outside:
            return f"refers to another file ({outside.strip()[:60]}), which no page fetches: embed it, and export again"
    return ""


def is_drawing(root: ElementTree.Element) -> bool:
    """Whether a file draws and does nothing else: no style sheet, no HTML, no animation.

    What drawing programs keep for themselves, in namespaces of their own, does not count.
    """
    for element in root.iter():
        tag = str(element.tag)
        if tag.startswith(XHTML) or not tag.startswith("{"):
            return False
        if tag.startswith(SPACE) and local(element) not in DRAWING and not is_of_line_ends(element):
            return False
        if any(HIDING.search(value) for value in attributes(element).values()):
            return False
    return True


def is_of_line_ends(element: ElementTree.Element) -> bool:
    """Whether an element is Matplotlib's rule for the ends of lines, which book.css repeats."""
    return local(element) == "style" and bool(LINE_ENDS.fullmatch(element.text or ""))


def pixels(length: str) -> float | None:
    """A length of SVG or CSS in pixels; None if it is relative to something else, none at all or not positive."""
    match = LENGTH.fullmatch(length.strip())
    value = float(match[1]) * UNITS.get(match[2].lower(), 0) if match else 0
    return value if 0 < value < 1e6 else None


def size(root: ElementTree.Element, wanted: str = "") -> tuple[str, str]:
    """The part of the plane that a drawing shows (its ``viewBox``), and its natural width as a value of CSS.

    Args:
        root: The drawing.
        wanted: The width that a page gives it, for example ``50%`` or ``200px``.

    Raises:
        SvgError: The file does not say how large it is.
    """
    width, height = (pixels(root.get(side, "")) for side in ("width", "height"))
    parts = root.get("viewBox", "").replace(",", " ").split()
    try:
        _, _, across, down = (float(part) for part in parts)
    except ValueError:
        across = down = 0
    if 0 < across < 1e9 and 0 < down < 1e9:
        box = " ".join(parts)
    elif width and height:
        box, across, down = f"0 0 {width:g} {height:g}", width, height
    else:
        raise SvgError("does not say how large it is: give its <svg> a viewBox, or a width and a height in pixels")
    for given in (wanted, root.get("width", "")):
        if re.fullmatch(r"\d+(\.\d+)?\s*%", given.strip()) and float(given.strip(" %")) > 0:
            return box, given.replace(" ", "")
        if (absolute := pixels(given)) is not None:
            return box, f"{absolute:.0f}px"
    return box, f"{height * across / down if height else across:.0f}px"
