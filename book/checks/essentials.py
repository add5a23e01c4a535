"""The checkers of the exercises on a first network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import keras
import numpy as np

from book import recorded
from book.checks import answers
from book.checks.core import Wrong, checker
from book.datasets import mnist

PAGE = "chapters/essentials"

#: The batch sizes and epochs of exercise 2.
SIZES, EPOCHS = (16, 128, 1024), 15


@checker("essentials/1")
def read_the_curves(best_epochs: Any, best_epoch: Any, gap: Any) -> str:
    """The epochs of the lowest validation loss, in each run and in the mean, and the gap in accuracy at the end."""
    history = recorded.history(PAGE, "long_history")
    mean = {metric: values.mean(axis=0) for metric, values in history.items()}
    runs, epochs = history["val_loss"].shape
    each = history["val_loss"].argmin(axis=1) + 1
    right = int(np.argmin(mean["val_loss"])) + 1

    if best_epochs is None or isinstance(best_epochs, (str, float, int, np.number)):
        raise Wrong(
            f"`best_epochs` should have one number for each of the {runs} runs; it is {answers.described(best_epochs)}."
        )
    if np.shape(best_epochs) == (epochs,):
        raise Wrong(
            f"`best_epochs` has one number an epoch; it should have one a run, so {runs}. `argmin(axis=0)` compares "
            "the runs, `argmin(axis=1)` compares the epochs of a run."
        )
    found = answers.an_array(best_epochs, "best_epochs", (runs,))
    if not np.array_equal(found, each):
        if np.array_equal(found, each - 1):
            raise Wrong("`best_epochs` are all one too small: `argmin` counts from 0, epochs count from 1.")
        if np.array_equal(found, history["val_accuracy"].argmax(axis=1) + 1):
            raise Wrong(
                "`best_epochs` are where `val_accuracy` is highest. The exercise asks for the lowest `val_loss`."
            )
        if np.array_equal(found, history["loss"].argmin(axis=1) + 1):
            raise Wrong("`best_epochs` are where the training loss is lowest. Look at `val_loss`.")
        raise Wrong("`best_epochs` are not where each run's `val_loss` is lowest: look along the rows, `axis=1`.")

    epoch = answers.a_number(best_epoch, "best_epoch")
    if epoch != right:
        if epoch == right - 1:
            raise Wrong("`best_epoch` is one too small: `argmin` counts from 0, epochs count from 1.")
        if np.isclose(epoch, each.mean(), atol=0.05) or epoch == round(each.mean()):
            raise Wrong(
                "`best_epoch` is the mean of `best_epochs`. Average the curves first, then look for the minimum of the "
                "mean curve."
            )
        raise Wrong(
            "`best_epoch` is not where the mean of `val_loss` over the runs is lowest. Average with `axis=0` first."
        )

    gaps = mean["accuracy"] - mean["val_accuracy"]
    expected = gaps[-1]
    difference = answers.a_number(gap, "gap", -1, 100)
    if not np.isclose(difference, expected, atol=6e-4):
        if np.isclose(difference, -expected, atol=6e-4):
            raise Wrong("`gap` has the wrong sign: subtract the validation accuracy from the training accuracy.")
        if np.isclose(difference, 100 * expected, atol=0.1):
            raise Wrong("`gap` should be a share between 0 and 1, as Keras gives it, and not a percentage.")
        if np.isclose(difference, gaps[right - 1], atol=6e-4):
            raise Wrong("`gap` is that after the best epoch. The exercise asks for the last epoch, `[-1]`.")
        raise Wrong("`gap` is not the difference of the mean accuracies after the last epoch, `[-1]`.")
    return (
        f"The mean validation loss is lowest after epoch {right}, that of single runs after epochs {each.min()} to "
        f"{each.max()}, and training is {expected:.1%} ahead at the end."
    )


@checker("essentials/2")
def vary_the_batch_size(histories: Any, steps: Any, ahead: Any, best_epoch: Any) -> str:
    """Histories and steps an epoch by batch size, the size that starts best, and where the smallest turns."""
    one = getattr(histories, "history", histories)
    if isinstance(one, dict) and "loss" in one:
        raise Wrong(
            "`histories` is the history of one training. Make a dictionary with one history for each batch size."
        )
    given = answers.a_dictionary(histories, "histories", SIZES)
    sizes = [size for size in given if isinstance(size, (int, np.integer))]
    curves = {
        size: answers.a_history(given[size], f"histories[{size}]", EPOCHS if size in SIZES else 1, ("loss", "val_loss"))
        for size in sizes
    }
    _are_separate(curves)
    _are_steps(steps)

    first = {size: curve["loss"][0] for size, curve in curves.items()}
    number = answers.a_number(ahead, "ahead")
    if number not in curves and any(np.isclose(number, loss, atol=1e-3) for loss in first.values()):
        raise Wrong("`ahead` is a loss. The exercise asks which batch size has it.")
    if number not in curves:
        raise Wrong(f"`ahead` should be one of your batch sizes, {_listed(sizes)}; it is {number:g}.")
    if number == max(first, key=lambda size: first[size]):
        raise Wrong("`ahead` is the batch size with the highest training loss in the first epoch. Look for the lowest.")
    if number != min(first, key=lambda size: first[size]):
        raise Wrong('`ahead` does not have the lowest `histories[size]["loss"][0]` of your batch sizes.')

    smallest = min(sizes)
    curve = curves[smallest]["val_loss"]
    right = int(np.argmin(curve)) + 1
    epoch = answers.a_whole_number(best_epoch, "best_epoch")
    if epoch == right - 1:
        raise Wrong("`best_epoch` is one too small: `argmin` counts from 0, epochs count from 1.")
    if epoch != right:
        largest = max(sizes)
        if epoch == int(np.argmin(curves[smallest]["loss"])) + 1:
            raise Wrong("`best_epoch` is where the training loss is lowest. The exercise asks for the validation loss.")
        if epoch == int(np.argmin(curves[largest]["val_loss"])) + 1:
            raise Wrong(f"`best_epoch` is that of batches of {largest:,}. The exercise asks for the smallest batches.")
        raise Wrong(f"`best_epoch` is not where `val_loss` of batches of {smallest} is lowest.")
    images = _few()
    return (
        f"In the first epoch, batches of {int(number)} make {-(-images // int(number))} steps and are ahead. The "
        f"validation loss of batches of {smallest} is lowest after epoch {right} of {len(curve)}."
    )


def _are_separate(curves: Mapping[Any, dict[str, np.ndarray]]) -> None:
    """Each history comes from a new network, trained with its own batch size."""
    for one, other in pairwise(SIZES):
        a, b = curves[one]["loss"], curves[other]["loss"]
        if len(a) == len(b) and np.allclose(a, b, atol=1e-9):
            raise Wrong(
                f"`histories[{one}]` and `histories[{other}]` hold the same numbers: call `train(size)` with each size."
            )
    first = {size: curves[size]["loss"][0] for size in SIZES}
    if min(first, key=lambda size: first[size]) != SIZES[0]:
        raise Wrong(
            f"Something is mixed up in `histories`: batches of {SIZES[0]} make the most steps in the first epoch, and "
            "yet others have a lower loss in it. Is each network new, and does each history stand under its own batch "
            "size?"
        )
    if answers.data() != "part":
        for size in SIZES:
            usual = recorded.history(PAGE, f"batch_histories/{size}")["loss"][:, 0].mean()
            if first[size] < 0.6 * usual:
                raise Wrong(
                    f"The network for `histories[{size}]` starts with a loss of {first[size]:.2f}, as if it had been "
                    "trained before. Build a new network for each batch size."
                )


def _are_steps(answer: Any) -> None:
    """The number of steps in an epoch, by batch size."""
    images = _few()
    steps = answers.a_dictionary(answer, "steps", SIZES)
    found = {size: answers.a_number(steps[size], f"steps[{size}]") for size in SIZES}
    right = {size: -(-images // size) for size in SIZES}
    if found == right:
        return
    if all(found[size] == images // size for size in SIZES):
        raise Wrong(
            f"`steps` leaves out the last, smaller batch: {images:,} images in batches of {SIZES[0]} need "
            "one more step. Round up."
        )
    if any(not found[size].is_integer() for size in SIZES):
        raise Wrong("`steps` should hold whole numbers: the last, smaller batch is a step like the others. Round up.")
    if all(found[size] % right[size] == 0 and found[size] > right[size] for size in SIZES):
        raise Wrong("`steps` counts the steps of all epochs. The exercise asks for those of one epoch.")
    wrong = next(size for size in SIZES if found[size] != right[size])
    raise Wrong(
        f"`steps[{wrong}]` is {found[wrong]:g}. How many batches of {wrong:,} do the {images:,} images of `x_few` make?"
    )


@cache
def _few() -> int:
    """The number of images in ``x_few``."""
    (images, _), _ = mnist.load_data()
    return min(3000, len(images) - len(images) // 6)


@checker("essentials/3")
def beat_the_chapter(model: Any, test_accuracy: Any) -> str:
    """A network that reads more of the test images than the chapter's, and its test accuracy."""
    try:
        network = answers.a_network(model, outputs=10)
    except Wrong as wrong:
        if "NaN" in str(wrong) and answers.activation_of(model.layers[-1]) == "relu":
            raise Wrong(
                "Weights of `model` are NaN. Its last layer uses `relu`, so that all ten outputs can be 0, and the "
                "loss divides by their sum. Use `softmax`."
            ) from None
        raise
    images, labels = answers.digits(10_000)
    shape = network.input_shape[1:]
    if None in shape or np.prod(shape) != 784:
        raise Wrong(
            f"`model` takes inputs of shape {answers.shown(shape)}; here one input is a row of 784 numbers, `(784,)`."
        )
    _are_probabilities(network, images[:200].reshape(-1, *shape))

    if isinstance(test_accuracy, (list, tuple, np.ndarray)) and np.size(test_accuracy) > 1:
        raise Wrong("`test_accuracy` holds several numbers: `evaluate` returns the loss and the accuracy. Take `[1]`.")
    claimed = answers.a_number(test_accuracy, "test_accuracy", 0, 100)
    if claimed > 1:
        raise Wrong(
            "`test_accuracy` is above 1. It should be a share between 0 and 1, and neither a percentage nor a loss."
        )
    images = images.reshape(-1, *shape)
    truth = answers.accuracy(network, images, labels)
    if abs(claimed - truth) > 6e-4:
        raise Wrong(_elsewhere(network, images, labels, claimed, truth))

    if answers.data() == "part":
        return f"`model` reads {truth:.1%} of the test images. With so few images, that is compared with nothing."
    bar = recorded.mean("essentials-test-accuracy")
    if truth <= bar:
        advice = _advice(network, images, labels, truth)
        raise Wrong(f"`model` reads {truth:.2%} of the test images; the chapter's reads {bar:.2%}. {advice}")
    count = round((truth - bar) * len(labels))
    return (
        f"`model` reads {truth:.2%} of the test images correctly, the chapter's network {bar:.2%} on average: that is "
        f"{count} of {len(labels):,} images more."
    )


def _are_probabilities(network: keras.Model, inputs: np.ndarray) -> None:
    """Ten positive numbers that sum to 1 for each image, or scores if the loss expects scores."""
    if getattr(network.loss, "from_logits", False):
        return
    given = np.asarray(network.predict(inputs, batch_size=256, verbose=0))
    if not np.isfinite(given).all():
        raise Wrong("`model` answers with NaN: its training diverged. Lower the learning rate, and scale the inputs.")
    if (given >= 0).all() and np.allclose(given.sum(axis=1), 1, atol=1e-3):
        return
    activation = answers.activation_of(network.layers[-1])
    if activation == "sigmoid":
        raise Wrong(
            "The outputs of `model` do not sum to 1: `sigmoid` gives each digit a probability of its own. An image "
            "shows exactly one digit, so the last layer needs `softmax`."
        )
    if activation == "linear":
        raise Wrong(
            "`model` gives scores and no probabilities: its last layer has no activation. Use `softmax`, which the "
            "loss expects."
        )
    raise Wrong(
        f"The outputs of `model` are not ten probabilities that sum to 1: its last layer uses `{activation}`. Use "
        "`softmax`."
    )


def _elsewhere(network: keras.Model, images: np.ndarray, labels: np.ndarray, claimed: float, truth: float) -> str:
    """Where a claimed accuracy that is not that on the test images may come from."""
    if np.isclose(claimed, 1 - truth, atol=6e-4):
        return "`test_accuracy` is the share of wrong answers. Subtract it from 1."
    if np.isclose(claimed, answers.accuracy(network, images * 255, labels), atol=6e-4):
        return (
            "`test_accuracy` was measured on pixels from 0 to 255. Scale the inputs to between 0 and 1, for training "
            "and for the test, as `x_train` and `x_test` are."
        )
    (known, known_labels), _ = mnist.load_data()
    order = np.random.RandomState(1).permutation(len(known))  # the page's split
    held_out, learned = np.split(order, [len(known) // 6])

    def on(rows: np.ndarray) -> float:
        inputs = (known[rows].astype("float32") / 255).reshape(-1, *images.shape[1:])
        return answers.accuracy(network, inputs, known_labels[rows])

    off_held_out, off_learned = abs(claimed - on(held_out)), abs(claimed - on(learned))
    if off_held_out <= 6e-4 and off_held_out < off_learned:
        return (
            "`test_accuracy` is the accuracy on the validation images. They helped to choose the network, so report "
            "`model.evaluate(x_test, y_test)`."
        )
    if off_learned <= 2e-3:
        return (
            "`test_accuracy` is the accuracy on the training images, which the network has learned from. Report "
            "`model.evaluate(x_test, y_test)`."
        )
    loss = (
        network.evaluate(images, keras.utils.to_categorical(labels, 10), verbose=0, return_dict=True)
        if (answers.loss_of(network) == "categorical_crossentropy")
        else {"loss": np.nan}
    )
    if np.isclose(claimed, loss["loss"], atol=1e-3):
        return "`test_accuracy` is the loss. `evaluate` returns the loss first and the accuracy second: take `[1]`."
    return (
        f"`test_accuracy` is {claimed:.4f}, but on all test images `model` has {truth:.4f}. Is the number that of "
        "another network or of other images, or has `model` been trained since?"
    )


def _advice(network: keras.Model, images: np.ndarray, labels: np.ndarray, truth: float) -> str:
    """What may hold back a network that reads too few digits."""
    hidden = answers.layers_of(network, keras.layers.Dense)[:-1]
    loss = answers.loss_of(network)
    if truth < 0.3:
        return (
            "That is close to guessing: do images and labels stand in the same order, is the loss cross-entropy, and "
            "has it fallen during training?"
        )
    if hidden and all(answers.activation_of(layer) == "softmax" for layer in hidden):
        return "Its hidden layers use `softmax`, which lets one unit silence the others. Use `relu` there."
    plain = (keras.layers.Dense, keras.layers.InputLayer, keras.layers.Dropout, keras.layers.Rescaling)
    if all(answers.activation_of(layer) == "linear" for layer in hidden) and all(
        isinstance(layer, plain) for layer in network.layers
    ):
        return "No hidden layer bends its sums: without `relu`, several layers are no better than one."
    if answers.accuracy(network, images * 255, labels) > truth + 0.02:
        return (
            "It does better on pixels from 0 to 255, so it was trained on those. Scale its inputs to between 0 and 1, "
            "as `x_train` is."
        )
    if "crossentropy" not in loss:
        return f"Its loss is `{loss}`; for probabilities of classes, cross-entropy usually learns faster."
    return (
        "Does the validation accuracy still rise at the end? Then train longer. Does it jump up and down? Then take "
        "smaller steps."
    )


@checker("essentials/4")
def shuffled_pixels(one_way: Any, own_way: Any) -> str:
    """What shuffled pixels do to a dense network: in one way for all images, and in a way of its own for each."""
    answers.a_choice(
        one_way,
        "one_way",
        "b",
        {
            "a": "`one_way`: what would the network gain? The shuffle brings no new information, and takes none away.",
            "c": "`one_way`: you assume that the network uses which pixels are neighbours. Look for a place in the sum "
            "of a unit where that would enter.",
            "d": "`one_way`: to you the images are noise, but to the network? Each place still means the same in every "
            "image. Think of a table whose columns you put in another order.",
        },
    )
    answers.a_choice(
        own_way,
        "own_way",
        "d",
        {
            "a": "`own_way`: no order of the pixels adds information, and here something is lost for good: which?",
            "b": "`own_way`: with one order for all, a weight can learn about its place. What does a weight meet now, "
            "from image to image?",
            "c": "`own_way`: what is left that tells a 3 from a 5, when only the amount of ink remains and not its "
            "place?",
        },
    )
    return (
        "A dense network needs each place to mean the same in every image, and knows nothing of which places are "
        "neighbours."
    )


@checker("essentials/5")
def without_keras(predict: Any, learn: Any) -> str:
    """The forward pass of any dense network, and gradient descent for a network of one layer."""
    _predicts(answers.a_function(predict, "predict"))
    learn = answers.a_function(learn, "learn")
    _learns(learn)
    images, labels = answers.digits(1000)
    rows = images.reshape(len(images), -1)
    half = len(rows) // 2
    w, b = _as_layer(
        answers.called(learn, "learn", rows[:half], np.eye(10, dtype="float32")[labels[:half]], 50, 0.3), 784, 10
    )
    share = float(np.mean((rows[half:] @ w + b).argmax(axis=1) == labels[half:]))
    return (
        "`predict` agrees with networks of one, two and three layers, and `learn` descends as it should: with 50 steps "
        f"on {half} test digits, it reads {share:.0%} of {len(rows) - half} others."
    )


def _softmax(scores: np.ndarray, axis: int | None = 1) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return np.asarray(powers / powers.sum(axis=axis, keepdims=True))


def _relu(values: np.ndarray) -> np.ndarray:
    return np.maximum(values, 0)


def _forward(
    rows: np.ndarray,
    weights: Sequence[np.ndarray],
    hidden: Callable[[np.ndarray], np.ndarray] = _relu,
    last: Callable[[np.ndarray], np.ndarray] = _softmax,
    biases: bool = True,
) -> np.ndarray:
    """The forward pass, right or with one mistake."""
    values = rows
    for place in range(0, len(weights), 2):
        values = values @ weights[place] + (weights[place + 1] if biases else 0)
        values = hidden(values) if place < len(weights) - 2 else last(values)
    return values


def _predicts(predict: Callable[..., Any]) -> None:
    """Compare the learner's forward pass with that of networks made up here, of two, one and three layers."""
    random = np.random.default_rng(7)

    def layers(*sizes: int) -> list[np.ndarray]:
        pairs = [(random.normal(size=(a, b)), random.normal(size=b)) for a, b in pairwise(sizes)]
        return [array for pair in pairs for array in pair]

    rows = random.normal(size=(6, 5))
    for number, weights in ((2, layers(5, 4, 3)), (1, layers(5, 3)), (3, layers(5, 8, 4, 3))):
        copies = [array.copy() for array in weights]
        try:
            returned = answers.called(predict, "predict", rows.copy(), copies)
        except Wrong as wrong:
            if number == 2:
                raise
            raise Wrong(f"With the weights of {_layered(number)}, {wrong}") from None
        right = _forward(rows, weights)
        shape = np.shape(keras.ops.convert_to_numpy(returned) if keras.ops.is_tensor(returned) else returned)
        if shape == (6,):
            raise Wrong(
                "`predict` returns one number an image. It should return the probabilities of all classes: leave "
                "`argmax` to those who call it."
            )
        if shape == right.T.shape:
            raise Wrong("`predict` returns one row a class. It should return one row an image, one column a class.")
        found = answers.an_array(returned, "predict(images, weights)", right.shape)
        if np.allclose(found, right, atol=1e-5):
            continue
        mistakes = (
            (_forward(rows, weights, hidden=lambda z: z), "leaves out relu after the hidden layers"),
            (_forward(rows, weights, last=lambda z: z), "returns scores: it leaves out softmax after the last layer"),
            (
                _forward(rows, weights, last=lambda z: _softmax(_relu(z))),
                "puts relu after the last layer too; there, only softmax belongs",
            ),
            (_forward(rows, weights, biases=False), "leaves out the biases"),
            (
                _forward(rows, weights, last=lambda z: _softmax(z, axis=None)),
                "divides by the sum over all images; each row must sum to 1 by itself: `sum(axis=1, keepdims=True)`",
            ),
            (
                _forward(rows, weights, last=lambda z: _softmax(z, axis=0)),
                "takes softmax down the columns; each row must sum to 1 by itself: `axis=1`",
            ),
            (_forward(rows, weights, last=lambda z: 1 / (1 + np.exp(-z))), "ends with a sigmoid in place of softmax"),
        )
        for values, what in mistakes:
            if np.allclose(found, values, atol=1e-5):
                raise Wrong(f"`predict` {what}.")
        if not np.allclose(found.sum(axis=1), 1, atol=1e-5):
            raise Wrong("The rows that `predict` returns do not sum to 1: softmax divides each row by its own sum.")
        raise Wrong(f"`predict` gives other probabilities than {_layered(number)} with the same weights.")
    large = layers(5, 4, 3)
    large[2] *= 2000
    with np.errstate(all="ignore"):
        returned = answers.called(predict, "predict", rows.copy(), large)
    if not np.isfinite(np.asarray(returned, dtype=float)).all():
        raise Wrong(
            "`predict` gives NaN for large scores: `np.exp` overflows. Subtract the largest score of each row first."
        )
    if not np.allclose(returned, _forward(rows, large), atol=1e-5):
        raise Wrong(
            "`predict` gives other probabilities for large scores: subtract the largest score of each row, not less."
        )


def _layered(number: int) -> str:
    return f"a network of {('one layer', 'two layers', 'three layers')[number - 1]}"


def _as_layer(returned: Any, inputs: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """The weight matrix and the biases that ``learn`` returned."""
    if not isinstance(returned, (list, tuple)) or len(returned) != 2:
        raise Wrong(f"`learn` should return the list `[w, b]`; it returned {answers.described(returned)}.")
    if np.shape(returned[0]) == (classes,) and np.ndim(returned[1]) == 2:
        raise Wrong("`learn` returns the biases first. It should return `[w, b]`, as `get_weights()` does.")
    w = answers.an_array(returned[0], "w", (inputs, classes))
    return w, answers.an_array(np.squeeze(returned[1]), "b", (classes,))


def _descend(rows: np.ndarray, labels: np.ndarray, steps: int, rate: float) -> tuple[np.ndarray, np.ndarray]:
    w, b = np.zeros((rows.shape[1], labels.shape[1])), np.zeros(labels.shape[1])
    for _ in range(steps):
        error = _softmax(rows @ w + b) - labels
        w, b = w - rate * rows.T @ error / len(rows), b - rate * error.mean(axis=0)
    return w, b


def _learns(learn: Callable[..., Any]) -> None:
    """Compare the learner's descent with that of this module: after no step, one, and several."""
    random = np.random.default_rng(3)
    rows = random.normal(size=(12, 5))
    labels = np.eye(3)[[0, 1, 2, 2, 1, 0, 2, 2, 0, 1, 2, 2]]
    n, rate = len(rows), 0.4

    def learned(steps: int) -> tuple[np.ndarray, np.ndarray]:
        returned = answers.called(learn, "learn", rows.copy(), labels.copy(), steps, rate)
        return _as_layer(returned, rows.shape[1], labels.shape[1])

    w, b = learned(1)
    right, right_b = _descend(rows, labels, 1, rate)
    size = float((w * right).sum() / (right**2).sum())  # how far the step goes in the right direction
    straight = np.allclose(w, size * right, atol=1e-5)
    if not w.any():
        raise Wrong(
            "After one step of `learn` all weights are still zero: is the step subtracted from `w`, `steps` times?"
        )
    if straight and np.isclose(size, -1, rtol=1e-3):
        raise Wrong("`learn` walks uphill: the slope points to a higher loss, so subtract it.")
    if straight and np.isclose(abs(size), n, rtol=1e-3):
        raise Wrong("The step of `learn` grows with the number of images: the slopes are a mean, so divide by `n`.")
    if straight and np.isclose(size, 1 / rate, rtol=1e-3):
        raise Wrong("`learn` does not multiply the slopes by `rate`.")
    if straight and not np.isclose(size, 1, rtol=1e-3):
        raise Wrong(
            f"The first step of `learn` is {size:.3g} times as long as it should be: look at what it divides by."
        )
    if not straight:
        raise Wrong(
            "After one step, `w` is not what the formula gives. Does `learn` start with zeros, use all images, and "
            "take `P - Y` from the probabilities of zero weights?"
        )
    if not b.any():
        raise Wrong("`learn` leaves the biases at zero: they learn too, from the mean of `P - Y`.")
    if not np.allclose(b, right_b, atol=1e-5):
        raise Wrong(
            "After one step, `b` is not what the formula gives: subtract `rate` times the mean of `P - Y` over the "
            "images."
        )
    for steps in (2, 25):
        w, b = learned(steps)
        right, right_b = _descend(rows, labels, steps, rate)
        if np.allclose(w, right, atol=1e-4) and np.allclose(b, right_b, atol=1e-4):
            continue
        if np.allclose(w, steps * _descend(rows, labels, 1, rate)[0], atol=1e-4):
            raise Wrong(
                "`learn` repeats its first step: compute the probabilities anew, with the new weights, in each step."
            )
        if any(
            np.allclose(w, _descend(rows, labels, wrong, rate)[0], atol=1e-5) for wrong in (1, steps - 1, steps + 1)
        ):
            raise Wrong(
                f"`learn` was asked for {steps} steps and made another number: look at its loop and its `return`."
            )
        raise Wrong(
            f"The first step of `learn` is right, but after {steps} steps it is elsewhere. Does each step use the "
            "weights and the probabilities of the moment?"
        )


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(str(value) for value in values)
