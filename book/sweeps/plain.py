"""Training a configuration as a page would: build a Keras network, call ``fit``, next.

The yardstick for :mod:`press.record.training`, in speed and in result: same splits, initial weights and batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers
from scipy import sparse

from book.sweeps.configurations import Configuration
from book.sweeps.data import batches, initial_weights, inputs, split, task
from book.sweeps.runs import METRICS


def network(configuration: Configuration, seed: int) -> keras.Sequential:
    """The compiled network with the seed's initial weights. Its last metric is the loss without penalties."""
    one = task(configuration.task)
    binary = one.classes == 2
    model = keras.Sequential([keras.Input((one.x.shape[1],))])
    for _ in range(configuration.layers):
        penalty = keras.regularizers.L2(configuration.l2) if configuration.l2 else None
        model.add(layers.Dense(configuration.units, activation=configuration.activation, kernel_regularizer=penalty))
        if configuration.dropout:
            model.add(layers.Dropout(configuration.dropout))
    model.add(layers.Dense(1, activation="sigmoid") if binary else layers.Dense(one.classes, activation="softmax"))
    model.set_weights([array for pair in initial_weights(configuration, seed) for array in pair])
    crossentropy = "binary_crossentropy" if binary else "categorical_crossentropy"
    loss = crossentropy if configuration.loss == "crossentropy" else "mse"
    optimizers = {"rmsprop": keras.optimizers.RMSprop, "sgd": keras.optimizers.SGD}
    model.compile(optimizers[configuration.optimizer](configuration.rate), loss, metrics=["accuracy", loss])
    return model


def metric_names(model: keras.Model) -> dict[str, str]:
    """What the history of :func:`network`'s ``fit`` calls each of ``METRICS``; ``loss`` without penalties."""
    return {metric: metric.replace("loss", model.loss) for metric in METRICS}


def targets(labels: np.ndarray, classes: int) -> np.ndarray:
    """Labels as the losses take them, float32: one column for two classes, else one-hot."""
    return labels[:, None].astype("float32") if classes == 2 else np.eye(classes, dtype="float32")[labels]


def train(configuration: Configuration, seeds: Sequence[int], epochs: int) -> list[dict[str, list[float]]]:
    """Train a configuration under several seeds, one after another; see :func:`press.record.training.train`."""
    return [_fit(configuration, seed, epochs) for seed in seeds]


def _fit(configuration: Configuration, seed: int, epochs: int) -> dict[str, list[float]]:
    keras.utils.set_random_seed(seed)
    one, parts = task(configuration.task), split(configuration, seed)

    def dense(rows: np.ndarray) -> np.ndarray:
        x = inputs(configuration, rows)
        return np.asarray(x.toarray() if sparse.issparse(x) else x)

    x, y = dense(parts.train), targets(parts.labels, one.classes)
    validation = dense(parts.validation), targets(one.y[parts.validation], one.classes)
    model = network(configuration, seed)
    names = metric_names(model)
    history: dict[str, list[float]] = {metric: [] for metric in METRICS}
    for epoch in range(epochs):
        order = batches(configuration, seed, epoch).ravel()
        order = order[order >= 0]
        now: dict[str, Any] = model.fit(
            x[order], y[order], batch_size=configuration.batch, shuffle=False, verbose=0,
            validation_data=validation, validation_batch_size=1024,
        ).history  # fmt: skip
        for metric in METRICS:
            history[metric].append(now[names[metric]][0])
    return history
