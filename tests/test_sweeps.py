"""Recording an explorer's runs: the fast training gives what Keras gives, and no run is lost or made twice."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from book.datasets import sources
from book.explorers import widget
from book.sweeps import runs
from book.sweeps.configurations import SWEEPS, Configuration, Sweep, grid
from book.sweeps.data import initial_weights, split, task
from conftest import ROOT
from press.record import sweeps as recording
from press.record.writer import only_writer

pytestmark = pytest.mark.slow

SMALL = Configuration(rows=250, units=4, batch=64)
TINY = Sweep("tiny", grid(rows=[250], units=(1, 2, 4), layers=(1, 2)), epochs=3)


def ways() -> tuple[Any, Any]:
    """The fast training and Keras's. They import JAX and Keras, which collecting the tests does not need."""
    from book.sweeps import plain
    from press.record import training

    return training, plain


def forget_data() -> None:
    task.cache_clear()
    ways()[0]._on_device.cache_clear()


@pytest.fixture(scope="module", autouse=True)
def on_sample() -> Iterator[None]:
    """These tests run on the packaged sample, but for those that say so."""
    before = os.environ.get("BOOK_DATA")
    os.environ["BOOK_DATA"] = "sample"
    forget_data()
    yield
    forget_data()
    if before is None:
        del os.environ["BOOK_DATA"]
    else:
        os.environ["BOOK_DATA"] = before


@pytest.mark.parametrize(
    "configuration",
    [
        SMALL,
        replace(SMALL, layers=3, l2=0.01, activation="tanh"),
        replace(SMALL, loss="mse", label_noise=0.4),
        replace(SMALL, optimizer="sgd", rate=0.5, batch=16, flaw="leak"),
        Configuration(task="mnist", rows=300, units=8, layers=1, flaw="unscaled"),
        Configuration(task="mnist", rows=300, units=8, loss="mse", flaw="unshuffled"),
    ],
    ids=lambda configuration: configuration.name,
)
def test_the_fast_training_gives_what_keras_gives(configuration: Configuration) -> None:
    fast, slow = (way.train(configuration, [1], 3)[0] for way in ways())
    for metric in runs.METRICS:
        scale = max(1, abs(slow[metric][0]))
        assert abs(fast[metric][0] - slow[metric][0]) < 1e-4 * scale, metric
        assert np.allclose(fast[metric], slow[metric], rtol=5e-3, atol=5e-3), metric


def test_dropout_is_keras_s_in_the_mean() -> None:
    configuration = replace(SMALL, rows=1000, units=16, dropout=0.5)
    both = [way.train(configuration, range(1, 9), 5) for way in ways()]
    for metric in runs.METRICS:
        fast, slow = (np.array([run[metric][-1] for run in made]) for made in both)
        error = np.hypot(fast.std(ddof=1), slow.std(ddof=1)) / np.sqrt(len(fast))
        assert abs(fast.mean() - slow.mean()) < 3 * error + 1e-3, metric
    plainly = ways()[0].train(replace(configuration, dropout=0.0), [1, 2], 5)
    with_it, without = (np.mean([run["loss"][-1] for run in made]) for made in (both[0], plainly))
    assert with_it > without + 0.05, "dropout is in the training loss"


def test_sparse_and_dense_products_give_the_same() -> None:
    training = ways()[0]
    one, other = (training.train(SMALL, [1, 2], 3, dense=dense) for dense in (False, True))
    for a, b in zip(one, other, strict=True):
        assert all(np.allclose(a[metric], b[metric], atol=1e-5) for metric in runs.METRICS)


def test_a_run_depends_on_its_seed_alone() -> None:
    configuration = replace(SMALL, dropout=0.5, label_noise=0.2)
    training = ways()[0]
    together, alone = training.train(configuration, [1, 2, 3], 3), training.train(configuration, [2], 3)
    assert np.allclose(together[1]["val_loss"], alone[0]["val_loss"], atol=1e-5)
    assert together[0]["val_loss"] != together[1]["val_loss"]


def test_splits_are_disjoint_and_smaller_ones_are_parts_of_larger_ones() -> None:
    small, large = split(SMALL, 1), split(replace(SMALL, rows=1000), 1)
    assert not set(large.train) & set(large.validation)
    assert set(small.train) < set(large.train) and set(small.validation) == set(large.validation)
    assert set(split(SMALL, 2).train) != set(small.train)


def test_flaws_are_what_they_say() -> None:
    y = task("imdb").y
    noisy = split(replace(SMALL, rows=1000, label_noise=0.3), 1)
    assert np.mean(noisy.labels != y[noisy.train]) == 0.3
    digits = split(Configuration(task="mnist", rows=500, label_noise=0.4), 1)
    assert np.mean(digits.labels != task("mnist").y[digits.train]) == 0.4
    leak = split(replace(SMALL, rows=1000, flaw="leak"), 1)
    assert np.mean(np.isin(leak.validation, leak.train)) == 0.75
    unshuffled = split(Configuration(task="mnist", rows=400, flaw="unshuffled"), 1)
    assert (np.diff(unshuffled.labels) >= 0).all()
    assert task("mnist").y[unshuffled.validation].min() >= unshuffled.labels.max()
    with pytest.raises(ValueError, match="more than the"):
        split(replace(SMALL, rows=20_000), 1)


def test_initial_weights_are_glorot_s() -> None:
    kernel, bias = initial_weights(Configuration(units=256), 1)[0]
    limit = np.sqrt(6 / (10_000 + 256))
    assert not bias.any() and 0.99 * limit < np.abs(kernel).max() <= limit


def test_curves_survive_packing() -> None:
    history = {
        "loss": [0.69314, 1e-6, float("nan")], "accuracy": [0.1, 0.98765, 1],
        "val_loss": [2.5, 0.31234, 1e9], "val_accuracy": [0, 0.5, 0.87654],
    }  # fmt: skip
    back = runs.curves_from_text(runs.curves_as_text(history))
    assert np.allclose(back["loss"][:2], history["loss"][:2], rtol=5e-4, atol=3e-8) and np.isinf(back["loss"][2])
    assert np.allclose(back["val_loss"][:2], history["val_loss"][:2], rtol=5e-4) and np.isinf(back["val_loss"][2])
    for metric in ("accuracy", "val_accuracy"):
        assert np.allclose(back[metric], history[metric], atol=1e-5)


RECORD = """
import sys
from pathlib import Path
from press.record import sweeps as recording
from test_sweeps import TINY
recording.record_sweep(TINY, seeds=2, workers=2, path=Path(sys.argv[1]), cluster=sys.argv[2])
"""


def start(path: Path, cluster: str = "") -> subprocess.Popen[str]:
    environment = {**os.environ, "BOOK_DATA": "sample", "PYTHONPATH": str(ROOT / "tests")}
    command = [sys.executable, "-c", RECORD, str(path), cluster]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def is_whole(path: Path) -> bool:
    wanted = {(configuration, seed) for configuration in TINY.configurations for seed in (1, 2)}
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert sum("run" in line for line in lines) == len(wanted), "no run twice"
    return runs.runs_in(path).keys() == wanted


@pytest.mark.skipif(sys.platform == "win32", reason="it kills a process group")
def test_a_recording_goes_on_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    process = start(path)
    deadline = time.monotonic() + 120
    while len(runs.runs_in(path)) < 2:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = runs.runs_in(path)
    assert path.with_suffix(".lock").exists()
    with start(path) as again:
        output = again.communicate(timeout=240)[0]
    assert again.returncode == 0, output
    assert f"{len(before)} there already" in output and "left: imdb rows=250 units=" in output
    assert is_whole(path)
    for key, run in before.items():
        assert np.array_equal(runs.runs_in(path)[key]["val_loss"], run["val_loss"])
    assert recording.record_sweep(TINY, seeds=2, workers=1, path=path) == 0, "nothing is left to do"


def test_two_recordings_do_not_write_to_one_file(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    with only_writer(path), pytest.raises(BlockingIOError, match="is recording to"):
        recording.record_sweep(TINY, seeds=1, workers=1, path=path)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_cluster_that_loses_a_worker_finishes_the_sweep(tmp_path: Path) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    environment = {**os.environ, "BOOK_DATA": "sample", "PYTHONPATH": str(ROOT / "tests")}
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", address, "--no-dashboard"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-nanny", "--nthreads", "1"]
    log = (tmp_path / "dask.log").open("w")
    options = {"env": environment, "cwd": tmp_path, "stdout": log, "stderr": log}
    scheduler = subprocess.Popen(dask, **options)  # type: ignore[call-overload]
    workers = [subprocess.Popen([*worker, "--no-dashboard"], **options) for _ in range(2)]  # type: ignore[call-overload]
    path = tmp_path / "runs.jsonl"
    process = start(path, address)
    try:
        deadline = time.monotonic() + 180
        while len(runs.runs_in(path)) < 2:
            assert time.monotonic() < deadline and process.poll() is None, process.stdout and process.stdout.read()
            time.sleep(0.05)
        workers[0].kill()
        output = process.communicate(timeout=300)[0]
        assert process.returncode == 0, output
        assert is_whole(path)
    finally:
        for each in (process, *workers, scheduler):
            each.kill()
        log.close()


@pytest.mark.parametrize(("seeds", "said"), [([3, 3], "3"), ([5, 3], "3 to 5")])
def test_how_many_seeds_the_means_are_over(seeds: list[int], said: str) -> None:
    assert widget.seeds_of({"runs": [{"seeds": each} for each in seeds]}) == said


def test_the_recorded_runs_are_whole_small_and_say_what_they_were_made_with() -> None:
    assert runs.FILE.stat().st_size < 1_500_000
    seeds: dict[Configuration, set[int]] = {}
    for configuration, seed in runs.packaged_runs():
        seeds.setdefault(configuration, set()).add(seed)
    for configuration in {each for sweep in SWEEPS.values() for each in sweep.configurations}:
        assert len(seeds.get(configuration, ())) >= 3, configuration.name
    for made in runs.circumstances():
        assert {"date", "engine", "python", "numpy", "jax", "device", "command"} <= made.keys()
        assert all(len(checksum) == 64 for checksum in made["data"].values()) and made["data"]


def full_data() -> str | None:
    beside = ROOT.parent / "shared" / "datasets"
    for setting in (os.environ.get("BOOK_DATA", ""), str(beside)):
        if setting not in ("", "sample", "auto") and Path(setting).is_dir() and sources.resolve(setting).name == "full":
            return setting
    return None


def test_random_recorded_runs_are_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    if not (folder := full_data()):
        pytest.skip("no folder with the full data")
    monkeypatch.setenv("BOOK_DATA", folder)
    forget_data()
    cheap = [
        (one, seed)
        for one, seed in runs.packaged_runs()
        if one.rows <= 4000 and one.units <= 64 and one.batch >= 128 and one.rate <= 0.001 and one.flaw != "unscaled"
    ]
    for configuration, seed in random.sample(cheap, 4):
        now = ways()[0].train(configuration, [seed], 10)[0]
        then = runs.packaged_runs()[configuration, seed]
        for metric in runs.METRICS:
            # Other processors round otherwise, and training magnifies it.
            assert np.allclose(now[metric][:3], then[metric][:3], rtol=2e-3, atol=2e-3), (configuration.name, metric)
            assert np.allclose(now[metric], then[metric][:10], rtol=0.05, atol=0.02), (configuration.name, metric)
    forget_data()
