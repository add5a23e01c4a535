"""The recorded runs, in ``recorded.jsonl``: one line a run, and one for the circumstances that runs have in common.

A run's four curves take two bytes a number: losses as half-precision floats (relative error below 0.05 %), accuracies
as 65,535ths. A loss too large for that, or not a number, is infinity.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from book.sweeps.configurations import Configuration

FILE = Path(__file__).with_name("recorded.jsonl")
METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")

Runs = dict[tuple[Configuration, int], dict[str, np.ndarray]]


def runs(path: Path = FILE) -> Runs:
    """All recorded runs by configuration and seed: for each of ``METRICS`` an array with one number an epoch."""
    return {key: unpack(line["curves"]) for key, line in _lines(path)[1].items()}


@cache
def recorded() -> Runs:
    """The runs that come with the package, read once."""
    return runs()


def circumstances(path: Path = FILE) -> list[dict[str, Any]]:
    """What runs were made with, one entry for each that differs."""
    return _lines(path)[0]


def pack(history: Mapping[str, Any]) -> str:
    """A history's four curves as text."""
    with np.errstate(over="ignore"):
        losses = np.nan_to_num(np.array([history["loss"], history["val_loss"]]), nan=np.inf).astype("<f2")
    shares = np.round(np.array([history["accuracy"], history["val_accuracy"]]) * 65535).astype("<u2")
    return base64.b64encode(losses.tobytes() + shares.tobytes()).decode()


def unpack(text: str) -> dict[str, np.ndarray]:
    """The curves that :func:`pack` made text of."""
    data = base64.b64decode(text)
    losses, shares = data[: len(data) // 2], data[len(data) // 2 :]
    loss, val_loss = np.frombuffer(losses, "<f2").astype(float).reshape(2, -1)
    accuracy, val_accuracy = np.frombuffer(shares, "<u2").reshape(2, -1) / 65535
    return {"loss": loss, "accuracy": accuracy, "val_loss": val_loss, "val_accuracy": val_accuracy}


class Writer:
    """Adds runs to the file, each at once and whole: what is in the file survives a kill at any moment."""

    def __init__(self, path: Path, made: dict[str, Any]) -> None:
        self.path = path
        self.made, self.lines = _lines(path)
        if made not in self.made:
            self.made.append(made)
        self.number = self.made.index(made)

    def add(self, configuration: Configuration, seed: int, history: Mapping[str, Any], seconds: float) -> None:
        """Add a run, in the place of one with the same configuration and seed."""
        self.lines[configuration, seed] = {
            "seed": seed, "made": self.number, "seconds": round(seconds, 1), "curves": pack(history),
        }  # fmt: skip
        texts = [json.dumps({"made": number, **made}) for number, made in enumerate(self.made)]
        for (one, _), line in sorted(self.lines.items(), key=lambda item: (repr(item[0][0]), item[0][1])):
            texts.append(json.dumps({"run": _short(one), **line}))
        temporary = self.path.with_suffix(".tmp")
        temporary.write_text("\n".join(texts) + "\n", encoding="utf-8")
        temporary.replace(self.path)


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Keep a second recording from writing to the same file.

    Raises:
        BlockingIOError: A recording that is still running has it.
    """
    import psutil

    lock = path.with_suffix(".lock")
    while True:
        try:
            with lock.open("x") as file:
                file.write(str(os.getpid()))
            break
        except FileExistsError:
            holder = lock.read_text()
            if holder.isdigit() and psutil.pid_exists(int(holder)):
                raise BlockingIOError(f"process {holder} is recording to {path.name}: let it end, or stop it") from None
            lock.unlink(missing_ok=True)  # left by a recording that was killed
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _short(configuration: Configuration) -> dict[str, Any]:
    """The fields that differ from their defaults."""
    default = asdict(Configuration())
    return {name: value for name, value in asdict(configuration).items() if value != default[name]}


def _lines(path: Path) -> tuple[list[dict[str, Any]], dict[tuple[Configuration, int], dict[str, Any]]]:
    made: list[dict[str, Any]] = []
    found: dict[tuple[Configuration, int], dict[str, Any]] = {}
    if path.exists():
        for text in path.read_text(encoding="utf-8").splitlines():
            line = json.loads(text)
            if "run" in line:
                found[Configuration(**line.pop("run")), line["seed"]] = line
            else:
                del line["made"]
                made.append(line)
    return made, found
