"""The built site, in a browser: the whole book, executed on a few hundred rows."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
import zipfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect

from book import claims
from book.datasets import sources
from conftest import CONTENTS, DATA, ROOT, book
from press.notebook import writing as notebooks
from press.notebook.wheel import wheel_name
from press.page import Page as Source
from test_launch import REPOSITORY, opened


@cache
def on_full_data() -> bool:
    """Whether the site shows runs on the full data."""
    return sources.resolve(DATA).name == "full"


EXERCISES = CONTENTS.exercises
NAMES = CONTENTS.pages
EXECUTED = [page.name for page in CONTENTS.read_pages(ROOT) if page.is_executed]


@pytest.fixture(scope="session")
def site(built: tuple[Path, str]) -> Path:
    return built[0] / "_build" / "html"


@pytest.fixture(scope="session")
def soups(site: Path) -> dict[str, BeautifulSoup]:
    return {name: BeautifulSoup((site / f"{name}.html").read_text(encoding="utf-8"), "html.parser") for name in NAMES}


class Tab:
    """A tab that lets nothing but local files through, and remembers what else was asked for and what went wrong."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.foreign: list[str] = []
        self.problems: list[str] = []
        page.route("**/*", self._route)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._note)

    def _route(self, route: Route) -> None:
        if route.request.url.startswith(("file:", "data:", "blob:")):
            route.continue_()
        else:
            self.foreign.append(route.request.url)
            route.abort()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(message.text)


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Tab]:
    page = chromium.new_page()
    yield Tab(page)
    page.close()


def test_the_build_says_how_long_each_page_ran(built: tuple[Path, str]) -> None:
    output = built[1]
    for name in EXECUTED:
        assert re.search(rf"^{name} +(\d+ min )?\d+ s$", output, re.M), output
    assert "_build/html/index.html" in output
    assert len(EXECUTED) >= 6


@pytest.mark.parametrize("name", NAMES)
def test_a_page_asks_no_other_host_for_anything_and_logs_no_error(name: str, site: Path, tab: Tab) -> None:
    tab.page.goto((site / f"{name}.html").as_uri())
    tab.page.wait_for_load_state("networkidle")
    assert tab.foreign == [] and tab.problems == []


@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_a_narrow_phone(name: str, site: Path, tab: Tab) -> None:
    tab.page.set_viewport_size({"width": 320, "height": 640})
    tab.page.goto((site / f"{name}.html").as_uri())
    width = "document.documentElement.scrollWidth"
    assert tab.page.evaluate(width) <= 320
    # With everything open that opens: code, hints, solutions, the explorers' tables.
    for widget in tab.page.locator(".explorer-output").all():
        expect(widget.locator(".explorer")).to_be_visible()
    tab.page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    for table in tab.page.locator(".explorer-table").all():
        expect(table.locator("table")).to_be_visible()
    assert tab.page.evaluate(width) <= 320


@pytest.mark.parametrize("name", EXECUTED)
def test_no_width_of_the_window_lets_a_page_scroll_sideways(name: str, site: Path, tab: Tab) -> None:
    tab.page.goto((site / f"{name}.html").as_uri())
    too_wide = []
    for width in range(401, 501):  # the last line of a caption fills at one width or another
        tab.page.set_viewport_size({"width": width, "height": 640})
        if tab.page.evaluate("document.documentElement.scrollWidth") > width:
            too_wide.append(width)
    assert too_wide == []


@pytest.mark.parametrize("name", EXECUTED)
def test_outputs_hold_no_library_noise(name: str, soups: dict[str, BeautifulSoup]) -> None:
    soup = soups[name]
    assert soup.select(".cell_output"), "the page was executed"
    assert not soup.select(".output.stderr, .output.traceback")
    text = " ".join(output.get_text() for output in soup.select(".cell_output"))
    assert not re.search(r"Warning|WARNING|cuda|oneDNN|absl|Traceback|<[\w.]+ object at 0x", text), text


@pytest.mark.parametrize("name", EXECUTED)
def test_every_figure_has_a_caption_and_an_alternative_text(name: str, soups: dict[str, BeautifulSoup]) -> None:
    drawn = soups[name].select(".cell_output svg, .cell_output img")
    for picture in drawn:
        alternative = picture.get("alt") or picture.get("aria-label")
        assert alternative and len(str(alternative)) > 30, picture.get("id")
        figure = picture.find_parent("figure")
        assert figure is not None
        caption = figure.find("figcaption")
        assert caption is not None and len(caption.get_text()) > 20
    assert len(drawn) >= (6 if name.startswith("chapters/") else 1)


@pytest.mark.parametrize("name", NAMES)
def test_ids_are_unique_and_links_lead_somewhere(name: str, site: Path, soups: dict[str, BeautifulSoup]) -> None:
    ids = Counter(str(element["id"]) for element in soups[name].select("[id]"))
    assert not [one for one, count in ids.items() if count > 1]
    here = site / f"{name}.html"
    for link in soups[name].select("a[href]"):
        target, _, anchor = str(link["href"]).partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        path = (here.parent / target) if target else here
        assert path.is_file(), f"{link['href']} leads nowhere"
        if anchor and path.suffix == ".html":
            known = soups.get(path.resolve().relative_to(site.resolve()).with_suffix("").as_posix())
            if known is not None:
                assert known.find(id=anchor) is not None, f"{link['href']} leads to no place on its page"


def test_formulas_are_drawn_without_a_script(soups: dict[str, BeautifulSoup], site: Path, tab: Tab) -> None:
    for name in ("chapters/text-classification", "chapters/rnn"):
        assert len(soups[name].select("math")) > 5
        text = soups[name].select_one("article").get_text()  # type: ignore[union-attr]
        assert not re.search(r"\\(text|frac|mathbf|cdot|top|sqrt)\b", text)
    tab.page.goto((site / "chapters/text-classification.html").as_uri())
    assert tab.page.evaluate(
        "document.fonts.ready.then(() => [...document.fonts].some(f => /math/i.test(f.family) && f.status == 'loaded'))"
    )
    assert tab.page.evaluate("document.querySelector('math').getBoundingClientRect().height") > 8


def contrast(page: Page, selector: str, colour: str = "fill") -> float:
    """The WCAG contrast ratio between a colour of an element (an SVG text's ``fill``) and the page behind it."""
    return float(
        page.evaluate(
            """([selector, colour]) => {
          const luminance = colour => {
            const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(v => v / 255)
              .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
          const text = luminance(getComputedStyle(document.querySelector(selector))[colour]);
          const page = luminance(getComputedStyle(document.body).backgroundColor);
          return (Math.max(text, page) + 0.05) / (Math.min(text, page) + 0.05); }""",
            [selector, colour],
        )
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_read_well_in_light_and_dark(scheme: str, site: Path, chromium: Browser) -> None:
    page = chromium.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto((site / "chapters/text-classification.html").as_uri())
    # The label of an axis, which Matplotlib draws as text.
    assert contrast(page, "#fig-text-curves svg text") > 4.5
    page.close()


@pytest.mark.parametrize("address", ["headaches.html#exercises", "essentials.html#where-does-the-descent-end"])
def test_a_link_ends_where_it_leads_though_explorers_grow_above(address: str, site: Path, tab: Tab) -> None:
    tab.page.goto((site / "chapters/running.html").as_uri())
    tab.page.goto(f"{(site / 'chapters').as_uri()}/{address}")
    for widget in tab.page.locator(".explorer-output").all():
        expect(widget.locator(".explorer")).to_be_visible()
    tab.page.wait_for_timeout(1000)
    top = f"document.getElementById('{address.partition('#')[2]}').getBoundingClientRect().top"
    assert 0 <= tab.page.evaluate(top) < 150


@pytest.mark.parametrize("width", [390, 1280])
def test_the_tab_key_meets_only_what_can_be_seen(width: int, site: Path, tab: Tab) -> None:
    tab.page.set_viewport_size({"width": width, "height": 800})
    tab.page.goto((site / "chapters/running.html").as_uri())
    shown = tab.page.evaluate(
        """() => [...document.querySelectorAll("#pst-secondary-sidebar a")].map((link) =>
          getComputedStyle(link).visibility === "visible" && link.getClientRects().length > 0)"""
    )
    assert len(shown) > 5
    assert set(shown) == {width == 1280}
    toggle = tab.page.locator("button.primary-toggle")
    for _ in range(30):
        tab.page.keyboard.press("Tab")
        if toggle.evaluate("(button) => button === document.activeElement"):
            break
    assert toggle.evaluate("(button) => getComputedStyle(button).outlineStyle") == "solid"


def test_code_is_copied_and_what_it_prints_is_not(site: Path, tab: Tab) -> None:
    tab.page.goto((site / "chapters/text-classification.html").as_uri())
    expect(tab.page.locator(".cell_input button.copybtn").first).to_be_attached()
    assert tab.page.locator(".cell_output button.copybtn").count() == 0


def test_answers_open_by_keyboard(site: Path, tab: Tab) -> None:
    tab.page.goto((site / "chapters/text-classification.html").as_uri())
    answer = tab.page.locator(".admonition.dropdown, details.admonition").first
    before = answer.bounding_box()
    answer.locator("summary, button").first.focus()
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_timeout(500)
    after = answer.bounding_box()
    assert before and after and after["height"] > before["height"] + 10


def test_a_page_says_how_long_it_takes_and_on_which_data(soups: dict[str, BeautifulSoup]) -> None:
    soup = soups["chapters/text-classification"]
    facts = soup.select_one(".page-facts")
    assert facts and re.search(
        r"Reading time: about \d+ minutes\. The code of this page ran in (\d+ min )?\d+ s ", facts.get_text()
    )
    banner = soup.select_one(".data-banner")
    assert (banner is None) == on_full_data()
    assert not soups["chapters/running"].select(".data-banner, .page-facts")


def test_results_shows_every_claim(soups: dict[str, BeautifulSoup]) -> None:
    rows = [[cell.get_text() for cell in row.select("td")] for row in soups["results"].select("table.results tbody tr")]
    assert len(rows) == len(claims.definitions()) >= 25
    by_title = {row[0]: row for row in rows}
    assert by_title["Parameters of the network"][-1] == "yes"
    assert "NO" not in {row[-1] for row in rows}
    accuracy = by_title["Validation accuracy after 5 epochs"]
    assert accuracy[1] == "88.7%" and accuracy[2].endswith("%")
    assert accuracy[-1] == ("yes" if on_full_data() else "not checked")


@pytest.fixture(scope="module")
def served(built: tuple[Path, str]) -> Iterator[str]:
    """Where ``book serve`` serves the site."""
    command = [sys.executable, "-u", "-m", "press.cli", "serve", "--port", "0"]
    with subprocess.Popen(
        command, cwd=built[0], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdout
            address = re.search(r"http://127\.0\.0\.1:\d+/", server.stdout.readline())
            assert address
            yield address[0]
        finally:
            server.terminate()


def test_serve_answers_on_this_machine(served: str) -> None:
    with urllib.request.urlopen(served) as answer:
        assert b"Deep Learning by Running It" in answer.read()


@pytest.mark.parametrize("name", NAMES)
def test_all_that_opens_has_a_name(name: str, soups: dict[str, BeautifulSoup]) -> None:
    for summary in soups[name].select("summary"):
        assert summary.get_text(strip=True) or summary.get("aria-label"), summary


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith(("chapters/", "exercises/"))])
def test_a_page_offers_its_notebooks(
    name: str, site: Path, served: str, soups: dict[str, BeautifulSoup], chromium: Browser
) -> None:
    links = [str(link["href"]) for link in soups[name].select(".launch a[download]")]
    chapter = name.split("/")[1]
    if name not in {f"{folder}/{each}" for folder in ("chapters", "exercises") for each in EXERCISES}:
        assert not links, "there is nothing to run on this page"
        return
    kinds = [".ipynb"] if name.startswith("chapters/") else ["-exercises.ipynb", "-solutions.ipynb"]
    wanted = [f"../notebooks/{chapter}{kind}" for kind in kinds]
    wanted += ["../notebooks/exercises.zip"] if name.startswith("exercises/") else []
    assert links == [*wanted, f"../notebooks/{wheel_name()}"], "nowhere to take the package from but here"
    page = chromium.new_page()
    page.goto(f"{served}{name}.html")
    for link in page.locator(".launch a[download]").all():
        with page.expect_download() as download:
            link.click()
        file = site / "notebooks" / download.value.suggested_filename
        assert Path(download.value.path()).read_bytes() == file.read_bytes()
    # From a local copy, a browser opens a notebook, which is a text, in the tab, and downloads the archive.
    page.goto((site / f"{name}.html").as_uri())
    page.locator(".launch a[download]").first.click()
    page.wait_for_url("**/notebooks/*.ipynb")
    assert json.loads(page.inner_text("pre"))["nbformat"] == 4
    page.close()


@pytest.mark.parametrize("name", EXERCISES)
def test_a_solution_is_closed_until_it_is_asked_for_and_printed_open(name: str, site: Path, tab: Tab) -> None:
    tab.page.goto((site / f"exercises/{name}.html").as_uri())
    solutions = tab.page.locator(".solution.admonition")
    assert solutions.count() >= 5
    first = solutions.first
    card = first.locator(".check")
    assert not card.is_visible()
    button = first.locator("button.toggle-button")
    button.focus()
    tab.page.keyboard.press("Enter")
    card.wait_for(state="visible")
    assert button.get_attribute("aria-expanded") == "true"
    tab.page.keyboard.press("Enter")
    card.wait_for(state="hidden")
    tab.page.emulate_media(media="print")
    assert all(each.is_visible() for each in tab.page.locator(".solution .check").all())
    assert all(each.is_visible() for each in tab.page.locator(".hint p:not(.admonition-title)").all())


def test_every_exercise_is_reached_from_its_chapter(soups: dict[str, BeautifulSoup]) -> None:
    for name in EXERCISES:
        links = {str(link["href"]) for link in soups[f"chapters/{name}"].select("article a[href]")}
        ids = [str(each["id"]) for each in soups[f"exercises/{name}"].select(".exercise")]
        assert len(ids) >= 5
        assert {f"../exercises/{name}.html#{id}" for id in ids} <= links


def test_solutions_are_there_without_scripts(site: Path, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "exercises/essentials.html").as_uri())
    assert page.locator(".solution .check").first.is_visible()
    # The theme has its colours too.
    background = "(code) => getComputedStyle(code).backgroundColor"
    assert page.locator(".cell_input pre").first.evaluate(background) != "rgba(0, 0, 0, 0)"
    context.close()


def test_no_fold_of_code_is_printed_that_cannot_be_opened(site: Path, tab: Tab) -> None:
    tab.page.goto((site / "chapters/headaches.html").as_uri())
    folded = tab.page.locator("div.cell details.hide summary").first
    assert folded.is_visible()
    tab.page.emulate_media(media="print")
    assert not folded.is_visible()


def test_the_start_page_has_the_title_of_the_book_once(soups: dict[str, BeautifulSoup]) -> None:
    titles = {name: str(soup.title.string) for name, soup in soups.items() if soup.title}
    assert titles["index"] == "Deep Learning by Running It"
    assert titles["results"] == "Results \u2014 Deep Learning by Running It"


def test_the_student_edition_holds_no_solution_anywhere(built: tuple[Path, str]) -> None:
    folder = built[0]
    result = book("build", "--student", cwd=folder, data=DATA, GITHUB_REPOSITORY=REPOSITORY)
    assert result.returncode == 0, result.stdout[-3000:]
    assert "_build/student/_build/html/index.html" in result.stdout
    assert "chapters/headaches: starting" not in result.stdout, "the chapters come from the cache of the whole book"
    site = folder / "_build/student/_build/html"
    kept = "".join(page.without_solutions for page in CONTENTS.read_pages(ROOT))
    for name in EXERCISES:
        source = Source.read(f"exercises/{name}", ROOT)
        # Words of the solutions that stand nowhere else: prose without markup, and code.
        solved = {
            line.strip()
            for block in source.solutions
            for line in source.root.lines[block.line - 1 : block.last]
            if len(line.strip()) > 30 and line.strip() not in kept and not re.search(r"[`{*<$]|check\(", line)
        }
        assert len(solved) > 20
        for path in site.rglob("*"):
            if path.is_file():
                for text in texts(path):
                    assert not (leaked := [line for line in solved if line in text]), f"{path}: {leaked[0]}"
        page = BeautifulSoup((site / f"exercises/{name}.html").read_text(encoding="utf-8"), "html.parser")
        assert page.select(".exercise") and not page.select(".solution, .check")
        assert {str(link["href"]).rpartition("/")[2] for link in page.select(".launch a[download]")} == {
            f"{name}-exercises.ipynb",
            "exercises.zip",
        }
    # The repository was known to this build: every page that has a notebook opens it in Colab and on Binder.
    for name in (f"{part}/{chapter}" for part in ("chapters", "exercises") for chapter in EXERCISES):
        page = BeautifulSoup((site / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
        [file] = opened(page)
        assert (site / "notebooks" / file).is_file() and file == notebooks.file_name(name)
    assert not list(site.rglob("*-solutions.ipynb")) and not (site / "_sources").exists()


def texts(path: Path) -> Iterator[str]:
    """The text of a file, and of each file in it if it is an archive; pages without their tags as well."""
    if path.suffix in (".zip", ".whl"):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield archive.read(name).decode(errors="ignore")
        return
    text = path.read_text(encoding="utf-8", errors="ignore")
    yield text
    if path.suffix == ".html":
        yield BeautifulSoup(text, "html.parser").get_text()
    elif path.suffix == ".ipynb":
        yield "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
