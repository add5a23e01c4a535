"""Images that others made: SVG files of every kind, and names with spaces and signs in them."""

from __future__ import annotations

import base64
import re
import time
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser
from test_site_look import built

from press.site import figures, svg
from press.site.svg import SvgError

RECT = '<rect width="40" height="20"/>'
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=")


def drawing(inside: str = RECT, attributes: str = 'width="40" height="20"', before: str = "") -> bytes:
    """An SVG file."""
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"{before}<svg {names} {attributes}>{inside}</svg>".encode()


def inlined(data: bytes, width: str = "") -> str:
    root = svg.read(data)
    assert svg.missing(root) == "" and svg.is_drawing(root)
    return figures.inline_svg(root, "a-", "Alt", width)


@pytest.mark.parametrize(
    ("attributes", "box", "width"),
    [
        ('width="100%" height="100%" viewBox="0 0 40 20"', "0 0 40 20", "100%"),
        ('width="50 %" viewBox="0,0 40,20"', "0 0 40 20", "50%"),
        ('viewBox="0 0 40 20"', "0 0 40 20", "40px"),
        ('width="auto" height="auto" viewBox="-5 -5 40 20"', "-5 -5 40 20", "40px"),
        ('height="40" viewBox="0 0 40 20"', "0 0 40 20", "80px"),
        ('width="2em" height="1em"', "0 0 32 16", "32px"),
        ('width="40px" height="20px"', "0 0 40 20", "40px"),
        ('width=" 1in " height="0.5in"', "0 0 96 48", "96px"),
        ('width="25.4mm" height="1cm" viewBox="0 0 254 100"', "0 0 254 100", "96px"),
        ('width="72pt" height="6pc"', "0 0 96 96", "96px"),
        ('width="1e2" height="50"', "0 0 100 50", "100px"),
        ('width="-3" viewBox="0 0 40 20"', "0 0 40 20", "40px"),
        ('width="40" height="20" viewBox="0 0 0 0"', "0 0 40 20", "40px"),
        ('width="40" height="20" viewBox="a b c d"', "0 0 40 20", "40px"),
    ],
)
def test_a_drawing_has_the_size_that_its_file_says(attributes: str, box: str, width: str) -> None:
    root = inlined(drawing(attributes=attributes)).partition(">")[0]
    assert f'viewBox="{box}"' in root and f"--width: {width}" in root and ' width="' not in root


@pytest.mark.parametrize("width", ["50%", "120px"])
def test_a_page_says_how_wide_an_image_is(width: str) -> None:
    assert f"--width: {width}" in inlined(drawing(), width)


@pytest.mark.parametrize(
    "attributes",
    ["", 'width="100%" height="100%"', 'width="40"', 'width="nan" height="inf"', 'viewBox="0 0 nan 1"', 'width="3q3"'],
)
def test_a_drawing_without_a_size_is_an_error(attributes: str) -> None:
    with pytest.raises(SvgError, match="viewBox, or a width and a height"):
        inlined(drawing(attributes=attributes))


LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(12))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "cannot be read as XML"),
        (PIXEL, "cannot be read as XML"),
        (b"<svg><g></svg>", "cannot be read as XML"),
        (b"<?xml version='1.0' encoding='nonsense'?><svg/>", "cannot be read as XML"),
        (b"<svg width='4' height='4'/>", "is no SVG"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "begins with <html>"),
        (drawing("&l12;", before=f'<!DOCTYPE svg [<!ENTITY l0 "ha">{LAUGHS}]>'), "declares entities"),
        (drawing("&x;", before='<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "declares entities"),
        (drawing(before='<!DOCTYPE svg [<!ENTITY % x SYSTEM "a.dtd"> %x;]>'), "declares entities"),
        (drawing(before='<?xml-stylesheet href="a.css"?>'), "style sheet in another file"),
    ],
)
def test_what_is_no_svg_or_harms_is_an_error_at_once(data: bytes, words: str) -> None:
    started = time.process_time()
    with pytest.raises(SvgError, match=re.escape(words)):
        svg.read(data)
    assert time.process_time() - started < 1


def test_a_document_type_an_encoding_and_what_programs_keep_do_no_harm() -> None:
    inkscape = 'xmlns:i="http://www.inkscape.org/"'
    data = drawing(
        f'<metadata>m</metadata><i:view {inkscape} onload="x"/><title>Größe</title><g {inkscape} i:a="L">{RECT}</g>',
        before='<?xml version="1.0" encoding="ISO-8859-1"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "a.dtd">',
    )
    written = inlined(data.decode().encode("latin-1"))
    assert "Größe" in written and RECT.replace("/>", " />") in written
    assert not re.search("metadata|view |i:a|onload|DOCTYPE", written)


#: Inside an SVG, what does something that no image on a page may, and words of what is said of it.
ACTIVE = [
    ("<script>seen('a')</script>", "script"),
    ("<SCRIPT>seen('a')</SCRIPT>", "script"),
    ("<x:script xmlns:x='http://www.w3.org/1999/xhtml'>seen('a')</x:script>", "script"),
    ("<rect width='9' height='9' onclick='seen(1)'/>", "onclick"),
    ("<g oNlOaD='seen(1)'/>", "oNlOaD"),
    ("<a href='javascript:seen(1)'><text>x</text></a>", "script"),
    ("<a xlink:href='java\tscript:seen(1)'><text>x</text></a>", "script"),
    ("<image href='http://other.test/a.png'/>", "another file"),
    ("<image xlink:href='photo.png'/>", "another file"),
    ("<use href='other.svg#a'/>", "another file"),
    ("<rect fill='url(http://other.test/a#b)'/>", "another file"),
    ("<rect style=\"fill: URL( '//other.test/a#b')\"/>", "another file"),
    ("<style>@import 'http://other.test/a.css';</style>", "another file"),
    ("<style>.a { fill: url(a.svg#b) }</style>", "another file"),
]
#: What is no danger in an image, but would be in a page's own HTML.
ONLY_AS_IMAGE = [
    "<style>p { display: none }</style>",
    "<style>*{stroke-linejoin: round} p{color: red}</style>",
    "<foreignObject width='9' height='9'><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject>",
    "<animate attributeName='href' values='javascript:seen(1)'/>",
    "<set attributeName='onclick' to='seen(1)'/>",
    r"<rect style='fill: u\72l(http://other.test/a)'/>",
    "<rect style='fill: image-set(\"http://other.test/a\" 1x)'/>",
    "<p>a paragraph of HTML ends the drawing</p>",
    "<rect xmlns=''/>",
]
#: What a drawing may hold.
HARMLESS = [
    "<image href='data:image/png;base64,AAAA'/>",
    "<defs><path id='p' d='M 0 0'/></defs><use xlink:href='#p'/><g fill='url(#p)' style=\"clip-path: url('#p')\"/>",
    "<a href='https://a.b/c?d=e'><text>a link</text></a>",
    "<style>* {stroke-linejoin: round; stroke-linecap: butt;}</style>",
    "<text>on the road: javascript: url(x)</text>",
    "<linearGradient id='g'><stop offset='1'/></linearGradient><filter id='f'><feGaussianBlur/></filter>",
]


@pytest.mark.parametrize(("inside", "words"), ACTIVE)
def test_what_would_run_or_fetch_is_said(inside: str, words: str) -> None:
    assert words in svg.missing(svg.read(drawing(inside)))


@pytest.mark.parametrize("inside", ONLY_AS_IMAGE)
def test_what_would_change_the_page_stays_an_image(inside: str) -> None:
    root = svg.read(drawing(inside))
    assert svg.missing(root) == "" and not svg.is_drawing(root)


@pytest.mark.parametrize("inside", HARMLESS)
def test_a_drawing_is_written_into_the_page(inside: str) -> None:
    assert inlined(drawing(inside)).startswith("<svg ")


def test_references_lead_to_the_ids_that_stay() -> None:
    written = inlined(drawing(HARMLESS[1]))
    assert 'id="a-p"' in written and 'href="#a-p"' in written
    assert 'fill="url(#a-p)"' in written and "url('#a-p')" in written


def test_no_svg_runs_or_fetches_anything_on_a_page(tmp_path: Path, chromium: Browser) -> None:
    insides = [inside for inside, _ in ACTIVE] + ONLY_AS_IMAGE + HARMLESS
    for number, inside in enumerate(insides):
        (tmp_path / f"{number}.svg").write_bytes(drawing(inside))
    (tmp_path / "deep.svg").write_bytes(drawing("<g>" * 3000 + "</g>" * 3000))
    names = [*map(str, range(len(insides))), "deep"]
    text = "\n\n".join(f"![Alt {name}](/../{name}.svg)" for name in names)
    site, warnings = built(tmp_path, {"index": text})
    places = re.findall(r"index\.md:(\d+): WARNING: image (\w+)\.svg", warnings)
    assert places == [(str(3 + 2 * at), name) for at, name in enumerate(names) if at < len(ACTIVE) or name == "deep"]
    page = BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser")
    assert len(page.select("svg.figure")) == len(HARMLESS)
    with chromium.new_context() as context:
        tab = context.new_page()
        asked: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.add_init_script("window.ran = []; window.seen = (what) => window.ran.push(what)")
        tab.goto((site / "index.html").as_uri(), wait_until="load")
        for image in tab.query_selector_all("article svg, article img"):
            image.dispatch_event("click")  # a handler would run
        assert tab.evaluate("window.ran") == []
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        assert tab.locator("article p").first.is_visible()


NAMES = ["my figure.svg", "Ü.svg", "a#b.svg", "50%.svg", "BIG.SVG", "a (b) & c.svg", "two  spaces.svg", "no%20.svg"]


def written_as(name: str) -> list[str]:
    """How an author may write the name of a file: as it is, or as an address."""
    address = "".join(f"%{ord(sign):02X}" if sign in " #%&()" else sign for sign in name)
    return [
        f"![Alt](<{name}>)",
        f"![Alt]({address})",
        *(f"```{{image}} {each}\n:alt: Alt\n```" for each in (name, address)),
    ]


def test_an_image_is_found_however_its_name_is_written(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    for name in NAMES:
        (tmp_path / "source" / name).write_bytes(drawing())
    (tmp_path / "source/my shot.png").write_bytes(PIXEL)
    every = [way for name in NAMES for way in written_as(name)]
    figure = "```{figure} /my figure.svg\n:alt: Alt\n:width: 50%\n\nA caption.\n```"
    site, warnings = built(tmp_path, {"index": "\n\n".join([*every, figure, *written_as("my shot.png")])})
    assert warnings == ""
    page = BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser").select_one("article")
    assert page and len(page.select("svg.figure")) == len(every) + 1
    assert "--width: 50%" in str(page.select("figure svg"))
    assert [image["src"] for image in page.select("img")] == ["_images/my%20shot.png"] * 4
    assert (site / "_images/my shot.png").read_bytes() == PIXEL


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("![Alt](gone.svg)", "no image file gone.svg"),
        ("![Alt](<gone too.png>)", "no image file gone too.png"),
        ("![Alt](folder/gone.png)", "no image file folder/gone.png"),
        ("```{figure} /gone.png\n:alt: Alt\n\nA caption.\n```", "no image file gone.png"),
        ("![Alt](Figure.svg)", "there is figure.svg"),
        ("```{image} ab.svg\n:alt: Alt\n```", "there is a b.svg"),
    ],
)
def test_a_missing_image_is_one_line(markdown: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    for name in ("figure.svg", "a b.svg", "a  b.svg"):
        (tmp_path / "source" / name).write_bytes(drawing())
    site, warnings = built(tmp_path, {"index": f"Text.\n\n{markdown}"})
    [line] = warnings.splitlines()
    assert "index.md:5: WARNING: no image file " in line and words in line
    assert "<img alt" not in (site / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("address", ["https://a.b/c.png", "data:image/gif;base64,R0lGODlhAQABAAAAACw=", "fig.*"])
def test_other_addresses_stay_as_they_are(address: str, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/fig.png").write_bytes(PIXEL)
    site, warnings = built(tmp_path, {"index": f"```{{image}} {address}\n:alt: Alt\n```"})
    assert warnings == "" and re.search(r"<img alt=\"Alt\"", (site / "index.html").read_text(encoding="utf-8"))
