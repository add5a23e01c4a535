"""What the explorers have in common: a widget that shows recorded runs, and trains one anew where there is a kernel."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import anywidget
import matplotlib.pyplot as plt
import numpy as np
import traitlets
from matplotlib.figure import Figure

from book.explorers.modules import joined
from book.sweeps.configurations import Configuration
from book.sweeps.runs import METRICS, packaged_runs

HERE = Path(__file__).parent


def module(name: str) -> str:
    """The text of a widget's ES module, which is one of those in this folder."""
    return joined(HERE / name)


@dataclass(frozen=True)
class Means:
    """The recorded runs of a configuration over seeds, as far as none has diverged.

    Attributes:
        seeds: How many runs there are.
        diverged: How many of them have a loss that is not finite.
        mean: For each of ``METRICS``, one number an epoch before the first in which a loss is not finite.
        spread: The standard deviations (with n - 1 in the denominator), likewise.
    """

    seeds: int
    diverged: int
    mean: dict[str, np.ndarray]
    spread: dict[str, np.ndarray]

    @property
    def whole(self) -> int:
        """How many epochs there are."""
        return len(self.mean["loss"])

    @property
    def best(self) -> int:
        """The position of the lowest mean validation loss, as it is written in thousandths; -1 if there is none."""
        return int(thousandths(self.mean["val_loss"]).argmin()) if self.whole else -1


@cache
def means(configuration: Configuration) -> Means:
    """The means over the recorded seeds of a configuration.

    Raises:
        KeyError: It has not been recorded.
    """
    runs = of(configuration)
    finite = np.array([np.isfinite(run["loss"]) & np.isfinite(run["val_loss"]) for run in runs])  # run, epoch
    whole = int(np.append(finite.all(axis=0), False).argmin())
    values = {metric: np.array([run[metric][:whole] for run in runs]) for metric in METRICS}
    return Means(
        seeds=len(runs),
        diverged=int((~finite.all(axis=1)).sum()),
        mean={metric: each.mean(axis=0) for metric, each in values.items()},
        spread={metric: each.std(axis=0, ddof=1) for metric, each in values.items()},
    )


def mean_curves(configurations: Sequence[Configuration]) -> dict[str, Any]:
    """What a module's ``unpack`` reads: means and standard deviations over the recorded seeds.

    Args:
        configurations: In the order in which the module counts them.

    Returns:
        ``epochs`` of a run; ``metrics``; and ``runs``: for each configuration the number of ``seeds``, the position
        of the ``best`` epoch, the number of ``whole`` epochs, and ``curves``: for each metric the means and then the
        standard deviations of each whole epoch, in thousandths, each as its difference from the one before.

    Raises:
        KeyError: A configuration has not been recorded.
    """
    every = [means(configuration) for configuration in configurations]
    return {
        "epochs": len(of(configurations[0])[0]["loss"]),
        "metrics": METRICS,
        "runs": [
            {
                "seeds": each.seeds,
                "best": each.best,
                "whole": each.whole,
                "curves": [
                    number
                    for metric in METRICS
                    for curve in (each.mean[metric], each.spread[metric])
                    for number in differences(curve)
                ],
            }
            for each in every
        ],
    }


def seeds_of(packed: dict[str, Any]) -> str:
    """How many seeds the means of packed runs are over: ``5``, or ``3 to 5``."""
    numbers = {run["seeds"] for run in packed["runs"]}
    return str(min(numbers)) if len(numbers) == 1 else f"{min(numbers)} to {max(numbers)}"


def thousandths(numbers: np.ndarray) -> np.ndarray:
    """Numbers as whole thousandths: what a page shows is computed from these, in Python as in a module."""
    return np.round(1000 * numbers).astype(int)


def differences(numbers: np.ndarray) -> list[int]:
    """Numbers in thousandths, each as its difference from the one before: what a module's ``curvesOf`` reads."""
    steps: list[int] = np.diff(thousandths(numbers), prepend=0).tolist()
    return steps


def of(configuration: Configuration) -> list[dict[str, np.ndarray]]:
    """The recorded runs of a configuration, one a seed.

    Raises:
        KeyError: There are none.
    """
    if configuration not in _by_configuration():
        raise KeyError(f"not recorded: {configuration.name} (`book record` records it)")
    return _by_configuration()[configuration]


@cache
def _by_configuration() -> dict[Configuration, list[dict[str, np.ndarray]]]:
    found: dict[Configuration, list[dict[str, np.ndarray]]] = {}
    for (configuration, _), run in packaged_runs().items():
        found.setdefault(configuration, []).append(run)
    return found


class Explorer(anywidget.AnyWidget):
    """A widget that draws recorded runs.

    Attributes:
        training: Whether a network is being trained in this kernel.
        sentence: What is seen, in words; set by the view.
    """

    _css = HERE / "explorers.css"

    training = traitlets.Bool(False).tag(sync=True)
    sentence = traitlets.Unicode("").tag(sync=True)

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self._stop = threading.Event()
        self.on_msg(self._answer)

    def configuration(self) -> Configuration:
        """What *Train this now* trains."""
        raise NotImplementedError

    def picture(self) -> Figure:
        """What the explorer shows at first, for paper and for readers without JavaScript."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The widget, and its picture for whoever cannot show it."""
        bundle = super()._repr_mimebundle_(**options)
        if bundle is None:
            return None
        figure = self.picture()
        file = io.StringIO()
        with plt.rc_context({"svg.hashsalt": type(self).__name__}):
            figure.savefig(file, format="svg", metadata={"Date": None})
        plt.close(figure)
        return {**bundle[0], "image/svg+xml": file.getvalue()}, bundle[1]

    def train(self) -> None:
        """Train the chosen network in a thread of its own, and draw each epoch as it ends."""
        if not self.training:
            self.training = True
            self._stop.clear()
            threading.Thread(target=self._train, args=(self.configuration(),), daemon=True).start()

    def stop(self) -> None:
        """End the training after the step that is running."""
        self._stop.set()

    def _answer(self, _: Any, content: Any, buffers: Any) -> None:
        {"train": self.train, "stop": self.stop}.get(content.get("do"), lambda: None)()

    def _train(self, configuration: Configuration) -> None:
        try:
            from book.explorers.live import EPOCHS, epochs_of

            self.send({"status": f"Loading the data for {configuration.name} …"})
            done = 0
            for done, history in enumerate(epochs_of(configuration, self._stop), 1):
                self.send({"history": history, "status": f"Training: epoch {done} of {EPOCHS}"})
            stopped = "Stopped after" if self._stop.is_set() else "Trained for"
            self.send({"status": f"{stopped} {done} epoch{'' if done == 1 else 's'}, drawn over the recorded runs."})
        except Exception as error:  # whatever it is, the reader sees it where the button is
            self.send({"status": f"It could not be trained: {error}"})
        finally:
            self.training = False
