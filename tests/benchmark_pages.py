"""How long each page takes to execute, and how long the site takes: a table.

    BOOK_DATA=sample python tests/benchmark_pages.py            # every page, side by side as `make book` does it
    BOOK_DATA=sample python tests/benchmark_pages.py cnn rnn    # these chapters and exercises alone

Each page is executed anew, into a folder of its own. Times are elapsed / processor seconds of the kernel. Run it on a
machine that does nothing else.
"""

from __future__ import annotations

import argparse
import ast
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from book.datasets import sources
from press.build import Site, tell
from press.contents import Contents
from press.page import Cell, Page

KINDS = ("start", "imports", "training, other", "drawing")


def kind_of(cell: Cell) -> str:
    """What a cell does, as far as its form says."""
    if cell.figure is not None:
        return "drawing"
    body = cell.tree.body if cell.tree else []
    return "imports" if body and all(isinstance(each, ast.Import | ast.ImportFrom) for each in body) else KINDS[2]


def spent(page: Page, run: Any) -> dict[str, tuple[float, float]]:
    """Elapsed and processor seconds of an execution, by kind."""
    found = {kind: [0.0, 0.0] for kind in KINDS}
    cells = page.code_cells
    found["start"] = list(run.times[0][1:3])
    for number, (_, *times) in enumerate(run.times):
        kind = kind_of(cells[number]) if number < len(cells) else KINDS[2]  # the last is the hidden cell
        for each in (0, 1):
            found[kind][each] += times[2 + each] - times[each]
    return {kind: (seconds, processor) for kind, (seconds, processor) in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only pages with these names")
    names = parser.parse_args().names
    pages = [name for name in Contents.read(Path()).pages if not names or name.rpartition("/")[2] in names]
    source = sources.resolve()
    os.environ["BOOK_DATA"] = source.setting
    print(f"{source.description}; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        settings = {"book_pages": pages, "book_waits": False, "nb_execution_cache_path": f"{folder}/cache"}
        site = Site(Path(folder), settings, tell)
        opened = time.monotonic()
        faults = site.update()
        read = time.monotonic()
        site.executor.start()
        for page in site.executor.pending():
            site.executor.wait(page)
        executed = time.monotonic()
        faults += site.update()
        written = time.monotonic()
        runs = dict(site.executor.runs)
        site.close()
    print(f"\n{'page':32}" + "".join(f"{kind:>18}" for kind in (*KINDS, "all")))
    for name, run in sorted(runs.items()):
        parts = spent(Page.read(name, Path()), run)
        both = [*parts.values(), tuple(map(sum, zip(*parts.values(), strict=True)))]
        print(f"{name:32}" + "".join(f"{seconds:>10.1f} /{processor:>6.1f}" for seconds, processor in both))
    print(
        f"\nSphinx starts {opened - started:.1f} s, reads and writes all pages {read - opened:.1f} s, "
        f"pages are executed {executed - read:.1f} s, written again {written - executed:.1f} s"
    )
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
