"""The explorers: on the built page with no kernel and no network, and what they say about the recorded runs."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from book.explorers import CapacityExplorer, DiagnoseExplorer, OverfittingExplorer, RateExplorer, diagnose, rates
from book.explorers.numbers import loss_text, percent, plain
from book.explorers.overfitting import REGULARISATIONS, configuration
from book.explorers.widget import mean_curves, module, of
from book.sweeps.configurations import ROWS, WIDTHS
from test_site import Tab, contrast

CHOICES = [
    (units, layers, rows, regularisation)
    for units in WIDTHS
    for layers in (1, 2)
    for rows in ROWS
    for regularisation in REGULARISATIONS
]


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Tab]:
    page = chromium.new_page(viewport={"width": 900, "height": 900})
    one = Tab(page)
    yield one
    assert one.foreign == [] and one.problems == []
    page.close()


@pytest.fixture(scope="session")
def address(built: tuple[Path, str]) -> str:
    return (built[0] / "_build/html/chapters/headaches.html").as_uri()


def settled_address(page: Page) -> str:
    """The page's address, some time after the last change."""
    page.wait_for_timeout(300)
    return page.url


def opened(page: Page, address: str, query: str = "") -> Page:
    page.goto(f"{address}?{query}" if query else address)
    for widget in page.locator(".explorer-output").all():
        expect(widget.locator(".explorer")).to_be_visible()
    return page


def says(page: Page) -> str:
    return page.locator(".explorer-says").first.inner_text()


def expected(units: int, layers: int, rows: int, regularisation: str) -> tuple[int, float, float]:
    """The epoch of the lowest mean validation loss, that loss, and the last one."""
    mean = np.mean([run["val_loss"] for run in of(configuration(units, layers, rows, regularisation))], axis=0)
    return int(mean.argmin()) + 1, float(mean.min()), float(mean[-1])


def test_keys_move_a_slider_and_everything_follows(tab: Tab, address: str) -> None:
    page = opened(tab.page, address)
    slider = page.get_by_role("slider", name="Units in each hidden layer")
    assert slider.get_attribute("aria-valuetext") == "64"
    curve = page.locator(".explorer-line.validation").first
    before = says(page), curve.get_attribute("d")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") == "16"
    assert says(page) != before[0] and curve.get_attribute("d") != before[1]
    epoch, lowest, _ = expected(16, 2, 4_000, "none")
    assert f"lowest at epoch {epoch} ({lowest:.3f})" in says(page)
    page.get_by_role("radio", name="none", exact=True).focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("radio", name="L2", exact=True).is_checked()
    epoch, lowest, _ = expected(16, 2, 4_000, "L2")
    assert f"lowest at epoch {epoch} ({lowest:.3f})" in says(page)
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "what has the focus is marked"


def test_a_pointer_moves_a_slider(tab: Tab, address: str) -> None:
    page = opened(tab.page, address)
    slider = page.get_by_role("slider", name="Training reviews")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    assert slider.get_attribute("aria-valuetext") == "15,000"
    epoch, lowest, _ = expected(64, 2, 15_000, "none")
    assert f"lowest at epoch {epoch} ({lowest:.3f})" in says(page)


def test_the_address_holds_the_view(tab: Tab, address: str) -> None:
    page = opened(tab.page, address)
    page.get_by_role("slider", name="Training reviews").press("Home")
    page.get_by_role("button", name="Pin").click()
    page.get_by_role("slider", name="Units").press("End")
    text, link = says(page), settled_address(page)
    assert "pinned" in text
    page.goto("about:blank")
    opened(page, link)
    assert says(page) == text
    assert page.get_by_role("button", name="Unpin 64 units, 2 hidden layers, 250 reviews").is_visible()


def test_who_comes_by_an_address_moves_on_from_there(tab: Tab, address: str) -> None:
    page = opened(tab.page, address, "overfitting=1.0.0.1~units")
    page.get_by_role("slider", name="Training reviews").press("End")
    assert page.get_by_role("slider", name="Units").get_attribute("aria-valuetext") == "4"
    epoch, lowest, _ = expected(4, 1, 15_000, "L2")
    assert f"lowest at epoch {epoch} ({lowest:.3f})" in says(page)
    assert settled_address(page).endswith("overfitting=1.0.3.1%7Erows")


def test_the_address_is_written_once_the_reader_pauses(tab: Tab, address: str) -> None:
    """Each time costs milliseconds, and Safari allows a hundred in half a minute."""
    tab.page.add_init_script(
        "window.written = []; const replace = history.replaceState.bind(history);"
        "history.replaceState = (...all) => { window.written.push(String(all[2])); replace(...all); }"
    )
    page = opened(tab.page, address)
    before = page.evaluate("window.written.length")
    page.evaluate("""() => {
        const slider = document.querySelector(".explorer input[type=range]");
        for (const value of [0, 1, 2, 3, 4]) {
            slider.value = String(value);
            slider.dispatchEvent(new Event("input", {bubbles: true}));
        }
    }""")
    assert "overfitting=4." in settled_address(page)
    assert page.evaluate("window.written.length") == before + 1


def test_the_table_scrolls_with_keys_and_every_control_has_one_label(tab: Tab, address: str) -> None:
    page = opened(tab.page, address)
    page.get_by_text("The numbers as a table").first.click()
    table = page.locator(".explorer-table").first
    page.get_by_text("The numbers as a table").first.press("Tab")
    assert table.evaluate("node => node === document.activeElement")
    top = table.evaluate("node => node.scrollTop")
    page.keyboard.press("End")
    page.wait_for_function("([node, top]) => node.scrollTop > top", arg=[table.element_handle(), top])
    inputs = page.locator(".explorer input")
    assert set(inputs.evaluate_all("nodes => nodes.map(node => node.labels.length)")) == {1}
    assert not page.locator("label:has(output)").count(), "a label holds one control"


def test_what_is_drawn_is_changed_and_not_made_anew(tab: Tab, address: str) -> None:
    page = opened(tab.page, address)
    chart = ".explorer-chart path.explorer-line.validation"
    drawn = page.locator(chart).first.get_attribute("d")
    page.evaluate("chart => { document.querySelector(chart).dataset.mark = 'the same'; }", chart)
    page.get_by_role("slider", name="Units").press("Home")
    assert page.locator(chart).first.get_attribute("data-mark") == "the same"
    assert page.locator(chart).first.get_attribute("d") != drawn


@pytest.mark.parametrize(
    "state",
    [
        "9.9.9.9",
        "1.1.1",
        "-1.0.0.0",
        "1e1.0.0.0",
        "<script>alert(1)</script>",
        "0.0.0.0~__defineGetter__~constructor",
        "%00",
        "~~",
    ],
)
def test_a_broken_address_falls_back_to_the_start(state: str, tab: Tab, address: str) -> None:
    page = opened(tab.page, address)
    start = says(page)
    opened(page, address, f"overfitting={state}")
    if state.startswith("0.0.0.0"):
        assert page.get_by_role("slider", name="Units").get_attribute("aria-valuetext") == "1"
    else:
        assert says(page) == start
    assert page.locator(".explorer[data-pinned]").count() == 0


def test_the_third_panel_shows_the_control_that_was_moved(tab: Tab, address: str) -> None:
    page = opened(tab.page, address)
    panel = page.locator(".explorer-chart").nth(2)
    assert "over units" in str(panel.get_attribute("aria-label"))
    page.get_by_role("slider", name="Training reviews").press("ArrowRight")
    label = str(panel.get_attribute("aria-label"))
    for rows in ROWS:
        _, lowest, last = expected(64, 2, rows, "none")
        assert f"{rows:,}: lowest {lowest:.2f}, at the end {last:.2f}" in label


def test_the_smaller_view_has_the_controls_that_have_a_choice(tab: Tab, built: tuple[Path, str]) -> None:
    page = opened(tab.page, (built[0] / "_build/html/chapters/text-classification.html").as_uri())
    assert page.get_by_role("slider").count() == 1 and page.get_by_role("radio").count() == 2
    page.get_by_role("slider", name="Units").press("Home")
    epoch, lowest, _ = expected(1, 2, 15_000, "none")
    assert f"lowest at epoch {epoch} ({lowest:.3f})" in says(page)


def test_table_and_csv_hold_the_recorded_numbers(tab: Tab, address: str) -> None:
    page = opened(tab.page, address)
    page.get_by_text("The numbers as a table").first.click()
    table = page.locator(".explorer-table table").first
    expect(table).to_be_visible()
    assert (
        "64 units, 2 hidden layers, 4,000 reviews, no regularisation: mean of" in table.locator("caption").inner_text()
    )
    runs = of(configuration(64, 2, 4_000, "none"))
    cells = [row.split("\t") for row in table.locator("tbody").inner_text().splitlines()]
    assert len(cells) == 30
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").first.click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    for metric, column in (("loss", 1), ("accuracy", 2), ("val_loss", 3), ("val_accuracy", 4)):
        values = np.array([run[metric] for run in runs])
        mean, spread = values.mean(axis=0), values.std(axis=0, ddof=1)
        assert np.allclose([float(row[column]) for row in cells], mean, atol=6e-4)
        assert np.allclose([float(row[metric]) for row in rows], mean, atol=6e-4)
        assert np.allclose([float(row[f"{metric}_sd"]) for row in rows], spread, atol=6e-4)


@pytest.fixture(scope="module")
def functions(chromium: Browser) -> Iterator[Page]:
    """A page that has the functions of the module."""
    page = chromium.new_page()
    text = module("overfitting.js").replace("export default { render };", "")
    text += "; const numbers = {lossText, percent, written, plain: String}"
    page.evaluate(
        f"window.module = new Function({json.dumps(text + '; return {unpack, sentence, comparison, numbers};')})()"
    )
    yield page
    page.close()


def test_python_and_the_modules_write_numbers_in_the_same_way(functions: Page) -> None:
    losses = [0, 0.0004, 0.001, 2 / 3, 1, 9.999, 9.9994, 9.9996, 10, 37.44, 99.94, 99.96, 100, 1234.5678, 65_504]
    shares = [number / 1000 for number in range(1001)]
    both: dict[str, tuple[list[Any], Callable[[Any], str]]] = {
        "lossText": (losses, loss_text),
        "percent": (shares, percent),
        "plain": ([*rates.RATES, 0.25, 0.3, 1, 2], plain),
        "written": ([1, 16, 256, *ROWS, *rates.BATCHES, 1_234_567], lambda number: f"{number:,}"),
    }
    for name, (numbers, python) in both.items():
        texts = functions.evaluate("([name, numbers]) => numbers.map(module.numbers[name])", [name, numbers])
        assert texts == [python(number) for number in numbers], name


def test_the_best_epoch_is_the_first_of_the_lowest_loss_that_is_shown(functions: Page) -> None:
    data = mean_curves([configuration(*choice) for choice in CHOICES])
    found = functions.evaluate(
        "data => data.runs.map((_, place) => module.unpack(data)(place)).map(run => [run.best, run.val_loss.mean])",
        data,
    )
    assert [best for best, _ in found] == [mean.index(min(mean)) for _, mean in found]
    assert len({best for best, _ in found}) > 10


#: A model with a kernel behind it, and the explorer that it draws.
IN_A_NOTEBOOK = """async ([text, state]) => {
    const listeners = {}, sent = [];
    const emit = (event, ...values) => (listeners[event] ?? []).forEach(callback => callback(...values));
    window.model = {
        emit, sent,
        get: name => state[name],
        set: (name, value) => { if (state[name] !== value) { state[name] = value; emit(`change:${name}`); } },
        save_changes() {},
        send: content => sent.push(content.do),
        on: (event, callback) => (listeners[event] ??= []).push(callback),
        off: () => {},
    };
    const {default: widget} = await import(URL.createObjectURL(new Blob([text], {type: "text/javascript"})));
    const el = document.createElement("div");
    document.body.replaceChildren(el);
    widget.render({model: window.model, el});
}"""


def test_a_training_is_drawn_over_what_it_trains_and_nothing_else(tab: Tab) -> None:
    page = tab.page
    state = {**OverfittingExplorer().get_state(), "_css": ""}
    traits = ("units", "layers", "rows", "regularisation", "training", "_data")
    page.evaluate(IN_A_NOTEBOOK, [state["_esm"], json.loads(json.dumps({name: state[name] for name in traits}))])
    live = page.locator(".explorer-line.live")
    history = {metric: [0.5, 0.4] for metric in ("loss", "accuracy", "val_loss", "val_accuracy")}
    say = "content => model.emit('msg:custom', content)"
    page.get_by_role("button", name="Train this now").click()
    # The reader moves on before the kernel has begun.
    page.get_by_role("slider", name="Units").press("Home")
    page.evaluate("model.set('training', true)")
    page.evaluate(say, {"history": history, "status": "Training: epoch 2 of 30"})
    assert page.evaluate("model.sent") == ["train"]
    assert page.locator(".explorer-status").inner_text() == "Training: epoch 2 of 30"
    assert live.count() == 0
    for _ in range(3):
        page.get_by_role("slider", name="Units").press("ArrowRight")
    assert page.get_by_role("slider", name="Units").get_attribute("aria-valuetext") == "64" and live.count() == 4
    page.get_by_role("button", name="Stop").click()
    page.evaluate("model.set('training', false)")
    assert page.evaluate("model.sent") == ["train", "stop"]
    # One that Python asks for is drawn over what is shown when it begins.
    page.get_by_role("slider", name="Units").press("Home")
    page.evaluate("model.set('training', true)")
    assert live.count() == 0
    page.evaluate(say, {"history": history})
    assert live.count() == 4


def curves(mean: list[float], spread: float = 0.0, seeds: int = 5) -> dict[str, Any]:
    flat = {"mean": [0.9] * len(mean), "spread": [0.0] * len(mean)}
    held = {"mean": mean, "spread": [spread] * len(mean)}
    best = mean.index(min(mean))
    return {"loss": held, "accuracy": flat, "val_loss": held, "val_accuracy": flat, "seeds": seeds, "best": best}


def test_the_sentence_claims_what_the_curves_show(functions: Page) -> None:
    data = mean_curves([configuration(*choice) for choice in CHOICES])
    sentences = functions.evaluate(
        "data => data.runs.map((_, place) => module.sentence(module.unpack(data)(place)))", data
    )
    kinds = set()
    for choice, sentence in zip(CHOICES, sentences, strict=True):
        runs = of(configuration(*choice))
        mean = np.mean([run["val_loss"] for run in runs], axis=0)
        epoch = int(sentence.split("epoch ")[1].split()[0])
        assert mean[epoch - 1] - mean.min() < 1.1e-3, sentence
        if "has risen" in sentence:
            rise = [run["val_loss"][-1] - run["val_loss"][epoch - 1] for run in runs]
            assert np.mean(rise) > 0, sentence
            assert (
                f"by {np.mean(rise):.2f}" in sentence or abs(float(sentence.split("by ")[1][:5]) - np.mean(rise)) < 2e-3
            )
        accuracy = [np.mean([run[metric][-1] for run in runs]) for metric in ("accuracy", "val_accuracy")]
        for share in accuracy:
            assert any(f"{100 * share + shift:.1f} %" in sentence for shift in (0, 0.05, -0.05)), sentence
        kinds.add("risen" if "has risen" in sentence else "not")
    assert kinds == {"risen", "not"}


@pytest.mark.parametrize(
    ("mean", "spread", "holds", "not_in"),
    [
        (
            [0.5, 0.4, 0.3],
            0.0,
            "lowest at epoch 3 (0.300), the last one: within 3 epochs it has not begun to rise",
            "risen",
        ),
        ([0.5, 0.3, 0.9], 0.0, "lowest at epoch 2 (0.300). By epoch 3 it has risen to 0.900, by 0.600.", "no clear"),
        ([0.5, 0.3, 0.32], 0.1, "at epoch 3 it is 0.320: no clear rise", "risen"),
        ([0.5, 0.3, 0.3], 0.0, "no clear rise", "risen"),
    ],
)
def test_the_sentence_does_not_see_more_than_there_is(
    mean: list[float], spread: float, holds: str, not_in: str, functions: Page
) -> None:
    sentence = functions.evaluate("curves => module.sentence(curves)", curves(mean, spread))
    assert holds in sentence and not_in not in sentence
    assert "gap" not in sentence, "training and validation accuracy are equal"


def test_a_comparison_within_the_scatter_is_called_so(functions: Page) -> None:
    compare = "([a, b]) => module.comparison(a, b)"
    near = functions.evaluate(compare, [curves([0.5, 0.30], 0.05), curves([0.5, 0.32], 0.05)])
    assert "pinned network is 0.320" in near and "within twice its standard error" in near
    far = functions.evaluate(compare, [curves([0.5, 0.30], 0.005), curves([0.5, 0.42], 0.005)])
    assert "This one's is 0.120 lower." in far


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_and_text_stand_out_from_the_page(scheme: str, chromium: Browser, address: str) -> None:
    page = chromium.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    opened(page, address)
    for selector in (".explorer-says", ".explorer-legend", ".explorer-source", ".explorer button"):
        assert contrast(page, selector, "color") >= 4.5, selector
    assert contrast(page, ".explorer-chart text") >= 4.5
    for kind in ("training", "validation", "best"):
        assert contrast(page, f".explorer-line.{kind}", "stroke") >= 3, kind
    page.close()


def test_its_text_is_not_centred(tab: Tab, address: str) -> None:
    page = opened(tab.page, address)
    aligned = page.evaluate("getComputedStyle(document.querySelector('.explorer-says')).textAlign")
    assert aligned in ("start", "left")


def test_without_scripts_and_on_paper_there_is_a_picture(tab: Tab, chromium: Browser, address: str) -> None:
    page = opened(tab.page, address)
    still = page.locator(".explorer-still svg").first
    expect(still).to_be_hidden()
    page.emulate_media(media="print")
    expect(still).to_be_visible()
    expect(page.locator(".explorer").first).to_be_hidden()
    bare = chromium.new_context(java_script_enabled=False).new_page()
    bare.goto(address)
    expect(bare.locator(".explorer-still svg").first).to_be_visible()
    bare.close()


def test_nothing_moves_by_itself_and_forced_colours_keep_lines_apart(chromium: Browser, address: str) -> None:
    page = chromium.new_page(reduced_motion="reduce", forced_colors="active")
    opened(page, address)
    moving = page.evaluate("document.getAnimations().filter(each => each.effect.target.closest('.explorer')).length")
    assert moving == 0
    strokes = page.evaluate(
        "['training', 'validation', 'best'].map(kind => getComputedStyle("
        "document.querySelector('.explorer-line.' + kind)).stroke)"
    )
    assert len(set(strokes)) == 3
    page.close()


@pytest.mark.parametrize("explorer", [OverfittingExplorer, CapacityExplorer, DiagnoseExplorer, RateExplorer])
def test_an_explorer_is_light(explorer: type[OverfittingExplorer]) -> None:
    state = explorer().get_state()
    parts = [str(state["_esm"]), str(state["_css"]), json.dumps(state["_data"])]
    assert sum(len(gzip.compress(part.encode())) for part in parts) < 80_000


def test_it_is_a_widget_like_others() -> None:
    import ipywidgets

    one, other = OverfittingExplorer(), OverfittingExplorer(units=1)
    seen: list[int] = []
    one.observe(lambda change: seen.append(change["new"]), "units")
    ipywidgets.link((one, "units"), (other, "units"))
    one.units = 16
    assert seen == [64, 16][-len(seen) :] and other.units == 16
    box = ipywidgets.VBox([one, other])
    assert box.children == (one, other)
    with pytest.raises(Exception, match="units"):
        one.units = 3
    bundle, _ = one._repr_mimebundle_() or ({}, {})
    assert "application/vnd.jupyter.widget-view+json" in bundle and "<svg" in bundle["image/svg+xml"]


# ---- Learning rate and batch size


@pytest.fixture(scope="session")
def rates_address(built: tuple[Path, str]) -> str:
    return (built[0] / "_build/html/chapters/essentials.html").as_uri()


def recorded_mean(rate: float, batch: int, metric: str = "val_accuracy") -> float:
    return float(np.mean([run[metric][-1] for run in of(rates.configuration(rate, batch))]))


def test_the_map_shows_the_recorded_means(tab: Tab, rates_address: str) -> None:
    opened(tab.page, rates_address)
    cells = tab.page.get_by_role("gridcell")
    assert cells.count() == len(rates.RATES) * len(rates.BATCHES)
    for name, quantity in rates.QUANTITIES.items():
        tab.page.get_by_role("radio", name=name).check()
        drawn = [quantity.cell(rates.configuration(rate, batch)) for rate in rates.RATES for batch in rates.BATCHES]
        assert cells.all_inner_texts() == [each.text for each in drawn]
        looks = cells.evaluate_all("cells => cells.map(cell => cell.classList[1])")
        assert looks == ["diverged" if each.step is None else f"step-{each.step}" for each in drawn]
        assert len(set(looks)) > 3
    tab.page.get_by_role("radio", name="validation accuracy").check()
    wanted = [f"{100 * recorded_mean(rate, batch):.1f}" for rate in rates.RATES for batch in rates.BATCHES]
    shown = cells.all_inner_texts()
    assert all(abs(float(a) - float(b)) < 0.11 for a, b in zip(shown, wanted, strict=True))
    tab.page.get_by_role("radio", name="training loss").check()
    assert cells.all_inner_texts() != shown


def test_arrow_keys_walk_over_the_map(tab: Tab, rates_address: str) -> None:
    page = opened(tab.page, rates_address)
    selected = page.locator("[role=gridcell][aria-selected=true]")
    expect(selected).to_have_count(1)
    expect(selected).to_have_attribute("tabindex", "0")
    assert page.locator("[role=gridcell][tabindex='0']").count() == 1, "one stop for the Tab key"
    assert "rate 0.001 with batches of 128" in says(page)
    selected.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert "rate 0.003 with batches of 512" in says(page)
    assert f"{100 * recorded_mean(0.003, 512):.1f} %" in says(page)
    assert "rate 0.003" in str(page.locator("*:focus").get_attribute("aria-label"))
    link = settled_address(page)
    page.get_by_role("button", name="Pin").click()
    page.get_by_role("gridcell").first.click()
    assert "pinned" in says(page)
    page.goto("about:blank")
    opened(page, link)
    assert "rate 0.003 with batches of 512" in says(page)


@pytest.mark.parametrize("state", ["99.99", "0", "x~y~z", "-1.-1~9", "%3Cb%3E"])
def test_a_broken_address_of_the_map_falls_back(state: str, tab: Tab, rates_address: str) -> None:
    opened(tab.page, rates_address, f"rates={state}")
    assert "rate 0.001 with batches of 128" in says(tab.page)


# ---- Diagnose it


@pytest.fixture(scope="module")
def every_round() -> list[diagnose.Round]:
    return DiagnoseExplorer().rounds


def test_rounds_are_what_they_are_called(every_round: list[diagnose.Round]) -> None:
    by_headache: dict[str, list[diagnose.Round]] = {}
    for one in every_round:
        by_headache.setdefault(one.headache.key, []).append(one)
    assert len(by_headache) >= 7 and all(1 <= len(each) <= diagnose.MOST for each in by_headache.values())
    for key in ("unscaled", "unshuffled", "leak"):
        assert {one.configuration.flaw for one in by_headache[key]} == {key}
    for one in by_headache["overfitting"]:
        loss = one.run["val_loss"]
        assert one.configuration.flaw == "none" and loss[-1] > 1.25 * loss.min()
    for one in by_headache["healthy"]:
        assert one.configuration.flaw == "none" and one.run["val_loss"][-1] < 1.1 * one.run["val_loss"].min()
    usual = diagnose.USUAL_RATES
    assert all(one.configuration.rate < usual[one.configuration.optimizer] for one in by_headache["rate too low"])
    assert all(one.configuration.rate > usual[one.configuration.optimizer] for one in by_headache["rate too high"])
    assert [one.seed for one in DiagnoseExplorer().rounds] == [one.seed for one in every_round], "the same every time"


def asked(page: Page, address: str, number: int) -> Page:
    opened(page, address, f"diagnose={number}")
    expect(page.locator(".diagnose-question")).to_contain_text("Curve 1")
    return page


def answer(page: Page, headache: str, cure: str) -> str:
    page.get_by_role("group", name="The headache").get_by_label(headache, exact=True).check()
    page.get_by_role("group", name="The cure").get_by_label(cure, exact=True).check()
    page.get_by_role("button", name="Answer").click()
    return page.locator(".diagnose-answer").inner_text()


def test_the_right_answer_is_right_and_counted(tab: Tab, address: str, every_round: list[diagnose.Round]) -> None:
    page = tab.page
    for number in range(3):
        one = every_round[number]
        asked(page, address, number)
        expect(page.locator(".diagnose-answer")).to_be_hidden()
        assert one.headache.name not in page.locator(".diagnose-question").inner_text()
        text = answer(page, one.headache.name, one.headache.cure)
        assert "Both are right." in text and diagnose.described(one.configuration) in text
        expect(page.locator(".diagnose-answer")).to_be_focused()
        assert f"{number + 1} of {number + 1} headaches named" in page.locator(".diagnose-score").inner_text()
    page.get_by_role("button", name="Start over").click()
    opened(page, address)
    assert "No answers so far" in page.locator(".diagnose-score").inner_text()


def test_a_wrong_answer_is_told_from_a_right_one(tab: Tab, address: str, every_round: list[diagnose.Round]) -> None:
    one = every_round[0]
    other = next(each for each in diagnose.HEADACHES if each.cure != one.headache.cure)
    page = asked(tab.page, address, 0)
    page.get_by_role("button", name="Answer").click()
    expect(page.locator(".diagnose-missing")).to_have_text("Choose a headache and a cure first.")
    text = answer(page, other.name, other.cure)
    assert "Neither is right." in text and f"You named: {other.name}" in text


def test_rounds_go_on_and_never_repeat_at_once(tab: Tab, address: str, every_round: list[diagnose.Round]) -> None:
    page = asked(tab.page, address, 0)
    seen = [0]
    for _ in range(2 * len(diagnose.HEADACHES)):
        one = every_round[seen[-1]]
        answer(page, one.headache.name, one.headache.cure)
        page.get_by_role("button", name="Next curve").press("Enter")
        seen.append(int(settled_address(page).rpartition("=")[2]))
    assert all(a != b for a, b in pairwise(seen))
    kinds = {every_round[number].headache.key for number in seen[1:]}
    assert kinds == {one.headache.key for one in every_round}, "each headache comes up"


@pytest.mark.parametrize("stored", ["{", '{"rounds": -1}', '{"rounds": 1, "headaches": 5, "cures": 0}', "null", "[]"])
def test_hostile_states_of_the_quiz_fall_back(stored: str, tab: Tab, address: str) -> None:
    page = opened(tab.page, address)
    page.evaluate("stored => localStorage.setItem('explorer-diagnose', stored)", stored)
    asked(page, address, 10**9)
    assert "No answers so far" in page.locator(".diagnose-score").inner_text()
    page.evaluate("localStorage.clear()")
