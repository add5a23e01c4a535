"""What a cell shows: printed text as on a terminal, and a word about each output that a page cannot show."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from test_site_look import built

from conftest import book
from press.site.shown import as_on_a_terminal, unshown
from test_building import project, write  # noqa: F401  (a fixture is used by its name)

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
BLUE, BOLD, PLAIN = "\x1b[34m", "\x1b[1m", "\x1b[0m"


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("a\nb\n", "a\nb"),
        ("  indented\tand tabbed\n", "  indented\tand tabbed"),
        ("10 %\r50 %\r100 %\n", "100 %"),
        ("long line\rshort\n", "shortline"),
        ("long line\r\x1b[Kshort\n", "short"),
        ("first\n1/2\r2/2\nlast", "first\n2/2\nlast"),
        ("Windows\r\nends\r\n", "Windows\nends"),
        ("1/9\b\b\b2/9\b\b\b3/9", "3/9"),
        ("\b\bx", "x"),
        ("a\nb\nc\x1b[2A\rA\x1b[2B\rC", "A\nb\nC"),
        ("a\nb\x1b[1F\x1b[2Kz", "z\nb"),
        ("gone\x1b[2J\x1b[1Gthere", "there"),
        ("a\x1b[3Cb\x1b[2Gc", "ac  b"),
        (f"{BLUE}blue{PLAIN} plain", f"{BLUE}blue{PLAIN} plain"),
        (f"\r{BLUE}1{PLAIN}\r{BLUE}2{PLAIN}", f"{BLUE}2{PLAIN}"),
        (f"{BOLD}{BLUE}both\x1b[m", f"{BOLD}{BLUE}both{PLAIN}"),
        ("\x1b]0;a title\x07text\x1b[?25l\x07\x0c", "text"),
        ("cut \x1b", "cut"),
        ("\x1b[999999999B\x1b[999999999Cx\x1b[1A", "\n" * 1000 + " " * 1000 + "x"),
    ],
)
def test_text_is_shown_as_on_a_terminal(printed: str, shown: str) -> None:
    assert as_on_a_terminal(printed) == shown


def test_many_steps_of_progress_take_no_time_and_no_room() -> None:
    assert as_on_a_terminal("".join(f"\r{BLUE}{step:6}" for step in range(100_000))) == f"{BLUE} 99999{PLAIN}"


def of(*outputs: dict[str, Any], tags: tuple[str, ...] = ()) -> dict[str, Any]:
    """A cell with outputs, each given by its forms."""
    shown = [{"output_type": "display_data", "data": data, "metadata": {}} for data in outputs]
    return {
        "cell_type": "code",
        "execution_count": 1,
        "metadata": {"tags": list(tags)},
        "outputs": shown,
        "source": "x",
    }


def said(cell: dict[str, Any], models: dict[str, Any] | None = None) -> list[tuple[int, str]]:
    """What is said of a cell that stands on line 8 of its page, below a text."""
    page = {"cells": [{"cell_type": "markdown"}, {**cell, "outputs": []}], "metadata": {"source_map": [3, 8]}}
    metadata = {"widgets": {STATE: {"state": models}}} if models else {}
    return list(unshown(page, {"cells": [cell], "metadata": metadata}))


def model(name: str, **state: Any) -> dict[str, Any]:
    """The model of a widget."""
    return {"model_name": f"{name}Model", "state": state}


PLOTLY = "application/vnd.plotly.v1+json"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({PLOTLY: {}}, ("nothing", PLOTLY)),
        ({"image/webp": "x", "video/mp4": "y"}, ("nothing", "image/webp, video/mp4")),
        ({"application/pdf": "x"}, ("nothing", "application/pdf")),
        ({"application/json": {}, "text/plain": "<JSON object>"}, ("its text only", "application/json")),
        ({"application/javascript": "1", "text/plain": "<Javascript object>"}, ("nothing", "script")),
        ({"application/vnd.bokehjs_exec.v0+json": "", "text/html": "<script>1</script>"}, ("HTML", "nothing")),
        ({PLOTLY: {}, "text/html": "<div id='a'></div>\n<script>draw('a')</script>"}, ("HTML", "nothing")),
        ({VIEW: {"model_id": "m"}, "text/plain": "IntSlider(value=3)"}, ("widget IntSlider", "anywidget")),
        ({VIEW: {"model_id": "box"}, "text/plain": "VBox()"}, ("widget VBox", "kernel")),
        ({VIEW: {"model_id": "gone"}}, ("widget", "kernel")),
    ],
)
def test_an_output_of_which_nothing_is_seen_is_said_with_its_line(data: dict[str, Any], words: tuple[str, ...]) -> None:
    [(line, what)] = said(of(data), {"m": model("IntSlider"), "box": model("VBox"), "other": model("A", _esm="code")})
    assert line == 8 and all(word in what for word in (*words, "print it, or display it"))
    assert said(of(data, tags=("remove-output",)), {"m": model("IntSlider")}) == []


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"text/plain": "3"},
        {"text/html": "<table><tr><td>1</td></tr></table>", "text/plain": "x"},
        {"text/html": ["<style>p {}</style>", "<p>a</p>"]},
        {"text/html": "<audio controls src='data:audio/wav;base64,'></audio>"},
        {PLOTLY: {}, "image/png": "x"},
        {PLOTLY: {}, "text/html": "<script>1</script><svg></svg>"},
        {"text/latex": "$x$"},
        {"text/markdown": "*a*"},
        {"application/papermill.record/text/plain": "a claim"},
        {VIEW: {"model_id": "any"}, "text/plain": "Explorer()"},
        {VIEW: {"model_id": "m"}, "image/svg+xml": "<svg/>", "text/plain": "a picture besides"},
    ],
)
def test_what_a_page_shows_needs_no_word(data: dict[str, Any]) -> None:
    assert said(of(data), {"any": model("Any", _esm="export default {}"), "m": model("IntSlider")}) == []


@pytest.mark.slow
def test_what_a_cell_prints_is_one_block_and_a_widget_is_its_text(tmp_path: Path) -> None:
    def stream(text: str, name: str = "stdout") -> dict[str, Any]:
        return {"output_type": "stream", "name": name, "text": text}

    shown = of({"text/plain": "between"})["outputs"][0]
    pieces = [stream("dot "), stream("dot "), stream("oh\n", "stderr"), stream("dot\n"), shown, stream("1/2\r")]
    printing = of() | {"outputs": [*pieces, stream("2/2 "), stream("", "stderr"), stream(f"{BLUE}done{PLAIN}")]}
    widget = of({VIEW: {"model_id": "m"}, "text/plain": "IntSlider(value=3)"}, {PLOTLY: {}, "text/plain": "Figure()"})
    explorer = of({VIEW: {"model_id": "any"}, "text/plain": "Explorer()"})
    models = {"m": model("IntSlider"), "any": model("Any", _esm="export default {}")}
    state = {STATE: {"state": models, "version_major": 2, "version_minor": 0}}
    site, warnings = built(tmp_path, {"index": [printing, widget, explorer]}, widgets=state)
    assert warnings == "", "myst-nb says nothing of types that it does not know: `unshown` does"
    outputs = BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser").select(".cell_output")
    blocks = [[block.get_text().strip() for block in output.select("pre")] for output in outputs]
    assert blocks == [["dot dot dot", "oh", "between", "2/2 done"], ["IntSlider(value=3)", "Figure()"], []]
    assert [len(output.select("script")) for output in outputs] == [0, 0, 1], "an anywidget stays"


CELLS = """for step in range(3):
    print(step, end=" ", flush=True)
```

```{code-cell} ipython3
import ipywidgets
ipywidgets.IntSlider(value=3)
```

```{code-cell} ipython3
from IPython.display import JSON, display
display(JSON({}))"""


@pytest.mark.slow
def test_the_build_names_the_line_of_a_cell_whose_output_is_not_shown(project: Path) -> None:  # noqa: F811
    write(project, "b", CELLS)
    output = book("build", "--page", "b", cwd=project, data="sample").stdout
    source = (project / "chapters/b.md").read_text(encoding="utf-8").split("\n")
    lines = [number for number, line in enumerate(source, 1) if line.startswith("```{code-cell}")]
    assert re.search(rf"chapters/b\.md:{lines[2]}: .*the widget IntSlider", output), output
    assert re.search(rf"chapters/b\.md:{lines[3]}: .*an output of the type application/json", output), output
    assert output.count("chapters/b.md:") == 2
    page = (project / "_build/html/chapters/b.html").read_text(encoding="utf-8")
    assert "0 1 2" in page and "IntSlider(value=3)" in BeautifulSoup(page, "html.parser").get_text()
