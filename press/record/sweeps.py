"""Recording sweeps: in parallel, resumable, each finished run saved at once."""

from __future__ import annotations

import datetime
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib

from book.datasets import sources
from book.sweeps import recorded
from book.sweeps.configurations import Configuration, Sweep

MOST_TOGETHER = 5

Train = Callable[[Configuration, Sequence[int], int], list[dict[str, list[float]]]]


def record(
    sweep: Sweep,
    seeds: int,
    workers: int,
    cluster: str = "",
    engine: str = "jax",
    path: Path = recorded.FILE,
) -> int:
    """Record what is missing of a sweep.

    Args:
        sweep: The sweep.
        seeds: Seeds 1 to this.
        workers: Processes on this machine.
        cluster: The address of a Dask scheduler, whose workers are then used instead. They need this package and
            BOOK_DATA.
        engine: ``jax`` (:mod:`press.record.training`), or ``keras`` for the plain loop (:mod:`book.sweeps.plain`).
        path: The file of runs.

    Returns:
        The number of runs that were made.
    """
    with recorded.only_writer(path):
        there = recorded.runs(path)
        missing = {
            configuration: [seed for seed in range(1, seeds + 1) if (configuration, seed) not in there]
            for configuration in sweep.configurations
        }
        total = sum(map(len, missing.values()))
        # Seeds are trained together, as long as there is work for every worker.
        together = max(1, min(MOST_TOGETHER, total // workers))
        todo = [
            (configuration, wanted[start : start + together])
            for configuration, wanted in missing.items()
            for start in range(0, len(wanted), together)
        ]
        there_already = len(sweep.configurations) * seeds - total
        print(f"{sweep.name}: {total} runs to make, {there_already} there already", flush=True)
        if not todo:
            return 0
        # The longest first, so that no worker is left alone with one at the end.
        todo.sort(key=lambda job: -_work(job[0]))
        whole = sum(_work(configuration) * len(wanted) for configuration, wanted in todo)
        writer = recorded.Writer(
            path, {"command": f"book record {sweep.name} --seeds {seeds}", **_circumstances(sweep, engine)}
        )
        done, done_work, started = 0, 0.0, time.monotonic()
        with _backend(workers, cluster):
            jobs = (joblib.delayed(_run)(engine, *job, sweep.epochs) for job in todo)
            parallel = joblib.Parallel(n_jobs=-1 if cluster else workers, return_as="generator_unordered", batch_size=1)
            for configuration, trained, histories, seconds in parallel(jobs):
                for seed, history in zip(trained, histories, strict=True):
                    writer.add(configuration, seed, history, seconds / len(trained))
                done += len(trained)
                done_work += _work(configuration) * len(trained)
                passed = time.monotonic() - started
                _show(done, total, passed * (whole / done_work - 1), configuration.name)
    return done


def _run(engine: str, configuration: Configuration, seeds: list[int], epochs: int) -> tuple[Any, ...]:
    """One job, in a worker."""
    train: Train
    if engine == "keras":
        from book.sweeps.plain import train
    else:
        from press.record.training import train
    started = time.monotonic()
    return configuration, seeds, train(configuration, seeds, epochs), time.monotonic() - started


def _backend(workers: int, cluster: str) -> AbstractContextManager[Any]:
    """Where joblib runs the jobs."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if cluster:
        from distributed import Client

        Client(cluster)  # joblib takes the current client
        return joblib.parallel_config(backend="dask")
    if workers == 1:
        return nullcontext()
    # One core for each worker: small products gain nothing from more.
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")
    return joblib.parallel_config(backend="loky", inner_max_num_threads=1)


def _work(configuration: Configuration) -> float:
    """Roughly how long a run takes, in units of nothing in particular: for the order and the time left."""
    steps = configuration.rows / configuration.batch
    return steps * (1 + configuration.units / 16) + (configuration.rows + 10_000) / 500


def _circumstances(sweep: Sweep, engine: str) -> dict[str, Any]:
    tasks = {configuration.task for configuration in sweep.configurations}
    backend = ["jax", "scipy"] if engine == "jax" else ["keras", "tensorflow"]
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "engine": engine,
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", *backend)},
        "device": _device(),
        "data": {file.path.name: file.sha256 for file in sources.in_use().files_of(tasks)},
    }


def _device() -> str:
    import jax

    return str(jax.devices()[0].device_kind)


def _show(done: int, total: int, left: float, name: str) -> None:
    """One line of progress: rewritten on a terminal."""
    minutes = f"{left / 60:.0f} min left" if left > 90 else f"{left:.0f} s left"
    bar = "█" * (20 * done // total) + "░" * (20 - 20 * done // total)
    line = f"{bar} {done}/{total}, {minutes}: {name}"
    if sys.stdout.isatty():
        print(f"\r\033[K{line}", end="\n" if done == total else "", flush=True)
    else:
        print(line, flush=True)
