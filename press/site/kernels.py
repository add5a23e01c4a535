"""Running the pages' code: several pages side by side, with progress on the terminal.

Training small networks does not fill the cores of a machine. The pages that are not in jupyter-cache are therefore
executed side by side, while Sphinx goes on. Each is stored there when it ends, where myst-nb finds it, and executes
nothing. A page that failed is stored too, with the outputs that it has and with its error, and is run again by the next
build.
"""

from __future__ import annotations

import copy
import os
import queue
import re
import shutil
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any, ClassVar

import psutil
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellExecutionError

from book import recordings
from press.machine import duration, side_by_side, threads

#: Python's own errors and warnings belong in a page. What C code writes past Python (TensorFlow says at each start
#: that it found no graphics processor, and has no setting against it) goes to the kernels' log.
KERNEL_ARGUMENTS = ["--IPKernelApp.capture_fd_output=False"]
KERNEL_LOG = "kernels.log"
PLACEHOLDERS = ".placeholders"

#: Begins a terminal's line anew.
CLEAR = "\r\033[K"


@dataclass(frozen=True)
class Failure:
    """Why a page did not run to its end: the kind of error, the cell's line (from 1), and a traceback."""

    error: str
    line: int
    traceback: str


@dataclass(frozen=True)
class Progress:
    """How far the execution of a page is: the cell (from 1) of so many, its first line, and the seconds so far."""

    page: str
    cell: int
    cells: int
    line: str
    seconds: float

    def __str__(self) -> str:
        """What a terminal and a preview show of it."""
        return f"{self.page}: {duration(self.seconds)}, {self.now}"

    @property
    def now(self) -> str:
        """The cell that is being executed."""
        return f"cell {self.cell} of {self.cells}: {self.line}" if self.cell else f"starting, {self.cells} cells"


@dataclass
class Run:
    """The execution of a page.

    Attributes:
        page: Its name.
        path: Its file.
        notebook: Its cells, which get their outputs.
        key: What jupyter-cache knows the notebook by.
        ended: Set when it has been executed, well or not.
        started: When it began, by the monotonic clock; 0 while it waits.
        at: The index of the cell that is being executed; None before the first.
        stopped: Whether its outputs are no longer wanted.
        crash: An error of the build's own.
        kernel: The kernel's process.
        facts: What the cache keeps beside the outputs: how long it took, and why it failed if it did.
        times: For each cell begun, its index, and the seconds and processor seconds so far when it began and ended.
    """

    page: str
    path: Path
    notebook: Any
    key: str
    ended: threading.Event = field(default_factory=threading.Event)
    started: float = 0.0
    at: int | None = None
    stopped: bool = False
    crash: BaseException | None = None
    kernel: psutil.Process | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    times: list[list[float]] = field(default_factory=list)

    @property
    def cells(self) -> list[int]:
        """The indices of the cells of code."""
        return [index for index, cell in enumerate(self.notebook.cells) if cell.cell_type == "code"]

    @property
    def progress(self) -> Progress:
        """How far it is."""
        seconds = time.monotonic() - self.started
        if self.at is None:
            return Progress(self.page, 0, len(self.cells), "", seconds)
        first_line = next(iter(self.notebook.cells[self.at].source.strip().splitlines()), "")
        return Progress(self.page, self.cells.index(self.at) + 1, len(self.cells), first_line, seconds)

    def stop(self) -> None:
        """End it, and what it has started: its outputs are no longer wanted."""
        self.stopped = True
        with suppress(psutil.Error):
            if self.kernel:
                for process in (*self.kernel.children(recursive=True), self.kernel):
                    with suppress(psutil.Error):
                        process.kill()

    def begin(self, cell_index: int, **_: Any) -> None:
        """Note that a cell begins."""
        self.at = cell_index
        self.times.append([cell_index, *self._spent()])

    def end(self, **_: Any) -> None:
        """Note that a cell has ended."""
        self.times[-1] += self._spent()

    def _spent(self) -> tuple[float, float]:
        """The seconds, and the processor seconds of the kernel, since the start."""
        processor = 0.0
        with suppress(psutil.Error):
            if self.kernel:
                spent = self.kernel.cpu_times()
                processor = spent.user + spent.system
        return round(time.monotonic() - self.started, 2), round(processor, 2)


class LoggedKernel(AsyncKernelManager):
    """A kernel whose process writes its messages to ``KERNEL_LOG`` in the build folder."""

    messages: ClassVar[Path]
    run: ClassVar[Run]
    #: How many threads TensorFlow and NumPy take.
    cores: ClassVar[int]

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
        """Start the kernel's process."""
        names = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OPENBLAS_NUM_THREADS")
        environment = {**dict.fromkeys(names, str(self.cores)), **os.environ}
        with self.messages.open("ab") as file:
            await super().start_kernel(stderr=file, env=environment, **options)
        with suppress(psutil.Error):  # it may have ended already
            self.run.kernel = psutil.Process(self.provisioner.pid)  # type: ignore[union-attr]
        if self.run.stopped:
            self.run.stop()


class Executor:
    """Executes the pages of a build or a preview, and says which cell of which page is being executed, and how long.

    On a terminal one line is rewritten every second; in a log a line for each page is added every ten seconds.

    Args:
        cache: The folder of jupyter-cache.
        folder: Where the kernels' log goes.
        timeout: How long one cell may run, in seconds.

    Attributes:
        ended: A page's name is put here when it has been executed, well or not.
    """

    def __init__(self, cache: str, folder: Path, timeout: int) -> None:
        self.cache = get_cache(cache)
        # Apart: myst-nb reads what stands in for outputs while the outputs are being stored.
        shutil.rmtree(folder / PLACEHOLDERS, ignore_errors=True)
        self.placeholders = get_cache(str(folder / PLACEHOLDERS))
        self.lock = threading.RLock()
        self.timeout = timeout
        self.folder = folder
        self.live = sys.stdout.isatty()
        self.runs: dict[str, Run] = {}
        self.waiting: list[Run] = []
        self.workers = 0
        self.reporting = False
        self.ended: queue.SimpleQueue[str] = queue.SimpleQueue()

    def add(self, pages: Mapping[str, tuple[Path, Any]]) -> None:
        """Take note of pages, which :meth:`start` executes if the cache does not hold them.

        One that is being executed with other cells is stopped.

        Args:
            pages: By name, the file and the notebook.
        """
        with self.lock:
            for page, (path, notebook) in pages.items():
                key = self.cache.create_hashed_notebook(notebook)[1]
                before = self.runs.get(page)
                if before and before.key == key:
                    continue  # it waits, is being executed, or has been executed by this build
                if before:
                    self.forget(page)
                if not self.holds(notebook):
                    # A copy: the notebook that is read gets placeholders.
                    self.runs[page] = Run(page, path, copy.deepcopy(notebook), key)
                    self.waiting.append(self.runs[page])
            seconds = expected_seconds()
            # The longest first, so that none is left alone at the end.
            self.waiting.sort(key=lambda run: -seconds.get(run.page, 0))

    def forget(self, page: str) -> None:
        """Stop executing a page, whose cells are others now or which is gone."""
        with self.lock:
            if run := self.runs.pop(page, None):
                run.stop()
                self.waiting = [each for each in self.waiting if each is not run]

    def start(self) -> None:
        """Execute what waits, side by side."""
        with self.lock:
            # Daemons: on Ctrl-C the build ends at once, and its kernels with it.
            while self.workers < min(side_by_side(), len(self.pending())):
                self.workers += 1
                threading.Thread(target=self._work, daemon=True).start()
            if self.waiting and not self.reporting:
                self.reporting = True
                threading.Thread(target=self._report, daemon=True).start()

    def pending(self) -> set[str]:
        """The pages that wait or are being executed."""
        with self.lock:
            return {page for page, run in self.runs.items() if not run.ended.is_set()}

    def running(self) -> list[Progress]:
        """How far the pages are that are being executed."""
        with self.lock:
            started = [run for run in self.runs.values() if run.started and not run.ended.is_set()]
        return [run.progress for run in sorted(started, key=lambda run: run.page)]

    def wait(self, page: str) -> Failure | None:
        """Wait until a page is in the cache as it was executed; return why it failed, if it did."""
        run = self.runs.get(page)
        if run is None:
            return None
        run.ended.wait()
        if run.crash:
            raise run.crash
        failure = run.facts.get("failure")
        return Failure(**failure) if failure else None

    def found(self, notebook: Any) -> Any:
        """A notebook with the outputs that the cache has for it."""
        with self.lock:
            return self.cache.merge_match_into_notebook(notebook)[1]

    def last(self, path: Path) -> Any:
        """The notebook of a page's last execution, whatever its cells were then; None if there was none."""
        with self.lock:
            records = [each for each in self.cache.list_cache_records() if each.uri == str(path)]
            for record in sorted(records, key=lambda each: -each.pk):
                with suppress(KeyError, ValueError):
                    return self.cache.get_cache_bundle(record.pk).nb
        return None

    def store(self, path: Path, notebook: Any, **data: Any) -> None:
        """Put a notebook into the cache, unless one that ran to its end is there: two pages may have the same code."""
        with self.lock:
            if not self.holds(notebook):
                bundle = CacheBundleIn(notebook, str(path), data=data)
                self.cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)

    def store_placeholders(self, path: Path, notebook: Any) -> None:
        """Put a notebook that has not been executed to its end where nothing else is."""
        self.placeholders.cache_notebook_bundle(
            CacheBundleIn(notebook, str(path)), check_validity=False, overwrite=True
        )

    def ended_cells(self, page: str) -> list[Any]:
        """The cells of code of a page that is being executed which have ended, with their outputs."""
        run = self.runs.get(page)
        at = run.at if run else None
        return [] if run is None or at is None else [run.notebook.cells[index] for index in run.cells if index < at]

    def holds(self, notebook: Any) -> bool:
        """Whether the cache holds a notebook that ran to its end; a build that was ended may have left half a file."""
        with suppress(KeyError, ValueError):
            bundle = self.cache.get_cache_bundle(self.cache.match_cache_notebook(notebook).pk)
            return "failure" not in bundle.record.data
        return False

    def _work(self) -> None:
        while True:
            with self.lock:
                if not self.waiting:
                    self.workers -= 1
                    return
                run = self.waiting.pop(0)
                run.started = time.monotonic()
                cores = threads(len(self.pending()))
            try:
                self._execute(run, cores)
            except BaseException as error:
                run.crash = error
            run.ended.set()
            if not run.stopped:
                self.ended.put(run.page)

    def _execute(self, run: Run, cores: int) -> None:
        """Execute a page as jupyter-cache does, and store it there."""
        if not self.live:
            _say(f"{run.page}: {run.progress.now}")
        own = {"messages": self.folder / KERNEL_LOG, "run": run, "cores": cores}
        try:
            error = single_nb_execution(
                run.notebook,
                cwd=str(run.path.parent),
                timeout=self.timeout,
                allow_errors=False,
                on_cell_execute=run.begin,
                on_cell_executed=run.end,
                kernel_manager_class=type("PageKernel", (LoggedKernel,), own),
                extra_arguments=KERNEL_ARGUMENTS,
            ).err
        except Exception as problem:  # a kernel that dies, that does not start, or that is not installed
            error = problem
        if run.stopped:
            return
        seconds = time.monotonic() - run.started
        run.facts = {"execution_seconds": seconds, "times": run.times}
        if error:
            line = run.notebook.metadata.source_map[run.at or 0] + 1
            run.facts["failure"] = vars(_failure(error, line, run.progress.now))
        self.store(run.path, run.notebook, **run.facts)
        state = "failed" if error else "done"
        _say(f"{CLEAR if self.live else ''}{run.page}: {state} in {duration(seconds)}")

    def _report(self) -> None:
        while self.pending():
            time.sleep(1 if self.live else 10)
            lines = [str(each) for each in self.running()]
            if self.live and lines:
                with self.lock:
                    ended, everything = len(self.runs) - len(self.pending()), len(self.runs)
                line = f"[{ended + 1}/{everything}] " + " | ".join(lines)
                print(f"{CLEAR}{line[: shutil.get_terminal_size().columns - 1]}", end="", flush=True)
            elif lines:
                _say("\n".join(lines))
        self.reporting = False


def expected_seconds() -> dict[str, float]:
    """How long pages took when they were recorded, on average: which are long, not how long they take here."""
    taken: dict[str, list[float]] = {}
    for run in recordings.runs():
        taken.setdefault(run["page"], []).append(run["seconds"])
    return {page: fmean(each) for page, each in taken.items()}


def _failure(error: Exception, line: int, now: str) -> Failure:
    """What the author needs: the cell and its own error and traceback, not nbclient's nor terminal colours."""
    details = re.sub(r"\x1b\[[\d;]*m", "", str(error))
    if isinstance(error, CellExecutionError):
        value = next(iter(error.evalue.strip().splitlines()), "")
        return Failure(f"{error.ename}: {value}" if value else error.ename, line, f"{now}\n{details}")
    return Failure(f"{type(error).__name__}: {next(iter(details.splitlines()), '')}", line, f"{now}\n{details}")


def _say(text: str) -> None:
    """Print a line at once: two threads must not share one."""
    print(f"{text}\n", end="", flush=True)
