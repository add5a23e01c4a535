"""Recording what the pages compute over seeds: their claims and their training histories, from the pages' own code.

Nothing is written twice: what is recorded is what a page computes. The seed decides the weights a network starts
from, the order of its batches, and the split into training and validation data.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import fmean
from typing import Any

from book import claims, recordings
from book.datasets import sources
from press.machine import duration, side_by_side
from press.page import Page, plain_python
from press.record.progress import show
from press.record.staleness import identity
from press.record.store import Store

#: How many seeds a page is recorded under that has not been recorded before.
SEEDS = 10
#: Several processes share a graphics processor, and TensorFlow keeps to errors.
LIKE_THE_BUILD = {"TF_FORCE_GPU_ALLOW_GROWTH": "true", "TF_CPP_MIN_LOG_LEVEL": "3"}


def run_page(name: str, seed: int) -> dict[str, Any]:
    """Execute a page's computation in this process.

    Args:
        name: The page, for example ``chapters/cnn``.
        seed: Takes the place of every seed that the page sets: the page's own ``set_random_seed(k)`` becomes
            ``set_random_seed(1000 * seed + k)``.

    Returns:
        The values of its claims by id (``values``), its training histories by name (``histories``, see
        :func:`histories_in`), and what they were measured with.
    """
    import keras
    import matplotlib
    import numpy as np

    matplotlib.use("Agg")
    set_random_seed = keras.utils.set_random_seed
    keras.utils.set_random_seed = lambda k: set_random_seed(1000 * seed + k)
    page = Page.read(name, Path())
    started = time.monotonic()
    namespace = executed(page)
    source = sources.in_use()
    now = identity(page, source)
    return {
        "page": name,
        "seed": seed,
        "code": now.code,
        "claims": dict(now.claims),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "seconds": round(time.monotonic() - started),
        "python": platform.python_version(),
        "backend": f"{keras.backend.backend()} {version(keras.backend.backend())}",
        "keras": keras.__version__,
        "numpy": np.__version__,
        "device": device(),
        "source": source.name,
        "data": now.data,
        "values": dict(claims.registered),
        "histories": histories_in(namespace),
    }


def executed(page: Page) -> dict[str, Any]:
    """Execute the cells of a page that decide its numbers, magics too, in this process.

    As in a kernel, a cell with the tag ``raises-exception`` may fail, and one with ``skip-execution`` is left out.
    A traceback names the page and its lines.

    Returns:
        The page's variables.
    """
    cells = [cell for cell in page.code_cells if cell.figure is None and "skip-execution" not in cell.tags]
    namespace: dict[str, Any] = {"__name__": "__main__"}
    if any(plain_python(cell.source) != cell.source for cell in cells):
        from IPython.core.interactiveshell import InteractiveShell

        class Shell(InteractiveShell):
            def enable_gui(self, gui: Any = None) -> None:
                """Nothing is drawn here."""

        namespace = Shell.instance().user_ns  # what magics read and write; `get_ipython` is in it
    for cell in cells:
        with suppress(*[Exception] if "raises-exception" in cell.tags else []):
            code = "\n" * (cell.line - 1) + plain_python(cell.source)
            exec(compile(code, f"{page.name}.md", "exec"), namespace)
    return namespace


def histories_in(namespace: Mapping[str, Any]) -> dict[str, dict[str, list[float]]]:
    """The training histories among a page's variables, by the name of the variable.

    A history is what ``model.fit`` returns, or its ``history`` dictionary. A dictionary of them gives ``name/key``.
    """
    found: dict[str, dict[str, list[float]]] = {}
    seen: set[int] = set()
    # What `fit` returned comes first: another name for its dictionary is left out.
    for name, value in sorted(namespace.items(), key=lambda item: not hasattr(item[1], "history")):
        parts = value.items() if isinstance(value, dict) and not name.startswith("_") else ()
        for label, each in ((name, value), *((f"{name}/{key}", part) for key, part in parts)):
            values = getattr(each, "history", each)
            if isinstance(values, dict) and isinstance(values.get("loss"), list) and id(values) not in seen:
                seen.add(id(values))
                found[label] = {
                    metric: [float(f"{number:.5g}") for number in numbers] for metric, numbers in values.items()
                }
    return found


def device() -> str:
    """What Keras computes on, for example ``cpu:0``."""
    import keras

    if keras.backend.backend() == "torch":  # Keras lists no devices for PyTorch
        return str(keras.ops.zeros(1).device)
    return ", ".join(keras.distribution.list_devices())


def record_pages(
    names: Sequence[str], source: sources.Source, seeds: int | None = None, path: Path = recordings.FILE
) -> int:
    """Record pages over seeds, side by side, each run in its own process, skipping the runs already there.

    Each run is saved as soon as it ends, so that a recording that is stopped goes on where it was. The old runs of a
    page that is stale count until its new set is complete (:mod:`press.record.store`).

    Args:
        names: The pages.
        source: The data in use, ``full`` or ``sample``.
        seeds: Seeds 1 to this, in this order over all pages, so that a recording may be stopped at any time. A claim
            needs five (``claims.ENOUGH_SEEDS``); ten make its range narrower. By default as many as the page has, and
            ten for one that has none.
        path: The file of runs.

    Returns:
        The number of runs that failed.
    """
    store = Store(path)
    wanted = {name: seeds or len(store.set_of(name, source.name)) or SEEDS for name in names}
    jobs = []
    for name in names:
        now = identity(Page.read(name, Path()), source)
        store.arrange(name, source.name, now, wanted[name])
        missing = sorted(set(range(1, wanted[name] + 1)) - store.seeds(name, source.name, now))
        before = [run["seconds"] for run in store.set_of(name, source.name)]
        jobs += [Job(name, seed, wanted[name], fmean(before) if before else None) for seed in missing]
    print(f"{len(jobs)} runs to make, {sum(wanted.values()) - len(jobs)} there already", flush=True)
    # The longest of a seed first, so that none is left alone at the end.
    return _record_all(sorted(jobs, key=lambda job: (job.seed, -(job.seconds or 0))), store)


@dataclass(frozen=True)
class Job:
    """A run to make: of ``wanted`` seeds of a page this one; the older ones took so many seconds."""

    page: str
    seed: int
    wanted: int
    seconds: float | None


def _record_all(jobs: Sequence[Job], store: Store) -> int:
    """Make runs, several at a time, and save each; return how many failed."""
    failed, together, children = 0, side_by_side(), Children()
    known = [job.seconds for job in jobs if job.seconds is not None]
    guess = fmean(known) if known else None
    waiting = set(jobs)
    with ThreadPoolExecutor(together) as pool:
        futures = {pool.submit(children.run, job): job for job in jobs}
        try:
            for done, future in enumerate(as_completed(futures), 1):
                job = futures[future]
                waiting.discard(job)
                process = future.result()
                what = f"{job.page}, seed {job.seed}"
                if process.returncode:
                    print(f"{process.stderr}\n{what}: failed, see the traceback above", flush=True)
                    failed += 1
                else:
                    run = json.loads(process.stdout.splitlines()[-1])
                    store.add(run, job.wanted)
                    what += f": {duration(run['seconds'])}"
                left = guess and sum(job.seconds or guess for job in waiting) / together
                show(done, len(jobs), left, what)
        except BaseException:  # Ctrl-C too
            pool.shutdown(wait=False, cancel_futures=True)
            children.stop()
            raise
    return failed


class Children:
    """The processes that run pages: when one is told to stop, they all are."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.running: set[subprocess.Popen[str]] = set()
        self.stopped = False

    def run(self, job: Job) -> subprocess.CompletedProcess[str]:
        """Run a page to its end."""
        command = [sys.executable, "-m", "press.record.pages", job.page, str(job.seed)]
        with self.lock:
            if self.stopped:
                raise InterruptedError("the recording was stopped")
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, **LIKE_THE_BUILD},
            )
            self.running.add(process)
        stdout, stderr = process.communicate()
        with self.lock:
            self.running.discard(process)
        return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)

    def stop(self) -> None:
        """End what is running, and start no more."""
        with self.lock:
            self.stopped = True
            for process in self.running:
                process.terminate()


if __name__ == "__main__":
    # The page's own prints stay out of the result's way: the result is the last line.
    print(json.dumps(run_page(sys.argv[1], int(sys.argv[2]))))
