"""What checkers ask of an answer: is it a network, a history, a number, an array, a figure ... of the right kind?

Each function returns the answer in a plain form or raises :class:`~book.checks.core.Wrong` with a hint. ``name`` is
what the learner called it. :func:`match` compares it with what is right, and with what known mistakes give.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np

from book.checks.core import Wrong
from book.datasets import sources

METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")


def match(
    found: Any,
    right: Any,
    mistakes: Iterable[tuple[Any, str]],
    otherwise: str,
    same: Callable[[Any, Any], bool] = np.array_equal,
) -> None:
    """Return if what was found is right; if not, raise the hint of the first known mistake that gives it.

    Args:
        found: What the learner found.
        right: What is right: a value, or a function that says whether what was found is it.
        mistakes: A table with one row a mistake: what it gives, a value or a function as above, and its hint. The rows
            of an iterator are made for a wrong answer only, up to the one that fits.
        otherwise: The hint for what no known mistake gives.
        same: Whether what was found is as good as a value; without it, both must be equal.

    Raises:
        Wrong: What was found is not right.
    """

    def is_it(value: Any) -> bool:
        return bool(value(found) if callable(value) else same(found, value))

    if is_it(right):
        return
    for mistaken, hint in mistakes:
        if is_it(mistaken):
            raise Wrong(hint)
    raise Wrong(otherwise)


def close(rtol: float = 1e-5, atol: float = 1e-8) -> Callable[[Any, Any], bool]:
    """What says whether two numbers, or two arrays, differ by no more than ``atol`` plus ``rtol`` times the second."""
    return partial(np.allclose, rtol=rtol, atol=atol)


def data() -> str:
    """The name of the data in use: ``full``, ``sample``, or ``part`` for a folder with too few rows to compare on."""
    return sources.in_use().name


def a_number(answer: Any, name: str, low: float = -math.inf, high: float = math.inf) -> float:
    """A finite number between two limits, both included.

    Raises:
        Wrong: It is no number, several, NaN, or out of range. A percentage where a share belongs gets its own hint.
    """
    if isinstance(answer, (str, bool, np.bool_)) or answer is None:
        raise Wrong(f"`{name}` should be a number; it is {described(answer)}.")
    try:
        values = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        raise Wrong(f"`{name}` should be a number; it is {described(answer)}.") from None
    if values.size != 1:
        raise Wrong(f"`{name}` should be one number; it is {described(answer)}.")
    number = float(values.reshape(()))
    if not math.isfinite(number):
        raise Wrong(
            f"`{name}` is {number}. A loss that overflowed or a division by zero gives that: look at its parts."
        )
    if not low <= number <= high:
        if (low, high) == (0, 1) and 1 < number <= 100:
            raise Wrong(f"`{name}` should be a share between 0 and 1, as Keras gives it, and not a percentage.")
        raise Wrong(f"`{name}` is {number:g}, which is not between {low:g} and {high:g}.")
    return number


def a_whole_number(answer: Any, name: str, low: float = -math.inf, high: float = math.inf) -> int:
    """A whole number between two limits, both included."""
    number = a_number(answer, name, low, high)
    if not number.is_integer():
        raise Wrong(f"`{name}` should be a whole number; it is {number:g}.")
    return int(number)


def a_choice(answer: Any, name: str, right: str, hints: Mapping[str, str]) -> str:
    """One of several letters.

    Args:
        answer: The learner's choice; case and blanks around it do not matter.
        name: Its name.
        right: The right letter.
        hints: For each wrong letter, why it is wrong.
    """
    letters = sorted([right, *hints])
    if not isinstance(answer, str) or answer.strip().strip("().").lower() not in letters:
        raise Wrong(
            f"`{name}` should be one of {', '.join(repr(letter) for letter in letters)}; it is {described(answer)}."
        )
    letter = answer.strip().strip("().").lower()
    if letter != right:
        raise Wrong(hints[letter])
    return letter


def an_array(answer: Any, name: str, shape: tuple[int | None, ...]) -> np.ndarray:
    """An array of finite numbers; ``None`` in ``shape`` stands for any size."""
    try:
        array = np.asarray(keras.ops.convert_to_numpy(answer) if keras.ops.is_tensor(answer) else answer, dtype=float)
    except (TypeError, ValueError):
        raise Wrong(f"`{name}` should be an array of numbers; it is {described(answer)}.") from None
    fits = array.ndim == len(shape) and all(want in (None, got) for want, got in zip(shape, array.shape, strict=True))
    if not fits:
        raise Wrong(f"`{name}` should have the shape {shown(shape)}; it has {shown(array.shape)}.")
    if not np.isfinite(array).all():
        raise Wrong(f"`{name}` holds NaN or infinite values.")
    return array


def a_dictionary(answer: Any, name: str, keys: Sequence[Any] = ()) -> dict[Any, Any]:
    """A dictionary with at least these keys."""
    if not isinstance(answer, dict):
        raise Wrong(f"`{name}` should be a dictionary; it is {described(answer)}.")
    missing = [key for key in keys if key not in answer]
    if missing:
        has = f"it has {', '.join(repr(key) for key in answer)}" if answer else "it is empty"
        raise Wrong(f"`{name}` has no key {missing[0]!r}; {has}.")
    return answer


def a_function(answer: Any, name: str) -> Callable[..., Any]:
    """A function."""
    if not callable(answer) or isinstance(answer, (type, keras.Model)):
        raise Wrong(f"`{name}` should be the function itself, without calling it; it is {described(answer)}.")
    function: Callable[..., Any] = answer
    return function


def called(function: Callable[..., Any], name: str, *arguments: Any) -> Any:
    """What the learner's function returns for some arguments.

    Raises:
        Wrong: It raised an error, or returned nothing; the hint says so.
    """
    try:
        answer = function(*arguments)
    except Exception as error:
        raise Wrong(
            f"`{name}` stopped with {type(error).__name__}: {str(error).splitlines()[0][:160] if str(error) else ''}"
        ) from None
    if answer is None:
        raise Wrong(f"`{name}` returned None: does it end with `return`?")
    if answer is ...:
        raise Wrong(f"`{name}` returned `...`: it is still to be written.")
    return answer


def a_history(
    answer: Any, name: str = "history", epochs: int = 1, metrics: Sequence[str] = METRICS
) -> dict[str, np.ndarray]:
    """A training history: what ``fit`` returned, or its ``history`` dictionary.

    Args:
        answer: The learner's history.
        name: Its name.
        epochs: How many epochs it has at least.
        metrics: What it must have.

    Returns:
        For each metric an array with one number an epoch.

    Raises:
        Wrong: It is something else, lacks a metric, is too short, or holds a NaN.
    """
    if isinstance(answer, keras.Model):
        raise Wrong(
            f"`{name}` is the network. `history = model.fit(...)` keeps what `fit` returns: that is the history."
        )
    values = getattr(answer, "history", answer)
    if not isinstance(values, dict):
        raise Wrong(f"`{name}` should be what `model.fit` returned; it is {described(answer)}.")
    if not values:
        raise Wrong(f"`{name}` is empty: `fit` has not finished an epoch.")
    for metric in metrics:
        if metric not in values:
            if metric.startswith("val_"):
                raise Wrong(
                    f"`{name}` has no `{metric}`: give `fit` the held-out data as `validation_data=(x_val, y_val)`."
                )
            if metric == "accuracy":
                raise Wrong(f'`{name}` has no `accuracy`: compile with `metrics=["accuracy"]`.')
            raise Wrong(f"`{name}` has no `{metric}`, only {', '.join(map(str, values))}.")
    found: dict[str, np.ndarray] = {}
    for metric in metrics:
        try:
            found[metric] = np.asarray(values[metric], dtype=float).reshape(-1)
        except (TypeError, ValueError):
            raise Wrong(f"`{name}[{metric!r}]` should hold one number an epoch.") from None
        bad = np.flatnonzero(~np.isfinite(found[metric]))
        if bad.size:
            raise Wrong(
                f"In `{name}`, `{metric}` is {found[metric][bad[0]]} from epoch {bad[0] + 1} on. The usual causes "
                "are too high a learning rate and inputs that were not scaled."
            )
        if len(found[metric]) < epochs:
            raise Wrong(f"`{name}` has {len(found[metric])} epochs; the exercise asks for at least {epochs}.")
    return found


def a_network(
    answer: Any,
    name: str = "model",
    inputs: tuple[int | None, ...] | None = None,
    outputs: int | None = None,
    trained: bool = True,
) -> keras.Model:
    """A Keras network that is built, compiled and trained.

    Args:
        answer: The learner's network.
        name: Its name.
        inputs: The shape of one input, without the batch; ``None`` inside stands for any size.
        outputs: How many numbers it gives for one input.
        trained: Whether it must have been trained.

    Raises:
        Wrong: It is something else, or not ready; the hint says what is missing.
    """
    if answer is None:
        raise Wrong(f"`{name}` is None. `compile` and `summary` return None: do not assign their result.")
    if isinstance(answer, keras.callbacks.History):
        raise Wrong(f"`{name}` is what `fit` returned. The network is the object whose `fit` you called.")
    if not isinstance(answer, keras.Model):
        raise Wrong(f"`{name}` should be a Keras network; it is {described(answer)}.")
    if not answer.built or not answer.layers:
        raise Wrong(f"`{name}` has no weights yet: begin it with `keras.Input(...)` and add layers.")
    _has_shapes(answer, name, inputs, outputs)
    if trained:
        if not getattr(answer, "compiled", False):
            raise Wrong(f"`{name}` has not been compiled: call `compile` with a loss, then `fit`.")
        if int(answer.optimizer.iterations) == 0:
            raise Wrong(
                f"`{name}` has not been trained: call its `fit`. A network that you build anew starts from scratch."
            )
    if not all(np.isfinite(weights).all() for weights in answer.get_weights()):
        raise Wrong(
            f"Weights of `{name}` are NaN: its training diverged. Lower the learning rate, and scale the inputs."
        )
    return answer


def _has_shapes(model: keras.Model, name: str, inputs: tuple[int | None, ...] | None, outputs: int | None) -> None:
    """Raise a hint unless a network takes such inputs and gives so many numbers for one of them."""
    if inputs is not None:
        shape = tuple(model.input_shape[1:])
        fits = len(shape) == len(inputs) and all(
            want is None or got is None or want == got for want, got in zip(inputs, shape, strict=True)
        )
        if not fits:
            raise Wrong(f"`{name}` takes inputs of shape {shown(shape)}; here one input has the shape {shown(inputs)}.")
    if outputs is not None and tuple(model.output_shape[1:]) != (outputs,):
        many = "one number" if outputs == 1 else f"{outputs} numbers"
        raise Wrong(
            f"`{name}` should give {many} for each input; its output has the shape {shown(model.output_shape[1:])}."
        )


def loss_of(model: keras.Model) -> str:
    """The name of the loss that a network was compiled with, for example ``binary_crossentropy``."""
    loss = model.loss
    name = loss if isinstance(loss, str) else str(getattr(loss, "name", None) or getattr(loss, "__name__", ""))
    return {"mse": "mean_squared_error", "bce": "binary_crossentropy"}.get(name.lower(), name.lower())


def activation_of(layer: keras.layers.Layer) -> str:
    """The name of a layer's activation function; ``linear`` where it has none."""
    return getattr(getattr(layer, "activation", None), "__name__", "linear")


def layers_of(model: keras.Model, kind: type) -> list[Any]:
    """The layers of one kind in a network, in order, also inside a network that is used as a layer."""
    return [layer for layer in model._flatten_layers(include_self=False) if isinstance(layer, kind)]


def accuracy(model: keras.Model, inputs: np.ndarray, labels: np.ndarray) -> float:
    """The share of right answers: one output is a probability of class 1, several are scores of classes.

    Args:
        model: A network.
        inputs: What it reads.
        labels: The classes as whole numbers, one an input.
    """
    given = np.asarray(model.predict(inputs, batch_size=256, verbose=0))
    classes = given.argmax(axis=-1) if given.shape[-1] > 1 else (given[..., 0] > 0.5).astype(int)
    return float(np.mean(classes == labels))


def lines_of(answer: Any, name: str = "axes") -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The labelled lines of a Matplotlib panel: x and y by label.

    Raises:
        Wrong: It is no panel, has no lines, or its lines have no labels.
    """
    if hasattr(answer, "axes") and isinstance(answer.axes, list):
        raise Wrong(f"`{name}` is the whole figure: `figure, axes = plt.subplots()` gives you both.")
    if not hasattr(answer, "get_lines"):
        raise Wrong(f"`{name}` should be the panel that you drew in, from `plt.subplots()`; it is {described(answer)}.")
    lines = {str(line.get_label()): line.get_xydata().T for line in answer.get_lines()}
    if not lines:
        raise Wrong(f"Nothing has been drawn in `{name}` yet: call its `plot`.")
    named = {label: (xy[0], xy[1]) for label, xy in lines.items() if not label.startswith("_")}
    if not named:
        raise Wrong('The lines have no names: give each `plot` a `label="..."`, and call `legend`.')
    return named


def shown(shape: Sequence[int | None]) -> str:
    """A shape for people: ``(n, 10)``."""
    return (
        "(" + ", ".join("n" if size is None else str(size) for size in shape) + ("," if len(shape) == 1 else "") + ")"
    )


def described(answer: Any) -> str:
    """What an answer is, in a few words: ``a string``, ``a list of 3``, ``None`` ..."""
    if answer is None:
        return "None"
    if isinstance(answer, str):
        return f"the text {answer[:30]!r}"
    if isinstance(answer, (bool, np.bool_)):
        return str(bool(answer))
    if isinstance(answer, numbers.Number):
        return f"the number {answer}"
    if isinstance(answer, np.ndarray):
        return f"an array of shape {shown(answer.shape)}"
    kind = type(answer).__name__
    article = "an" if kind[0].lower() in "aeiou" else "a"
    return (
        f"{article} {kind} of length {len(answer)}"
        if isinstance(answer, (list, tuple, dict, set))
        else f"{article} {kind}"
    )
