"""The explorer of capacity, data and regularisation."""

from __future__ import annotations

from itertools import product
from typing import Any, ClassVar

import matplotlib.pyplot as plt
import numpy as np
import traitlets
from matplotlib.figure import Figure

from book import plots
from book.explorers.widget import Explorer, mean_curves, means, module, of, seeds_of
from book.sweeps.configurations import ROWS, WIDTHS, Configuration

LAYERS = (1, 2)
#: What a reader chooses, and the penalty and the dropout rate behind it.
REGULARISATIONS = {"none": (0.0, 0.0), "L2": (0.001, 0.0), "dropout": (0.0, 0.5), "L2 and dropout": (0.001, 0.5)}
SOURCE = (
    "Recorded from real training runs: dense networks on IMDB reviews (multi-hot, 10,000 words), 10,000 others "
    "to validate, RMSprop with learning rate 0.001, batches of 128, 30 epochs. L2: factor 0.001 on the hidden layers. "
    "Dropout: rate 0.5 after each hidden layer. Lines are means over {seeds} seeds, bands one standard deviation. "
    "Training loss and accuracy are means over an epoch, with dropout, as Keras reports them; losses leave the L2 "
    "penalty out."
)


class OverfittingExplorer(Explorer):
    """Training curves of dense networks on IMDB, for every combination of capacity, data and regularisation.

    Attributes:
        units: Units in each hidden layer: 1, 4, 16, 64 or 256.
        layers: Hidden layers: 1 or 2.
        rows: Training reviews: 250, 1,000, 4,000 or 15,000.
        regularisation: ``none``, ``L2``, ``dropout`` or ``L2 and dropout``.
    """

    _esm = module("overfitting.js")
    axes: ClassVar[dict[str, tuple[Any, ...]]] = {
        "units": WIDTHS, "layers": LAYERS, "rows": ROWS, "regularisation": tuple(REGULARISATIONS),
    }  # fmt: skip

    units = traitlets.Enum(WIDTHS, 64).tag(sync=True)
    layers = traitlets.Enum(LAYERS, 2).tag(sync=True)
    rows = traitlets.Enum(ROWS, 4_000).tag(sync=True)
    regularisation = traitlets.Enum(tuple(REGULARISATIONS), "none").tag(sync=True)
    _data = traitlets.Dict().tag(sync=True)

    @traitlets.default("_data")
    def _recorded(self) -> dict[str, Any]:
        configurations = [configuration(*values) for values in product(*self.axes.values())]
        packed = mean_curves(configurations)
        highest = [run["val_loss"].max() for each in configurations for run in of(each)]
        return {
            "axes": [{"name": name, "values": values} for name, values in self.axes.items()],
            "most": float(np.quantile(highest, 0.97)),
            "source": SOURCE.format(seeds=seeds_of(packed)),
            **packed,
        }

    def configuration(self) -> Configuration:
        """What *Train this now* trains."""
        return configuration(self.units, self.layers, self.rows, self.regularisation)

    def picture(self) -> Figure:
        """Loss and accuracy of the chosen network over epochs."""
        now = means(self.configuration())
        figure, panels = plt.subplots(1, 2, figsize=(7.2, 2.8))
        for axes, metric in zip(panels, ("loss", "accuracy"), strict=True):
            for name, colour, line in ((metric, plots.TRAINING, "-"), (f"val_{metric}", plots.VALIDATION, "--")):
                mean, spread, epochs = now.mean[name], now.spread[name], range(1, now.whole + 1)
                axes.plot(epochs, mean, line, color=colour, label="training" if name == metric else "validation")
                axes.fill_between(epochs, mean - spread, mean + spread, color=colour, alpha=0.2, linewidth=0)
            axes.set(title=metric, xlabel="epoch")
        panels[0].legend()
        return figure


class CapacityExplorer(OverfittingExplorer):
    """The part of it that varies capacity alone: 15,000 reviews, no regularisation."""

    axes: ClassVar[dict[str, tuple[Any, ...]]] = {
        **OverfittingExplorer.axes,
        "rows": (15_000,),
        "regularisation": ("none",),
    }

    rows = traitlets.Enum((15_000,), 15_000).tag(sync=True)
    regularisation = traitlets.Enum(("none",), "none").tag(sync=True)


def configuration(units: int, layers: int, rows: int, regularisation: str) -> Configuration:
    """What is behind a reader's choice."""
    l2, dropout = REGULARISATIONS[regularisation]
    return Configuration(units=units, layers=layers, rows=rows, l2=l2, dropout=dropout)
