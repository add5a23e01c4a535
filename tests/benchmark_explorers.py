"""How fast the explorers of a built site are, in headless Chromium: two tables.

python tests/benchmark_explorers.py [_build/html]

The first is of answers: from the input event until the handler is done, until the page is laid out, and until the
message after the next frame, when what was drawn is on the screen. The last is measured twice: with frames drawn as
soon as they can be, and at 60 a second, where up to 17 ms are spent waiting for the next. "2 pixels" is what the same
page and machine take to paint two pixels in another colour, as soon as they can: no answer is painted sooner.

The second is of loading: the longest task of a page that has an explorer, of the same page without its script, and
after the page has loaded, which is when explorers are made (0: none took 50 ms or more, where a browser begins to
count); and the size of module and data.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

import browser
from conftest import CONTENTS, FLAGS, ROOT
from press import dependencies

EXPLORERS = dependencies.PACKAGE / "explorers" / "__init__.py"
PAGES = [page.name for page in CONTENTS.read_pages(ROOT) if EXPLORERS in dependencies.dependencies(page)]
AS_SOON_AS_POSSIBLE = ["--disable-frame-rate-limit", "--disable-gpu-vsync"]
WIDE: ViewportSize = {"width": 1200, "height": 900}

ANSWERS = """async times => {
  const painted = () => new Promise(done => {
    const {port1, port2} = new MessageChannel();
    port1.onmessage = done;
    requestAnimationFrame(() => port2.postMessage(0));
  });
  const slide = input => n => {
    input.value = String(n % (Number(input.max) + 1));
    input.dispatchEvent(new Event("input", {bubbles: true}));
  };
  const found = {};
  for (const explorer of document.querySelectorAll("section[aria-label^=Explorer]")) {
    const inputs = [...explorer.querySelectorAll("input[type=range]")].map(slide);
    const cells = [...explorer.querySelectorAll("[role=gridcell]")];
    const acts = inputs.length ? inputs : cells.length ? [n => cells[(7 * n) % cells.length].click()] : [];
    for (const act of acts) {
      explorer.scrollIntoView({block: "start"});
      for (let n = 0; n < times; n++) {
        await new Promise(done => setTimeout(done, 20 + 17 * Math.random()));
        const started = performance.now();
        act(n);
        const handled = performance.now();
        document.body.getBoundingClientRect();  // layout, which the frame would do
        const laidOut = performance.now();
        await painted();
        const times = [handled, laidOut, performance.now()].map(time => time - started);
        (found[explorer.getAttribute("aria-label")] ??= []).push(times);
      }
    }
  }
  return found;
}"""
TWO_PIXELS = """async times => {
  const dot = document.createElement("i");
  dot.style = "position: fixed; top: 0; left: 0; width: 2px; height: 2px";
  document.body.append(dot);
  document.querySelector("section[aria-label^=Explorer]").scrollIntoView({block: "start"});
  const found = [];
  for (let n = 0; n < times; n++) {
    await new Promise(done => setTimeout(done, 20 + 17 * Math.random()));
    const started = performance.now();
    dot.style.background = n % 2 ? "red" : "blue";
    await new Promise(done => {
      const {port1, port2} = new MessageChannel();
      port1.onmessage = done;
      requestAnimationFrame(() => port2.postMessage(0));
    });
    found.push(performance.now() - started);
  }
  return found;
}"""
LONG_TASKS = """new PerformanceObserver(
  list => (window.longTasks ??= []).push(...list.getEntries().map(each => [each.startTime, each.duration]))
).observe({type: "longtask", buffered: true})"""


def answers(chromium: Browser, address: str) -> tuple[dict[str, np.ndarray], float]:
    """For each explorer the 95th percentiles in ms: handled, laid out, painted; and that of two pixels, painted."""
    page = chromium.new_page(viewport=WIDE)
    page.goto(address)
    page.wait_for_timeout(2000)
    found = {name: np.percentile(np.array(spent), 95, axis=0) for name, spent in page.evaluate(ANSWERS, 100).items()}
    least = float(np.percentile(np.array(page.evaluate(TWO_PIXELS, 100)), 95))
    page.close()
    return found, least


def longest(page: Page, address: str) -> tuple[float, float]:
    """The longest task of a page that loads, and the longest after it has loaded, in ms."""
    page.add_init_script(LONG_TASKS)
    page.goto(address)
    page.wait_for_timeout(2500)
    loaded = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    tasks = page.evaluate("window.longTasks ?? []")
    page.close()
    return max((took for _, took in tasks), default=0), max(
        (took for start, took in tasks if start > loaded), default=0
    )


def sizes(html: str) -> list[float]:
    """What each explorer of a page weighs, module, style and data, in KB gzipped."""
    state = re.search(r'<script type="application/vnd.jupyter.widget-state\+json">(.*?)</script>', html, re.S)
    each = json.loads(state[1])["state"].values() if state else []
    return [len(gzip.compress(json.dumps(one["state"]).encode())) / 1000 for one in each if "_esm" in one["state"]]


def main() -> None:
    """Print the tables."""
    site = Path(sys.argv[1] if len(sys.argv) > 1 else "_build/html").resolve()
    files = {name: site / f"{name}.html" for name in PAGES}
    with sync_playwright() as playwright:
        start = playwright.chromium.launch
        chromium = start(executable_path=browser.installed(), args=FLAGS)
        quick = start(executable_path=browser.installed(), args=[*FLAGS, *AS_SOON_AS_POSSIBLE])
        print(
            f"{'95th percentiles, ms':50} {'handled':>8} {'laid out':>9} {'painted':>8} {'2 pixels':>9} {'at 60 Hz':>9}"
        )
        for name, file in files.items():
            (soon, least), (at_60, _) = answers(quick, file.as_uri()), answers(chromium, file.as_uri())
            for explorer, (handled, laid_out, painted) in soon.items():
                of = f"{name.removeprefix('chapters/')}, {explorer.removeprefix('Explorer: ')}"
                print(
                    f"{of:50} {handled:>8.1f} {laid_out:>9.1f} {painted:>8.1f} {least:>9.1f} {at_60[explorer][2]:>9.1f}"
                )
        print(
            f"\n{'longest task, ms, of 5 visits':42} {'page':>8} {'without':>9} {'after load':>11} {'KB gzipped':>24}"
        )
        for name, file in files.items():
            visits = [longest(chromium.new_page(viewport=WIDE), file.as_uri()) for _ in range(5)]
            without = []
            for _ in range(5):
                page = chromium.new_page(viewport=WIDE)
                page.route("**/explorers.js*", lambda route: route.abort())
                without.append(longest(page, file.as_uri())[0])
            whole, after = np.max(visits, axis=0)
            weights = ", ".join(f"{size:.0f}" for size in sizes(file.read_text(encoding="utf-8")))
            print(f"{name:42} {whole:>8.0f} {max(without):>9.0f} {after:>11.0f} {weights:>24}")
        quick.close()
        chromium.close()


if __name__ == "__main__":
    main()
