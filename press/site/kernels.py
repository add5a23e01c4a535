"""Running the pages' code: several pages side by side, with progress on the terminal.

myst-nb executes a page when Sphinx reads it, one after another. Training small networks does not fill the cores of a
machine, so the pages that are going to need execution are started before the first one is read; each is then waited
for where myst-nb would have executed it.
"""

from __future__ import annotations

import os
import queue
import re
import shutil
import sys
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

import myst_nb.core.execute.cache
from jupyter_cache import get_cache
from jupyter_cache.executors.utils import single_nb_execution
from jupyter_client.manager import AsyncKernelManager
from myst_nb.core.read import create_nb_reader
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from press.machine import duration, side_by_side
from press.page import Page

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


class Executor:
    """Executes the pages of one build, and prints which cell of which page is being executed, and for how long.

    On a terminal one line is rewritten every second; in a log a line for each page is added every ten seconds.
    """

    def __init__(self, app: Sphinx) -> None:
        self.app = app
        self.live = sys.stdout.isatty()
        self.results: dict[str, Future[Any]] = {}
        self.running: dict[str, tuple[float, str]] = {}

    def start(self, app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
        """Start executing the pages that are going to be read and are not in the cache."""
        config: Any = env.mystnb_config  # type: ignore[attr-defined]
        cache = get_cache(config.execution_cache_path)
        waiting: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        for docname in docnames:
            source = [Path(env.doc2path(docname)).read_text(encoding="utf-8-sig")]
            if not Page(docname, source[0]).is_executed:
                continue
            app.emit("source-read", docname, source)
            reader = create_nb_reader(env.doc2path(docname), env.myst_config, config, source[0])  # type: ignore[attr-defined]
            notebook = reader.read(source[0]) if reader else None
            if notebook is None or not any(cell.cell_type == "code" for cell in notebook.cells):
                continue  # `book build --page` leaves it out
            try:
                cache.match_cache_notebook(notebook)
            except KeyError:
                self.results[docname] = Future()
                waiting.put((docname, notebook))
        LoggedKernel.messages = Path(app.outdir).parent / KERNEL_LOG
        # Daemons: on Ctrl-C the build ends at once, and its kernels with it.
        for _ in range(min(side_by_side(), len(self.results))):
            threading.Thread(target=self._work, args=(waiting, config.execution_timeout), daemon=True).start()
        if self.results:
            threading.Thread(target=self._report, daemon=True).start()

    def wait(self, notebook: Any, **_: Any) -> Any:
        """Wait until a page has been executed, and fill in its outputs: what myst-nb calls to execute a notebook."""
        result = self.results[self.app.env.docname].result()
        notebook.update(result.nb)
        return result

    def _work(self, waiting: queue.SimpleQueue[tuple[str, Any]], timeout: int) -> None:
        with suppress(queue.Empty):
            while True:
                docname, notebook = waiting.get_nowait()
                try:
                    self.results[docname].set_result(self._execute(docname, notebook, timeout))
                except BaseException as error:
                    self.results[docname].set_exception(error)

    def _execute(self, docname: str, notebook: Any, timeout: int) -> Any:
        """Execute a notebook as jupyter-cache does."""
        started = time.monotonic()
        cells = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]

        def on_cell_execute(cell: Any, cell_index: int) -> None:
            first_line = next(iter(cell.source.strip().splitlines()), "")
            self.running[docname] = (started, f"cell {cells.index(cell_index) + 1} of {len(cells)}: {first_line}")

        self.running[docname] = (started, f"starting, {len(cells)} cells")
        if not self.live:
            print(f"{docname}: starting, {len(cells)} cells", flush=True)
        result = single_nb_execution(
            notebook,
            cwd=str(Path(self.app.env.doc2path(docname)).parent),
            timeout=timeout,
            allow_errors=False,
            on_cell_execute=on_cell_execute,
            kernel_manager_class=LoggedKernel,
            extra_arguments=KERNEL_ARGUMENTS,
        )
        del self.running[docname]
        if result.err:
            # What the author needs: the cell and its own traceback, not nbclient's nor terminal colours.
            trace = re.sub(r"\x1b\[[\d;]*m", "", result.exc_string)
            result.exc_string = trace[max(0, trace.find("An error occurred while executing")) :]
        print(f"{CLEAR if self.live else ''}{docname}: {'failed' if result.err else 'done'} in {duration(result.time)}")
        sys.stdout.flush()
        return result

    def _report(self) -> None:
        while not all(result.done() for result in self.results.values()):
            time.sleep(1 if self.live else 10)
            lines = [
                f"{docname}: {duration(time.monotonic() - started)}, {now}"
                for docname, (started, now) in sorted(self.running.items())
            ]
            if self.live and lines:
                done = sum(result.done() for result in self.results.values())
                line = f"[{done + 1}/{len(self.results)}] " + " | ".join(lines)
                print(f"{CLEAR}{line[: shutil.get_terminal_size().columns - 1]}", end="", flush=True)
            elif lines:
                print("\n".join(lines), flush=True)


def setup(app: Sphinx) -> None:
    """Execute the pages before Sphinx reads them."""
    # A graphics processor's memory is shared by the kernels instead of taken whole by the first.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    executor = Executor(app)
    app.connect("env-before-read-docs", executor.start, priority=900)  # when it is decided which are read
    myst_nb.core.execute.cache.single_nb_execution = executor.wait
