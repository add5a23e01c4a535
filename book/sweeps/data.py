"""The data of a run, and what else its seed decides: the initial weights and the order of the batches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from book.datasets import sources
from book.datasets.dataset import chosen
from book.sweeps.configurations import Configuration

VALIDATION_ROWS = 10_000
#: With less data than the full data sets have, this share of it is for validation.
VALIDATION_SHARE = 6

#: Weights of one or several networks: a (kernel, bias) for each layer; of several, with an axis for them in front.
Weights = list[tuple[Any, Any]]


@dataclass(frozen=True)
class Task:
    """All examples of a task: ``x`` of shape (examples, inputs), sparse for reviews, and their classes ``y``."""

    x: Any
    y: np.ndarray
    classes: int


@cache
def task(name: str) -> Task:
    """The training data of a task, loaded once a process.

    Args:
        name: Of a dataset, which says how a network of dense layers reads it.

    Raises:
        KeyError: There is no such dataset, or it says nothing of that.
    """
    (dataset,) = chosen([name])
    if dataset.examples is None:
        raise KeyError(f"the dataset {name} does not say how a network of dense layers reads it")
    return Task(*dataset.examples())


@dataclass(frozen=True)
class Split:
    """Positions of the training and validation examples, and the training labels (with noise, if asked for)."""

    train: np.ndarray
    validation: np.ndarray
    labels: np.ndarray


def split(configuration: Configuration, seed: int) -> Split:
    """Divide the data of a task. For one seed, smaller training sets are parts of larger ones.

    Raises:
        ValueError: The data in use has too few rows.
    """
    y, classes = task(configuration.task).y, task(configuration.task).classes
    held_out = VALIDATION_ROWS if len(y) >= 25_000 else len(y) // VALIDATION_SHARE
    if configuration.flaw == "unshuffled":
        held_out = configuration.rows // 4
    if len(y) < configuration.rows + held_out:
        raise ValueError(
            f"{configuration.rows:,} examples to train on and {held_out:,} to validate are more than the {len(y):,} "
            f"of the data in use ({sources.in_use().description})"
        )
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(y))
    validation, train = order[:held_out], order[held_out : held_out + configuration.rows]
    if configuration.flaw == "unshuffled":
        both = order[: held_out + configuration.rows]
        by_class = both[np.argsort(y[both], kind="stable")]
        train, validation = by_class[: configuration.rows], by_class[configuration.rows :]
    elif configuration.flaw == "leak":
        validation = np.concatenate([train[: 3 * len(train) // 4], validation[: len(train) // 4]])
    labels = y[train].copy()
    wrong = generator.permutation(len(labels))[: round(configuration.label_noise * len(labels))]
    labels[wrong] = (labels[wrong] + generator.integers(1, classes, len(wrong))) % classes
    return Split(train, validation, labels)


def inputs(configuration: Configuration, rows: np.ndarray) -> Any:
    """The inputs of some examples, as the configuration has them; sparse for reviews."""
    x = task(configuration.task).x[rows]
    return x * np.float32(scale(configuration))


def scale(configuration: Configuration) -> float:
    """What the inputs are multiplied with: 255 brings back the bytes of pixels."""
    return 255 if configuration.flaw == "unscaled" else 1


def initial_weights(configuration: Configuration, seed: int) -> Weights:
    """The weights that a run starts from: Glorot and Bengio's uniform distribution, biases zero."""
    generator = np.random.default_rng([seed, 1])
    one = task(configuration.task)
    outputs = one.classes if one.classes > 2 else 1
    sizes = [one.x.shape[1], *[configuration.units] * configuration.layers, outputs]
    weights = []
    for rows, columns in pairwise(sizes):
        limit = np.sqrt(6 / (rows + columns))
        kernel = generator.uniform(-limit, limit, (rows, columns)).astype("float32")
        weights.append((kernel, np.zeros(columns, "float32")))
    return weights


def batches(configuration: Configuration, seed: int, epoch: int) -> np.ndarray:
    """The order of the training examples in an epoch: positions, shape (batches, batch); -1 fills up the last."""
    n, size = configuration.rows, configuration.batch
    order = np.full(-(-n // size) * size, -1)
    shuffled = configuration.flaw != "unshuffled"
    order[:n] = np.random.default_rng([seed, 2, epoch]).permutation(n) if shuffled else np.arange(n)
    return order.reshape(-1, size)
