"""How much faster than a plain loop over ``fit`` the recording is, and that both agree: a table.

    BOOK_DATA=... python tests/benchmark_sweeps.py [--epochs 30] [--seeds 5] [units ...]

Both use all cores: the plain loop through TensorFlow, ours through one process a core.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from book.datasets import sources
from book.sweeps import plain
from book.sweeps.configurations import Configuration, Sweep
from book.sweeps.data import task
from book.sweeps.runs import METRICS, runs_in
from press.record import sweeps as recording


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("units", nargs="*", type=int, default=[16, 256], help="units in each of two hidden layers")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--rows", type=int, default=15_000)
    parser.add_argument("--dropout", type=float, default=0.0)
    arguments = parser.parse_args()
    source = sources.resolve()
    os.environ["BOOK_DATA"] = source.setting
    print(source.description)
    print(f"{arguments.rows:,} reviews, {arguments.epochs} epochs, {arguments.seeds} seeds, {os.cpu_count()} cores")
    print("Seconds a run; the largest difference after epoch 1; of means at the end, over its standard error")
    print(f"{'units':>6} {'plain':>8} {'ours':>8} {'ratio':>8} {'epoch 1':>8} {'end':>8}")
    for units in arguments.units:
        one = Configuration(units=units, rows=arguments.rows, dropout=arguments.dropout)
        sweep = Sweep("benchmark", (one,), epochs=arguments.epochs)
        task(one.task)  # loaded before the clock starts
        started = time.perf_counter()
        slow = plain.train(one, range(1, arguments.seeds + 1), arguments.epochs)
        plain_seconds = (time.perf_counter() - started) / arguments.seeds
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "runs.jsonl")
            # The start of the processes and compilation are in the time.
            started = time.perf_counter()
            recording.record_sweep(sweep, arguments.seeds, os.cpu_count() or 1, path=path)
            ours_seconds = (time.perf_counter() - started) / arguments.seeds
            fast = [run for _, run in sorted(runs_in(path).items(), key=lambda item: item[0][1])]
        first = max(abs(a[m][0] - b[m][0]) for a, b in zip(slow, fast, strict=True) for m in METRICS)
        last = {m: (np.array([run[m][-1] for run in slow]), np.array([run[m][-1] for run in fast])) for m in METRICS}
        apart = max(
            abs(a.mean() - b.mean()) / (np.hypot(a.std(ddof=1), b.std(ddof=1)) / np.sqrt(len(a)) + 1e-9)
            for a, b in last.values()
        )
        ratio = plain_seconds / ours_seconds
        print(
            f"{units:>6} {plain_seconds:>8.1f} {ours_seconds:>8.1f} {ratio:>8.1f} {first:>8.1e} {apart:>8.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
