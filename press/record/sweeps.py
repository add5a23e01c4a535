"""Recording sweeps: in parallel, resumable, each finished run saved at once."""

from __future__ import annotations

import datetime
import os
import platform
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import joblib

from book.datasets import sources
from book.sweeps.configurations import Configuration, Sweep
from book.sweeps.runs import FILE, runs_in
from press.record.progress import show
from press.record.writer import Writer, only_writer

MOST_TOGETHER = 5

Train = Callable[[Configuration, Sequence[int], int], list[dict[str, list[float]]]]


class Job(NamedTuple):
    """Runs to make in one go: of one configuration under several seeds."""

    configuration: Configuration
    seeds: list[int]

    @property
    def work(self) -> float:
        """Roughly how long it takes, in units of nothing in particular: for the order and the time left."""
        one = self.configuration
        steps = one.rows / one.batch
        return len(self.seeds) * (steps * (1 + one.units / 16) + (one.rows + 10_000) / 500)


def record_sweep(
    sweep: Sweep,
    seeds: int,
    workers: int,
    cluster: str = "",
    engine: str = "jax",
    path: Path = FILE,
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
    with only_writer(path):
        jobs = _missing(sweep, seeds, workers, path)
        total = sum(len(job.seeds) for job in jobs)
        print(
            f"{sweep.name}: {total} runs to make, {len(sweep.configurations) * seeds - total} there already", flush=True
        )
        if not jobs:
            return 0
        whole = sum(job.work for job in jobs)
        writer = Writer(path, {"command": f"book record {sweep.name} --seeds {seeds}", **_circumstances(sweep, engine)})
        done, done_work, started = 0, 0.0, time.monotonic()
        with _backend(workers, cluster):
            parallel = joblib.Parallel(n_jobs=-1 if cluster else workers, return_as="generator_unordered", batch_size=1)
            for job, histories, seconds in parallel(joblib.delayed(_run)(engine, job, sweep.epochs) for job in jobs):
                for seed, history in zip(job.seeds, histories, strict=True):
                    writer.add(job.configuration, seed, history, seconds / len(job.seeds))
                done += len(job.seeds)
                done_work += job.work
                left = (time.monotonic() - started) * (whole / done_work - 1)
                show(done, total, left, job.configuration.name)
    return done


def _missing(sweep: Sweep, seeds: int, workers: int, path: Path) -> list[Job]:
    """The runs of a sweep that are not there, the longest first: no worker is left alone with one at the end."""
    there = runs_in(path)
    missing = {
        configuration: [seed for seed in range(1, seeds + 1) if (configuration, seed) not in there]
        for configuration in sweep.configurations
    }
    # Seeds are trained together, as long as there is work for every worker.
    together = max(1, min(MOST_TOGETHER, sum(map(len, missing.values())) // workers))
    jobs = [
        Job(configuration, wanted[start : start + together])
        for configuration, wanted in missing.items()
        for start in range(0, len(wanted), together)
    ]
    return sorted(jobs, key=lambda job: -job.work / len(job.seeds))


def _run(engine: str, job: Job, epochs: int) -> tuple[Job, list[dict[str, list[float]]], float]:
    """One job, in a worker."""
    train: Train
    if engine == "keras":
        from book.sweeps.plain import train
    else:
        from press.record.training import train
    started = time.monotonic()
    return job, train(job.configuration, job.seeds, epochs), time.monotonic() - started


def _backend(workers: int, cluster: str) -> AbstractContextManager[Any]:
    """Where joblib runs the jobs."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if cluster:
        from distributed import Client

        Client(cluster)  # type: ignore[no-untyped-call]  # joblib takes the current client
        backend: AbstractContextManager[Any] = joblib.parallel_config(backend="dask")
        return backend
    if workers == 1:
        return nullcontext()
    # One core for each worker: small products gain nothing from more.
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")
    processes: AbstractContextManager[Any] = joblib.parallel_config(backend="loky", inner_max_num_threads=1)
    return processes


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
