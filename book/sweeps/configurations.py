"""What is recorded: a configuration is one way to train a dense network, a sweep is a list of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any, Literal


@dataclass(frozen=True)
class Configuration:
    """One way to train a dense network. Two configurations that are equal are the same experiment.

    Attributes:
        task: A dataset, for example ``imdb``: is a review positive (multi-hot, the 10,000 most frequent words)?
            ``mnist``: which digit is it?
        rows: Training examples.
        units: Units in each hidden layer.
        layers: Hidden layers.
        activation: Of the hidden layers.
        loss: ``crossentropy``, or ``mse``, the mean squared error of the probabilities.
        l2: Factor of the L2 penalty on the weights of the hidden layers.
        dropout: Dropout rate after each hidden layer.
        label_noise: Share of the training labels replaced by another class.
        optimizer: ``rmsprop`` with Keras's defaults, or ``sgd`` without momentum.
        rate: Learning rate.
        batch: Examples in a batch.
        flaw: What is wrong with the data: ``unscaled`` inputs from 0 to 255; ``unshuffled`` data, sorted by class, of
            which the last fifth is the validation data; a ``leak``: three quarters of the validation data are training
            data too.
    """

    task: str = "imdb"
    rows: int = 15_000
    units: int = 16
    layers: int = 2
    activation: Literal["relu", "tanh"] = "relu"
    loss: Literal["crossentropy", "mse"] = "crossentropy"
    l2: float = 0.0
    dropout: float = 0.0
    label_noise: float = 0.0
    optimizer: Literal["rmsprop", "sgd"] = "rmsprop"
    rate: float = 0.001
    batch: int = 128
    flaw: Literal["none", "unscaled", "unshuffled", "leak"] = "none"

    @property
    def name(self) -> str:
        """What differs from the defaults, as in ``imdb units=64 l2=0.001``."""
        different = [
            f"{each.name}={value}"
            for each in fields(self)[1:]
            if (value := getattr(self, each.name)) != each.default or each.name == "units"
        ]
        return " ".join([self.task, *different])


@dataclass(frozen=True)
class Sweep:
    """Configurations that are recorded together.

    Attributes:
        name: What ``book record`` calls it.
        configurations: What is trained.
        epochs: Epochs of each run.
        seeds: Each configuration is trained under the seeds 1 to this.
    """

    name: str
    configurations: tuple[Configuration, ...]
    epochs: int = 30
    seeds: int = 5


def grid(**axes: Iterable[Any]) -> tuple[Configuration, ...]:
    """Every combination of the values of some fields; the other fields keep their defaults."""
    return tuple(Configuration(**dict(zip(axes, values, strict=True))) for values in product(*axes.values()))


ROWS = (250, 1_000, 4_000, 15_000)
WIDTHS = (1, 4, 16, 64, 256)


def _regularised(**axes: Iterable[Any]) -> tuple[Configuration, ...]:
    """A grid without regularisation, with L2, with dropout, and with both."""
    return grid(**axes, l2=(0.0, 0.001), dropout=(0.0, 0.5))


def _mishaps() -> tuple[Configuration, ...]:
    """For each headache a few networks that have it, and some that have none."""
    digits = Configuration(task="mnist", rows=2_000, units=64, layers=1)
    descent = replace(digits, optimizer="sgd", rate=0.1)
    healthy = [digits, descent, replace(digits, rows=8_000), replace(digits, units=256)]
    return (
        *healthy,
        *(replace(each, flaw=flaw) for each in (digits, descent, healthy[3]) for flaw in ("unscaled", "unshuffled")),
        *(Configuration(rows=2_000, units=units, flaw="leak") for units in (16, 64, 256)),
        *(replace(descent, rate=rate, layers=layers) for layers in (1, 2) for rate in (0.0003, 0.001, 2.0, 5.0)),
    )


SWEEPS = {
    sweep.name: sweep
    for sweep in (
        Sweep(
            "overfitting",
            _regularised(units=WIDTHS, layers=(1, 2), rows=ROWS),
        ),
        Sweep("capacity", grid(units=[2**k for k in range(10)], layers=(1, 2, 3))),
        Sweep(
            "regularisation",
            tuple(
                Configuration(units=units, l2=l2, dropout=dropout)
                for units in (4, 16, 64, 256)
                for l2, dropout in [(0, 0), (1e-4, 0), (1e-3, 0), (1e-2, 0), (0, 0.2), (0, 0.5), (0, 0.8), (1e-3, 0.5)]
            ),
        ),
        Sweep(
            "data",
            grid(units=WIDTHS, rows=(250, 500, 1_000, 2_000, 4_000, 8_000, 15_000)),
        ),
        Sweep(
            "loss",
            grid(units=(16, 64), loss=("crossentropy", "mse"), activation=("relu", "tanh")),
        ),
        Sweep("noise", grid(units=(4, 16, 64, 256), label_noise=(0.0, 0.1, 0.2, 0.3, 0.4))),
        Sweep(
            "digits",
            grid(task=["mnist"], layers=[1], units=(4, 16, 64, 256), rows=(250, 1_000, 4_000, 16_000)),
        ),
        Sweep(
            "rates",
            grid(
                task=["mnist"], rows=[4_000], layers=[1], units=[64],
                rate=(1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1), batch=(8, 32, 128, 512, 2048),
            ),
        ),
        Sweep("mishaps", _mishaps()),
    )
}  # fmt: skip
