"""The checkers of the exercises on convolutional networks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any

import keras
import numpy as np

from book import recorded
from book.checks.answers import (
    a_choice,
    a_dictionary,
    a_function,
    a_history,
    a_network,
    a_number,
    a_whole_number,
    accuracy,
    activation_of,
    an_array,
    called,
    close,
    data,
    described,
    layers_of,
    lines_of,
    loss_of,
    match,
    shown,
)
from book.checks.core import Wrong, checker
from book.checks.digits import digits

PAGE = "chapters/cnn"
INPUTS = (28, 28, 1)
#: The parameters of the chapter's dense network, and how many exercise 5 allows.
DENSE, LIMIT = 407_050, 8_000
#: What exercise 6 asks for: the accuracy on digits moved by three pixels.
GOAL = 0.85
CONVOLUTIONS = (
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.SeparableConv2D,
    keras.layers.DepthwiseConv2D,
)


# ---- 1: both networks in one figure


@checker("cnn/1")
def both_networks(axes: Any, catch_up: Any, ratio: Any) -> str:
    """Mean accuracies of both networks with their spread; the epoch of catching up; mistakes for each mistake."""
    conv = {metric: values.mean(axis=0) for metric, values in recorded.history(PAGE).items()}
    dense = {metric: values.mean(axis=0) for metric, values in recorded.history(PAGE, "dense_history").items()}
    _figure(
        axes,
        {
            "the convolutional network's training accuracy": conv["accuracy"],
            "the convolutional network's validation accuracy": conv["val_accuracy"],
            "the dense network's training accuracy": dense["accuracy"],
            "the dense network's validation accuracy": dense["val_accuracy"],
        },
    )
    right = _first(dense["val_accuracy"] >= conv["val_accuracy"][0])
    match(
        a_whole_number(catch_up, "catch_up"),
        right,
        [
            (right - 1, "`catch_up` is one too small: NumPy counts from 0, epochs count from 1."),
            (
                _first(dense["accuracy"] >= conv["accuracy"][0]),
                "`catch_up` compares training accuracies: take `val_accuracy` of both networks.",
            ),
        ],
        "`catch_up` is not the first epoch in which the mean of the dense network's `val_accuracy` is at least "
        "the convolutional network's mean of the first epoch, `[0]`.",
    )
    expected = _mistakes(dense) / _mistakes(conv)
    _check_ratio(a_number(ratio, "ratio"), expected, dense, conv)
    return (
        f"All four means are there, with their spread. The dense network makes {expected:.1f} mistakes on validation "
        "images for each one of the convolutional network."
    )


def _check_ratio(found: float, right: float, dense: Mapping[str, np.ndarray], conv: Mapping[str, np.ndarray]) -> None:
    of_accuracies = conv["val_accuracy"][-1] / dense["val_accuracy"][-1]
    match(
        found,
        lambda ratio: np.isclose(ratio, right, rtol=0.05),
        [
            (
                lambda ratio: np.isclose(ratio, 1 / right, rtol=0.01),
                "`ratio` is upside down: divide the mistakes of the dense network by those of the other.",
            ),
            (
                lambda ratio: np.isclose(ratio, [of_accuracies, 1 / of_accuracies], rtol=0.002).any(),
                "`ratio` divides accuracies. The share of mistakes is 1 less the accuracy: divide these.",
            ),
            (
                _mistakes(dense, "accuracy") / _mistakes(conv, "accuracy"),
                "`ratio` counts mistakes on training images: take `val_accuracy`.",
            ),
            (
                _mistakes(dense, epoch=0) / _mistakes(conv, epoch=0),
                "`ratio` is that of the first epoch: take the last one, `[-1]`.",
            ),
        ],
        "`ratio` is not the dense network's share of mistakes divided by the convolutional one's, both from the "
        "mean `val_accuracy` after the last epoch, `[-1]`.",
        same=close(rtol=0.002),
    )


def _first(true: np.ndarray) -> int:
    """The first epoch, from 1, in which something is true; 0 if it never is."""
    return int(np.argmax(true)) + 1 if true.any() else 0


def _mistakes(history: Mapping[str, np.ndarray], metric: str = "val_accuracy", epoch: int = -1) -> float:
    return 1 - float(history[metric][epoch])


def _figure(axes: Any, wanted: Mapping[str, np.ndarray]) -> None:
    """One panel with a named line for each mean, against epochs from 1, with a legend and the runs' spread."""
    bars = _error_bars(axes)
    lines = list((bars or lines_of(axes, "axes")).values())
    for what, mean in wanted.items():
        as_good = (mean, 100 * mean)  # percentages are as good as shares in a figure
        _shows(lines, as_good, mean, what)
        of_it = [(x, y) for x, y in lines if _is_one_of(y, as_good)]
        if not any(np.allclose(x, np.arange(1, len(mean) + 1)) for x, _ in of_it):
            raise Wrong(
                "The lines do not lie over the epochs 1, 2, 3 ...: give `plot` the epochs first, counted from 1, "
                "`axes.plot(epochs, values)`."
            )
    if axes.get_legend() is None and not axes.figure.legends and not axes.texts:
        raise Wrong("The lines have names, but nobody sees them: call `axes.legend()`.")
    if not (axes.collections or bars or len(axes.get_lines()) > len(wanted)):
        raise Wrong(
            "The means are right. Now show how far the runs spread: `axes.fill_between(epochs, low, high)` with "
            "`values.min(axis=0)` and `values.max(axis=0)`, or a thin line for each run."
        )


def _error_bars(axes: Any) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The lines drawn by ``errorbar``, together with the others: Matplotlib keeps their names elsewhere."""
    containers = [each for each in getattr(axes, "containers", ()) if hasattr(each, "has_yerr") and each.lines[0]]
    if not containers:
        return {}
    named = {str(each.get_label()): each.lines[0] for each in containers}
    named |= {str(line.get_label()): line for line in axes.get_lines() if not str(line.get_label()).startswith("_")}
    return {label: tuple(line.get_xydata().T) for label, line in named.items()}


def _is_one_of(values: np.ndarray, others: Sequence[np.ndarray]) -> bool:
    return any(len(values) == len(other) and np.allclose(values, other, rtol=2e-4, atol=0) for other in others)


def _shows(
    lines: Sequence[tuple[np.ndarray, np.ndarray]], as_good: Sequence[np.ndarray], mean: np.ndarray, what: str
) -> None:
    """Raise a hint unless one of the lines is a mean over the runs."""
    network = "history" if "convolutional" in what else "dense_history"
    runs = recorded.history(PAGE, network)["val_accuracy" if "validation" in what else "accuracy"]
    match(
        [y for _, y in lines],
        as_good,
        [
            ([mean * len(runs)], f"`axes` shows the sum of the runs and not their mean for {what}."),
            ([1 - mean], f"`axes` shows the share of mistakes and not the accuracy for {what}."),
            ([runs.mean(axis=1)], "You averaged over the epochs: the runs are the rows, so average with `axis=0`."),
            (runs, f"For {what}, `axes` shows single runs and no line that is their mean: `values.mean(axis=0)`."),
        ],
        f"No line of `axes` is the mean over the runs of {what}.",
        same=lambda shown, wanted: any(_is_one_of(y, wanted) for y in shown),
    )


# ---- 2: a network in words


@checker("cnn/2")
def network_in_words(shapes: Any, parameters: Any) -> str:
    """Output shapes and parameter counts of seven layers, from a description."""
    network = _described_network()
    names = [layer.name for layer in network.layers]
    a_dictionary(shapes, "shapes", names)
    a_dictionary(parameters, "parameters", names)
    into: tuple[int, ...] = (64, 64, 3)
    for layer in network.layers:
        out = tuple(layer.output.shape[1:])
        _check_shape(shapes[layer.name], layer, into, out)
        _check_parameters(parameters[layer.name], layer, into, out)
        into = out
    return (
        f"All fourteen are right, as Keras confirms: {network.count_params():,} parameters in all. A filter reaches "
        "through all channels of its input, and each has one bias."
    )


@cache
def _described_network() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((64, 64, 3)),
            keras.layers.Conv2D(16, 5, padding="same", name="conv1"),
            keras.layers.MaxPooling2D(2, name="pool1"),
            keras.layers.Conv2D(32, 3, strides=2, name="conv2"),
            keras.layers.Conv2D(24, 5, name="conv3"),
            keras.layers.MaxPooling2D(2, name="pool2"),
            keras.layers.Flatten(name="flatten"),
            keras.layers.Dense(4, name="output"),
        ]
    )


def _check_shape(answer: Any, layer: keras.layers.Layer, into: tuple[int, ...], out: tuple[int, ...]) -> None:
    name = f"shapes[{layer.name!r}]"
    found = _as_shape(answer, name)
    if layer.name == "output":
        match(found, out, [], f"`{name}` should be one number, that of its units: the classes.")
    elif len(out) == 1:
        match(
            found,
            out,
            [
                (
                    lambda shape: len(shape) != 1,
                    f"`{name}` is still {shown(found)}: `Flatten` lays all values out in one row.",
                ),
                ((into[0] * into[1],), f"`{name}` forgets the channels: height times width times channels."),
            ],
            f"`{name}` should be the number of values in {shown(into)}: multiply them.",
        )
    else:
        _check_map_shape(found, name, layer, into, out)


def _check_map_shape(
    found: tuple[int, ...], name: str, layer: keras.layers.Layer, into: tuple[int, ...], out: tuple[int, ...]
) -> None:
    """Raise a hint unless a shape has the right height, width and channels."""
    if len(found) == 2:
        raise Wrong(f"`{name}` has no channels: height, width, channels.")
    if len(found) != 3:
        raise Wrong(f"`{name}` should have three numbers, height, width and channels; it has {len(found)}.")
    if found == (out[2], out[0], out[1]):
        raise Wrong(f"`{name}` has the channels first; the exercise, like Keras here, has them last.")
    height, width, channels = found
    pools = isinstance(layer, keras.layers.MaxPooling2D)
    match(
        channels,
        out[2],
        [
            (
                lambda _: pools,
                f"`{name}` has {channels} channels. Pooling works on each channel alone: there are as many after.",
            ),
            (
                into[2] * out[2],
                f"`{name}` has one map for each filter and input channel. A filter sums over the channels of its "
                "input and makes one map.",
            ),
        ],
        f"`{name}` has {channels} channels. Each filter makes one map, however many channels come in.",
    )
    if height != width:
        raise Wrong(f"`{name}` has the height {height} and the width {width}; the same rule holds for both.")
    if pools:
        _check_pooled_width(width, name, into[0], out[0])
    else:
        _check_filtered_width(width, name, layer, into[0], out[0])


def _check_pooled_width(width: int, name: str, n: int, right: int) -> None:
    match(
        width,
        right,
        [
            (n, f"`{name}` is as wide as its input: pooling of 2 by 2 halves the width."),
            (right + 1, f"`{name}` rounds up: of {n} columns the last finds no partner and is dropped."),
        ],
        f"`{name}` should be half as wide as its input of {n}, rounded down.",
    )


def _check_filtered_width(width: int, name: str, layer: keras.layers.Layer, n: int, right: int) -> None:
    size, stride = layer.kernel_size[0], layer.strides[0]
    padded = (
        (
            (n - size) // stride + 1,
            f'`{name}` forgets the padding: with `padding="same"` and a stride of 1 the width stays {n}.',
        ),
    )
    bare = (
        (n - size + 1, f"`{name}` forgets the stride of {stride}: the filter visits every second place only."),
        (
            -(-n // stride),
            f"`{name}` is as wide as with padding or rounded up: there is none, so (n - {size}) / {stride} + 1.",
        ),
        (
            n - size,
            f"`{name}` is one too small: a filter of width {size} fits into {n} pixels in n - {size} + 1 places.",
        ),
    )
    match(
        width,
        right,
        padded if layer.padding == "same" else bare,
        f"`{name}` has the width {width}: use (n + 2p - k) / s + 1, rounded down, with n = {n} and k = {size}.",
    )


def _as_shape(answer: Any, name: str) -> tuple[int, ...]:
    """A shape without the axis of the batch; a single number is a shape of one axis."""
    values = list(answer) if isinstance(answer, (tuple, list, np.ndarray)) else [answer]
    if len(values) > 1 and values[0] is None:
        values = values[1:]
    if not values:
        raise Wrong(f"`{name}` is empty.")
    if any(value is ... for value in values):
        raise Wrong(f"`{name}` is still to be filled in.")
    return tuple(a_whole_number(value, name, 1) for value in values)


def _check_parameters(answer: Any, layer: keras.layers.Layer, into: tuple[int, ...], out: tuple[int, ...]) -> None:
    name = f"parameters[{layer.name!r}]"
    found = a_whole_number(answer, name, 0)
    right = layer.count_params()
    if right == 0:
        match(found, 0, [], f"`{name}` should be 0: pooling and flattening have nothing to learn.")
        return
    dense = isinstance(layer, keras.layers.Dense)
    rule = "(inputs + 1) times units" if dense else "(height times width times channels + 1) times filters"
    match(
        found,
        right,
        _mistaken_units(name, into[0], layer.units) if dense else _mistaken_filters(name, layer, into[2], out),
        f"`{name}` is {found:,}. The rule is {rule}, with the numbers of this layer and its input.",
    )


def _mistaken_units(name: str, n: int, units: int) -> Iterator[tuple[int, str]]:
    """What plausible mistakes give for the parameters of a dense layer, each with its hint."""
    yield n * units, f"`{name}` forgets the biases, one for each unit."
    yield n * units + 1, f"`{name}` has one bias for the layer; each unit has its own."
    yield n + 1, f"`{name}` is that of one unit."
    yield (24 + 1) * units, f"`{name}` counts channels; `flatten` gives one value for each place and channel."


def _mistaken_filters(
    name: str, layer: keras.layers.Layer, channels: int, out: tuple[int, ...]
) -> Iterator[tuple[int, str]]:
    """What plausible mistakes give for the parameters of a convolution, each with its hint."""
    (height, width, filters), size = out, layer.kernel_size[0]
    patch = size * size
    yield patch * channels * filters, f"`{name}` forgets the biases, one for each filter."
    yield (
        (patch + 1) * filters,
        f"`{name}` forgets that a filter reaches through all {channels} channels of its input.",
    )
    yield patch * filters, f"`{name}` forgets the channels of the input, and the biases."
    yield patch * channels + 1, f"`{name}` is that of one filter; the layer has several."
    yield patch * channels * filters + 1, f"`{name}` has one bias for the layer; each filter has its own."
    yield (
        (patch + 1) * channels * filters,
        f"`{name}` has a bias for each channel that a filter reads; it has only one.",
    )
    yield (size * channels + 1) * filters, f"`{name}` takes {size} weights for a filter of {size} by {size}."
    yield (
        layer.count_params() * height * width,
        f"`{name}` counts each filter once for each place: the weights are shared by all places.",
    )
    yield (
        (patch * 3 + 1) * filters,
        f"`{name}` takes the channels of the image; the layer reads those of the layer before it.",
    )


# ---- 3: strides in place of pooling


@checker("cnn/3")
def strides(parameters: Any, multiplications: Any, model: Any, history: Any) -> str:
    """Two convolutions with a stride of 2: parameters, multiplications, and the trained network."""
    filters = (3 * 3 * 1 + 1) * 16 + (3 * 3 * 16 + 1) * 32
    right = filters + (6 * 6 * 32 + 1) * 10
    match(
        a_whole_number(parameters, "parameters", 1),
        right,
        [
            (
                filters + (5 * 5 * 32 + 1) * 10,
                "`parameters` belongs to the network with pooling. Without it the widths go from 28 to 13 and on to 6.",
            ),
            (
                filters + (7 * 7 * 32 + 1) * 10,
                "`parameters` belongs to maps of 7 by 7, as with padding. There is none: (28 - 3) / 2 + 1, "
                "rounded down, and so on.",
            ),
            (
                filters + (24 * 24 * 32 + 1) * 10,
                "`parameters` belongs to maps of 24 by 24: the strides are forgotten.",
            ),
            (right - 16 - 32 - 10, "`parameters` forgets the biases, one for each filter and each unit."),
            (right - 10, "`parameters` forgets the biases of the output layer."),
            (filters, "`parameters` forgets the output layer."),
            (
                (3 * 3 + 1) * (16 + 32) + (6 * 6 * 32 + 1) * 10,
                "`parameters` forgets that the second layer's filters reach through 16 channels.",
            ),
        ],
        "`parameters` is not right: add up both convolutions and the output layer, each with its biases.",
    )
    _check_products(multiplications)
    network = _strided_network(model, right)
    curves = a_history(history, "history", epochs=6)
    images, labels = digits()
    share = _learned_accuracy(network, images, labels, "model", 0.8)
    return (
        f"{right:,} parameters, predicted and built. Your network labels {share:.1%} of the test digits correctly and "
        f"ends at a validation accuracy of {curves['val_accuracy'][-1]:.1%}: compare it with `conv_history`."
    )


def _check_products(answer: Any) -> None:
    first, second, last = 13 * 13 * 9 * 16, 6 * 6 * 9 * 16 * 32, 6 * 6 * 32 * 10
    match(
        a_whole_number(answer, "multiplications", 1),
        first + second + last,
        [
            (
                26 * 26 * 9 * 16 + 11 * 11 * 9 * 16 * 32 + 5 * 5 * 32 * 10,
                "`multiplications` is that of the network with pooling: with a stride of 2 a filter visits 13 by 13 "
                "and then 6 by 6 places.",
            ),
            (first + second, "`multiplications` forgets the output layer."),
            (
                first + 6 * 6 * 9 * 32 + last,
                "`multiplications` forgets that the second layer's filters reach through 16 channels.",
            ),
            (
                28 * 28 * 9 * 16 + 13 * 13 * 9 * 16 * 32 + last,
                "`multiplications` takes the places of each layer's input; a filter gives one sum for each place of "
                "its output.",
            ),
            (
                9 * 16 + 9 * 16 * 32 + last,
                "`multiplications` counts each weight once; a filter is used in all its places.",
            ),
            (
                13 * 13 * 10 * 16 + 6 * 6 * (9 * 16 + 1) * 32 + (6 * 6 * 32 + 1) * 10,
                "`multiplications` counts the biases, which are added and not multiplied.",
            ),
        ],
        "`multiplications` is not right: for each convolution, places of its output times weights of a filter "
        "times filters; for the output layer, inputs times units.",
    )


def _strided_network(answer: Any, parameters: int) -> keras.Model:
    network = _digit_network(answer)
    pooling = [layer for layer in network._flatten_layers(include_self=False) if "Pooling" in type(layer).__name__]
    if pooling:
        raise Wrong("`model` still has a pooling layer: leave both out, the strides do the shrinking.")
    convolutions = layers_of(network, keras.layers.Conv2D)
    if len(convolutions) != 2:
        raise Wrong(f"`model` should have two `Conv2D` layers; it has {len(convolutions)}.")
    if any(tuple(layer.strides) != (2, 2) for layer in convolutions):
        raise Wrong("In `model`, give both convolutions `strides=2`: without it the filters visit every place.")
    if any(layer.padding == "same" for layer in convolutions):
        raise Wrong('In `model`, leave out `padding="same"`: the exercise has none.')
    if network.count_params() != parameters:
        raise Wrong(
            f"`model` has {network.count_params():,} parameters and your prediction says {parameters:,}: 16 and 32 "
            "filters of 3 by 3, then `Flatten` and a dense layer of 10."
        )
    return network


# ---- 4: shuffled pixels


@checker("cnn/4")
def shuffled_pixels(choice: Any, shuffle: Any, lost: Any) -> str:
    """Which network needs neighbours; a function that lays out pixels in one order; accuracy lost by each."""
    a_choice(
        choice,
        "choice",
        "b",
        {
            "a": "`choice`: the dense network starts from random weights, and one numbering of the pixels is as good "
            "to it as another, as long as training and test digits share it.",
            "c": "`choice`: one fixed order destroys nothing, since it can be undone. Which network relies on "
            "pixels that lie side by side?",
            "d": "`choice`: that holds for a network that treats all pixels alike. A 3-by-3 filter cannot reach two "
            "pixels that lie far apart.",
        },
    )
    _check_shuffle(a_function(shuffle, "shuffle"))
    dense, conv = _accuracies_lost(lost)
    if data() == "part":
        return "The function keeps one order. With so few digits, the accuracies lost are mostly chance."
    return (
        f"The convolutional network loses {100 * conv:.1f} percentage points, the dense one {100 * dense:.1f}. The "
        "convolution was built for neighbours."
    )


def _accuracies_lost(lost: Any) -> tuple[float, float]:
    """What the dense and the convolutional network lost, which on enough digits must be what the exercise shows."""
    names = ("dense", "convolutional")
    a_dictionary(lost, "lost", names)
    dense, conv = (a_number(lost[name], f"lost[{name!r}]") for name in names)
    for name, value in zip(names, (dense, conv), strict=True):
        if 1 < abs(value) <= 100:
            raise Wrong(f"`lost[{name!r}]` should be a difference of shares between 0 and 1, not of percentages.")
        if abs(value) > 1:
            raise Wrong(f"`lost[{name!r}]` is {value:g}, and a difference of two accuracies lies between -1 and 1.")
    if data() == "part":
        return dense, conv
    if min(dense, conv) > 0.6:
        raise Wrong(
            "Both networks lost nearly everything, as happens when a network is tested on an order that it was not "
            "trained on: shuffle training and test digits, and evaluate the fresh network."
        )
    for name, value in zip(names, (dense, conv), strict=True):
        if value > 0.6:
            raise Wrong(
                f"`lost[{name!r}]` is {value:.2f}, which leaves little more than guessing: evaluate the network that "
                "was trained on shuffled digits, and on shuffled ones."
            )
    if conv < -0.01 and abs(dense) < 0.06:
        raise Wrong("`lost` has the wrong sign: ordinary accuracy less shuffled accuracy.")
    if dense > conv + 0.02:
        raise Wrong("In `lost`, the dense network loses more: are the two names exchanged?")
    if conv < 0.01:
        raise Wrong(
            "The convolutional network lost next to nothing: was the fresh network trained and tested on shuffled "
            "digits? Use what `shuffle` gives back."
        )
    if abs(dense) > 0.06:
        raise Wrong(
            f"`lost['dense']` is {dense:.3f}. Shuffling costs the dense network nothing but chance: train a fresh one "
            "on as many digits for as many epochs, and compare accuracies of the test digits, both times."
        )
    return dense, conv


def _check_shuffle(function: Any) -> None:
    """One order of all 784 pixels, the same for every image and at every call."""
    pixels = np.arange(1, 785, dtype="float32").reshape(28, 28, 1) / 1000
    ramp = np.stack([pixels, pixels + 1, pixels + 2, pixels + 3])
    given = ramp.copy()
    one = _shuffled(function, given)
    if not np.array_equal(given, ramp):
        raise Wrong("`shuffle` changes the images that it is given: give back a new array.")
    if np.array_equal(one, ramp):
        raise Wrong("`shuffle` gives the images back as they were.")
    if not np.array_equal(np.sort(one.reshape(4, -1), axis=1), ramp.reshape(4, -1)):
        if np.array_equal(np.sort(one.reshape(-1)), np.sort(ramp.reshape(-1))):
            first = one[:, 0, 0, 0]
            if all(np.allclose(one[i] - first[i], ramp[0] - ramp[0, 0, 0], atol=1e-5) for i in range(4)):
                raise Wrong("`shuffle` changes the order of the images, not of their pixels: the first axis must stay.")
            raise Wrong("`shuffle` mixes pixels of different images: reshape to (n, 784), with one row for each image.")
        raise Wrong("`shuffle` loses pixels or repeats some: use a permutation, which has each number once.")
    places = [np.round(image.reshape(-1) * 1000 - 1000 * i).astype(int) - 1 for i, image in enumerate(one)]
    if not all(np.array_equal(place, places[0]) for place in places):
        raise Wrong("`shuffle` gives each image another order. Use one order for all, or there is nothing to learn.")
    if not np.array_equal(one, _shuffled(function, ramp.copy())):
        raise Wrong(
            "`shuffle` draws a new order at each call, so training and test digits would differ. Draw the order once, "
            "outside the function."
        )
    rows, columns = places[0].reshape(28, 28) // 28, places[0].reshape(28, 28) % 28
    if (rows == rows[:, :1]).all() or (columns == columns[:1]).all():
        raise Wrong(
            "`shuffle` moves whole rows or columns, so many neighbours stay together. Permute all 784 pixels: reshape "
            "to (n, 784) first."
        )


def _shuffled(function: Any, images: np.ndarray) -> np.ndarray:
    answer = called(function, "shuffle", images)
    try:
        return an_array(answer, "shuffle(images)", images.shape).astype("float32")
    except Wrong as wrong:
        raise Wrong(f"{wrong} It was given four images, {shown(images.shape)}.") from None


# ---- 5: a fiftieth of the parameters


@checker("cnn/5")
def few_parameters(model: Any, scores: Any) -> str:
    """A convolutional network with fewer than 8,000 parameters that beats the dense one on test digits."""
    network = _digit_network(model)
    if not any(layers_of(network, kind) for kind in CONVOLUTIONS):
        raise Wrong("`model` has no convolution: it is a dense network. Add `Conv2D` layers.")
    size = network.count_params()
    if size >= LIMIT:
        largest = max(network._flatten_layers(include_self=False), key=lambda layer: layer.count_params())
        raise Wrong(
            f"`model` has {size:,} parameters, and should have fewer than {LIMIT:,}. Its layer `{largest.name}` has "
            f"{largest.count_params():,} of them: give it fewer filters, or fewer values to read."
        )
    a_dictionary(scores, "scores", ("dense", "small"))
    dense, small = (a_number(scores[key], f"scores[{key!r}]", 0, 1) for key in ("dense", "small"))
    images, labels = digits()
    share = accuracy(network, images[..., np.newaxis], labels)
    _check_score(small, dense, share, len(images))
    if data() == "part":
        return f"{size:,} parameters, and the score is right. With so few digits, who is ahead is mostly chance."
    _learned_accuracy(network, images, labels, "model", 0.8)
    if dense > 0.97:
        raise Wrong(
            f"`scores['dense']` is {dense:.3f}, as high as on the digits that the network learned from. Evaluate "
            "`dense_model` on `x_test`."
        )
    if dense < 0.8:
        raise Wrong(
            f"`scores['dense']` is {dense:.3f}, too low for `dense_model` on `x_test`: `evaluate` gives the loss "
            "first, then the accuracy."
        )
    if share <= dense:
        raise Wrong(
            f"`model` has {share:.1%} on the test digits and the dense network {dense:.1%}. Train longer, or spend the "
            "parameters elsewhere: smaller maps before `Flatten` leave more for filters."
        )
    return (
        f"{size:,} parameters, {DENSE / size:.0f} times fewer than the dense network, and {share:.1%} of the test "
        f"digits against {dense:.1%}."
    )


def _check_score(small: float, dense: float, share: float, count: int) -> None:
    match(
        small,
        share,
        [
            (
                lambda _: np.isclose(dense, share, atol=1e-4),
                "In `scores`, the two networks are exchanged: `'small'` is yours.",
            ),
            (
                lambda found: np.isclose(found, 1 - share, atol=0.002),
                "`scores['small']` is the share of mistakes; give the accuracy.",
            ),
            (
                lambda found: found > share,
                f"`scores['small']` is {small:.3f}, but `model` labels {share:.3f} of the test digits correctly. Was "
                "it measured on the images that the network learned from? Evaluate on `x_test`, `y_test`.",
            ),
        ],
        f"`scores['small']` is {small:.3f}, but `model` labels {share:.3f} of `x_test` correctly. `evaluate` gives the "
        "loss first, then the accuracy; and training on after measuring changes it.",
        same=close(atol=max(0.0025, 1.5 / count)),
    )


# ---- 6: digits that move


@checker("cnn/6")
def moving_digits(model: Any, accuracies: Any) -> str:
    """A convolutional network that recognises digits moved by up to three pixels."""
    network = _digit_network(model)
    if not any(layers_of(network, kind) for kind in CONVOLUTIONS):
        raise Wrong("`model` has no convolution: the exercise asks for a convolutional network.")
    images, labels = digits()
    enough = data() != "part"
    if enough:
        _learned_accuracy(network, images, labels, "model", 0.8)
    by_direction = _moved_accuracies(network, images, labels, (0, 1, 2, 3))
    truth = by_direction.mean(axis=1)
    _check_accuracies(accuracies, truth, by_direction, len(images))
    if enough:
        _check_tolerance(by_direction)
    if not enough:
        return "The four numbers are right. With so few digits, a network cannot learn to follow them far."
    return (
        f"Moved by three pixels, {truth[3]:.1%} of the test digits are still labelled correctly, against "
        f"{truth[0]:.1%} in the centre. The network of the chapter, trained on centred digits only, has "
        f"{recorded.mean('cnn-shift-accuracy'):.1%} there."
    )


DIRECTIONS = {"higher": (-1, 0), "lower": (1, 0), "further left": (0, -1), "further right": (0, 1)}


def _moved_accuracies(
    network: keras.Model, images: np.ndarray, labels: np.ndarray, shifts: Sequence[int]
) -> np.ndarray:
    """Accuracy on moved digits: one row a number of pixels, one column a direction."""
    side, margin = images.shape[1], max(shifts)
    padded = np.pad(images, ((0, 0), (margin, margin), (margin, margin)))
    views = []
    for shift in shifts:
        for down, right in DIRECTIONS.values():
            top, left = margin - shift * down, margin - shift * right
            views.append(padded[:, top : top + side, left : left + side, np.newaxis])
    given = np.asarray(network.predict(np.concatenate(views), batch_size=256, verbose=0)).argmax(axis=-1)
    return np.asarray((given.reshape(len(shifts), len(DIRECTIONS), -1) == labels).mean(axis=-1))


def _check_tolerance(by_direction: np.ndarray) -> None:
    far, centred = by_direction[3], by_direction[0, 0]
    if far.mean() >= GOAL:
        return
    names = list(DIRECTIONS)
    best, worst = int(far.argmax()), int(far.argmin())
    if far[best] - far[worst] > 0.2:
        raise Wrong(
            f"`model` labels {far[best]:.0%} of the test digits correctly when they lie three pixels {names[best]}, "
            f"but {far[worst]:.0%} when {names[worst]}. Move training digits both ways, down and across."
        )
    if centred - far.mean() > 0.2:
        raise Wrong(
            f"`model` has {centred:.0%} on centred test digits and {far.mean():.0%} on those moved by three pixels, as "
            "a network that has met no digit so far from the centre. Train it on digits moved by up to three pixels."
        )
    raise Wrong(
        f"`model` has {far.mean():.1%} on test digits moved by three pixels, and the goal is {GOAL:.0%}. It bears "
        "moving; now train longer, or on more moved copies."
    )


def _check_accuracies(answer: Any, truth: np.ndarray, by_direction: np.ndarray, count: int) -> None:
    if isinstance(answer, dict):
        raise Wrong(f"`accuracies` should be a list of four numbers; it is {described(answer)}.")
    found = an_array(answer, "accuracies", (4,))
    if found.max() > 1:
        raise Wrong("`accuracies` should be shares between 0 and 1, and not percentages or losses.")
    tolerance = max(0.003, 1.5 / count)
    at_one = close(rtol=0, atol=1e-3)
    place = int(np.abs(found - truth).argmax())
    match(
        found,
        truth,
        [
            (truth[::-1], "`accuracies` is in reverse order: begin with 0 pixels."),
            (
                lambda given: np.ptp(given) < 1e-6 and np.isclose(given[0], truth[0], atol=tolerance),
                "`accuracies` has four times the accuracy on centred digits: evaluate on what `moved` gives back.",
            ),
            *(
                (
                    partial(at_one, column),
                    f"`accuracies` holds test digits moved {name} only. Average over the four directions.",
                )
                for name, column in zip(DIRECTIONS, by_direction.T, strict=True)
            ),
            (
                lambda given: (given[1:] < 0.25).all() and (truth[1:] > 0.5).all(),
                "`accuracies` is near guessing: do the labels come in the same order as the moved images?",
            ),
            (
                lambda given: given[0] > truth[0] + tolerance and given.mean() > truth.mean(),
                "`accuracies` is higher than what `model` has on the moved test digits. Was it measured on digits "
                "that the network learned from? Move `x_test`.",
            ),
        ],
        f"`accuracies[{place}]` is {found[place]:.3f}, but `model` labels {truth[place]:.3f} of the test digits "
        f"correctly when they are moved by {place} pixels, on average over the four directions.",
        same=close(rtol=0, atol=tolerance),
    )


# ---- what several exercises ask of a network


def _digit_network(answer: Any, name: str = "model") -> keras.Model:
    """A trained network for images (28, 28, 1) and ten classes, with an output that fits its loss."""
    if isinstance(answer, keras.Model) and answer.built and tuple(answer.input_shape[1:]) == (28, 28):
        raise Wrong(
            f"`{name}` takes images of shape (28, 28), without the axis of channels: begin with "
            "`keras.Input((28, 28, 1))`. Grey images have one channel."
        )
    network = a_network(answer, name, inputs=INPUTS, outputs=10)
    loss = loss_of(network)
    last = network.layers[-1]
    activation = "softmax" if isinstance(last, keras.layers.Softmax) else activation_of(last)
    logits = getattr(network.loss, "from_logits", False)
    if activation == "sigmoid" or loss.startswith("binary"):
        raise Wrong(
            f"`{name}` answers ten separate questions with yes or no. A digit has one label: end with `softmax`, and "
            'compile with `loss="categorical_crossentropy"`.'
        )
    if "error" in loss:
        raise Wrong(f'`{name}` was trained with the loss `{loss}`. For classes, use `loss="categorical_crossentropy"`.')
    if activation == "relu":
        raise Wrong(f"The last layer of `{name}` has relu as its activation; probabilities need `softmax`.")
    if activation == "linear" and "crossentropy" in loss and not logits:
        raise Wrong(f"The last layer of `{name}` has no `softmax`, so that its outputs are no probabilities.")
    return network


def _learned_accuracy(network: keras.Model, images: np.ndarray, labels: np.ndarray, name: str, least: float) -> float:
    """The accuracy on images (n, 28, 28) from 0 to 1; on enough data it must reach a minimum."""
    inputs = images[..., np.newaxis]
    share = accuracy(network, inputs, labels)
    if data() != "part" and share < least:
        if accuracy(network, 255 * inputs, labels) > share + 0.1:
            raise Wrong(
                f"`{name}` labels {share:.0%} of the test digits correctly when pixels go from 0 to 1, and more when "
                "they go up to 255: it was trained on images that were not scaled. Use `x_train`."
            )
        raise Wrong(
            f"`{name}` labels only {share:.0%} of the test digits correctly. Train it on all of `x_train`, `y_train`, "
            "for several epochs, and see that labels stay with their images."
        )
    return share
