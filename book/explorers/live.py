"""Training one configuration in a reader's kernel, epoch by epoch, in little memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from scipy import sparse

from book.sweeps.configurations import Configuration
from book.sweeps.data import inputs, split, task
from book.sweeps.plain import metric_names, network, targets
from book.sweeps.runs import METRICS

EPOCHS = 30
SEED = 1


class Batches(keras.utils.PyDataset):  # type: ignore[misc, unused-ignore]  # Keras has no types
    """Some examples of a task, one dense batch at a time: all of them together would take a gigabyte."""

    def __init__(self, x: Any, y: np.ndarray, size: int, shuffled: bool) -> None:
        super().__init__()
        self.x, self.y, self.size, self.shuffled = x, y, size, shuffled
        self.order = np.arange(len(y))
        self.on_epoch_end()

    def __len__(self) -> int:
        return -(-len(self.y) // self.size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self.order[index * self.size : (index + 1) * self.size]
        x = self.x[rows]
        return (x.toarray() if sparse.issparse(x) else x), self.y[rows]

    def on_epoch_end(self) -> None:
        """Keras calls this between epochs."""
        if self.shuffled:
            self.order = np.random.permutation(len(self.y))


class StopWhenAsked(keras.callbacks.Callback):  # type: ignore[misc, unused-ignore]
    """Ends the training after a batch once an event is set."""

    def __init__(self, asked: threading.Event) -> None:
        super().__init__()
        self.asked = asked

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Keras calls this after each batch."""
        if self.asked.is_set():
            self.model.stop_training = True


def epochs_of(configuration: Configuration, stop: threading.Event) -> Iterator[dict[str, list[float]]]:
    """Train, and yield the history so far after each epoch.

    Args:
        configuration: What to train.
        stop: Set it to end the training; the epoch that it breaks off is left out.

    Raises:
        ValueError: The data in use has too few rows.
    """
    keras.utils.set_random_seed(SEED)
    one, parts = task(configuration.task), split(configuration, SEED)
    labels = targets(parts.labels, one.classes), targets(one.y[parts.validation], one.classes)
    shuffled = configuration.flaw != "unshuffled"
    train = Batches(inputs(configuration, parts.train), labels[0], configuration.batch, shuffled)
    validation = Batches(inputs(configuration, parts.validation), labels[1], 1024, shuffled=False)
    model = network(configuration, SEED)
    names = metric_names(model)
    history: dict[str, list[float]] = {metric: [] for metric in METRICS}
    for _ in range(EPOCHS):
        now = model.fit(train, validation_data=validation, verbose=0, callbacks=[StopWhenAsked(stop)]).history
        if stop.is_set():
            return
        for metric in METRICS:
            history[metric].append(float(now[names[metric]][0]))
        yield history
