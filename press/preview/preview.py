"""The preview's loop: what was saved is built, executed and shown, until Ctrl-C."""

from __future__ import annotations

import logging
import os
import queue
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import book
import press
from press.preview.book import Book, Update
from press.preview.server import News, Server
from press.preview.watching import Watcher

#: The code of the book and of its build, which this process has imported.
PACKAGES = [Path(str(package.__file__)).resolve().parent for package in (book, press)]
#: What the whole site depends on.
OF_ALL = ("_config.yml", "_toc.yml", "references.bib")
#: How often to see how far the executions are, in seconds.
OFTEN = 0.25
#: How long a cell takes before what has ended above it is shown, in seconds.
AT_REST = 1.0


class Preview:
    """A preview of the book in the current folder.

    Args:
        port: Where the site is served; 0 for any port that is free.

    Raises:
        OSError: The port is in use.
    """

    def __init__(self, port: int) -> None:
        self.root = Path.cwd().resolve()
        self.book = Book()
        self.book.seed()
        self.news = News()
        self.server = Server(self.root / self.book.folder, port, self.news)
        self.saved: queue.SimpleQueue[set[Path]] = queue.SimpleQueue()
        self.faults: list[str] = []
        #: Which cell each page is at, and since when; and those for which what had ended before has been shown.
        self._since: dict[tuple[str, int], float] = {}
        self._shown: set[tuple[str, int]] = set()

    def run(self) -> None:
        """Serve, watch and build until Ctrl-C."""
        # Before the theme's colours (a11y_pygments) let every library talk; kernels are ended here, and say so.
        logging.basicConfig(handlers=[logging.NullHandler()])
        try:
            self.server.start()
            print(f"The book as it is now: {self.server.address} (stop with Ctrl-C)", flush=True)
            Watcher(self.root, PACKAGES, self.saved).start()
            self._update()
            while True:
                self._wait()
        except KeyboardInterrupt:
            print()
            self.book.close()
            # At once: Python's own way out waits for threads. The kernels have been ended.
            sys.stdout.flush()
            os._exit(0)

    def _wait(self) -> None:
        """Wait for something to happen, and do what it asks for."""
        try:
            paths = self.saved.get(timeout=OFTEN)
        except queue.Empty:
            self._follow()
            return
        with suppress(queue.Empty):
            while True:
                paths |= self.saved.get_nowait()
        self._react({path.resolve() for path in paths})

    def _follow(self) -> None:
        """Show how far the executions are, and the outputs of one that has ended."""
        ended = self.book.ended()
        now, cells = time.monotonic(), {run.page: run.cell for run in self.book.running() if run.cell > 1}
        self._since = {at: self._since.get(at, now) for at in cells.items()}
        # A cell that goes on, after others that have ended: their outputs are shown meanwhile.
        at_rest = {at for at, since in self._since.items() if now - since > AT_REST} - self._shown
        if ended or at_rest:
            self._shown = at_rest | (self._shown & self._since.keys())
            self._update()
        else:
            self._tell_progress()

    def _react(self, paths: set[Path]) -> None:
        """Do what a change of some files asks for."""
        code = {path for path in paths for package in PACKAGES if path.is_relative_to(package)}
        code |= {path for path in paths if path.suffix == ".lock"}
        if code:
            self._begin_again(code)
            return
        names = {path.relative_to(self.root).as_posix() for path in paths if path.is_relative_to(self.root)}
        for name in names:
            self.book.saved(name.removesuffix(".md"))
        assets = any(name.startswith("assets/") for name in names)
        self._update(anew=assets or bool(names & set(OF_ALL)), reload=assets)

    def _update(self, *, anew: bool = False, reload: bool = False) -> None:
        self.news.tell(building=True)
        update = self.book.update(anew=anew)
        self._print(update)
        self.faults = update.faults
        self.news.tell(written=None if reload else update.written, building=False, faults=update.faults)
        self._tell_progress()

    def _print(self, update: Update) -> None:
        for fault in update.faults:
            if fault not in self.faults:
                print(fault, file=sys.stderr, flush=True)
        if self.faults and not update.faults:
            print("No faults.")
        if update.written:
            pages = ", ".join(sorted(update.written)) if len(update.written) < 5 else f"{len(update.written)} pages"
            time = f"{update.seconds:.1f} s ({update.processor:.1f} s of processor time)"
            print(f"Written in {time}: {pages}", flush=True)

    def _tell_progress(self) -> None:
        running = {
            run.page: {"cell": run.cell, "of": run.cells, "seconds": round(run.seconds)} for run in self.book.running()
        }
        if running != self.news.running:
            self.news.tell(running=running)

    def _begin_again(self, paths: set[Path]) -> None:
        """Start this program anew, since its code has changed, if that runs."""
        shown = ", ".join(sorted(os.path.relpath(path) for path in paths))
        if fault := _fault_in(paths):
            print(fault, file=sys.stderr, flush=True)
            self.faults = [fault]
            self.news.tell(faults=self.faults)
            return
        print(f"{shown} has changed: starting again.", flush=True)
        self.book.close()
        port = str(self.server.server_address[1])
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:], "--port", port])


def _fault_in(paths: set[Path]) -> str:
    """What is wrong with some code, as ``file:line: what``; empty if this program runs with it."""
    for path in sorted(paths):
        if path.suffix == ".py" and path.is_file():
            try:
                compile(path.read_bytes(), path, "exec")
            except SyntaxError as problem:
                return f"{os.path.relpath(path)}:{problem.lineno}: {problem.msg}"
    imports = (
        "import press.cli, press.preview.preview, press.site; from book.datasets.dataset import datasets; datasets()"
    )
    command = [sys.executable, "-c", imports]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else tried.stderr.strip().splitlines()[-1]
