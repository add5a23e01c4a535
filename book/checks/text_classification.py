"""The checkers of the exercises on classifying film reviews."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import keras
import numpy as np

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
    loss_of,
    match,
)
from book.checks.core import Wrong, checker
from book.checks.reviews import reviews
from book.datasets import imdb

INPUTS = (10000,)
#: The test reviews that the page works with.
TEST_REVIEWS = 5000
#: For the stretch: the numbers of the most frequent words, and how many negative reviews the share is measured on.
CANDIDATES = np.arange(4, 2004)
NEGATIVE_REVIEWS = 500


@checker("text-classification/1")
def more_epochs(history: Any, best_epoch: Any, letter: Any) -> str:
    """Twenty epochs of the chapter's network: where the validation loss turns, and what 100,000 would do."""
    curves = _curves(history, "history", epochs=20)
    _has_learned(curves, "history", 0.9)
    lowest = int(np.argmin(curves["val_loss"])) + 1
    match(
        a_whole_number(best_epoch, "best_epoch"),
        lowest,
        [
            (lowest - 1, "`best_epoch` is one too small: `np.argmin` counts from 0, epochs count from 1."),
            (
                int(np.argmin(curves["loss"])) + 1,
                "`best_epoch` is where the training loss is lowest. That hardly ever turns; look at `val_loss`.",
            ),
            (
                int(np.argmax(curves["val_accuracy"])) + 1,
                "`best_epoch` is where the validation accuracy is highest; the exercise asks for the lowest loss.",
            ),
        ],
        "`best_epoch` is not where `val_loss` of your `history` is lowest.",
    )
    a_choice(
        letter,
        "letter",
        "b",
        {
            "a": "`letter`: the validation accuracy stopped rising long before the 20th epoch in your own curves. "
            "What the network learns after that holds for the training reviews only.",
            "c": "`letter`: the optimizer lowers the training loss, and in your curves it succeeds. Only one of the "
            "two losses rises.",
            "d": "`letter`: look at how slowly the validation accuracy sinks in your curves while the loss rises. "
            "Growing surer does not change the side of 0.5 that a review is on.",
        },
    )
    rise = curves["val_loss"][-1] / curves["val_loss"][lowest - 1]
    if rise < 1.05:
        return (
            f"Your validation loss is lowest after epoch {lowest}. With more reviews it turns sooner and rises further."
        )
    return (
        f"Your validation loss is lowest after epoch {lowest} and ends at {rise:.1f} times that value. "
        "More epochs make the network surer, not better."
    )


@checker("text-classification/2")
def hidden_layers(depth_histories: Any, chosen: Any, model: Any, test_accuracy: Any) -> str:
    """One, two and three hidden layers: chosen on the validation reviews, tested once."""
    name = "depth_histories"
    curves = _compared(depth_histories, name, (1, 2, 3), epochs=3)
    for depth in (1, 2, 3):
        _has_learned(curves[depth], f"{name}[{depth}]", 0.75)
    last = {depth: each["val_accuracy"][-1] for depth, each in curves.items()}
    found = a_whole_number(chosen, "chosen")
    _check_chosen(found, last, {depth: each["accuracy"][-1] for depth, each in curves.items()}, name)
    network = _review_network(model, "model")
    depth = len(layers_of(network, keras.layers.Dense)) - 1
    if depth != found:
        raise Wrong(f"`model` has {depth} hidden layers, and you chose {found}: hand in the network that you chose.")
    share = a_number(test_accuracy, "test_accuracy", 0, 1)
    rows, labels = reviews(TEST_REVIEWS)
    true = accuracy(network, rows, labels)
    _check_test_accuracy(share, true, max(last.values()))
    if data() != "part" and true < 0.75:
        raise Wrong(
            f"`model` gets only {true:.1%} of the test reviews right: train it on the multi-hot rows `x_small`."
        )
    hidden = [last[each] for each in (1, 2, 3)]
    return (
        f"You chose {found} by the validation reviews and tested that one: {true:.1%}. The validation accuracies of "
        f"your three differ by {100 * (max(hidden) - min(hidden)):.1f} percentage points; chance alone makes such "
        "differences too."
    )


def _check_chosen(found: int, validation: Mapping[int, float], training: Mapping[int, float], name: str) -> None:
    """Raise a hint unless a depth has the highest of the validation accuracies, given by depth."""
    best = max(validation.values())
    depths = list(validation)
    match(
        found,
        lambda depth: validation.get(depth) == best,
        [
            (
                lambda place: 0 <= place < len(depths) and validation[depths[place]] == best,
                "`chosen` is a place in a list, counted from 0 as by `np.argmax`; give the number of hidden layers.",
            ),
            (
                lambda depth: depth not in validation,
                f"`chosen` is {found}, which `{name}` does not have: it should be one of its keys.",
            ),
            (
                lambda depth: training[depth] == max(training.values()),
                "`chosen` has the highest accuracy on the training reviews, which every deeper network can reach by "
                "learning them by heart. Choose by `val_accuracy`.",
            ),
        ],
        "`chosen` is not the depth with the highest validation accuracy after the last epoch, `[-1]`.",
    )


def _check_test_accuracy(found: float, right: float, validation: float) -> None:
    match(
        found,
        right,
        [
            (
                lambda share: np.isclose(share, validation, atol=0.0005),
                "`test_accuracy` is the validation accuracy of the last epoch: evaluate `model` on `x_test`.",
            ),
            (
                lambda share: share < 0.6 < right,
                "`test_accuracy` looks like a loss, or like the share of errors: `evaluate` returns the loss first, "
                "then the accuracy.",
            ),
            (
                lambda share: share > right + 0.01,
                f"`test_accuracy` is {found:.3f}, and `model` has {right:.3f} on the test reviews. "
                "Did you evaluate it on reviews that it was trained on?",
            ),
        ],
        f"`test_accuracy` is {found:.3f}, but `model` has {right:.3f} on `x_test`: evaluate this network.",
        same=close(atol=0.0015),
    )


@checker("text-classification/3")
def hidden_units(width_histories: Any, parameters: Any, best_epochs: Any) -> str:
    """Networks of several widths: how many parameters, and when each is at its best."""
    name = "width_histories"
    curves = _compared(width_histories, name, (16, 32, 64), epochs=5)
    if not any(units < 16 for units in curves):
        raise Wrong(f"`{name}` has no network with fewer than 16 units: add one of your choice.")
    for units, each in curves.items():
        if units >= 16:
            _has_learned(each, f"{name}[{units}]", 0.75)
    a_dictionary(parameters, "parameters", list(curves))
    a_dictionary(best_epochs, "best_epochs", list(curves))
    for units, each in curves.items():
        count = a_whole_number(parameters[units], f"parameters[{units}]")
        weights = 10000 * units + units * units + units
        match(
            count,
            weights + 2 * units + 1,
            [
                (
                    weights,
                    f"`parameters[{units}]` counts the weights only: each layer has a bias for each unit as well.",
                ),
                (
                    10001 * units + units + 1,
                    f"`parameters[{units}]` belongs to a network with one hidden layer; keep two.",
                ),
            ],
            f"`parameters[{units}]` is {count:,}. A dense layer has (inputs + 1) times units parameters; add up "
            "the two hidden layers and the last.",
        )
        lowest = _epoch(each)
        match(
            a_whole_number(best_epochs[units], f"best_epochs[{units}]"),
            lowest,
            [
                (
                    lowest - 1,
                    f"`best_epochs[{units}]` is one too small: `np.argmin` counts from 0, epochs count from 1.",
                )
            ],
            f"`best_epochs[{units}]` is not where `val_loss` of `{name}[{units}]` is lowest.",
        )
    narrow = min(curves)
    return (
        f"The lowest validation loss is {min(curves[16]['val_loss']):.3f} with 16 units and "
        f"{min(curves[64]['val_loss']):.3f} with 64, after epochs {_epoch(curves[16])} and {_epoch(curves[64])}; "
        f"with {narrow} it is {min(curves[narrow]['val_loss']):.3f} after epoch {_epoch(curves[narrow])}."
    )


@checker("text-classification/4")
def squared_error(mse_history: Any, gradient_cross_entropy: Any, gradient_mse: Any) -> str:
    """Training with the squared error, and the slopes of the two losses with respect to the score."""
    curves = _curves(mse_history, "mse_history", epochs=3, squared=True)
    _has_learned(curves, "mse_history", 0.75)
    z = np.array([-6.0, -3.0, -1.0, 0.0, 0.5, 2.0, 5.0, -4.0, 1.5])
    y = np.array([1, 0, 1, 0, 1, 0, 1, 0, 0])
    one = _check_gradient_cross_entropy(gradient_cross_entropy, z, y)
    other = _check_gradient_mse(gradient_mse, z, y)
    return (
        f"Both slopes are right. At z = -6 and label 1 the cross-entropy pulls "
        f"{abs(one[0]) / abs(other[0]):.0f} times as hard; still, your network reaches "
        f"{max(curves['val_accuracy']):.1%} validation accuracy with `mse`."
    )


def _check_gradient_cross_entropy(answer: Any, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The slopes of the cross-entropy with respect to the score."""
    name = "gradient_cross_entropy"
    p = 1 / (1 + np.exp(-z))
    right: np.ndarray = p - y
    slopes = _slopes(answer, name, z, y)
    match(
        slopes,
        right,
        [
            (
                -right,
                f"`{name}` has the wrong sign: where the label is 1, the loss falls as the score rises, so the slope "
                "is below 0.",
            ),
            (
                right / (p * (1 - p)),
                f"`{name}` is the slope with respect to `p`; times `p * (1 - p)` it is the one for the score.",
            ),
            (
                right / len(z),
                f"`{name}` has been divided by the number of reviews; give one slope for each review, no average.",
            ),
            (
                -(y * np.log(p) + (1 - y) * np.log(1 - p)),
                f"`{name}` gives the loss itself; the exercise asks for its slope.",
            ),
            (
                z - y,
                f"`{name}` takes the score for the probability: first compute `p` from `z` with the sigmoid.",
            ),
            (
                2 * right * p * (1 - p),
                f"`{name}` is the slope of the squared error: are the two functions swapped?",
            ),
        ],
        _other_slopes(name, slopes, right),
        same=close(rtol=3e-3, atol=1e-5),
    )
    return right


def _check_gradient_mse(answer: Any, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The slopes of the squared error with respect to the score."""
    name = "gradient_mse"
    p = 1 / (1 + np.exp(-z))
    right: np.ndarray = 2 * (p - y) * p * (1 - p)
    slopes = _slopes(answer, name, z, y)
    match(
        slopes,
        right,
        [
            (
                -right,
                f"`{name}` has the wrong sign: where the label is 1, the loss falls as the score rises, so the slope "
                "is below 0.",
            ),
            (
                2 * (p - y),
                f"`{name}` is the slope with respect to `p`; by the chain rule it is still to be multiplied by "
                "`p * (1 - p)`.",
            ),
            (right / 2, f"`{name}` is half of the slope: the square brings a factor of 2."),
            (
                right / len(z),
                f"`{name}` has been divided by the number of reviews; give one slope for each review, no average.",
            ),
            ((p - y) ** 2, f"`{name}` gives the loss itself; the exercise asks for its slope."),
            (
                2 * (z - y),
                f"`{name}` takes the score for the probability: first compute `p` from `z` with the sigmoid.",
            ),
            (
                p - y,
                f"`{name}` is the slope of the cross-entropy; that of the squared error has further factors.",
            ),
        ],
        _other_slopes(name, slopes, right),
        same=close(rtol=3e-3, atol=1e-5),
    )
    return right


@checker("text-classification/5")
def tanh(build: Any, activation_histories: Any, loss_apart: Any, accuracy_apart: Any) -> str:
    """The activation of the hidden layers, over several seeds."""
    function = a_function(build, "build")
    for activation in ("relu", "tanh"):
        _built_with(function, activation)
    name = "activation_histories"
    a_dictionary(activation_histories, name, ("relu", "tanh"))
    values: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    first: dict[str, bytes] = {}
    for activation in ("relu", "tanh"):
        runs = activation_histories[activation]
        label = f'{name}["{activation}"]'
        if not isinstance(runs, (list, tuple)):
            raise Wrong(f"`{label}` should be a list of histories, one a seed; it is {described(runs)}.")
        if len(runs) < 4:
            raise Wrong(
                f"`{label}` has {len(runs)} histories: so few cannot show a difference. Use at least four seeds."
            )
        curves = [_curves(run, f"{label}[{place}]", epochs=3) for place, run in enumerate(runs)]
        if len({len(each["loss"]) for each in curves}) > 1:
            raise Wrong(f"The runs of `{label}` differ in their number of epochs, so they cannot be compared.")
        if len({each["loss"].tobytes() for each in curves}) < len(curves):
            raise Wrong(f"Two runs of `{label}` are the same to the last digit: give each its own seed.")
        for place, each in enumerate(curves):
            _has_learned(each, f"{label}[{place}]", 0.75)
        first[activation] = curves[0]["loss"].tobytes()
        values[activation] = (
            np.array([each["loss"][-1] for each in curves]),
            np.array([each["val_accuracy"].max() for each in curves]),
        )
    if first["relu"] == first["tanh"]:
        raise Wrong("The first run with relu and that with tanh are the same: does `build` use its argument?")
    verdicts = []
    for found, place, label, what in [
        (loss_apart, 0, "loss_apart", "training losses after the last epoch"),
        (accuracy_apart, 1, "accuracy_apart", "highest validation accuracies"),
    ]:
        if not isinstance(found, (bool, np.bool_)):
            raise Wrong(f"`{label}` should be True or False; it is {described(found)}.")
        one, other = values["relu"][place], values["tanh"][place]
        apart = bool(max(one) < min(other) or max(other) < min(one))
        ranges = f"relu {min(one):.3f} to {max(one):.3f}, tanh {min(other):.3f} to {max(other):.3f}"
        if found and not apart:
            raise Wrong(f"`{label}` is True, but the {what} overlap: {ranges}. A difference of means is not enough.")
        if apart and not found:
            raise Wrong(f"`{label}` is False, but the {what} do not overlap: {ranges}.")
        verdicts.append(f"the {what} are {'apart' if apart else 'not apart'} ({ranges})")
    return f"Over your seeds, {verdicts[0]}, and {verdicts[1]}."


@checker("text-classification/6")
def one_word(model: Any, word: Any, share: Any) -> str:
    """The word that, added to negative reviews, flips most verdicts, measured on reviews it was not searched in."""
    network = _review_network(model, "model")
    rows, labels = reviews(TEST_REVIEWS)
    if data() != "part" and (right := accuracy(network, rows[:2000], labels[:2000])) < 0.75:
        raise Wrong(
            f"`model` gets only {right:.1%} of the test reviews right: train it on the multi-hot rows `x_small`."
        )
    number = _number_of(word)
    negatives = rows[labels == 0][:NEGATIVE_REVIEWS]
    called_negative = _probabilities(network, negatives) <= 0.5
    if not called_negative.any():
        raise Wrong("`model` calls no review negative: it has not learned the task.")
    found = a_number(share, "share", 0, 1)
    flipped = _with_word(network, negatives, number) > 0.5
    true = float(np.mean(flipped[called_negative]))
    match(
        found,
        true,
        _mistaken_shares(network, negatives, called_negative, flipped, word),
        f"Adding {word!r} flips {true:.3f} of the reviews of `measure_in` that `model` calls negative, and `share` "
        f"is {found:.3f}. Measure with this network, in `measure_in`.",
        same=close(atol=0.006),
    )
    if data() != "part":
        best, at_best = _best_word(network, negatives[called_negative])
        if true < 0.6 * at_best:
            raise Wrong(
                f"{word!r} flips {true:.1%}, and another candidate flips {at_best:.1%}. Try every candidate in "
                "`search_in` and take the one that flips most."
            )
        if best != number and at_best > true + 0.005:
            other = next(each for each, its in _numbers().items() if its == best)
            return (
                f"{word!r} flips {true:.1%} of the negative verdicts on reviews in which you did not search. There, "
                f"{other!r} would flip {at_best:.1%}: the best of many is partly the luckiest."
            )
    return f"{word!r} flips {true:.1%} of the negative verdicts, on reviews in which you did not search."


def _number_of(word: Any) -> int:
    """The number of a frequent word, as the reviews use it."""
    if not isinstance(word, str):
        raise Wrong(f"`word` should be the word itself, as text; it is {described(word)}.")
    number = _numbers().get(word.strip().lower())
    if number is None or number > CANDIDATES[-1]:
        raise Wrong(f"`word` is {word[:30]!r}, which is not one of the 2,000 most frequent words.")
    return number


def _mistaken_shares(
    network: keras.Model, negatives: np.ndarray, called_negative: np.ndarray, flipped: np.ndarray, word: str
) -> Iterator[tuple[Any, str]]:
    """What plausible mistakes give for the share of negative verdicts that a word flips, each with its hint."""
    near = close(atol=0.003)
    yield (
        lambda share: near(share, np.mean(flipped)),
        "`share` counts reviews that `model` called positive without the word too: take only those that it calls "
        "negative as they are.",
    )
    yield (
        lambda share: near(share, np.mean(~flipped[called_negative])),
        "`share` is the share that stays negative: take one minus it.",
    )
    yield (
        lambda share: near(share, np.sum(flipped[called_negative]) / len(negatives)),
        "`share` was divided by all reviews of `measure_in`: divide by those that `model` calls negative as they are.",
    )
    shifted = _with_word(network, negatives, _number_of(word) - 3) > 0.5
    yield (
        lambda share: near(share, np.mean(shifted[called_negative])),
        f"`share` belongs to another word: the number of {word!r} is its rank plus 3, as in `words`.",
    )


def _curves(answer: Any, name: str, epochs: int, squared: bool = False) -> dict[str, np.ndarray]:
    """A history of a network for reviews, whose numbers fit the loss and speak of held-out reviews."""
    curves = a_history(answer, name, epochs)
    lengths = {len(values) for values in curves.values()}
    if len(lengths) > 1:
        raise Wrong(f"The metrics in `{name}` differ in length; take the history as `fit` returned it.")
    if max(curves["accuracy"].max(), curves["val_accuracy"].max()) > 1.0001:
        raise Wrong(f"The accuracies in `{name}` look like percentages: leave them as shares between 0 and 1.")
    loss, first = curves["loss"], float(curves["accuracy"][0])
    if abs(loss).max() < 1e-5 or loss[0] > 3:
        raise Wrong(
            f"The loss in `{name}` is {loss[0]:.3g} at the first epoch. One unit that gives a probability goes with "
            "a sigmoid and `binary_crossentropy`; softmax and the categorical losses need one unit for each class."
        )
    if np.ptp(curves["accuracy"]) < 1e-6 and np.ptp(curves["val_accuracy"]) < 1e-6 and first < 0.7:
        raise Wrong(
            f"The accuracy in `{name}` never changes: the network gives the same class each time. Softmax on a single "
            "unit always gives 1: use a sigmoid."
        )
    if loss[0] < 0.26 and first > 0.93:
        raise Wrong(
            f"`{name}` begins with an accuracy of {first:.2f}, where a former training ended: build a "
            "new network before `fit`."
        )
    if not squared and loss[0] < 0.27 and first < 0.87:
        raise Wrong(f"The losses in `{name}` are those of the squared error: compile with `binary_crossentropy`.")
    if squared and loss[0] > 0.3:
        raise Wrong(
            f"The first loss in `{name}` is {loss[0]:.2f}. Always giving 0.5 has a squared error of 0.25, so this is "
            'another loss: compile with `loss="mse"`.'
        )
    if curves["accuracy"][-1] > 0.9 and _at_least_as_good(curves):
        raise Wrong(
            f"In `{name}` the validation reviews do better than the training reviews. Is `validation_data` the data "
            "that the network was trained on?"
        )
    return curves


def _at_least_as_good(curves: dict[str, np.ndarray]) -> bool:
    """Whether validation ends no worse than training: a sign that both are the same reviews."""
    return bool(curves["val_loss"][-1] <= curves["loss"][-1] and curves["val_accuracy"][-1] >= curves["accuracy"][-1])


def _has_learned(curves: dict[str, np.ndarray], name: str, enough: float) -> None:
    """Nothing on a few hundred reviews; on more, the training accuracy must have reached something."""
    if data() != "part" and curves["accuracy"].max() < enough:
        raise Wrong(
            f"The training accuracy in `{name}` reaches only {curves['accuracy'].max():.2f}. Look at what the network "
            "reads: the multi-hot rows, with their own labels."
        )


def _compared(answer: Any, name: str, keys: tuple[int, ...], epochs: int) -> dict[int, dict[str, np.ndarray]]:
    """Histories by a number, of new networks that were trained for the same number of epochs."""
    a_dictionary(answer, name, keys)
    curves: dict[int, dict[str, np.ndarray]] = {}
    for key, each in answer.items():
        if isinstance(key, (int, np.integer)):
            curves[int(key)] = _curves(each, f"{name}[{key}]", epochs)
    if len({len(each["loss"]) for each in curves.values()}) > 1:
        raise Wrong(f"The networks in `{name}` were trained for different numbers of epochs; give all the same.")
    for place, one in enumerate(keys):
        for other in keys[place + 1 :]:
            if np.array_equal(curves[one]["loss"], curves[other]["loss"]):
                raise Wrong(
                    f"`{name}[{one}]` and `{name}[{other}]` are the same to the last digit: were two networks built "
                    "alike, or one history kept twice?"
                )
            low, high = sorted(curves[key]["loss"][0] for key in (one, other))
            if low < 0.5 * high:
                raise Wrong(
                    f"`{name}[{one}]` and `{name}[{other}]` begin far apart. Was one network trained further, or with "
                    "other settings? Build a new network for each, and change one thing only."
                )
    return curves


def _epoch(curves: dict[str, np.ndarray]) -> int:
    return int(np.argmin(curves["val_loss"])) + 1


def _review_network(answer: Any, name: str, trained: bool = True) -> keras.Model:
    """A network from a multi-hot row to one probability, compiled with the loss that belongs to it."""
    network = a_network(answer, name, inputs=INPUTS, outputs=1, trained=trained)
    last = (_activations(network) or ["linear"])[-1]
    if last == "softmax":
        raise Wrong(f"`{name}` ends in a softmax. On a single unit that always gives 1: use a sigmoid.")
    if last != "sigmoid":
        raise Wrong(f"`{name}` should give a probability: the activation of its last layer should be a sigmoid.")
    if not getattr(network, "compiled", False):
        raise Wrong(f"`{name}` has not been compiled: call `compile` with an optimizer, a loss and metrics.")
    loss = loss_of(network)
    if loss != "binary_crossentropy":
        raise Wrong(f"`{name}` was compiled with the loss {loss!r}; one sigmoid unit goes with `binary_crossentropy`.")
    return network


def _activations(network: keras.Model) -> list[str]:
    """The activations in a network, in order, whether they are part of a dense layer or layers themselves."""
    found = []
    for layer in layers_of(network, keras.layers.Layer):
        named = activation_of(layer) if hasattr(layer, "activation") else type(layer).__name__.lower()
        if named in ("relu", "tanh", "sigmoid", "softmax") or (hasattr(layer, "activation") and named != "linear"):
            found.append(named)
        elif isinstance(layer, keras.layers.Dense):
            found.append("linear")
    return found


def _built_with(function: Callable[..., Any], activation: str) -> None:
    """Whether the learner's function builds new networks with this activation in the hidden layers."""
    name = f'build("{activation}")'
    network = called(function, "build", activation)
    if isinstance(network, keras.callbacks.History):
        raise Wrong("`build` returns a history; it should return the network, compiled but not yet trained.")
    network = _review_network(network, name, trained=False)
    if called(function, "build", activation) is network:
        raise Wrong("`build` returns the same network each time: build a new one inside the function.")
    used = _activations(network)
    hidden = [each for each in used[:-1] if each != "linear"]
    if not hidden:
        raise Wrong(f"`{name}` has no activation in its hidden layers: then they are one linear layer.")
    if wrong := [each for each in hidden if each != activation]:
        raise Wrong(f"`{name}` has {wrong[0]} in a hidden layer: pass the argument of `build` on to both.")
    if len(hidden) != 2:
        raise Wrong(
            f"`{name}` should have two hidden layers with an activation, as in the chapter; it has {len(hidden)}."
        )


def _slopes(answer: Any, name: str, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """What a function of scores and labels gives: one slope for each."""
    given = called(a_function(answer, name), name, z, y)
    if np.shape(given) == ():
        raise Wrong(f"`{name}` returned one number for {len(z)} reviews; give one slope for each, with no average.")
    return an_array(given, f"{name}(z, y)", z.shape)


def _other_slopes(name: str, slopes: np.ndarray, right: np.ndarray) -> str:
    return (
        f"`{name}` is not the slope of the loss. At z = -6 and label 1 it gives {slopes[0]:.4g}, and the right value "
        f"is {right[0]:.4g}. Compare with (loss(z + h) - loss(z - h)) / 2h."
    )


@cache
def _numbers() -> dict[str, int]:
    """The number of each word, as the reviews use it."""
    return {word: rank + 3 for word, rank in imdb.get_word_index().items()}


def _probabilities(network: keras.Model, rows: np.ndarray) -> np.ndarray:
    return np.asarray(network.predict(rows, batch_size=512, verbose=0))[:, 0]


def _with_word(network: keras.Model, rows: np.ndarray, number: int) -> np.ndarray:
    changed = rows.copy()
    changed[:, number] = 1
    return _probabilities(network, changed)


def _best_word(network: keras.Model, rows: np.ndarray) -> tuple[int, float]:
    """The candidate that flips most of the rows, and the share.

    Only the words that raise the probability most in a few reviews are tried in all of them.
    """
    few = rows[:: max(1, len(rows) // 10)][:10]
    gains = np.zeros(len(CANDIDATES))
    for row in few:
        one = np.repeat(row[None], len(CANDIDATES), axis=0)
        one[np.arange(len(CANDIDATES)), CANDIDATES] = 1
        gains += _probabilities(network, one)
    tried = list(CANDIDATES[np.argsort(gains)[::-1][:20]])
    shares = [float(np.mean(_with_word(network, rows, int(number)) > 0.5)) for number in tried]
    best = int(np.argmax(shares))
    return int(tried[best]), shares[best]
