"""The explorer of learning rate and batch size."""

from __future__ import annotations

from dataclasses import dataclass, replace

import matplotlib.pyplot as plt
import numpy as np
import traitlets
from matplotlib.figure import Figure

from book.explorers.widget import Explorer, mean_curves, module, of, seeds_of
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

    def of(self, configuration: Configuration) -> float:
        """Its mean over seeds; NaN where a run has diverged."""
        end = whole(configuration)
        means = np.mean([run[self.metric][:end] for run in of(configuration)], axis=0)
        if self.lowest:
            return float(means.min()) if end else float("nan")
        return float(means[-1]) if end == len(of(configuration)[0][self.metric]) else float("nan")

    def step(self, value: float) -> int:
        """The place of a value's colour, from 0, the worst."""
        falling = self.bounds[0] > self.bounds[-1]
        return sum(value < bound if falling else value >= bound for bound in self.bounds)


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
    def _recorded(self) -> dict:
        configurations = [configuration(rate, batch) for rate in RATES for batch in BATCHES]
        with np.errstate(invalid="ignore"):  # what follows a divergence is not read
            packed = mean_curves(configurations)
        return {
            "axes": {"rate": RATES, "batch": BATCHES},
            "quantities": [
                {"name": name, "metric": each.metric, "title": each.title, "bounds": each.bounds, "lowest": each.lowest}
                for name, each in QUANTITIES.items()
            ],
            "whole": [whole(each) for each in configurations],
            "diverged": [diverged(each) for each in configurations],
            "source": SOURCE.format(epochs=packed["epochs"], seeds=seeds_of(packed)),
            **packed,
        }

    def configuration(self) -> Configuration:
        """What *Train this now* trains."""
        return configuration(self.rate, self.batch)

    def picture(self) -> Figure:
        """The map of the chosen quantity."""
        quantity = QUANTITIES[self.quantity]
        values = np.array([[quantity.of(configuration(rate, batch)) for batch in BATCHES] for rate in RATES])
        steps = np.array([[quantity.step(value) for value in row] for row in values])
        shares = quantity.metric.endswith("accuracy")
        figure, axes = plt.subplots(figsize=(5.6, 3.9))
        colours = plt.get_cmap("Blues", len(quantity.bounds) + 1)
        axes.imshow(
            np.ma.masked_where(np.isnan(values), steps), cmap=colours, vmin=0, vmax=len(quantity.bounds), aspect="auto"
        )
        for (row, column), value in np.ndenumerate(values):
            if np.isnan(value):
                axes.text(column, row, "—", ha="center", va="center")
                continue
            text = f"{100 * value:.1f}" if shares else written(value)
            colour = "white" if steps[row, column] >= len(quantity.bounds) - 1 else "black"
            axes.text(column, row, text, ha="center", va="center", fontsize=9, color=colour)
        axes.set(title=quantity.title + (", in %" if shares else ""), xlabel="batch size", ylabel="learning rate")
        axes.set_xticks(range(len(BATCHES)), [f"{batch:,}" for batch in BATCHES])
        axes.set_yticks(range(len(RATES)), [f"{rate:f}".rstrip("0") for rate in RATES])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.grid(False)
        return figure


def configuration(rate: float, batch: int) -> Configuration:
    """What is behind a cell."""
    return replace(CONFIGURATIONS[0], rate=rate, batch=batch)


def whole(configuration: Configuration) -> int:
    """Epochs before the first one in which a run's loss is infinite."""
    finite = np.isfinite([[run["loss"], run["val_loss"]] for run in of(configuration)]).all(axis=(0, 1))
    return int(np.append(finite, False).argmin())


def diverged(configuration: Configuration) -> int:
    """Runs of which a loss is infinite."""
    return sum(not np.isfinite([run["loss"], run["val_loss"]]).all() for run in of(configuration))


def written(loss: float) -> str:
    """A loss with as many digits as fit into a cell."""
    return f"{loss:.3f}" if loss < 9.9995 else f"{loss:.1f}" if loss < 99.95 else f"{loss:,.0f}"
