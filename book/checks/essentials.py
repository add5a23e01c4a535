"""The checkers of the exercises on a first network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import keras
import numpy as np

from book import recorded
from book.checks import answers
from book.checks.answers import close, match
from book.checks.core import Wrong, checker
from book.checks.digits import digits
from book.datasets import mnist

PAGE = "chapters/essentials"

#: The batch sizes and epochs of exercise 2.
SIZES, EPOCHS = (16, 128, 1024), 15


@checker("essentials/1")
def read_the_curves(best_epochs: Any, best_epoch: Any, gap: Any) -> str:
    """The epochs of the lowest validation loss, in each run and in the mean, and the gap in accuracy at the end."""
    history = recorded.history(PAGE, "long_history")
    mean = {metric: values.mean(axis=0) for metric, values in history.items()}
    each = history["val_loss"].argmin(axis=1) + 1
    _check_best_epochs(best_epochs, history, each)
    right = int(np.argmin(mean["val_loss"])) + 1
    match(
        answers.a_number(best_epoch, "best_epoch"),
        right,
        [
            (right - 1, "`best_epoch` is one too small: `argmin` counts from 0, epochs count from 1."),
            (
                lambda epoch: np.isclose(epoch, each.mean(), atol=0.05) or epoch == round(each.mean()),
                "`best_epoch` is the mean of `best_epochs`. Average the curves first, then look for the minimum of the "
                "mean curve.",
            ),
        ],
        "`best_epoch` is not where the mean of `val_loss` over the runs is lowest. Average with `axis=0` first.",
    )
    gaps = mean["accuracy"] - mean["val_accuracy"]
    _check_gap(gap, gaps[-1], gaps[right - 1])
    return (
        f"The mean validation loss is lowest after epoch {right}, that of single runs after epochs {each.min()} to "
        f"{each.max()}, and training is {gaps[-1]:.1%} ahead at the end."
    )


def _check_best_epochs(answer: Any, history: Mapping[str, np.ndarray], right: np.ndarray) -> None:
    runs, epochs = history["val_loss"].shape
    if answer is None or isinstance(answer, (str, float, int, np.number)):
        raise Wrong(
            f"`best_epochs` should have one number for each of the {runs} runs; it is {answers.described(answer)}."
        )
    if np.shape(answer) == (epochs,):
        raise Wrong(
            f"`best_epochs` has one number an epoch; it should have one a run, so {runs}. `argmin(axis=0)` compares "
            "the runs, `argmin(axis=1)` compares the epochs of a run."
        )
    match(
        answers.an_array(answer, "best_epochs", (runs,)),
        right,
        [
            (right - 1, "`best_epochs` are all one too small: `argmin` counts from 0, epochs count from 1."),
            (
                history["val_accuracy"].argmax(axis=1) + 1,
                "`best_epochs` are where `val_accuracy` is highest. The exercise asks for the lowest `val_loss`.",
            ),
            (
                history["loss"].argmin(axis=1) + 1,
                "`best_epochs` are where the training loss is lowest. Look at `val_loss`.",
            ),
        ],
        "`best_epochs` are not where each run's `val_loss` is lowest: look along the rows, `axis=1`.",
    )


def _check_gap(answer: Any, right: float, at_best: float) -> None:
    match(
        answers.a_number(answer, "gap", -1, 100),
        right,
        [
            (-right, "`gap` has the wrong sign: subtract the validation accuracy from the training accuracy."),
            (
                lambda found: np.isclose(found, 100 * right, atol=0.1),
                "`gap` should be a share between 0 and 1, as Keras gives it, and not a percentage.",
            ),
            (at_best, "`gap` is that after the best epoch. The exercise asks for the last epoch, `[-1]`."),
        ],
        "`gap` is not the difference of the mean accuracies after the last epoch, `[-1]`.",
        same=close(atol=6e-4),
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

    number = _check_ahead(ahead, {size: curve["loss"][0] for size, curve in curves.items()})
    smallest, largest = min(sizes), max(sizes)
    curve = curves[smallest]["val_loss"]
    right = int(np.argmin(curve)) + 1
    match(
        answers.a_whole_number(best_epoch, "best_epoch"),
        right,
        [
            (right - 1, "`best_epoch` is one too small: `argmin` counts from 0, epochs count from 1."),
            (
                int(np.argmin(curves[smallest]["loss"])) + 1,
                "`best_epoch` is where the training loss is lowest. The exercise asks for the validation loss.",
            ),
            (
                int(np.argmin(curves[largest]["val_loss"])) + 1,
                f"`best_epoch` is that of batches of {largest:,}. The exercise asks for the smallest batches.",
            ),
        ],
        f"`best_epoch` is not where `val_loss` of batches of {smallest} is lowest.",
    )
    images = _few()
    return (
        f"In the first epoch, batches of {int(number)} make {-(-images // int(number))} steps and are ahead. The "
        f"validation loss of batches of {smallest} is lowest after epoch {right} of {len(curve)}."
    )


def _check_ahead(answer: Any, first: Mapping[Any, float]) -> float:
    """The batch size with the lowest training loss in the first epoch, given these losses by batch size."""
    number = answers.a_number(answer, "ahead")
    match(
        number,
        min(first, key=lambda size: first[size]),
        [
            (
                lambda it: it not in first and any(np.isclose(it, loss, atol=1e-3) for loss in first.values()),
                "`ahead` is a loss. The exercise asks which batch size has it.",
            ),
            (
                lambda it: it not in first,
                f"`ahead` should be one of your batch sizes, {_listed(list(first))}; it is {number:g}.",
            ),
            (
                max(first, key=lambda size: first[size]),
                "`ahead` is the batch size with the highest training loss in the first epoch. Look for the lowest.",
            ),
        ],
        '`ahead` does not have the lowest `histories[size]["loss"][0]` of your batch sizes.',
    )
    return number


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
    wrong = next((size for size in SIZES if found[size] != right[size]), SIZES[0])
    match(
        list(found.values()),
        list(right.values()),
        [
            (
                [images // size for size in SIZES],
                f"`steps` leaves out the last, smaller batch: {images:,} images in batches of {SIZES[0]} need "
                "one more step. Round up.",
            ),
            (
                lambda given: not all(number.is_integer() for number in given),
                "`steps` should hold whole numbers: the last, smaller batch is a step like the others. Round up.",
            ),
            (
                lambda _: all(found[size] % right[size] == 0 and found[size] > right[size] for size in SIZES),
                "`steps` counts the steps of all epochs. The exercise asks for those of one epoch.",
            ),
        ],
        f"`steps[{wrong}]` is {found[wrong]:g}. How many batches of {wrong:,} do the {images:,} images of `x_few` "
        "make?",
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
    images, labels = digits(10_000)
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
    match(
        claimed,
        truth,
        _elsewhere(network, images, labels, truth),
        f"`test_accuracy` is {claimed:.4f}, but on all test images `model` has {truth:.4f}. Is the number that of "
        "another network or of other images, or has `model` been trained since?",
        same=close(rtol=0, atol=6e-4),
    )
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


def _elsewhere(network: keras.Model, images: np.ndarray, labels: np.ndarray, truth: float) -> Iterator[tuple[Any, str]]:
    """Where a claimed accuracy that is not that on the test images may come from."""
    yield (
        lambda claimed: np.isclose(claimed, 1 - truth, atol=6e-4),
        "`test_accuracy` is the share of wrong answers. Subtract it from 1.",
    )
    yield (
        lambda claimed: np.isclose(claimed, answers.accuracy(network, images * 255, labels), atol=6e-4),
        "`test_accuracy` was measured on pixels from 0 to 255. Scale the inputs to between 0 and 1, for training "
        "and for the test, as `x_train` and `x_test` are.",
    )
    (known, known_labels), _ = mnist.load_data()
    order = np.random.RandomState(1).permutation(len(known))  # the page's split

    def on(rows: np.ndarray) -> float:
        inputs = (known[rows].astype("float32") / 255).reshape(-1, *images.shape[1:])
        return answers.accuracy(network, inputs, known_labels[rows])

    held_out, learned = map(on, np.split(order, [len(known) // 6]))
    yield (
        lambda claimed: abs(claimed - held_out) <= 6e-4 and abs(claimed - held_out) < abs(claimed - learned),
        "`test_accuracy` is the accuracy on the validation images. They helped to choose the network, so report "
        "`model.evaluate(x_test, y_test)`.",
    )
    yield (
        lambda claimed: abs(claimed - learned) <= 2e-3,
        "`test_accuracy` is the accuracy on the training images, which the network has learned from. Report "
        "`model.evaluate(x_test, y_test)`.",
    )
    if answers.loss_of(network) == "categorical_crossentropy":
        one_hot = keras.utils.to_categorical(labels, 10)
        loss = network.evaluate(images, one_hot, verbose=0, return_dict=True)["loss"]
        yield (
            lambda claimed: np.isclose(claimed, loss, atol=1e-3),
            "`test_accuracy` is the loss. `evaluate` returns the loss first and the accuracy second: take `[1]`.",
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
    images, labels = digits(1000)
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
    return np.asarray(np.maximum(values, 0))


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
        right = _forward(rows, weights)
        match(
            _probabilities(predict, rows, weights, right.shape, number),
            right,
            _mistaken_forwards(rows, weights),
            f"`predict` gives other probabilities than {_layered(number)} with the same weights.",
            same=close(atol=1e-5),
        )
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


def _probabilities(
    predict: Callable[..., Any], rows: np.ndarray, weights: list[np.ndarray], shape: tuple[int, ...], number: int
) -> np.ndarray:
    """What the learner's forward pass gives for a network of some layers: one row an image, one column a class."""
    try:
        returned = answers.called(predict, "predict", rows.copy(), [array.copy() for array in weights])
    except Wrong as wrong:
        if number == 2:
            raise
        raise Wrong(f"With the weights of {_layered(number)}, {wrong}") from None
    found = np.shape(keras.ops.convert_to_numpy(returned) if keras.ops.is_tensor(returned) else returned)
    if found == (len(rows),):
        raise Wrong(
            "`predict` returns one number an image. It should return the probabilities of all classes: leave "
            "`argmax` to those who call it."
        )
    if found == shape[::-1]:
        raise Wrong("`predict` returns one row a class. It should return one row an image, one column a class.")
    return answers.an_array(returned, "predict(images, weights)", shape)


def _mistaken_forwards(rows: np.ndarray, weights: list[np.ndarray]) -> Iterator[tuple[Any, str]]:
    """What plausible mistakes in the forward pass give, each with its hint."""

    def ending(last: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        return _forward(rows, weights, last=last)

    yield _forward(rows, weights, hidden=lambda z: z), "`predict` leaves out relu after the hidden layers."
    yield ending(lambda z: z), "`predict` returns scores: it leaves out softmax after the last layer."
    yield (
        ending(lambda z: _softmax(_relu(z))),
        "`predict` puts relu after the last layer too; there, only softmax belongs.",
    )
    yield _forward(rows, weights, biases=False), "`predict` leaves out the biases."
    yield (
        ending(lambda z: _softmax(z, axis=None)),
        "`predict` divides by the sum over all images; each row must sum to 1 by itself: `sum(axis=1, keepdims=True)`.",
    )
    yield (
        ending(lambda z: _softmax(z, axis=0)),
        "`predict` takes softmax down the columns; each row must sum to 1 by itself: `axis=1`.",
    )
    yield ending(lambda z: 1 / (1 + np.exp(-z))), "`predict` ends with a sigmoid in place of softmax."
    yield (
        lambda found: not np.allclose(found.sum(axis=1), 1, atol=1e-5),
        "The rows that `predict` returns do not sum to 1: softmax divides each row by its own sum.",
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
    """Compare the learner's descent with that of this module: after one step, and after several."""
    rows = np.random.default_rng(3).normal(size=(12, 5))
    labels = np.eye(3)[[0, 1, 2, 2, 1, 0, 2, 2, 0, 1, 2, 2]]
    rate = 0.4

    def learned(steps: int) -> tuple[np.ndarray, np.ndarray]:
        returned = answers.called(learn, "learn", rows.copy(), labels.copy(), steps, rate)
        return _as_layer(returned, rows.shape[1], labels.shape[1])

    def right(steps: int) -> tuple[np.ndarray, np.ndarray]:
        return _descend(rows, labels, steps, rate)

    _check_first_step(learned(1), right(1), len(rows), rate)
    for steps in (2, 25):
        _check_steps(learned(steps), steps, right)


def _check_first_step(
    found: tuple[np.ndarray, np.ndarray], right: tuple[np.ndarray, np.ndarray], images: int, rate: float
) -> None:
    """Compare weights and biases after one step with the right ones, and the step's length with mistaken ones."""
    w, b = found
    size = float((w * right[0]).sum() / (right[0] ** 2).sum())  # how far the step goes in the right direction
    straight = np.allclose(w, size * right[0], atol=1e-5)

    def times(*sizes: float) -> bool:
        return bool(straight and np.isclose(size, sizes, rtol=1e-3).any())

    match(
        w,
        lambda _: times(1),
        [
            (
                lambda given: not given.any(),
                "After one step of `learn` all weights are still zero: is the step subtracted from `w`, `steps` times?",
            ),
            (
                lambda _: times(-1),
                "`learn` walks uphill: the slope points to a higher loss, so subtract it.",
            ),
            (
                lambda _: times(images, -images),
                "The step of `learn` grows with the number of images: the slopes are a mean, so divide by `n`.",
            ),
            (lambda _: times(1 / rate), "`learn` does not multiply the slopes by `rate`."),
            (
                lambda _: straight,
                f"The first step of `learn` is {size:.3g} times as long as it should be: look at what it divides by.",
            ),
        ],
        "After one step, `w` is not what the formula gives. Does `learn` start with zeros, use all images, and "
        "take `P - Y` from the probabilities of zero weights?",
    )
    match(
        b,
        right[1],
        [
            (
                lambda given: not given.any(),
                "`learn` leaves the biases at zero: they learn too, from the mean of `P - Y`.",
            )
        ],
        "After one step, `b` is not what the formula gives: subtract `rate` times the mean of `P - Y` over the images.",
        same=close(atol=1e-5),
    )


def _check_steps(
    found: tuple[np.ndarray, np.ndarray], steps: int, right: Callable[[int], tuple[np.ndarray, np.ndarray]]
) -> None:
    """Compare weights and biases after several steps with the right ones and with those after other steps."""
    match(
        found,
        right(steps),
        [
            (
                lambda layer: np.allclose(layer[0], steps * right(1)[0], atol=1e-4),
                "`learn` repeats its first step: compute the probabilities anew, with the new weights, in each step.",
            ),
            (
                lambda layer: any(
                    np.allclose(layer[0], right(other)[0], atol=1e-5) for other in (1, steps - 1, steps + 1)
                ),
                f"`learn` was asked for {steps} steps and made another number: look at its loop and its `return`.",
            ),
        ],
        f"The first step of `learn` is right, but after {steps} steps it is elsewhere. Does each step use the "
        "weights and the probabilities of the moment?",
        same=lambda one, other: all(np.allclose(a, b, atol=1e-4) for a, b in zip(one, other, strict=True)),
    )


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(str(value) for value in values)
