"""The checkers of the exercises on recurrent networks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain, permutations
from typing import Any

import keras
import numpy as np

from book import recorded
from book.checks.answers import (
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
    shown,
)
from book.checks.core import Wrong, checker
from book.datasets import imdb

PAGE = "chapters/rnn"
WORDS, LENGTH = 10000, 500
#: The review lists of exercise 2, the test reviews of the check of exercise 4, and of exercise 5.
SOME, TESTED, SHORT_TESTED = 2000, 1000, 2000
SHORT = 100


@dataclass(frozen=True)
class Reviews:
    """Reviews as lists of word numbers, as the page loads them, and the last words of every training review."""

    some: list[list[int]]
    test: list[list[int]]
    labels: np.ndarray
    train_ends: frozenset[tuple[int, ...]]


@cache
def _reviews() -> Reviews:
    (train, _), (test, labels) = imdb.load_data(num_words=WORDS)
    return Reviews(list(train[:SOME]), list(test), labels, frozenset(tuple(review[-15:]) for review in train))


def _padded(reviews: list[list[int]], length: int = LENGTH, padding: str = "pre", truncating: str = "pre") -> Any:
    return keras.utils.pad_sequences(reviews, maxlen=length, padding=padding, truncating=truncating)


# ---- 1: several runs


@checker("rnn/1")
def several_runs(best_epochs: Any, spread: Any, saved: Any) -> str:
    """The best epoch of each run, the spread of the last validation accuracies, and what stopping would have saved."""
    history = recorded.history(PAGE)
    loss, share = history["val_loss"], history["val_accuracy"]
    _check_best_epochs(best_epochs, history)

    places = loss.argmin(axis=1)
    last = share[:, -1]
    _check_spread(a_number(spread, "spread"), history)
    right = (share[np.arange(len(share)), places] - last).mean()
    _check_saved(a_number(saved, "saved"), right, history)
    return (
        f"The runs are best after epoch {', '.join(str(place + 1) for place in places)}. At the end they scatter with "
        f"a standard deviation of {_points(last.std(ddof=1))}, and stopping in time would have saved "
        f"{_points(right)}."
    )


def _points(share: float) -> str:
    """A difference of shares for people."""
    return f"{100 * share:.1f} percentage points"


def _check_best_epochs(answer: Any, history: Mapping[str, np.ndarray]) -> None:
    loss = history["val_loss"]
    right = loss.argmin(axis=1) + 1
    name = "best_epochs"
    if isinstance(answer, (int, float, np.number)):
        raise Wrong(
            f"`{name}` is one number; the exercise asks for one a run: `argmin(axis=1)`, without a mean before."
        )
    by_epoch = loss.argmin(axis=0)
    found = an_array(answer, name, (None,))
    match(
        found,
        right,
        [
            (right - 1, f"`{name}` are each one too small: `argmin` counts from 0, epochs count from 1."),
            (
                lambda epochs: np.array_equal(epochs, by_epoch) or np.array_equal(epochs, by_epoch + 1),
                f"`{name}` names for each epoch the best run. Look along the epochs of each run: `axis=1`.",
            ),
            (
                lambda epochs: len(epochs) != len(right),
                f"`{name}` has {len(found)} numbers, and there are {len(right)} runs.",
            ),
            (
                history["loss"].argmin(axis=1) + 1,
                f"`{name}` are where the training loss is lowest, which is at the end. Take `val_loss`.",
            ),
            (
                history["val_accuracy"].argmax(axis=1) + 1,
                f"`{name}` are where the validation accuracy is highest; the exercise asks for the lowest loss.",
            ),
        ],
        f"`{name}` are not where each row of `val_loss` is lowest.",
    )


def _check_spread(found: float, history: Mapping[str, np.ndarray]) -> None:
    loss, share = history["val_loss"], history["val_accuracy"]
    last = share[:, -1]
    right = last.std(ddof=1)
    match(
        found,
        lambda given: np.isclose(given, right, rtol=0, atol=2e-4),
        [
            (
                last.std(),
                "`spread` divides by the number of runs. The sample standard deviation takes one less: `ddof=1`.",
            ),
            (last.var(ddof=1), "`spread` is the variance; the standard deviation is its square root, `std`."),
            (
                np.ptp(last),
                "`spread` is the distance from lowest to highest; the exercise asks for the standard deviation.",
            ),
            (
                history["accuracy"][:, -1].std(ddof=1),
                "`spread` is that of the training accuracy; take `val_accuracy`.",
            ),
            (loss[:, -1].std(ddof=1), "`spread` is that of the validation loss; take the accuracy."),
            (share.std(ddof=1), "`spread` runs over all epochs together; take the last column, `[:, -1]`, only."),
            (share[-1].std(ddof=1), "`spread` is taken over the epochs of one run; take the last epoch of every run."),
            (100 * right, "`spread` should be a share, and not in percentage points."),
        ],
        f"`spread` is {found:.4g}, which is not the standard deviation of `val_accuracy[:, -1]` over the runs.",
        same=close(rtol=1e-3, atol=1e-6),
    )


def _check_saved(found: float, right: float, history: Mapping[str, np.ndarray]) -> None:
    loss, share = history["val_loss"], history["val_accuracy"]
    last, of_the_mean = share[:, -1], share.mean(axis=0)
    match(
        found,
        lambda given: np.isclose(given, right, rtol=0, atol=2e-4),
        [
            (-right, "`saved` has the wrong sign: subtract the last accuracy from the one at the best epoch."),
            (
                (share.max(axis=1) - last).mean(),
                "`saved` takes the highest validation accuracy of each run. Take the accuracy in the epoch with the "
                "lowest validation loss.",
            ),
            (len(share) * right, "`saved` is one number a run added up; average over the runs."),
            (
                (loss[:, -1] - loss.min(axis=1)).mean(),
                "`saved` is a difference of losses; take `val_accuracy`.",
            ),
            (100 * right, "`saved` should be a share, and not in percentage points."),
            (
                of_the_mean[loss.mean(axis=0).argmin()] - of_the_mean[-1],
                "`saved` averages before it chooses. Let each run have its own best epoch, and average at the end.",
            ),
        ],
        f"`saved` is {found:.4g}, which is not the mean over the runs of the accuracy at the best epoch minus the "
        "last.",
        same=close(rtol=1e-3, atol=1e-6),
    )


# ---- 2: padding


@checker("rnn/2")
def padding(predicted: Any, front: Any, behind: Any, waiting: Any, lost: Any) -> str:
    """Rows predicted by hand, arrays padded on both sides, and what padding and cutting do to the last words."""
    _check_rows(predicted)
    some = _reviews().some
    before = _check_padded(front, "front", "pre")
    after = _check_padded(behind, "behind", "post")
    zeros = np.sum(after == 0, axis=1)
    lengths = np.array([len(review) for review in some])

    found = a_number(waiting, "waiting")
    right = float(np.median(zeros))
    match(
        found,
        right,
        [
            (
                zeros.mean(),
                "`waiting` is the mean; a few short reviews pull it. The exercise asks for the median.",
            ),
            (zeros.sum(), "`waiting` counts the zeros of all reviews together; count in each row, `axis=1`, first."),
            (
                lambda given: np.isclose(given, [LENGTH - right, np.median(lengths)], atol=0.01).any(),
                "`waiting` is the number of words of the median review; count the zeros that follow them.",
            ),
            (
                lambda given: np.isclose(given, np.median(zeros[zeros > 0]), atol=0.01),
                "`waiting` leaves out the reviews without padding; they count, with 0 zeros.",
            ),
        ],
        "`waiting` is not the median over the rows of `behind` of the number of zeros.",
        same=close(atol=0.01),
    )
    share = _check_lost(lost, lengths)
    assert np.all(before[:, -1] > 0)
    return (
        f"In front, the zeros come before every last word. Behind, {found:.0f} of them follow it in the median review, "
        f"and a cut behind would cost {share:.1%} of the reviews their end."
    )


def _check_lost(answer: Any, lengths: np.ndarray) -> float:
    """The share of the reviews with these lengths that a cut behind would cost their end."""
    if isinstance(answer, (int, float, np.number)) and np.isclose(_plain(answer), np.sum(lengths > LENGTH)):
        raise Wrong("`lost` is the number of reviews; divide it by how many there are.")
    share = a_number(answer, "lost", 0, 1)
    right = float(np.mean(lengths > LENGTH))
    match(
        share,
        right,
        [
            (
                np.mean(lengths >= LENGTH),
                f"`lost` counts reviews of exactly {LENGTH} words too, which lose nothing: use `>`, not `>=`.",
            ),
            (1 - right, "`lost` is the share of the reviews that keep their last words; take the others."),
            (
                np.mean(lengths < LENGTH),
                "`lost` is the share of the reviews that are padded; only those that are cut lose words.",
            ),
            (
                np.sum(np.maximum(lengths - LENGTH, 0)) / lengths.sum(),
                "`lost` is a share of all words; the exercise asks for a share of the reviews.",
            ),
        ],
        f"`lost` is not the share of `some_reviews` with more than {LENGTH} words.",
        same=close(atol=1e-6),
    )
    return share


def _plain(answer: Any) -> float:
    try:
        return float(answer)
    except (TypeError, ValueError):
        return float("nan")


def _check_rows(predicted: Any) -> None:
    short, long = [11, 12, 13], [21, 22, 23, 24, 25, 26, 27]
    right = {
        "pad pre": [0, 0, *short],
        "pad post": [*short, 0, 0],
        "cut pre": long[-5:],
        "cut post": long[:5],
    }
    given = a_dictionary(predicted, "predicted", list(right))
    rows = {}
    for key in right:
        name = f"predicted['{key}']"
        answer = (
            np.squeeze(np.asarray(given[key], dtype=object)) if isinstance(given[key], (list, tuple)) else given[key]
        )
        row = an_array(list(answer) if isinstance(answer, np.ndarray) and answer.ndim == 1 else answer, name, (None,))
        if len(row) != 5:
            raise Wrong(f"`{name}` has {len(row)} numbers. All rows come out equally long, here 5.")
        rows[key] = row.tolist()
    for what, other in (("pad", "zeros are added"), ("cut", "words are taken away")):
        pre, post = f"{what} pre", f"{what} post"
        if rows[pre] == right[post] and rows[post] == right[pre]:
            raise Wrong(
                f"`predicted`: `{pre}` and `{post}` are the wrong way round. The switch names the side where {other}."
            )
    for key, row in rows.items():
        _check_row(row, right[key], key)


def _check_row(row: list[float], right: list[int], key: str) -> None:
    if key.startswith("pad"):
        match(
            row,
            right,
            [
                (
                    lambda numbers: sorted(numbers) == sorted(right),
                    f"`predicted['{key}']` has the right numbers in the wrong places; words keep their order.",
                )
            ],
            f"`predicted['{key}']` should be the three words of `short` and two zeros, on one side.",
        )
    else:
        otherwise = f"`predicted['{key}']` should be five numbers of `long` that stand side by side at one end."
        match(row, right, [], otherwise)


def _check_padded(answer: Any, name: str, padding: str) -> np.ndarray:
    some = _reviews().some
    if isinstance(answer, (list, tuple)) and len({np.size(row) for row in answer}) > 1:
        raise Wrong(f"`{name}` has rows of different length: give `pad_sequences` the argument `maxlen=maxlen`.")
    found = an_array(answer, name, (None, None))
    if found.shape != (len(some), LENGTH):
        raise Wrong(
            f"`{name}` should have a row of {LENGTH} numbers for each of the {len(some)} reviews; "
            f"its shape is {shown(found.shape)}."
        )
    other, side = ("post", "in front of") if padding == "pre" else ("pre", "behind")
    match(
        found,
        _padded(some, padding=padding),
        [
            (
                lambda rows: np.array_equal(rows, _padded(some, padding=other)),
                f"`{name}` has its zeros on the other side; here they should stand {side} the words: `padding`.",
            ),
            (
                lambda rows: any(
                    np.array_equal(rows, _padded(some, padding=each, truncating="post")) for each in (padding, other)
                ),
                f"`{name}` cuts long reviews behind, so they lose their last words: leave `truncating` at 'pre'.",
            ),
        ],
        f"`{name}` does not hold `some_reviews`, in their order, brought to {LENGTH} numbers.",
    )
    return found


# ---- 3: one step


@checker("rnn/3")
def one_step(lstm_step: Any, parameters: Any) -> str:
    """One step of an LSTM in NumPy, compared with Keras's layer, and the number of its parameters."""
    function = a_function(lstm_step, "lstm_step")
    given = _random_step()
    x, h, _, kernel, recurrent, bias = given
    expected = _keras_step(*given)
    answer = called(function, "lstm_step", *(array.copy() for array in given))
    new = _two_states(answer, h.shape)
    match(
        new,
        expected,
        chain(
            [(expected[::-1], "`lstm_step` returns the cell state first; the exercise asks for `h, c`.")],
            _mistaken_gates(*given),
            _mistaken_cells(*given),
            [
                (
                    lambda states: _agree(states[1:], expected[1:]),
                    "`lstm_step` gets the new cell state right and the new state wrong: look at the last equation.",
                )
            ],
        ),
        "`lstm_step` does not give what Keras's layer gives. Check the sums first, "
        "`x @ kernel + h @ recurrent + bias`, then one gate after the other.",
        same=_agree,
    )
    # A second step shows whether the function works from what it returned.
    again = _two_states(called(function, "lstm_step", x, *new, kernel, recurrent, bias), h.shape)
    if not _agree(again, _keras_step(x, *expected, kernel, recurrent, bias)):
        raise Wrong("`lstm_step` is right once and wrong at the next step: it should depend on its arguments only.")

    count = _check_lstm_parameters(parameters)
    return (
        f"Your step gives what Keras's LSTM layer gives, twice in a row. A layer of 64 units on 100 numbers has "
        f"4 · {count // 4:,} = {count:,} parameters."
    )


def _check_lstm_parameters(answer: Any) -> int:
    """The parameters of an LSTM of 64 units that reads 100 numbers."""
    units, features = 64, 100
    small = units * features + units * units + units
    count = a_whole_number(answer, "parameters")
    match(
        count,
        4 * small,
        [
            (small, "`parameters` is that of a SimpleRNN: an LSTM has four such small layers, for three gates and g."),
            (3 * small, "`parameters` counts three small layers. Three gates and the candidate make four."),
            (4 * (small - units), "`parameters` leaves out the biases: each small layer has one a unit."),
            (
                4 * (units * features + units),
                "`parameters` leaves out the weights between the units: each small layer also reads the last state, "
                "64 · 64 weights.",
            ),
            (
                4 * units * features,
                "`parameters` counts the weights for the input only. Each small layer also reads the last state and "
                "has biases.",
            ),
            (
                4 * small + units,
                "`parameters` counts the cell state, which is computed anew for every sequence and is no parameter.",
            ),
            (5 * small, "`parameters` counts five small layers; the cell state has no weights of its own."),
            (
                4 * (units * features + features * features + features),
                "`parameters` has units and features exchanged: the state has 64 numbers, the input 100.",
            ),
        ],
        f"`parameters` is {count:,}; count W, U and b of one small layer, then how many there are.",
    )
    return count


def _random_step() -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(20)
    n, features, units = 3, 4, 5
    shapes = ((n, features), (n, units), (n, units), (features, 4 * units), (units, 4 * units), (4 * units,))
    return tuple(random.normal(size=shape).astype("float32") for shape in shapes)


def _keras_step(x: Any, h: Any, c: Any, kernel: Any, recurrent: Any, bias: Any) -> tuple[np.ndarray, np.ndarray]:
    # Zeros for a start, so that making the layer draws no random numbers from the learner's seed.
    layer = keras.layers.LSTM(h.shape[1], return_state=True, kernel_initializer="zeros", recurrent_initializer="zeros")
    layer.build((None, 1, x.shape[1]))
    layer.set_weights([kernel, recurrent, bias])
    start = [keras.ops.convert_to_tensor(np.asarray(state, "float32")) for state in (h, c)]
    _, h, c = layer(keras.ops.convert_to_tensor(x[:, None]), initial_state=start)
    return keras.ops.convert_to_numpy(h), keras.ops.convert_to_numpy(c)


def _two_states(answer: Any, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    if keras.ops.is_tensor(answer):
        answer = keras.ops.convert_to_numpy(answer)
    if isinstance(answer, np.ndarray) and answer.shape == shape:
        raise Wrong("`lstm_step` returns one array; the exercise asks for two, `return h, c`.")
    if not isinstance(answer, (tuple, list, np.ndarray)) or len(answer) != 2:
        raise Wrong(f"`lstm_step` should return two arrays, `h, c`; it returned {described(answer)}.")
    states = [an_array(each, f"lstm_step(...)[{place}]", (None, None)) for place, each in enumerate(answer)]
    for state, name in zip(states, "hc", strict=True):
        if state.shape != shape:
            raise Wrong(
                f"`lstm_step` returns a `{name}` of shape {shown(state.shape)}; for {shape[0]} examples and "
                f"{shape[1]} units it should be {shown(shape)}. `np.split(sums, 4, axis=1)` cuts the columns in four."
            )
    return states[0], states[1]


def _agree(found: tuple[np.ndarray, ...], expected: tuple[np.ndarray, ...]) -> bool:
    return all(np.allclose(a, b, atol=1e-4) for a, b in zip(found, expected, strict=True))


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def _mistaken_gates(
    x: Any, h: Any, c: Any, kernel: Any, recurrent: Any, bias: Any
) -> Iterator[tuple[tuple[np.ndarray, np.ndarray], str]]:
    """What mistakes in the sums, their order and their functions give, each with its hint."""

    def plain(z: Any) -> Any:
        return z

    summed = bias + x @ kernel + h @ recurrent

    def step(
        order: str = "ifgo", gate: Any = _sigmoid, candidate: Any = np.tanh, show: Any = np.tanh, s: Any = summed
    ) -> Any:
        part = dict(zip(order, np.split(s, 4, axis=1), strict=True))
        new = gate(part["f"]) * c + gate(part["i"]) * candidate(part["g"])
        return gate(part["o"]) * show(new), new

    for letters in permutations("ifgo"):
        if letters != tuple("ifgo"):
            yield (
                step("".join(letters)),
                f"`lstm_step`: it takes the four parts in the order {', '.join(letters)}; Keras stores them as "
                "i, f, g, o.",
            )
    yield (
        step(candidate=plain),
        "`lstm_step`: the candidate g goes through a tanh before it is written; here it does not.",
    )
    yield (
        step(candidate=_sigmoid),
        "`lstm_step`: the candidate g goes through a tanh, not a sigmoid: it must be able to be negative.",
    )
    yield (
        step(show=plain),
        "`lstm_step`: the cell state goes through a tanh before it is shown, `o * tanh(c)`; here it does not.",
    )
    yield (
        step(candidate=plain, show=plain),
        "`lstm_step`: the tanh is forgotten in both places: at the candidate g and at the cell state that is shown.",
    )
    yield step(gate=plain), "`lstm_step`: the three gates go through a sigmoid; here they do not."
    yield (
        step(gate=np.tanh),
        "`lstm_step`: the three gates go through a sigmoid, not a tanh: a gate is between 0, shut, and 1, open.",
    )
    yield step(s=summed - bias), "`lstm_step`: the bias is missing from the sums."
    yield (
        step(s=summed - h @ recurrent),
        "`lstm_step`: the last state is missing from the sums: add `h @ recurrent`.",
    )


def _mistaken_cells(
    x: Any, h: Any, c: Any, kernel: Any, recurrent: Any, bias: Any
) -> Iterator[tuple[tuple[np.ndarray, np.ndarray], str]]:
    """What mistakes in the new cell state, and in what is shown of it, give, each with its hint."""
    i, f, g, o = np.split(bias + x @ kernel + h @ recurrent, 4, axis=1)
    i, f, g, o = _sigmoid(i), _sigmoid(f), np.tanh(g), _sigmoid(o)

    def states(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return o * np.tanh(cells), cells

    yield (
        states(c + i * g),
        "`lstm_step`: the forget gate is forgotten: the old cell state is multiplied by f before something is added.",
    )
    yield states(i * g), "`lstm_step`: the old cell state is lost: keep `f * c`, and add to it."
    yield (
        states(f * c + g),
        "`lstm_step`: the input gate is forgotten: the candidate is multiplied by i before it is added.",
    )
    yield (
        states(f * c + (1 - f) * g),
        "`lstm_step`: it writes with `1 - f`; an LSTM has an input gate of its own, i.",
    )
    cells = f * c + i * g
    yield (
        (o * np.tanh(c), cells),
        "`lstm_step`: the state shows the old cell state; compute the new `c` first, then `o * tanh(c)`.",
    )
    yield (np.tanh(cells), cells), "`lstm_step`: the output gate is forgotten: the state is `o * tanh(c)`."


# ---- 4: an LSTM on reviews


@checker("rnn/4")
def lstm_on_reviews(model: Any, history: Any, x_test: Any, test_accuracy: Any) -> str:
    """A trained network with an LSTM that beats the chapter's SimpleRNN on test reviews."""
    network = a_network(model, trained=False)
    if tuple(network.input_shape[1:]) == (WORDS,):
        raise Wrong(
            f"`model` takes {WORDS} numbers, which looks like multi-hot rows: those say which words occur, and not "
            "where. Give it the word numbers, padded to one length."
        )
    a_network(network, inputs=(None,), trained=False)
    _check_recurrent(network)
    _check_output(network)
    small = [layer for layer in layers_of(network, keras.layers.Embedding) if layer.input_dim < WORDS]
    if small:
        raise Wrong(
            f"The embedding of `model` has rows for {small[0].input_dim} words; the numbers go up to {WORDS - 1}, so "
            f"it needs {WORDS}."
        )
    a_network(network)
    curves = a_history(history)
    masked = any(layer.mask_zero for layer in layers_of(network, keras.layers.Embedding))
    side, length = _check_test_rows(x_test, network, masked)

    found = _reviews()
    labels = found.labels[:TESTED]
    right = _accuracy(network, _padded(found.test[:TESTED], length, side), labels)
    _check_test_accuracy(a_number(test_accuracy, "test_accuracy", 0, 1), right, curves)
    if data() == "part":
        return f"A sound LSTM network. It gets {right:.1%} of a few test reviews right; too few to compare on."
    simple = recorded.mean("rnn-test-accuracy")
    if right <= simple:
        other = _accuracy(network, _padded(found.test[:TESTED], length, "post"), labels)
        raise Wrong(_advice(right, other, simple))
    return (
        f"Your network gets {right:.1%} of {len(labels):,} test reviews right; the SimpleRNN networks got {simple:.1%} "
        "on average."
    )


def _check_test_accuracy(found: float, right: float, curves: Mapping[str, np.ndarray]) -> None:
    match(
        found,
        right,
        [
            (
                lambda share: np.isclose(share, curves["accuracy"], atol=5e-4).any(),
                "`test_accuracy` is an accuracy on training reviews from `history`; evaluate on `x_test`.",
            ),
            (
                lambda share: share < 0.65 and share < right,
                "`test_accuracy` is much lower than what `model` does on test reviews. `evaluate` returns the loss "
                "first and the accuracy second: `[1]`.",
            ),
            (
                lambda share: share > right,
                f"`test_accuracy` is {found:.3f}, and on test reviews `model` reaches about {right:.3f}. "
                "Was it evaluated on training reviews?",
            ),
        ],
        f"`test_accuracy` is {found:.3f}, and on test reviews `model` reaches about {right:.3f}.",
        same=close(rtol=0, atol=0.04),
    )


def _advice(right: float, behind: float, simple: float) -> str:
    """What may hold back a network, given its accuracy, that with the zeros behind, and the SimpleRNN network's."""
    if behind > right + 0.05:
        return (
            "`model` is better on reviews with the zeros behind, so it was trained on such. Pad the training "
            "reviews in front, as `x_test`."
        )
    if right < 0.6:
        return (
            f"`model` gets {right:.1%} of the test reviews right, hardly more than guessing. Train it on all of "
            "`reviews_train`, for a few epochs, and look whether the training loss falls."
        )
    return (
        f"`model` gets {right:.1%} of the test reviews right, no better than the SimpleRNN network with "
        f"{simple:.1%} on average. Train for two to four epochs, and keep the weights of the best one."
    )


def _check_recurrent(network: keras.Model) -> None:
    lstms = layers_of(network, keras.layers.LSTM)
    if not lstms:
        for kind in (keras.layers.SimpleRNN, keras.layers.GRU):
            if layers_of(network, kind):
                raise Wrong(
                    f"`model` has a `{kind.__name__}` and no `LSTM`. Put `layers.LSTM` in its place, and compare."
                )
        raise Wrong("`model` has no `LSTM` layer: put one between the embedding and the last layer.")
    if len(network.output_shape) > 2:
        if lstms[-1].return_sequences:
            raise Wrong(
                "`model` gives an answer after every word: the last recurrent layer has `return_sequences=True`. "
                "Leave that out there, so that it passes on its last state only."
            )
        raise Wrong(f"`model` should give one answer for each review; its output is {shown(network.output_shape)}.")


def _check_output(network: keras.Model) -> None:
    """One probability or two scores, and a loss that fits."""
    outputs, loss, last = network.output_shape[-1], loss_of(network) if network.compiled else None, network.layers[-1]
    activation = activation_of(last)
    if outputs not in (1, 2):
        raise Wrong(f"`model` gives {outputs} numbers for a review; one is enough: the probability of positive.")
    if outputs == 1 and activation == "softmax":
        raise Wrong("A softmax over a single number is always 1. For one probability, the last layer needs a sigmoid.")
    logits = bool(getattr(network.loss, "from_logits", False)) if loss else False
    if outputs == 1 and activation != "sigmoid" and not (activation == "linear" and logits):
        raise Wrong(
            f"The last layer of `model` has the activation `{activation}`, which gives no probability: use "
            '`activation="sigmoid"`.'
        )
    fitting = (
        ("binary_crossentropy",) if outputs == 1 else ("sparse_categorical_crossentropy", "categorical_crossentropy")
    )
    if loss and loss not in fitting and not (outputs == 2 and loss == "binary_crossentropy"):
        if outputs == 1 and loss.endswith("categorical_crossentropy"):
            raise Wrong(
                f"The loss `{loss}` compares several classes; with one output it does not teach anything. "
                "Use `binary_crossentropy`."
            )
        raise Wrong(f"The loss `{loss}` does not fit a probability and a label of 0 or 1: use `{fitting[0]}`.")


def _check_test_rows(x_test: Any, network: keras.Model, masked: bool) -> tuple[str, int]:
    """The side and the length of the padding of ``x_test``, which must hold test reviews."""
    if _first_of(x_test, list):
        raise Wrong("`x_test` still holds lists of different length: bring them to one length with `pad_sequences`.")
    rows = an_array(x_test, "x_test", (None, None))
    found = _reviews()
    if not rows.size:
        raise Wrong("`x_test` is empty; it should hold `reviews_test`, padded.")
    if rows.shape[1] == WORDS and rows.max() <= 1:
        raise Wrong(
            "`x_test` is multi-hot: it says which words occur, and not where. A recurrent network reads word numbers."
        )
    length = network.input_shape[1]
    if length not in (None, rows.shape[1]):
        raise Wrong(f"`x_test` has rows of {rows.shape[1]} numbers, and `model` reads {length}.")
    if len(rows) <= len(found.test):
        reviews = found.test[: len(rows)]
        for side in ("pre", "post"):
            for cut in ("pre", "post"):
                if np.array_equal(rows, _padded(reviews, rows.shape[1], side, cut)):
                    if side == "post" and not masked and (rows[:, -1] == 0).any():
                        raise Wrong(
                            "`x_test` has its zeros behind the words, so the network must carry its verdict through "
                            "hundreds of them. Pad in front, which is what `pad_sequences` does by default."
                        )
                    return side, rows.shape[1]
    ends = [tuple(int(word) for word in row[row > 0][-15:]) for row in rows[:50]]
    if np.mean([end in found.train_ends for end in ends]) > 0.9:
        raise Wrong("`x_test` holds training reviews. A network knows those; make the array from `reviews_test`.")
    raise Wrong("`x_test` does not hold `reviews_test`, in their order and padded to one length.")


def _first_of(answer: Any, kind: type) -> bool:
    """Whether an answer is a row of things whose first is of a kind."""
    if isinstance(answer, np.ndarray) and answer.ndim == 0:
        return False
    return isinstance(answer, (list, tuple, np.ndarray)) and len(answer) > 0 and isinstance(answer[0], kind)


def _accuracy(network: keras.Model, rows: np.ndarray, labels: np.ndarray) -> float:
    """As ``answers.accuracy``, also for a network that gives a score instead of a probability."""
    if network.output_shape[-1] == 1 and activation_of(network.layers[-1]) == "linear":
        scores = np.asarray(network.predict(rows, batch_size=256, verbose=0))[:, 0]
        return float(np.mean((scores > 0) == labels))
    return accuracy(network, rows, labels)


# ---- 5: both directions


@checker("rnn/5")
def both_directions(parameters: Any, one: Any, two: Any, larger: Any, model: Any) -> str:
    """One direction against two over seeds, and whether the difference exceeds the spread."""
    _check_both_parameters(parameters)
    first, second = _shares(one, "one"), _shares(two, "two")
    if len(first) != len(second):
        raise Wrong(f"`one` has {len(first)} accuracies and `two` has {len(second)}: train both from the same seeds.")
    if data() != "part":
        _are_two_experiments(first, second)
    _check_verdict(larger, first, second)

    network = a_network(model, inputs=(SHORT,), outputs=1)
    if not layers_of(network, keras.layers.Bidirectional):
        raise Wrong("`model` has no `Bidirectional` layer: hand in the last network with two directions.")
    found = _reviews()
    right = _accuracy(network, _padded(found.test[:SHORT_TESTED], SHORT), found.labels[:SHORT_TESTED])
    match(
        second[-1],
        right,
        [
            (
                lambda _: np.isclose(second, right, atol=0.001).any(),
                "`model` belongs to another place of `two`; hand in the network of the last one.",
            ),
            (
                lambda last: last > right + 0.02,
                f"The last number of `two` is {second[-1]:.3f}, and on test reviews `model` reaches {right:.3f}. "
                "Evaluate on `x_short_test`, not on training reviews.",
            ),
        ],
        f"The last number of `two` is {second[-1]:.3f}, and `model` reaches {right:.3f} on `x_short_test`.",
        same=close(rtol=0, atol=0.005),
    )
    difference, spread = second.mean() - first.mean(), max(first.std(ddof=1), second.std(ddof=1))
    verdict = "more" if abs(difference) > spread else "no more"
    return (
        f"Two directions instead of one change the mean accuracy by {100 * difference:+.1f} percentage points. The "
        f"standard deviation between seeds is {_points(spread)}, so the difference is {verdict} than that."
    )


def _check_both_parameters(answer: Any) -> None:
    direction = 4 * (32 * 32 + 32 * 32 + 32)
    both, last = 2 * direction, 64 + 1
    count = a_whole_number(answer, "parameters")
    match(
        count,
        both,
        [
            (direction, "`parameters` is that of one direction; the other has weights of its own."),
            (both // 4, "`parameters` is that of two SimpleRNN layers; an LSTM has four times as many."),
            (
                both + last,
                "`parameters` includes the last layer, which reads 64 numbers; count the bidirectional layer only.",
            ),
            (
                both + last + WORDS * 32,
                "`parameters` is that of the whole network; count the bidirectional layer only.",
            ),
            (both - 2 * 4 * 32, "`parameters` leaves out the biases."),
            (
                4 * (32 * 64 + 64 * 64 + 64),
                "`parameters` is that of one LSTM with 64 units. Two LSTMs of 32 do not read each other's states, so "
                "they have fewer weights.",
            ),
        ],
        f"`parameters` is {count:,}; it should be twice that of an LSTM of 32 units on 32 inputs.",
    )


def _are_two_experiments(first: np.ndarray, second: np.ndarray) -> None:
    """Raise a hint where accuracies do not look like those of two kinds of network over several seeds."""
    if np.array_equal(first, second):
        raise Wrong("`one` and `two` hold the same accuracies: is `Bidirectional` in the networks of `two`?")
    for name, values in (("one", first), ("two", second)):
        if len(set(values.tolist())) == 1:
            raise Wrong(f"All runs of `{name}` came out the same: give each run a seed of its own.")
        if values.mean() < 0.6:
            raise Wrong(f"`{name}` is {values.mean():.3f} on average, hardly more than guessing. Were they trained?")


def _shares(answer: Any, name: str) -> np.ndarray:
    if isinstance(answer, (int, float, np.number)):
        raise Wrong(
            f"`{name}` is one number. From one run nobody can tell the spread: give a list, one accuracy a seed."
        )
    values = an_array(answer, name, (None,))
    if len(values) < 3:
        raise Wrong(f"`{name}` has {len(values)} accuracies; train from at least three seeds.")
    if ((values > 1) & (values <= 100)).all():
        raise Wrong(f"`{name}` should hold shares between 0 and 1, as Keras gives them, and not percentages.")
    if (values < 0).any() or (values > 1).any():
        raise Wrong(
            f"`{name}` should hold shares between 0 and 1; was it the loss? `evaluate` gives the accuracy second."
        )
    return values


def _check_verdict(larger: Any, one: np.ndarray, two: np.ndarray) -> None:
    if keras.ops.is_tensor(larger):
        larger = keras.ops.convert_to_numpy(larger)
    if not isinstance(larger, (bool, np.bool_)) and not (
        isinstance(larger, np.ndarray) and larger.shape == () and larger.dtype == bool
    ):
        raise Wrong(f"`larger` should be `True` or `False`; it is {described(larger)}.")
    lead = two.mean() - one.mean()
    low, high = sorted([one.std(ddof=1), two.std(ddof=1)])
    right = abs(lead) > high
    match(
        bool(larger),
        right,
        [
            (
                lambda _: right and lead <= high,
                "`larger` should be `True`: the size of the difference counts, `abs(...)`, whichever network is ahead.",
            ),
            (
                abs(lead) > max(one.std(), two.std()),
                "`larger` does not follow from your numbers: use the sample standard deviation, `std(ddof=1)`.",
            ),
            (
                abs(lead) > low,
                "`larger` does not follow from your numbers: take the larger of the two standard deviations.",
            ),
        ],
        f"`larger` should be `{right}`: the means of your numbers differ by {abs(lead):.4f}, and the larger "
        f"standard deviation is {high:.4f}.",
    )
