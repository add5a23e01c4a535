"""The explorer of learning rate and batch size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import traitlets
from matplotlib.figure import Figure

from book.explorers.numbers import loss_text, plain
from book.explorers.widget import Explorer, mean_curves, means, module, of, seeds_of, thousandths
from book.sweeps.configurations import SWEEPS, Configuration

CONFIGURATIONS = SWEEPS["rates"].configurations
RATES = tuple(dict.fromkeys(each.rate for each in CONFIGURATIONS))
BATCHES = tuple(dict.fromkeys(each.batch for each in CONFIGURATIONS))
SOURCE = (
    "Recorded from real training runs: a dense network with 64 hidden units on 4,000 training digits, 10,000 others to "
    "validate, RMSprop, {epochs} epochs. Numbers and lines are means over {seeds} seeds, bands one standard deviation. "
    "A difference is clear if it is more than twice its standard error. Training loss and accuracy are means over an "
    "epoch, as Keras reports them. Losses below 0.001 are drawn at 0.001. A run has diverged when a loss is above "
    "65,504 or not a number."
)


@dataclass(frozen=True)
class Cell:
    """What the map shows of a configuration.

    Attributes:
        value: The mean over seeds, in whole thousandths as everywhere on the page; None where a run has diverged.
        error: Its standard error.
        step: The place of its colour, from 0, the worst.
        text: What stands in the cell.
    """

    value: float | None
    error: float | None
    step: int | None
    text: str


@dataclass(frozen=True)
class Quantity:
    """What the map shows of a cell.

    Attributes:
        metric: One of ``METRICS``.
        title: The quantity in words; stands above the map.
        bounds: Where the colour changes, from worse to better.
        lowest: Whether the lowest mean of all epochs counts, instead of the last.
    """

    metric: str
    title: str
    bounds: tuple[float, ...]
    lowest: bool = False

    @property
    def share(self) -> bool:
        """Whether it is a share of one, of which more is better; else it is a loss."""
        return self.metric.endswith("accuracy")

    @property
    def heading(self) -> str:
        """The title, with its unit."""
        return self.title + (", in %" if self.share else "")

    def cell(self, configuration: Configuration) -> Cell:
        """What the map shows of a configuration."""
        now = means(configuration)
        if not (now.whole if self.lowest else now.whole == len(of(configuration)[0]["loss"])):
            return Cell(None, None, None, "—")
        epoch = now.best if self.lowest else -1
        value, spread = (int(thousandths(each[self.metric])[epoch]) / 1000 for each in (now.mean, now.spread))
        step = sum(value >= bound if self.share else value < bound for bound in self.bounds)
        return Cell(
            value, round(spread / now.seeds**0.5, 6), step, f"{100 * value:.1f}" if self.share else loss_text(value)
        )

    def bound_texts(self) -> list[str]:
        """What stands between the colours of the scale."""
        return [f"{100 * bound:.0f}" if self.share else plain(bound) for bound in self.bounds]

    def scale(self) -> str:
        """What the colours stand for."""
        worst, *_, best = (f"{text} %" if self.share else text for text in self.bound_texts())
        first, last = ("below", "at least") if self.share else ("at least", "below")
        return f"Scale of the colours, from {first} {worst} to {last} {best}"

    def packed(self, name: str, configurations: Sequence[Configuration]) -> dict[str, Any]:
        """What the module reads, under the name that a reader chooses."""
        return {
            "name": name,
            "title": self.title,
            "heading": self.heading,
            "share": self.share,
            "lowest": self.lowest,
            "bounds": self.bound_texts(),
            "scale": self.scale(),
            "cells": [asdict(self.cell(each)) for each in configurations],
        }


#: By what a reader chooses.
QUANTITIES = {
    "validation accuracy": Quantity(
        "val_accuracy", "Validation accuracy after the last epoch", (0.2, 0.5, 0.8, 0.9, 0.92, 0.94)
    ),
    "lowest validation loss": Quantity(
        "val_loss", "Lowest validation loss", (2.0, 1.0, 0.5, 0.35, 0.3, 0.25), lowest=True
    ),
    "training loss": Quantity("loss", "Training loss of the last epoch", (2.0, 1.0, 0.3, 0.1, 0.03, 0.01)),
}


class RateExplorer(Explorer):
    """A map of learning rate and batch size, for a dense network on digits, that opens into training curves.

    Attributes:
        rate: Learning rate, 0.00001 to 0.1.
        batch: Examples in a batch: 8, 32, 128, 512 or 2,048.
        quantity: What the map shows: ``validation accuracy`` (after the last epoch), ``lowest validation loss``, or
            ``training loss`` (of the last epoch).
    """

    _esm = module("rates.js")

    rate = traitlets.Enum(RATES, 0.001).tag(sync=True)
    batch = traitlets.Enum(BATCHES, 128).tag(sync=True)
    quantity = traitlets.Enum(tuple(QUANTITIES), "validation accuracy").tag(sync=True)
    _data = traitlets.Dict().tag(sync=True)

    @traitlets.default("_data")
    def _recorded(self) -> dict[str, Any]:
        configurations = [configuration(rate, batch) for rate in RATES for batch in BATCHES]
        packed = mean_curves(configurations)
        return {
            "axes": [{"name": "rate", "values": RATES}, {"name": "batch", "values": BATCHES}],
            "quantities": [each.packed(name, configurations) for name, each in QUANTITIES.items()],
            "diverged": [means(each).diverged for each in configurations],
            "source": SOURCE.format(epochs=packed["epochs"], seeds=seeds_of(packed)),
            **packed,
        }

    def configuration(self) -> Configuration:
        """What *Train this now* trains."""
        return configuration(self.rate, self.batch)

    def picture(self) -> Figure:
        """The map of the chosen quantity."""
        quantity = QUANTITIES[self.quantity]
        cells = [[quantity.cell(configuration(rate, batch)) for batch in BATCHES] for rate in RATES]
        steps = np.array([[np.nan if each.step is None else each.step for each in row] for row in cells])
        figure, axes = plt.subplots(figsize=(5.6, 3.9))
        colours = plt.get_cmap("Blues", len(quantity.bounds) + 1)
        axes.imshow(np.ma.masked_invalid(steps), cmap=colours, vmin=0, vmax=len(quantity.bounds), aspect="auto")
        for (row, column), step in np.ndenumerate(steps):
            look: dict[str, Any] = {} if np.isnan(step) else {"fontsize": 9, "color": "black"}
            if step >= len(quantity.bounds) - 1:
                look["color"] = "white"
            axes.text(column, row, cells[row][column].text, ha="center", va="center", **look)
        axes.set(title=quantity.heading, xlabel="batch size", ylabel="learning rate")
        axes.set_xticks(range(len(BATCHES)), [f"{batch:,}" for batch in BATCHES])
        axes.set_yticks(range(len(RATES)), [plain(rate) for rate in RATES])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.grid(False)
        return figure


def configuration(rate: float, batch: int) -> Configuration:
    """What is behind a cell."""
    return replace(CONFIGURATIONS[0], rate=rate, batch=batch)
