"""The book's figures: training curves, image grids, confusion matrices, all in one look.

Each function draws one figure and shows it.

Importing this module sets Matplotlib's style to the book's, and in a notebook its figure format to SVG, so that
figures stay sharp at every size and the site can draw them in the colours of light and dark mode.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

#: What is measured on the training data, and on data held out from it, everywhere in the book.
TRAINING, VALIDATION = "#0072b2", "#d55e00"
#: Further colours, for a third, fourth and fifth line; all from Okabe and Ito's palette for colour-blind readers
#: (https://jfly.uni-koeln.de/color/).
GREEN, PINK, YELLOW, SKY = "#009e73", "#cc79a7", "#e69f00", "#56b4e9"
#: For what should stay in the background.
GREY = "#767676"

plt.style.use(Path(__file__).with_name("figures.mplstyle"))
if "ipykernel" in sys.modules:
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    set_matplotlib_formats("svg")


def training_curves(history: Any, metrics: Sequence[str] = ("loss", "accuracy")) -> None:
    """Draw metrics over epochs, training and validation together, one panel a metric.

    Args:
        history: What ``model.fit`` returns, or its ``history`` dictionary: a list with one number an epoch for
            each metric, and for ``val_`` + metric where validation data was given.
        metrics: Names of metrics, in the order of the panels.

    Raises:
        KeyError: The history has no such metric.
    """
    values: Mapping[str, Sequence[float]] = getattr(history, "history", history)
    _, panels = plt.subplots(1, len(metrics), figsize=(3.6 * len(metrics), 2.8), squeeze=False)
    for axes, metric in zip(panels[0], metrics, strict=True):
        if metric not in values:
            raise KeyError(f"the history has no {metric!r}, only {', '.join(values)}")
        epochs = range(1, len(values[metric]) + 1)
        axes.plot(epochs, values[metric], "o-", color=TRAINING, markersize=4, label="training")
        if f"val_{metric}" in values:
            axes.plot(epochs, values[f"val_{metric}"], "s--", color=VALIDATION, markersize=4, label="validation")
        axes.set(xlabel="epoch", title=metric.replace("_", " "))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    panels[0][0].legend()
    plt.show()


def image_grid(
    images: np.ndarray,
    titles: Sequence[str] | None = None,
    columns: int = 10,
    *,
    cmap: str = "gray_r",
    limits: tuple[float, float] | None = None,
) -> None:
    """Draw images side by side, without axes.

    Args:
        images: Array of shape ``(n, height, width)``.
        titles: One line above each image.
        columns: Images in a row.
        cmap: Matplotlib colour map; the default draws 0 white and the largest value black.
        limits: The values drawn as the two ends of the colour map; by default the smallest and largest of all
            images, so that they can be compared.

    Raises:
        ValueError: ``images`` has another rank.
    """
    images = np.asarray(images)
    if images.ndim != 3:
        raise ValueError(f"image_grid takes an array (n, height, width), not one of shape {images.shape}")
    rows = -(-len(images) // columns)  # rounded up
    low, high = limits or (float(images.min()), float(images.max()))
    height = 0.72 + (0.22 if titles is not None else 0)
    _, grid = plt.subplots(rows, columns, figsize=(0.72 * columns, height * rows), squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for index, (axes, image) in enumerate(zip(grid.flat, images, strict=False)):
        axes.imshow(image, cmap=cmap, vmin=low, vmax=high)
        if titles is not None:
            axes.set_title(titles[index], fontsize=9, loc="center")
    plt.show()


def confusion_matrix(labels: np.ndarray, predictions: np.ndarray, names: Sequence[str]) -> None:
    """Draw how often each true class (row) was given each predicted class (column).

    The shade of a cell is the share of its row, so that classes of different size can be compared; the figure
    written in it is the count.

    Args:
        labels: True classes, integers of shape ``(n,)``.
        predictions: Predicted classes, integers of shape ``(n,)``.
        names: One name a class, in the order of the integers.
    """
    counts = np.zeros((len(names), len(names)), int)
    np.add.at(counts, (np.asarray(labels), np.asarray(predictions)), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = 1.2 + 0.42 * len(names)
    _, axes = plt.subplots(figsize=(size, size))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(*counts.shape):
        if counts[row, column]:
            axes.text(
                column,
                row,
                f"{counts[row, column]:,}",
                ha="center",
                va="center",
                fontsize=8,
                color="white" if shares[row, column] > 0.5 else "black",
            )
    axes.set(xlabel="predicted", ylabel="true")
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    axes.grid(False)
    plt.show()
