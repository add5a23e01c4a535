"""The recorded runs of the sweeps, in ``runs.jsonl``.

A run has a line, and so have the circumstances that runs have in common.

A run's four curves take two bytes a number: losses as half-precision floats (relative error below 0.05 %), accuracies
as 65,535ths. A loss too large for that, or not a number, is infinity.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from book.sweeps.configurations import Configuration

FILE = Path(__file__).with_name("runs.jsonl")
METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")

Runs = dict[tuple[Configuration, int], dict[str, np.ndarray]]


def runs_in(path: Path) -> Runs:
    """All recorded runs by configuration and seed: for each of ``METRICS`` an array with one number an epoch."""
    return {key: curves_from_text(line["curves"]) for key, line in lines_in(path)[1].items()}


@cache
def packaged_runs() -> Runs:
    """The runs that come with the package, read once."""
    return runs_in(FILE)


def circumstances(path: Path = FILE) -> list[dict[str, Any]]:
    """What runs were made with, one entry for each that differs."""
    return lines_in(path)[0]


def curves_as_text(history: Mapping[str, Any]) -> str:
    """A history's four curves as text."""
    with np.errstate(over="ignore"):
        losses = np.nan_to_num(np.array([history["loss"], history["val_loss"]]), nan=np.inf).astype("<f2")
    shares = np.round(np.array([history["accuracy"], history["val_accuracy"]]) * 65535).astype("<u2")
    return base64.b64encode(losses.tobytes() + shares.tobytes()).decode()


def curves_from_text(text: str) -> dict[str, np.ndarray]:
    """The curves that :func:`curves_as_text` made text of."""
    data = base64.b64decode(text)
    losses, shares = data[: len(data) // 2], data[len(data) // 2 :]
    loss, val_loss = np.frombuffer(losses, "<f2").astype(float).reshape(2, -1)
    accuracy, val_accuracy = np.frombuffer(shares, "<u2").reshape(2, -1) / 65535
    return {"loss": loss, "accuracy": accuracy, "val_loss": val_loss, "val_accuracy": val_accuracy}


def lines_in(path: Path) -> tuple[list[dict[str, Any]], dict[tuple[Configuration, int], dict[str, Any]]]:
    """What a file of runs holds: the circumstances, and by configuration and seed a run's line."""
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
