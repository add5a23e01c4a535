"""How fast an explorer of a built site answers, in headless Chromium: a table.

python tests/benchmark_explorers.py [_build/html]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

import browser
from conftest import FLAGS

PAGES = {"chapters/headaches": "Units in each hidden layer"}

# From the input event to the message after the next frame: what was drawn is then on the screen.
ANSWER = """async ([name, times]) => {
  const named = each => each.closest("label")?.textContent.startsWith(name);
  const input = [...document.querySelectorAll("input[type=range]")].find(named);
  input.scrollIntoView({block: "center"});
  const painted = () => new Promise(done => {
    const {port1, port2} = new MessageChannel();
    port1.onmessage = done;
    requestAnimationFrame(() => port2.postMessage(0));
  });
  const spent = [];
  for (let n = 0; n < times; n++) {
    await painted();
    input.value = String(n % (Number(input.max) + 1));
    const started = performance.now();
    input.dispatchEvent(new Event("input", {bubbles: true}));
    const handled = performance.now();
    document.body.getBoundingClientRect();  // layout, which the frame would do
    const laidOut = performance.now();
    await painted();
    spent.push([handled - started, laidOut - started, performance.now() - started]);
  }
  return spent;
}"""
LONG_TASKS = """new PerformanceObserver(
  list => (window.longTasks ??= []).push(...list.getEntries().map(each => each.duration))
).observe({type: "longtask", buffered: true})"""


def main() -> None:
    """Print the table."""
    site = Path(sys.argv[1] if len(sys.argv) > 1 else "_build/html").resolve()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.installed(), args=FLAGS)
        print("95th percentiles from the input event, and the longest task while the page loads, in ms")
        print(f"{'page':24} {'handled':>9} {'laid out':>9} {'painted':>9} {'longest':>9}")
        for name, control in PAGES.items():
            page = chromium.new_page(viewport={"width": 1200, "height": 900})
            page.add_init_script(LONG_TASKS)
            page.goto((site / f"{name}.html").as_uri())
            page.wait_for_timeout(2000)
            longest = max(page.evaluate("window.longTasks ?? []") or [0])
            spent = np.percentile(np.array(page.evaluate(ANSWER, [control, 200])), 95, axis=0)
            print(f"{name:24} {spent[0]:>9.1f} {spent[1]:>9.1f} {spent[2]:>9.1f} {longest:>9.0f}")
            page.close()
        chromium.close()


if __name__ == "__main__":
    main()
