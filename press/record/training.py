"""Training many small dense networks, faster than one ``fit`` after another, with the same result.

Where the time goes, and what is done about it:

- A review has some 130 of 10,000 words. The first layer is a product with a sparse matrix (SciPy) instead of a dense
  one, in both directions: 1/76 of the arithmetic.
- All else is compiled once by JAX for each shape of network, and serves every seed, rate, penalty and dropout rate. The
  seeds of a configuration are trained together in one compiled step.
- All runs of a process share the data.

On a graphics processor dense products are faster than sparse ones; there a whole epoch is one compiled call. Digits,
which are dense, take that way everywhere.

Formulas are Keras's: RMSprop (``keras.optimizers.RMSprop``, rho 0.9, epsilon 1e-7), Glorot and Bengio's (2010) uniform
initial weights, inverted dropout, losses from logits. Reported losses leave the L2 penalty out, so that configurations
can be compared; as in Keras, those on the training data are means over the epoch's batches, with dropout.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy import sparse

from book.sweeps.configurations import Configuration
from book.sweeps.data import batches, initial_weights, scale, split, task
from book.sweeps.runs import METRICS

#: Fields of a configuration that compiled code takes as numbers.
NUMBERS = ("l2", "rate", "dropout")

#: What the code of a network depends on: activation, loss, classes, optimizer, whether there is dropout.
Static = tuple[str, str, int, str, bool]

# The compiled part. ``rest`` holds all weights but the first kernel, in order: bias, kernel, bias, kernel, bias ...


def _outputs(static: Static, z: Any, rest: list[Any], dropout: Any, key: Any) -> Any:
    """Outputs before the last activation, (rows, outputs), from ``z``, the inputs times the first kernel."""
    activation = {"relu": jax.nn.relu, "tanh": jnp.tanh}[static[0]]
    h = z + rest[0]
    for number, (kernel, bias) in enumerate(zip(rest[1::2], rest[2::2], strict=True)):
        h = activation(h)
        if static[4] and key is not None:
            kept = jax.random.bernoulli(jax.random.fold_in(key, number), 1 - dropout, h.shape)
            h = jnp.where(kept, h / (1 - dropout), 0)
        h = h @ kernel + bias
    return h


def _sums(static: Static, outputs: Any, y: Any, real: Any) -> Any:
    """Sums over the examples that are real (not filling): of the loss, and of the right answers."""
    _, loss, classes, *_ = static
    if classes == 2:
        outputs = outputs[:, 0]
        right = (outputs > 0) == (y > 0)
        each = jax.nn.softplus(outputs) - y * outputs if loss == "crossentropy" else (jax.nn.sigmoid(outputs) - y) ** 2
    else:
        right = jnp.argmax(outputs, axis=1) == y
        target = jax.nn.one_hot(y, classes)
        if loss == "crossentropy":
            each = -jnp.sum(target * jax.nn.log_softmax(outputs), axis=1)
        else:
            each = jnp.mean((jax.nn.softmax(outputs) - target) ** 2, axis=1)
    return jnp.stack([jnp.sum(each * real), jnp.sum(right * real)])


def _updated(static: Static, weight: Any, velocity: Any, gradient: Any, rate: Any) -> tuple[Any, Any]:
    if static[3] == "sgd":
        return weight - rate * gradient, velocity
    velocity = 0.9 * velocity + 0.1 * gradient**2
    return weight - rate * gradient / jnp.sqrt(velocity + 1e-7), velocity


def _step(
    static: Static, z: Any, rest: Any, velocities: Any, y: Any, real: Any, key: Any, l2: Any, rate: Any, dropout: Any
) -> Any:
    """One step of all but the first kernel: the gradient by ``z``, the new weights and velocities, and the sums."""

    def loss(z: Any, rest: list[Any]) -> tuple[Any, Any]:
        sums = _sums(static, _outputs(static, z, rest, dropout, key), y, real)
        return sums[0] / jnp.sum(real), sums

    (by_z, gradients), sums = jax.grad(loss, argnums=(0, 1), has_aux=True)(z, rest)
    for number in range(1, len(rest) - 2, 2):  # hidden kernels: neither biases nor the last kernel
        gradients[number] += 2 * l2 * rest[number]
    pairs = [_updated(static, *each, rate) for each in zip(rest, velocities, gradients, strict=True)]
    return by_z, [weight for weight, _ in pairs], [velocity for _, velocity in pairs], sums


def _first_step(static: Static, kernel: Any, velocity: Any, gradient: Any, l2: Any, rate: Any) -> Any:
    """One step of the first kernel."""
    return _updated(static, kernel, velocity, gradient + 2 * l2 * kernel, rate)


def _dense_epoch(
    static: Static,
    first: Any,
    rest: Any,
    x: Any,
    y: Any,
    order: Any,
    key: Any,
    scale: Any,
    l2: Any,
    rate: Any,
    dropout: Any,
) -> Any:
    """An epoch in one call. ``x`` holds all examples, ``order`` the rows of each batch's, and ``y`` their labels."""

    def step(state: Any, batch: Any) -> Any:
        (kernel, velocity), (weights, velocities) = state
        number, rows, labels = batch
        real = (rows >= 0).astype("float32")
        inputs = x[rows].astype("float32") * scale * real[:, None]
        now = jax.random.fold_in(key, number)
        by_z, weights, velocities, sums = _step(
            static, inputs @ kernel, weights, velocities, labels, real, now, l2, rate, dropout
        )
        first = _first_step(static, kernel, velocity, inputs.T @ by_z, l2, rate)
        return (first, (weights, velocities)), sums

    (first, rest), sums = jax.lax.scan(step, (first, rest), (jnp.arange(len(order)), order, y))
    return first, rest, sums.sum(axis=0)


def _evaluation(static: Static, z: Any, rest: Any, y: Any) -> Any:
    return _sums(static, _outputs(static, z, rest, 0.0, None), y, jnp.ones(len(y))) / len(y)


def _dense_evaluation(static: Static, kernel: Any, rest: Any, x: Any, rows: Any, y: Any, scale: Any) -> Any:
    return _evaluation(static, (x[rows].astype("float32") * scale) @ kernel, rest, y)


@cache
def _compiled(static: Static) -> dict[str, Any]:
    """The functions above, compiled: for all seeds at once (None is what they have in common), or for one seed."""
    parts: dict[str, tuple[Any, tuple[int | None, ...] | None, tuple[int, ...]]] = {
        "step": (_step, (0, 0, 0, 0, 0, 0, None, None, None), (1, 2)),
        "first step": (_first_step, None, (0, 1)),
        "evaluation": (_evaluation, (0, 0, 0), ()),
        "dense epoch": (_dense_epoch, (0, 0, None, 0, 0, 0, None, None, None, None), (0, 1)),
        "dense evaluation": (_dense_evaluation, (0, 0, None, 0, 0, None), ()),
    }
    return {
        name: jax.jit(
            jax.vmap(partial(function, static), in_axes=axes) if axes else partial(function, static),
            donate_argnums=donated,
        )
        for name, (function, axes, donated) in parts.items()
    }


class _Networks:
    """The networks of one configuration, one a seed, while they are trained: on the way of dense products."""

    def __init__(self, configuration: Configuration, seeds: Sequence[int], validation: np.ndarray) -> None:
        one = task(configuration.task)
        self.configuration, self.one, self.validation = configuration, one, validation
        self.y_validation = one.y[validation]
        self.functions = _compiled((
            configuration.activation, configuration.loss, one.classes, configuration.optimizer,
            configuration.dropout > 0,
        ))  # fmt: skip
        self.l2, self.rate, self.dropout = (np.float32(getattr(configuration, name)) for name in NUMBERS)
        weights = [[array for pair in initial_weights(configuration, seed) for array in pair] for seed in seeds]
        first, *rest = [jnp.array(np.stack(arrays)) for arrays in zip(*weights, strict=True)]
        #: Weights and velocities, with an axis for the seeds in front: of the first kernel, and of the rest.
        self.first: Any = (first, jnp.zeros_like(first))
        self.rest: Any = (rest, [jnp.zeros_like(array) for array in rest])

    def epoch(self, rows: np.ndarray, y: np.ndarray, keys: Any) -> np.ndarray:
        """Train for an epoch.

        Args:
            rows: The examples of each batch, shape (seeds, batches, batch); -1 where it is filled up.
            y: Their labels.
            keys: A random key for each seed.

        Returns:
            For each seed the sums over the examples of the loss, and of the right answers.
        """
        x, factor = _on_device(self.configuration.task), np.float32(scale(self.configuration))
        self.first, self.rest, sums = self.functions["dense epoch"](
            self.first, self.rest, x, y, rows, keys, factor, self.l2, self.rate, self.dropout
        )
        return np.asarray(sums)

    def scores(self) -> np.ndarray:
        """For each seed the loss and the accuracy on its validation data."""
        x, factor = _on_device(self.configuration.task), np.float32(scale(self.configuration))
        evaluate = self.functions["dense evaluation"]
        return np.asarray(evaluate(self.first[0], self.rest[0], x, self.validation, self.y_validation, factor))


class _SparseNetworks(_Networks):
    """The same, on the way of sparse products with the first kernel, in both directions."""

    def __init__(self, configuration: Configuration, seeds: Sequence[int], validation: np.ndarray) -> None:
        super().__init__(configuration, seeds, validation)
        self.x_validation = [self.one.x[rows] for rows in validation]
        self.kernels = [(self.first[0][index], self.first[1][index]) for index in range(len(seeds))]

    def epoch(self, rows: np.ndarray, y: np.ndarray, keys: Any) -> np.ndarray:
        """Train for an epoch, a batch at a time."""
        sums: Any = 0
        for number in range(rows.shape[1]):
            inputs = [self.one.x[each[each >= 0]] for each in rows[:, number]]
            z = np.zeros((*rows[:, number].shape, self.configuration.units), "float32")
            for index, each in enumerate(inputs):
                z[index, : each.shape[0]] = each @ np.asarray(self.kernels[index][0])
            step_keys = jax.vmap(jax.random.fold_in, (0, None))(keys, number)
            real = (rows[:, number] >= 0).astype("float32")
            by_z, weights, velocities, step_sums = self.functions["step"](
                z, *self.rest, y[:, number], real, step_keys, self.l2, self.rate, self.dropout
            )
            self.rest, by_z = (weights, velocities), np.asarray(by_z)
            for index, each in enumerate(inputs):
                gradient = each.T @ by_z[index, : each.shape[0]]
                self.kernels[index] = self.functions["first step"](*self.kernels[index], gradient, self.l2, self.rate)
            sums += np.asarray(step_sums)
        return np.asarray(sums)

    def scores(self) -> np.ndarray:
        """For each seed the loss and the accuracy on its validation data."""
        z = [each @ np.asarray(kernel) for each, (kernel, _) in zip(self.x_validation, self.kernels, strict=True)]
        return np.asarray(self.functions["evaluation"](np.stack(z), self.rest[0], self.y_validation))


def train(
    configuration: Configuration, seeds: Sequence[int], epochs: int, dense: bool | None = None
) -> list[dict[str, list[float]]]:
    """Train a configuration under several seeds at once.

    The seed decides the split, the label noise, the initial weights, the order of the batches, and the dropout.

    Args:
        configuration: What to train.
        seeds: The seeds.
        epochs: Passes over the training examples.
        dense: Whether the first layer is a dense product; by default for digits, and on a graphics processor.

    Returns:
        For each seed a history as Keras's: for each of ``METRICS`` one number an epoch.
    """
    if dense is None:
        dense = not sparse.issparse(task(configuration.task).x) or jax.default_backend() != "cpu"
    splits = [split(configuration, seed) for seed in seeds]
    validation = np.stack([each.validation for each in splits])
    networks = (_Networks if dense else _SparseNetworks)(configuration, seeds, validation)
    histories = np.zeros((len(seeds), len(METRICS), epochs))
    for epoch in range(epochs):
        positions = np.stack([batches(configuration, seed, epoch) for seed in seeds])
        rows = np.stack([each.train[place] for each, place in zip(splits, positions, strict=True)])
        rows[positions < 0] = -1
        y = np.stack([each.labels[place] for each, place in zip(splits, positions, strict=True)])
        keys = jnp.stack([jax.random.fold_in(jax.random.key(seed), epoch) for seed in seeds])
        histories[:, :2, epoch] = networks.epoch(rows, y, keys) / configuration.rows
        histories[:, 2:, epoch] = networks.scores()
    return [dict(zip(METRICS, history.tolist(), strict=True)) for history in histories]


@cache
def _on_device(name: str) -> Any:
    """All examples of a task where JAX computes; a review's words as bytes."""
    x = task(name).x
    return jnp.array(x.astype("uint8").toarray() if sparse.issparse(x) else x)
