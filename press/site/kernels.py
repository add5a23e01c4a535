"""Running the pages' code: several pages side by side, with progress on the terminal.

Training small networks does not fill the cores of a machine. The pages that are not in jupyter-cache are therefore
started side by side before Sphinx reads the first one. Each is stored there when it ends, and waited for when Sphinx
comes to it: so myst-nb finds it, and executes nothing. A page that
failed is stored too, with the outputs that it has and with its error, and is run again by the next build.
"""

from __future__ import annotations

import queue
import re
import shutil
import sys
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import DeadKernelError

from press.machine import duration, side_by_side

#: Python's own errors and warnings belong in a page. What C code writes past Python (TensorFlow says at each start
#: that it found no graphics processor, and has no setting against it) goes to the kernels' log.
KERNEL_ARGUMENTS = ["--IPKernelApp.capture_fd_output=False"]
KERNEL_LOG = "kernels.log"

#: Begins a terminal's line anew.
CLEAR = "\r\033[K"


class LoggedKernel(AsyncKernelManager):
    """A kernel whose process writes its messages to ``KERNEL_LOG`` in the build folder."""

    messages: Path

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
        """Start the kernel's process."""
        with self.messages.open("ab") as file:
            await super().start_kernel(stderr=file, **options)


@dataclass(frozen=True)
class Failure:
    """Why a page did not run to its end: the kind of error, the cell's line (from 1), and a traceback."""

    error: str
    line: int
    traceback: str


class Executor:
    """Executes the pages of one build, and prints which cell of which page is being executed, and for how long.

    On a terminal one line is rewritten every second; in a log a line for each page is added every ten seconds.

    Args:
        cache: The folder of jupyter-cache.
        folder: Where the kernels' log goes.
        timeout: How long one cell may run, in seconds.
    """

    def __init__(self, cache: str, folder: Path, timeout: int) -> None:
        self.cache = get_cache(cache)
        self.storing = threading.Lock()
        self.timeout = timeout
        self.live = sys.stdout.isatty()
        self.pages: dict[str, tuple[Path, Any]] = {}
        self.done: dict[str, Future[None]] = {}
        self.running: dict[str, tuple[float, int, str]] = {}
        LoggedKernel.messages = folder / KERNEL_LOG

    def start(self, pages: dict[str, tuple[Path, Any]]) -> None:
        """Start executing the pages that the cache does not hold.

        Args:
            pages: By name, the file and the notebook.
        """
        self.pages = pages
        waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        for page, (_, notebook) in pages.items():
            if not self._holds(notebook):
                self.done[page] = Future()
                waiting.put(page)
        # Daemons: on Ctrl-C the build ends at once, and its kernels with it.
        for _ in range(min(side_by_side(), len(self.done))):
            threading.Thread(target=self._work, args=(waiting,), daemon=True).start()
        if self.done:
            threading.Thread(target=self._report, daemon=True).start()

    def executed(self, page: str) -> tuple[Any, Failure | None]:
        """Wait until a page has been executed; return its notebook with outputs, and why it failed if it did."""
        if page in self.done:
            self.done[page].result()
        bundle = self.cache.get_cache_bundle(self.cache.match_cache_notebook(self.pages[page][1]).pk)
        failure = bundle.record.data.get("failure")
        return bundle.nb, Failure(**failure) if failure else None

    def _holds(self, notebook: Any) -> bool:
        """Whether the cache holds a notebook that ran to its end; a build that was ended may have left half a file."""
        with suppress(KeyError, ValueError):
            bundle = self.cache.get_cache_bundle(self.cache.match_cache_notebook(notebook).pk)
            return "failure" not in bundle.record.data
        return False

    def _work(self, waiting: queue.SimpleQueue[str]) -> None:
        with suppress(queue.Empty):
            while True:
                page = waiting.get_nowait()
                try:
                    self._execute(page)
                    self.done[page].set_result(None)
                except BaseException as error:
                    self.done[page].set_exception(error)

    def _execute(self, page: str) -> None:
        """Execute a page as jupyter-cache does, and store it there."""
        path, notebook = self.pages[page]
        started = time.monotonic()
        cells = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]

        def on_cell_execute(cell: Any, cell_index: int) -> None:
            first_line = next(iter(cell.source.strip().splitlines()), "")
            now = f"cell {cells.index(cell_index) + 1} of {len(cells)}: {first_line}"
            self.running[page] = (started, cell_index, now)

        self.running[page] = (started, cells[0], f"starting, {len(cells)} cells")
        if not self.live:
            print(f"{page}: starting, {len(cells)} cells", flush=True)
        try:
            error = single_nb_execution(
                notebook,
                cwd=str(path.parent),
                timeout=self.timeout,
                allow_errors=False,
                on_cell_execute=on_cell_execute,
                kernel_manager_class=LoggedKernel,
                extra_arguments=KERNEL_ARGUMENTS,
            ).err
        except DeadKernelError as dead:
            error = dead
        _, cell, now = self.running.pop(page)
        seconds = time.monotonic() - started
        failure = {"failure": vars(_failure(error, notebook.metadata.source_map[cell] + 1, now))} if error else {}
        with self.storing:
            if not self._holds(notebook):  # two pages may have the same code
                bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": seconds, **failure})
                self.cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
        print(f"{CLEAR if self.live else ''}{page}: {'failed' if error else 'done'} in {duration(seconds)}", flush=True)

    def _report(self) -> None:
        while not all(done.done() for done in self.done.values()):
            time.sleep(1 if self.live else 10)
            lines = [
                f"{page}: {duration(time.monotonic() - started)}, {now}"
                for page, (started, _, now) in sorted(self.running.items())
            ]
            if self.live and lines:
                ended = sum(done.done() for done in self.done.values())
                line = f"[{ended + 1}/{len(self.done)}] " + " | ".join(lines)
                print(f"{CLEAR}{line[: shutil.get_terminal_size().columns - 1]}", end="", flush=True)
            elif lines:
                print("\n".join(lines), flush=True)


def _failure(error: Exception, line: int, now: str) -> Failure:
    """What the author needs: the cell and its own traceback, not nbclient's nor terminal colours."""
    return Failure(type(error).__name__, line, f"{now}\n" + re.sub(r"\x1b\[[\d;]*m", "", str(error)))
