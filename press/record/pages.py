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
import time
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version
from typing import Any

from book import claims
from press import dependencies
from press import page as pages


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
    text = pages.page_text(name)
    started = time.monotonic()
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(pages.computation(text), f"{name}.md", "exec"), namespace)
    from book.datasets import sources

    return {
        "page": name,
        "seed": seed,
        "code": code_hash(text),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "seconds": round(time.monotonic() - started),
        "python": platform.python_version(),
        "backend": f"{keras.backend.backend()} {version(keras.backend.backend())}",
        "keras": keras.__version__,
        "numpy": np.__version__,
        "device": device(),
        "source": sources.in_use().name,
        "data": sources.in_use().fingerprint(dependencies.datasets_used(text)),
        "values": dict(claims.registered),
        "histories": histories_in(namespace),
    }


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


def code_hash(text: str) -> str:
    """A hash of a page's computation: a recorded run counts only for the code that it ran."""
    return sha256(pages.computation(text).encode()).hexdigest()[:16]


def record(names: Sequence[str], source: str, seeds: int) -> int:
    """Record pages over seeds on the data in use, each run in its own process, skipping the runs already there.

    Each run is saved as soon as it ends, so that a recording that is stopped goes on where it was.

    Args:
        names: The pages.
        source: The name of the data in use, ``full`` or ``sample``.
        seeds: Seeds 1 to this, in this order over all pages, so that a recording may be stopped at any time. A claim
            needs five (``claims.ENOUGH_SEEDS``); ten make its range narrower.

    Returns:
        The number of runs that failed.
    """
    todo = [(seed, name) for seed in range(1, seeds + 1) for name in names]
    failed = 0
    for count, (seed, name) in enumerate(todo, 1):
        code = code_hash(pages.page_text(name))
        wanted = (name, seed, source, code)
        if any((run["page"], run["seed"], run["source"], run["code"]) == wanted for run in _runs()):
            continue
        print(f"[{count}/{len(todo)}] {name}, seed {seed} ...", flush=True)
        process = subprocess.run(
            [sys.executable, "-m", "press.record.pages", name, str(seed)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},  # as the build's kernels
        )
        if process.returncode:
            print(f"{process.stderr}\n{name}, seed {seed}: failed, see the traceback above", flush=True)
            failed += 1
            continue
        run = json.loads(process.stdout.splitlines()[-1])
        # Runs of this page's former code are dropped with the first of its new code.
        kept = [old for old in _runs() if old["page"] != name or (old["code"] == code and _key(old) != _key(run))]
        _save(sorted([*kept, run], key=_key))
        print(f"    {run['seconds']} s", flush=True)
    return failed


def _key(run: dict[str, Any]) -> tuple[str, str, int]:
    return run["page"], run["source"], run["seed"]


def _runs() -> list[dict[str, Any]]:
    if not claims.RECORDED.exists():
        return []
    runs: list[dict[str, Any]] = json.loads(claims.RECORDED.read_text(encoding="utf-8"))["runs"]
    return runs


def _save(runs: list[dict[str, Any]]) -> None:
    """Write all runs, one a line, so that a version-control diff shows which changed."""
    lines = ",\n".join(json.dumps(run) for run in runs)
    temporary = claims.RECORDED.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_text(f'{{"runs": [\n{lines}\n]}}\n', encoding="utf-8")
    temporary.replace(claims.RECORDED)


if __name__ == "__main__":
    # The page's own prints stay out of the result's way: the result is the last line.
    print(json.dumps(run_page(sys.argv[1], int(sys.argv[2]))))
