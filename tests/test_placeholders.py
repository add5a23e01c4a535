"""What a page shows while it is being executed: what is still true, and words in place of the rest."""

from __future__ import annotations

from typing import Any

from nbformat import v4

from book.outputs import HIDDEN
from press.contents import EXECUTING
from press.site import placeholders


def notebook(*sources: str, outputs: bool = False, mark: str = "1") -> Any:
    cells = [v4.new_code_cell(source) for source in (*sources, f"# Executed with: {mark}")]
    for cell in cells if outputs else ():
        cell.execution_count = 1
        if not cell.source.startswith("import"):
            cell.outputs = [v4.new_output("stream", text=f"output of {cell.source}")]
    return v4.new_notebook(cells=[v4.new_markdown_cell("Prose."), *cells])


def filled(page: Any, before: Any, numbers: dict[str, bool] | None = None) -> list[str]:
    """What each cell of code shows."""
    placeholders.fill(page, before, EXECUTING, numbers or {})
    cells = [cell for cell in page.cells if cell.cell_type == "code"]
    return ["".join(str(each.get("text") or each.get("data")) for each in cell.outputs) for cell in cells]


def test_outputs_above_the_first_cell_that_changed_stay() -> None:
    before = notebook("import keras", "one", "two", "three", outputs=True)
    first, one, two, three, last = filled(notebook("import keras", "one", "2", "three"), before)
    assert (first, one) == ("", "output of one")
    assert EXECUTING in two and EXECUTING in three and EXECUTING in last
    assert "output of" not in two + three


def test_nothing_stays_where_something_else_has_changed() -> None:
    """A module or the data: each output may be another one."""
    before = notebook("import keras", "one", outputs=True)
    first, one, _ = filled(notebook("import keras", "one", mark="2"), before)
    assert EXECUTING in one and "output of" not in one
    assert first == "", "a cell that showed nothing says nothing"


def test_a_page_that_was_never_executed_says_so_in_each_cell() -> None:
    assert all(EXECUTING in shown for shown in filled(notebook("one", "two"), None))


def test_a_cell_that_draws_keeps_its_figure() -> None:
    page = notebook("plot()", "print()")
    page.cells[1].metadata["mystnb"] = {"figure": {"name": "fig-a", "caption": "A."}}
    figure, text, _ = filled(page, None)
    assert "image/svg+xml" in figure and EXECUTING in figure
    assert "image/svg+xml" not in text and 'role="status"' in text


def test_outputs_that_nobody_sees_need_no_words() -> None:
    page = notebook("one")
    page.cells[1].metadata["tags"] = ["remove-output"]
    assert filled(page, None)[0] == ""


def test_a_sentence_shows_the_last_number_or_none() -> None:
    before = notebook("claim()", outputs=True)
    told = {"scrapbook": {"name": "known", "mime_prefix": HIDDEN}}
    before.cells[1].outputs = [v4.new_output("display_data", {f"{HIDDEN}text/plain": "0.9"}, metadata=told)]
    page = notebook("claim(2)")
    filled(page, before, {"known": True, "new": True, "word": False})
    shown = {each.metadata["scrapbook"]["name"]: each.data[f"{HIDDEN}text/plain"] for each in page.cells[-1].outputs}
    assert shown == {"known": "0.9", "new": placeholders.NO_NUMBER, "word": placeholders.NOTHING}
    for how in (",", ".1%", ".2f", ".0f"):
        assert "inf" in format(float(placeholders.NO_NUMBER), how)


def test_what_has_ended_is_shown_while_the_rest_goes_on() -> None:
    page, running = notebook("one", "two"), notebook("one", "two", outputs=True)
    ended = [cell for cell in running.cells if cell.cell_type == "code"][:1]
    placeholders.fill(page, None, EXECUTING, {}, ended)
    cells = [cell for cell in page.cells if cell.cell_type == "code"]
    assert cells[0].outputs == ended[0].outputs and EXECUTING in str(cells[1].outputs)


def test_a_cell_that_a_failed_run_never_reached_is_not_silent() -> None:
    before = notebook("1 / 0", "print(1)", outputs=True)
    before.cells[2].outputs, before.cells[2].execution_count = [], None
    shown = filled(notebook("1 / 1", "print(1)"), before)
    assert EXECUTING in shown[0] and EXECUTING in shown[1]


def test_a_cell_that_should_draw_and_drew_nothing_has_its_figure() -> None:
    before, page = notebook("draw()", outputs=True), notebook("draw()", mark="2")
    before.cells[1].outputs = []
    for each in (before, page):
        each.cells[1].metadata["mystnb"] = {"figure": {"name": "fig-a", "caption": "A."}}
    assert "image/svg+xml" in filled(page, before)[0]
