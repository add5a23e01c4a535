"""The checkers of the exercises on what goes wrong in training, and the riddles that they set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
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
    called,
    close,
    data,
    described,
    layers_of,
    match,
)
from book.checks.core import Wrong, checker
from book.datasets import imdb

PAGE = "chapters/headaches"

# ---- 1: five curves without names

#: For each letter the recorded history, the diagnosis, and the sign that gives it away.
PATIENTS = {
    "A": (
        "noise",
        "wrong labels",
        "Look at the two accuracies: which of them is ahead in the first half, and which falls in the second?",
    ),
    "B": (
        "by_rate/0.001",
        "learning rate too low",
        "Look at the last epochs: has anything levelled off, or are both losses still on their way?",
    ),
    "C": (
        "mishaps/sorted, validation_split",
        "rows sorted by class",
        "Compare its validation accuracy with guessing. A network that has learned too little, or too much by heart, "
        "still does not fall below that.",
    ),
    "D": (
        "history",
        "overfitting",
        "Look at the two losses: where does the training loss end, and what does the validation loss do meanwhile?",
    ),
    "E": (
        "by_rate/5.0",
        "learning rate too high",
        "Look at the first epoch: its training loss is above that of guessing, so something threw the weights far off.",
    ),
}

DIAGNOSES = ("nothing is wrong", "too few units", *(diagnosis for _, diagnosis, _ in PATIENTS.values()))

#: What speaks against wrong diagnoses that are easily made, by letter.
CONFUSED = {
    "A": {
        "overfitting": "`A` does overfit, and there is more: its validation accuracy falls, where an overfitted "
        "network's usually stalls, and for many epochs its training accuracy is the lower one. What do the two "
        "accuracies count against?"
    },
    "B": {
        "too few units": "With too few units the curves of `B` would bend and level off. Are they still falling at "
        "the last epoch?"
    },
    "C": {
        "overfitting": "`C` does get worse on the validation rows. But an overfitted network still beats guessing; "
        "compare the validation accuracy with the dotted line.",
        "wrong labels": "The validation labels are right, so a network that learned from some wrong labels would "
        "still beat guessing. Compare the validation accuracy of `C` with the dotted line.",
    },
    "D": {
        "wrong labels": "The training accuracy of `D` is at the top within a few epochs, and its validation accuracy "
        "hardly falls. Labels that contradict each other are learned late, as in another of the five."
    },
    "E": {
        "learning rate too low": "With too low a rate `E` would begin at the level of guessing and creep downwards. "
        "Its first training loss is above that level.",
        "too few units": "A network with few units still learns something at first. `E` stays where guessing would "
        "be, after a training loss above it in the first epoch.",
    },
}


def unnamed_curves() -> dict[str, dict[str, np.ndarray]]:
    """Five recorded trainings of the chapter under the letters A to E: for each metric one number an epoch."""
    return {
        letter: {metric: runs[0] for metric, runs in recorded.history(PAGE, name).items()}
        for letter, (name, _, _) in PATIENTS.items()
    }


@checker("headaches/1")
def five_patients(diagnosis: Any) -> str:
    """A name for each of five trainings."""
    if isinstance(diagnosis, dict):
        diagnosis = {key.strip().upper() if isinstance(key, str) else key: each for key, each in diagnosis.items()}
    given = a_dictionary(diagnosis, "diagnosis", list(PATIENTS))
    for letter, (_, right, sign) in PATIENTS.items():
        found = given[letter]
        name = " ".join(found.lower().replace("_", " ").split()) if isinstance(found, str) else found
        if name not in DIAGNOSES:
            raise Wrong(
                f"`diagnosis[{letter!r}]` is {described(found)}, which is not one of `names`: copy one of them."
            )
        match(
            name,
            right,
            [("nothing is wrong", f"Something is wrong with `{letter}`. {sign}"), *CONFUSED[letter].items()],
            f"`{letter}` is not a case of {name!r}. {sign}",
        )
    return "All five are right. The names that fit none are those of a healthy network and of one with too few units."


# ---- 2: shrink and grow

CHAPTERS_UNITS, SMALL_UNITS, LARGE_UNITS = 512, 16, 2048


@checker("headaches/2")
def shrink_and_grow(histories: Any, lowest: Any) -> str:
    """Histories of a network in three sizes, and the epoch at which each has its lowest validation loss."""
    by_units = a_dictionary(histories, "histories")
    for key in by_units:
        if isinstance(key, (str, bool)) or not isinstance(key, (int, float, np.integer, np.floating)):
            raise Wrong(f"The keys of `histories` should be numbers of units, such as 512; one is {described(key)}.")
    if CHAPTERS_UNITS not in by_units:
        raise Wrong("`histories` has no key 512, the number of units in the chapter's network.")
    if min(by_units) > SMALL_UNITS:
        raise Wrong(
            f"The smallest network in `histories` has {min(by_units)} units; shrink it to {SMALL_UNITS} or fewer."
        )
    if max(by_units) < LARGE_UNITS:
        raise Wrong(
            f"The largest network in `histories` has {max(by_units)} units; grow it to {LARGE_UNITS:,} or more."
        )
    curves = {}
    for units in sorted(by_units):
        name = f"histories[{units}]"
        curves[units] = a_history(by_units[units], name, 10, ("loss", "val_loss"))
        built = _first_units(by_units[units])
        if built is not None and built != units:
            raise Wrong(f"`{name}` belongs to a network with {built} units. Is the number of units used in the loop?")
    lengths = {len(each["val_loss"]) for each in curves.values()}
    if len(lengths) > 1:
        raise Wrong(f"The trainings have {min(lengths)} to {max(lengths)} epochs: train all sizes for the same number.")
    if len({each["val_loss"].tobytes() for each in curves.values()}) < len(curves):
        raise Wrong("Two sizes have the very same curves: keep the history of each network under its own key.")
    epochs = a_dictionary(lowest, "lowest", list(curves))
    right = {units: int(np.argmin(each["val_loss"])) + 1 for units, each in curves.items()}
    found = {units: a_whole_number(epochs[units], f"lowest[{units}]") for units in curves}
    _check_lowest(found, right, curves)
    small, large = curves[min(curves)]["val_loss"], curves[max(curves)]["val_loss"]
    places = ", ".join(f"{epoch} ({units:g} units)" for units, epoch in right.items())
    turned = "has risen from there" if large[-1] > large.min() else "has not turned yet"
    better = "below" if large[-1] < small.min() else "above"
    return (
        f"The validation loss is lowest after epoch {places}. With {max(curves):,g} units it {turned} "
        f"and ends {better} the lowest loss of the small network."
    )


def _first_units(history: Any) -> int | None:
    """The units of the first dense layer of the network that a history came from, where it says so."""
    model = getattr(history, "model", None)
    dense = layers_of(model, keras.layers.Dense) if isinstance(model, keras.Model) else []
    return dense[0].units if dense else None


def _check_lowest(found: dict[Any, int], right: dict[Any, int], curves: dict[Any, dict[str, np.ndarray]]) -> None:
    units = next((units for units in right if found[units] != right[units]), None)  # the first that is wrong
    match(
        found,
        right,
        [
            (
                {each: epoch - 1 for each, epoch in right.items()},
                "The epochs in `lowest` are one too small: `np.argmin` counts from 0, epochs count from 1.",
            ),
            (
                {each: int(np.argmin(curve["loss"])) + 1 for each, curve in curves.items()},
                "`lowest` holds the epochs of the lowest training loss. Overfitting shows in `val_loss`.",
            ),
            (
                lambda epochs: epochs[units] == int(np.argmax(curves[units]["val_loss"])) + 1,
                f"`lowest[{units}]` is where the validation loss is highest; `np.argmin` finds the lowest.",
            ),
        ],
        f"`lowest[{units}]` is {found.get(units)}, but `val_loss` of `histories[{units}]` is lowest after another "
        "epoch. Are both from the same run?",
        same=lambda one, other: bool(one == other),
    )


# ---- 3: rescue a network

AS_IT_WAS = "as it was"
CURES = ("dropout", "L2", "early stopping", "smaller")
_SPELLINGS = {
    "l2 penalty": "L2",
    "l2": "L2",
    "less capacity": "smaller",
    "early stop": "early stopping",
    "as is": AS_IT_WAS,
}


@cache
def few_reviews() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The few reviews of the exercise: training rows and labels, validation rows and labels."""
    (reviews, labels), _ = imdb.load_data(num_words=10000)
    held = min(1000, len(reviews) // 2)
    rows = np.zeros((min(held + 1500, len(reviews)), 10000), "uint8")
    for row, review in zip(rows, reviews, strict=False):
        row[review] = 1
    return rows[held:], labels[held : held + 1500], rows[:held], labels[:held]


@checker("headaches/3")
def rescue(networks: Any, losses: Any) -> str:
    """An overfitted network, three cures of it, and the cross-entropy of all four."""
    given = _named(a_dictionary(networks, "networks"))
    numbers = _named(a_dictionary(losses, "losses"))
    if AS_IT_WAS not in given:
        raise Wrong('`networks` has no key "as it was": put `overfitted` there, to compare with.')
    chosen = [name for name in given if name != AS_IT_WAS]
    unknown = [name for name in chosen if name not in CURES]
    if unknown:
        raise Wrong(f"`networks` has the key {unknown[0]!r}; the cures are {', '.join(map(repr, CURES))}.")
    if len(chosen) < 3:
        raise Wrong(f"`networks` holds {len(chosen)} of the cures; the exercise asks for three.")
    a_dictionary(numbers, "losses", list(given))
    models = {name: a_network(model, f"networks[{name!r}]", (10000,), 1) for name, model in given.items()}
    original = models[AS_IT_WAS]
    if _has_dropout(original) or _has_penalty(original):
        raise Wrong('`networks["as it was"]` has a cure already: it should be `overfitted` from the exercise.')
    if len({id(model) for model in models.values()}) < len(models):
        raise Wrong("Two keys of `networks` hold the same network: build a new one for each cure.")
    for name in chosen:
        _has_this_cure_only(name, models[name], original)
    x_train, y_train, x_val, y_val = few_reviews()
    true = {name: _cross_entropy(model, x_val, y_val) for name, model in models.items()}
    for name, model in models.items():
        found = a_number(numbers[name], f"losses[{name!r}]")
        match(
            found,
            true[name],
            _mistaken_losses(f"losses[{name!r}]", model, true[name], (x_train, y_train, x_val, y_val)),
            f"`losses[{name!r}]` is {found:.3f}, but the cross-entropy of this network, as it is now, on `x_val` is "
            f"{true[name]:.3f}. Is it a number from another epoch, or from another network?",
            same=close(rtol=0.02, atol=0.002),
        )
    if data() != "part":
        for name in chosen:
            _is_lower(name, true[name], true[AS_IT_WAS])
    best = min(chosen, key=lambda name: true[name])
    after = ", ".join(f"{true[name]:.2f} ({name})" for name in chosen)
    return f"The cross-entropy was {true[AS_IT_WAS]:.2f}; it is {after}, with penalties left out. Lowest is {best}."


def _named(by_name: dict[Any, Any]) -> dict[Any, Any]:
    """The same dictionary with keys as the exercise spells them."""
    spellings = {each.lower(): each for each in (AS_IT_WAS, *CURES)} | _SPELLINGS
    return {
        spellings.get(" ".join(key.lower().replace("_", " ").split()), key) if isinstance(key, str) else key: each
        for key, each in by_name.items()
    }


def _has_dropout(model: keras.Model) -> bool:
    kinds = (keras.layers.Dropout, keras.layers.SpatialDropout1D, keras.layers.AlphaDropout)
    return any(layer.rate > 0 for kind in kinds for layer in layers_of(model, kind))


def _has_penalty(model: keras.Model) -> bool:
    return any(getattr(layer, "kernel_regularizer", None) is not None for layer in layers_of(model, keras.layers.Layer))


def _has_this_cure_only(name: str, model: keras.Model, original: keras.Model) -> None:
    """Raise a hint unless a network has one cure, the named one, and was trained like the others."""
    where = f"networks[{name!r}]"
    if name == "dropout" and not _has_dropout(model):
        raise Wrong(f"`{where}` has no Dropout layer with a rate above 0.")
    if name == "L2" and not _has_penalty(model):
        raise Wrong(
            f"No layer of `{where}` has a `kernel_regularizer`: give it to the Dense layers when you make them."
        )
    if name == "smaller" and model.count_params() >= original.count_params():
        raise Wrong(
            f"`{where}` has {model.count_params():,} parameters, not fewer than the {original.count_params():,} of the "
            "network as it was."
        )
    if name != "dropout" and _has_dropout(model):
        raise Wrong(f"`{where}` has dropout as well. One cure each, so that you see what it does.")
    if name != "L2" and _has_penalty(model):
        raise Wrong(f"`{where}` has a `kernel_regularizer` as well. One cure each, so that you see what it does.")
    steps, all_steps = int(model.optimizer.iterations), int(original.optimizer.iterations)
    if name == "early stopping":
        # On a few hundred rows it may have no reason to stop.
        if steps >= all_steps and data() != "part":
            raise Wrong(
                f"`{where}` was trained for all epochs: it never stopped. Pass `keras.callbacks.EarlyStopping` with a "
                "small `patience` in the list `callbacks`."
            )
    elif steps < 0.9 * all_steps:
        raise Wrong(
            f"`{where}` was trained for {steps} steps, and the network as it was for {all_steps}. Stopping sooner is "
            "another cure: train it for as long, with `train_reviews`."
        )


def _cross_entropy(model: keras.Model, rows: np.ndarray, labels: np.ndarray) -> float:
    """The mean cross-entropy without penalties."""
    return float(-np.mean(np.where(labels == 1, *_logarithms(model, rows))))


def _logarithms(model: keras.Model, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The logarithms of the probabilities that a network gives to class 1 and to class 0."""
    given = np.asarray(model.predict(rows, batch_size=1000, verbose=0), dtype=float)[:, 0]
    given = np.clip(given, 1e-7, 1 - 1e-7)
    return np.log(given), np.log(1 - given)


def _mistaken_losses(
    where: str, model: keras.Model, true: float, rows: tuple[np.ndarray, ...]
) -> Iterator[tuple[Any, str]]:
    """What plausible mistakes give for the cross-entropy of a network on the validation reviews, each with its hint."""
    x_train, y_train, x_val, y_val = rows
    near = close(rtol=0.02)
    penalty = float(sum(np.asarray(keras.ops.convert_to_numpy(each)) for each in model.losses))
    yield (
        lambda found: penalty != 0 and near(found, true + penalty),
        f"`{where}` counts the L2 penalty in, as `evaluate` and `val_loss` do. Compute the cross-entropy alone, "
        "from `predict`, or with `keras.metrics.BinaryCrossentropy()` as a metric.",
    )
    yield (
        lambda found: np.isclose(found, _cross_entropy(model, x_train, y_train), rtol=0.02, atol=0.0005),
        f"`{where}` is the loss on the training reviews. Measure all four on `x_val`.",
    )
    yield (
        lambda found: near(found, -true),
        f"`{where}` is negative: the cross-entropy is the mean of minus the logarithm.",
    )
    positive, negative = _logarithms(model, x_val)
    crossed = -np.mean(y_val) * positive.mean() - np.mean(y_val == 0) * negative.mean()
    yield (
        lambda found: near(found, crossed),
        f"`{where}` compares every label with every probability: `predict` gives an array of shape (n, 1), and "
        "`y_val` has (n,). Take `predict(x_val)[:, 0]`.",
    )
    yield (
        lambda found: np.isclose(found, np.mean((positive > negative) == y_val), atol=0.002),
        f"`{where}` is the accuracy; the exercise asks for the cross-entropy.",
    )


def _is_lower(name: str, loss: float, before: float) -> None:
    """Raise a hint unless a cure brings the loss a tenth below what it was."""
    if loss <= 0.9 * before:
        return
    more = {
        "dropout": "Drop words too, with a Dropout layer right after the input, and try a higher rate.",
        "L2": "Try a penalty ten times larger or smaller.",
        "early stopping": "Watch `val_loss`, lower the `patience`, and set `restore_best_weights=True`.",
        "smaller": "Make it smaller still: one hidden layer with a few units.",
    }[name]
    raise Wrong(
        f"With {name} the cross-entropy on `x_val` is {loss:.2f}, after {before:.2f}: too little gained. {more}"
    )


# ---- 4: split by patient


@checker("headaches/4")
def split_by_group(split: Any) -> str:
    """A function that splits rows so that no group is on both sides."""
    function = a_function(split, "split")
    random = np.random.default_rng(4)
    in_order = np.repeat(np.arange(40), 4)
    ragged = random.permutation(np.repeat(random.choice(1000, 60, replace=False), random.integers(1, 9, 60)))
    named = random.permutation(np.repeat([f"patient {number}" for number in range(30)], 3))
    shares = [_split_is_right(function, groups) for groups in (in_order, ragged, named)]
    return (
        "No group is on both sides in three made-up studies, with numbers and with names. The test side gets "
        f"{', '.join(f'{share:.0%}' for share in shares)} of the rows."
    )


def _split_is_right(function: Callable[..., Any], groups: np.ndarray) -> float:
    """The share of rows for testing, or a hint."""
    sides = called(function, "split", groups.copy())
    if not isinstance(sides, (tuple, list)) or len(sides) != 2:
        raise Wrong(f"`split` should return two masks, `train, test`; it returned {described(sides)}.")
    train, test = (_a_mask(side, len(groups), name) for side, name in zip(sides, ("train", "test"), strict=True))
    if not test.any() or not train.any():
        empty = "train" if not train.any() else "test"
        raise Wrong(f"The mask `{empty}` of `split` marks no row at all for {_of(groups)}.")
    if (train & test).any():
        raise Wrong("`split` puts the same row on both sides. One mask should be the opposite of the other: `~test`.")
    if not (train | test).all():
        raise Wrong("`split` leaves rows out: each row should be on one of the two sides.")
    both = np.intersect1d(groups[train], groups[test])
    if both.size:
        raise Wrong(
            f"For {_of(groups)}, {len(both)} have rows on both sides, such as `{both[0]}`. "
            "Draw groups, and then mark all rows of each; do not draw rows."
        )
    names = np.unique(groups)
    chosen = np.isin(names, groups[test])
    share = chosen.mean()
    if share > 0.6:
        raise Wrong(
            f"`split` gives {share:.0%} of the groups to testing. Are the two masks swapped? `train` comes first."
        )
    if not 0.1 <= share <= 0.45:
        raise Wrong(f"`split` gives {share:.0%} of the groups to testing; it should be about a quarter.")
    _chosen_by_chance(chosen, groups, test)
    return float(test.mean())


def _of(groups: np.ndarray) -> str:
    return f"{len(np.unique(groups))} groups in {len(groups)} rows"


def _a_mask(side: Any, rows: int, name: str) -> np.ndarray:
    """One mask with a Boolean for each row."""
    array = np.asarray(keras.ops.convert_to_numpy(side) if keras.ops.is_tensor(side) else side)
    if array.shape == (rows,) and (
        array.dtype == bool or (array.dtype.kind in "iu" and set(np.unique(array)) <= {0, 1})
    ):
        return array.astype(bool)
    if array.dtype.kind in "iuUS" and array.ndim == 1:
        raise Wrong(
            f"`{name}` should be a mask, with True or False for each of {rows} rows; it holds places or names. "
            "`np.isin(groups, some)` makes a mask."
        )
    raise Wrong(f"`{name}` should be a Boolean array of shape ({rows},); it is {described(side)}.")


def _chosen_by_chance(chosen: np.ndarray, groups: np.ndarray, test: np.ndarray) -> None:
    """Raise a hint where the test groups are the first or the last, by name or by row."""
    count = int(chosen.sum())
    rows = int(test.sum())
    blocks = (chosen[:count], chosen[-count:], test[:rows], test[-rows:])
    if count >= 3 and any(block.all() for block in blocks):
        raise Wrong(
            f"For {_of(groups)}, `split` takes the first or the last ones. Tables are often in the order of day, "
            "hospital or disease: choose the groups by chance."
        )


# ---- 5: the gene that gives the answer away

PATIENTS_IN_STUDY, GENES = 200, 500

#: The last study that was made: expression, disease, and the gene that was planted.
_study: list[tuple[np.ndarray, np.ndarray, int]] = []


def gene_study() -> tuple[np.ndarray, np.ndarray]:
    """An invented study: genes that are noise, but for one, which is the label plus a little noise.

    Returns:
        Expression, of shape (patients, genes), each gene on a scale of its own, and the disease, 0 or 1.
    """
    expression = np.random.normal(size=(PATIENTS_IN_STUDY, GENES))
    disease = np.random.permutation(np.arange(PATIENTS_IN_STUDY) % 2)
    gene = int(np.random.randint(GENES))
    # About as wide as the others, so that its numbers do not stand out.
    expression[:, gene] = 2 * disease - 1 + np.random.normal(0, 0.5, PATIENTS_IN_STUDY)
    expression = (expression + 3) * 10 ** np.random.uniform(-1, 1, GENES)
    expression = expression.astype("float32")
    _study[:] = [(expression, disease, gene)]
    return expression.copy(), disease.copy()


@checker("headaches/5")
def find_the_gene(network: Any, suspect: Any) -> str:
    """A small network trained on all genes, and the gene that its weights point to."""
    if not _study:
        raise Wrong("There is no study yet: run the cell with `gene_study()` first, then train.")
    *_, gene = _study[0]
    model = a_network(network, "network", (GENES,))
    dense = layers_of(model, keras.layers.Dense)
    if not dense:
        raise Wrong("`network` has no Dense layer, whose weights could point to a gene.")
    found = a_whole_number(suspect, "suspect")
    table = np.abs(np.asarray(dense[0].get_weights()[0]))
    if table.shape[0] != GENES:
        raise Wrong("The first Dense layer of `network` should take the 500 genes, one row of weights for each.")
    importance = table.sum(axis=1)
    match(
        found,
        gene,
        _mistaken_genes(model, table, found),
        "`suspect` is not the planted gene. With more genes than patients, noise gets weights as well: add an L1 "
        "penalty to the first layer, and train until it has worked.",
    )
    place = int((importance > importance[gene]).sum()) + 1
    if place > 10:
        raise Wrong(
            f"`suspect` is the planted gene, but in the first layer of `network` its weights come only {place}th. "
            "Train so that the weights show it: genes on one scale, and a penalty on the weights."
        )
    return f"Gene {gene} is the planted one. By the weights of `network` it comes in place {place} of {GENES}."


def _mistaken_genes(model: keras.Model, table: np.ndarray, found: int) -> Iterator[tuple[Any, str]]:
    """What plausible mistakes give for the gene that the weights of the first layer point to, each with its hint."""
    expression, disease, gene = _study[0]
    importance = table.sum(axis=1)
    several = table.shape[1] > 1
    yield gene + 1, "`suspect` is one too large: columns count from 0."
    whole = "`argmax` of a whole table counts through all entries: add up each gene's weights first, along `axis=1`."
    yield (
        lambda it: several and it == int(table.argmax()),
        f"`suspect` is a place in the table of weights, not a gene. {whole}",
    )
    yield (
        lambda it: not 0 <= it < GENES,
        f"`suspect` is {found}, and there are {GENES} genes, from 0 to {GENES - 1}. {whole}",
    )
    yield (
        lambda it: several and it == int(table.sum(axis=0).argmax()),
        "`suspect` is a unit: the weights have one row a gene, so add up along `axis=1`.",
    )
    yield (
        int(importance.argmin()),
        "`suspect` is the gene with the smallest weights; those of a telling gene are large.",
    )
    seen = len(expression) // 2
    scaled = (expression - expression[:seen].mean(axis=0)) / expression[:seen].std(axis=0)
    on_raw, on_scaled = (_right(model, rows[:seen], disease[:seen]) for rows in (expression, scaled))
    yield (
        lambda _: on_scaled < 0.75 and on_raw >= on_scaled - 0.05,
        "`suspect` is not the planted gene, and `network` does not look trained on genes of one scale. Bring each "
        "gene to mean 0 and standard deviation 1: otherwise a weight says more about the unit of measurement.",
    )
    yield (
        lambda _: int(importance.argmax()) == gene,
        "`suspect` is not the planted gene, though `network` has found it: take the row with the largest sum of "
        "absolute weights. Signed ones cancel.",
    )


def _right(model: keras.Model, rows: np.ndarray, labels: np.ndarray) -> float:
    """The share of patients that a network gets right, whether it gives one number or one a class."""
    given = np.asarray(model.predict(rows, batch_size=256, verbose=0))
    if given.ndim != 2:
        return 0.0
    classes = given.argmax(axis=-1) if given.shape[1] > 1 else (given[:, 0] > 0.5).astype(int)
    return float(np.mean(classes == labels))
