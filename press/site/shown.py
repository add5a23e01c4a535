"""What a cell shows on a page: as a terminal and a notebook would, or with a word where a page cannot.

Text that a cell prints arrives in as many pieces as it was flushed in, with the characters that move a terminal's
cursor. Here it becomes one block, as the terminal would show it in the end. An output of which a page shows nothing,
for example a widget that needs a kernel, is a warning that names the cell's line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from html.parser import HTMLParser
from itertools import groupby
from typing import Any

from docutils import nodes
from myst_nb.core.render import WIDGET_STATE_MIMETYPE, WIDGET_VIEW_MIMETYPE, get_mime_priority
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms import SphinxTransform

from book import outputs

#: What a terminal does not print but obeys: commands with their arguments and names, titles of its window, and single
#: characters.
COMMAND = re.compile(
    r"\x1b\[([\d;?]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\^_=>78]?|[\x00-\x1a\x1c-\x1f\x7f]"
)
#: All of them but the ends of lines and tabs.
UNUSUAL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
#: The furthest column and line that a command reaches: no command fills the memory.
FURTHEST = 1000
#: The tags that leave a cell's outputs out of a page.
REMOVED = {"remove-cell", "remove_cell", "remove-output", "remove_output"}
#: The elements of HTML that show something without any text, or change how the page looks.
VISIBLE = {
    *("img", "svg", "math", "canvas", "audio", "video", "iframe", "object", "embed", "input", "hr", "progress"),
    *("button", "meter", "link", "style"),
}
WHAT_TO_DO = "print it, or display it as text, HTML, SVG or PNG; if nobody has to see it, tag the cell remove-output"


class Terminal:
    """The end of what a terminal would show of a text: lines of characters, each with its colour."""

    def __init__(self) -> None:
        self.lines: list[list[tuple[str, tuple[str, ...]]]] = [[]]
        self.row = self.column = 0
        self.colour: tuple[str, ...] = ()

    def write(self, text: str) -> None:
        """Print some text, and obey the commands in it."""
        at = 0
        for match in COMMAND.finditer(text):
            self._put(text[at : match.start()])
            self._obey(match[0], match[1] or "", match[2] or "")
            at = match.end()
        self._put(text[at:])

    def _put(self, text: str) -> None:
        if not text:
            return
        line = self.lines[self.row]
        line += [(" ", ())] * (self.column - len(line))
        line[self.column : self.column + len(text)] = [(character, self.colour) for character in text]
        self.column += len(text)

    def _obey(self, command: str, argument: str, name: str) -> None:
        count = int(argument) if argument.isdecimal() else 1
        count = min(count, FURTHEST)
        if command == "\n" or name == "E":
            self._move(self.row + count, 0)
        elif command == "\r":
            self.column = 0
        elif command == "\b" or name == "D":
            self.column = max(0, self.column - count)
        elif command == "\t":
            self._put(" " * (8 - self.column % 8))
        elif name == "m":
            before = () if argument.split(";")[0].strip("0") == "" else self.colour
            now = (command,) if argument.strip("0;") else ()
            self.colour = (*[each for each in before if each != command][-3:], *now)
        elif name in ("A", "F"):
            self._move(self.row - count, 0 if name == "F" else self.column)
        elif name == "B":
            self._move(self.row + count, self.column)
        elif name == "C":
            self.column += count
        elif name == "G":
            self.column = count - 1
        elif name in ("K", "J"):
            self._erase(argument or "0", below=name == "J")

    def _move(self, row: int, column: int) -> None:
        self.row, self.column = max(0, row), column
        self.lines += [[] for _ in range(self.row + 1 - len(self.lines))]

    def _erase(self, how: str, *, below: bool) -> None:
        line = self.lines[self.row]
        if how in ("1", "2"):
            line[: self.column] = [(" ", ())] * min(self.column, len(line))
        if how in ("0", "2"):
            del line[self.column :]
        if below and how == "2":
            self.lines[: self.row] = [[] for _ in range(self.row)]
        if below and how in ("0", "2"):
            del self.lines[self.row + 1 :]

    def shown(self) -> str:
        """The text, with the commands for colours that are left, and no spaces or empty lines at its end."""
        written: list[str] = []
        colour: tuple[str, ...] = ()
        for line in self.lines:
            while line and line[-1] == (" ", ()):
                line.pop()
            for character, wanted in [*line, ("\n", colour if line else ())]:
                if wanted != colour:
                    written += ["\x1b[0m" if colour else "", *wanted]
                    colour = wanted
                written.append(character)
        text = "".join(written).rstrip()
        return text + ("\x1b[0m" if colour and not text.endswith("\x1b[0m") else "")


def as_on_a_terminal(text: str) -> str:
    r"""Return a text as a terminal shows it in the end: ``\r`` goes back, and what follows takes the line's place.

    Args:
        text: What a cell has printed. Commands for colours stay; those that move the cursor are obeyed.
    """
    if not UNUSUAL.search(text):
        return text.rstrip()
    terminal = Terminal()
    terminal.write(text)
    return terminal.shown()


class OneBlock(SphinxTransform):
    """Make one block of all that a cell prints between two other outputs, errors and warnings after the rest."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        """Replace the printed texts of the page's cells."""
        for output in self.document.findall(nodes.container):
            if output.get("nb_element") == "cell_code_output":
                output.children = list(_joined(output.children))


def _joined(children: Iterable[nodes.Node]) -> Iterator[nodes.Node]:
    for stream, group in groupby(children, lambda node: bool(_stream(node))):
        if not stream:
            yield from group
            continue
        pieces = list(group)
        for name in ("stream", "stderr"):
            ours = [node for node in pieces if isinstance(node, nodes.literal_block) and _stream(node) == name]
            text = as_on_a_terminal("".join(node.rawsource or node.astext() for node in ours))
            if text:
                ours[0].rawsource = text
                ours[0].children = []
                ours[0] += nodes.Text(text)
                yield ours[0]


def _stream(node: nodes.Node) -> str:
    """Which stream of a cell a block shows; empty for any other node."""
    classes: list[str] = node.get("classes", []) if isinstance(node, nodes.literal_block) else []
    return next((name for name in ("stream", "stderr") if "output" in classes and name in classes), "")


def unshown(page: Any, executed: Any) -> Iterator[tuple[int, str]]:
    """Say of which outputs a page shows nothing, or less than the author sees: the cell's line, and what to do.

    Args:
        page: The page as a notebook that knows where each cell stands.
        executed: Its cells of code, with their outputs.
    """
    models = executed["metadata"].get("widgets", {}).get(WIDGET_STATE_MIMETYPE, {}).get("state", {})
    places = zip(page["cells"], page["metadata"]["source_map"], strict=True)
    cells = [(cell, line) for cell, line in places if cell["cell_type"] == "code"]  # the fence, counted from 1
    done = [cell for cell in executed["cells"] if cell["cell_type"] == "code"]
    for (cell, line), with_outputs in zip(cells, done, strict=True):
        if REMOVED & {*cell["metadata"].get("tags", [])}:
            continue
        for output in with_outputs.get("outputs", []):
            data = {kind: each for kind, each in output.get("data", {}).items() if not kind.startswith(outputs.HIDDEN)}
            if data and (problem := _problem(data, models)):
                yield line, problem


def _problem(data: dict[str, Any], models: Mapping[str, Any]) -> str:
    """What a page does not show of an output, given its forms by media type."""
    widget = ""
    if WIDGET_VIEW_MIMETYPE in data and not is_drawn(view := data[WIDGET_VIEW_MIMETYPE], models):
        widget = models.get(view.get("model_id"), {}).get("model_name", "").removesuffix("Model") or "without a state"
        data = {kind: each for kind, each in data.items() if kind != WIDGET_VIEW_MIMETYPE}
    kind = next((each for each in _priority() if each in data), None)
    if widget and kind in (None, "text/plain"):
        return (
            f"the widget {widget} works only beside a kernel, which a page has not: {WHAT_TO_DO}. A widget whose class "
            "is an anywidget works on a page"
        )
    unknown = ", ".join(sorted({*data} - {*_priority()}))
    if kind is None:
        return f"nothing is shown of an output of the type {unknown}: {WHAT_TO_DO}"
    if kind == "text/plain" and unknown:
        return f"an output of the type {unknown} is shown as its text only: {WHAT_TO_DO}"
    if kind == "application/javascript":
        return f"nothing is shown of an output that is a script: {WHAT_TO_DO}"
    if kind == "text/html" and not _is_visible("".join(data[kind])):
        return f"an output is HTML in which nothing is to be seen, if not by a script: {WHAT_TO_DO}"
    return ""


def is_drawn(view: Mapping[str, Any], models: Mapping[str, Any]) -> bool:
    """Whether ``assets/explorers.js`` can draw a widget: it needs the widget's own module."""
    return bool(models.get(view.get("model_id", ""), {}).get("state", {}).get("_esm"))


@cache
def _priority() -> list[str]:
    """The media types that a page can show, the best first."""
    return list(get_mime_priority("html", []))


def _is_visible(html: str) -> bool:
    """Whether some HTML holds text or a picture, apart from scripts."""
    seen = False
    hidden = 0

    class Look(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            nonlocal seen, hidden
            hidden += tag in ("script", "template")
            seen = seen or (tag in VISIBLE and not hidden)

        def handle_endtag(self, tag: str) -> None:
            nonlocal hidden
            hidden -= tag in ("script", "template")

        def handle_data(self, text: str) -> None:
            nonlocal seen
            seen = seen or bool(text.strip() and not hidden)

    look = Look()
    look.feed(html)
    look.close()
    return seen


class TextOfWidgets(SphinxTransform):
    """Show what else an output has in the place of a widget that no page can draw."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        """Take the views of such widgets out of the page."""
        _, script = NbMetadataCollector.get_js_files(self.env, self.env.docname).get("ipywidgets_state", (None, {}))
        models = json.loads(script["body"])["state"] if script else {}
        for bundle in list(self.document.findall(nodes.container)):
            if bundle.get("nb_element") == "mime_bundle":
                for form in [each for each in bundle.children if isinstance(each, nodes.container)]:
                    if form["mime_type"] == WIDGET_VIEW_MIMETYPE and not is_drawn(_view(form), models):
                        bundle.remove(form)


def _view(form: nodes.Element) -> dict[str, Any]:
    """The view that myst-nb has written into a script."""
    found: dict[str, Any] = json.loads(form.astext().partition(">")[2].rpartition("<")[0])
    return found


def choose(app: Sphinx, config: Config) -> None:
    """Keep myst-nb from joining what cells print, and from its own word about each type that it does not know."""
    config.nb_merge_streams = False
    config.suppress_warnings = [*config.suppress_warnings, "mystnb.unknown_mime_type"]


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    app.connect("config-inited", choose)
    app.add_transform(OneBlock)
    app.add_transform(TextOfWidgets)
