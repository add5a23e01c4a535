"""The explorer that asks: which headache has the network whose training curve this is, and what would cure it?

A recorded run is asked about only if it is known to have a headache (:func:`suspects`, from its configuration) and if
its curve shows the symptom of that headache and of no other (``shows`` of each of ``HEADACHES``). So a curve that two
headaches could have drawn is not used, nor is one of a flawed network that happened to learn well.

Two headaches of the chapter have one name here, *learning rate too high* and *dead relus*. A curve that stays at the
level of guessing does not tell whether the relus are dead. In the recorded runs a rate far too high is what kills them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import traitlets
from matplotlib.figure import Figure

from book import plots
from book.explorers.numbers import loss_text, percent, plain
from book.explorers.widget import Explorer, differences, module
from book.sweeps.configurations import Configuration
from book.sweeps.data import VALIDATION_ROWS
from book.sweeps.runs import METRICS, Runs, packaged_runs

Run = Mapping[str, np.ndarray]

#: Runs a headache, at most.
MOST = 8
#: With fewer headaches there is nothing to choose from.
FEWEST_HEADACHES = 3
#: Learning rates that are about right for the networks of the sweeps.
USUAL_RATES = {"rmsprop": 0.001, "sgd": 0.1}
#: What stands for a loss that is too large to be recorded, or not a number.
HUGE = 65_504.0
#: Where the scale of accuracies begins, so that a curve at zero is seen.
FLOOR = -0.02
CLASSES = {"imdb": 2, "mnist": 10}
#: The examples of a task, and what a network does with them.
WORDS = {
    "imdb": ("reviews", "says whether a film review is positive"),
    "mnist": ("digits", "reads handwritten digits"),
}
SOURCE = (
    "Recorded from real training runs of dense networks, each curve a single run of {epochs} epochs. They are drawn so "
    "that each headache comes up as often as any other; only runs are used whose curve tells the headache apart from "
    "the others. Training loss and accuracy are means over an epoch, validation is measured at its end, as Keras "
    "reports them; losses leave an L2 penalty out."
)


@dataclass(frozen=True)
class Yardstick:
    """What a curve of a task is compared with.

    Attributes:
        loss: Of guessing: of a network that gives each class the same probability.
        accuracy: Of guessing.
        best_loss: The lowest validation loss of all recorded runs without a flaw in the data.
        best_accuracy: Their highest validation accuracy.
        rows: The most examples that any of them learned from.
        several: What the examples are called.
    """

    loss: float
    accuracy: float
    best_loss: float
    best_accuracy: float
    rows: int
    several: str


# ---- What a curve shows. An epoch's number is its position plus one.


def _late(values: np.ndarray, epochs: int = 3) -> float:
    """The mean over the last epochs: less noisy than the last one."""
    return float(values[-epochs:].mean())


def _jumps(run: Run, by: Yardstick) -> np.ndarray:
    """Positions of epochs whose training loss is clearly above that of the epoch before: by a tenth, at least."""
    loss = run["loss"]
    return np.flatnonzero(np.diff(loss) > np.maximum(0.02 * by.loss, 0.1 * loss[:-1])) + 1


def _ahead(run: Run) -> int:
    """In how many epochs validation accuracy is clearly above training accuracy."""
    return int(np.sum(run["val_accuracy"] > run["accuracy"] + 0.03))


def _still_falling(run: Run) -> float:
    """The share of the fall of the training loss that belongs to the last third of the epochs."""
    loss = run["loss"]
    whole = loss[0] - loss[-1]
    return float((loss[2 * len(loss) // 3 - 1] - loss[-1]) / whole) if whole > 0 else 0.0


def _stuck(run: Run, by: Yardstick) -> bool:
    """Whether the network ends at the level of guessing."""
    guessing = by.accuracy + 0.1 * (1 - by.accuracy)
    return all(
        _late(run[f"{part}accuracy"], 10) < guessing and _late(run[f"{part}loss"], 10) > 0.95 * by.loss
        for part in ("", "val_")
    )


def _learns(run: Run, by: Yardstick) -> bool:
    """Whether training goes as it should: no jumps, and well below guessing at the end."""
    return len(_jumps(run, by)) <= 1 and run["loss"][0] < 1.5 * by.loss and _late(run["loss"]) < 0.6 * by.loss


def _overfits(run: Run, by: Yardstick) -> bool:
    loss, accuracy = run["val_loss"], run["val_accuracy"]
    best, lowest = int(loss.argmin()), float(loss.min())
    return (
        _learns(run, by)
        and best < 2 * len(loss) // 3
        and min(_late(loss), loss[-1]) > max(1.25 * lowest, lowest + 0.05)
        and max(_late(run["loss"]), run["loss"][-1]) < min(0.6 * lowest, float(run["loss"][best]))
        and accuracy.max() - _late(accuracy) < 0.03
        and by.accuracy + 0.2 < accuracy.max() <= by.best_accuracy + 0.01
        and _ahead(run) <= 2
    )


def _underfits(run: Run, by: Yardstick) -> bool:
    train, held = _late(run["loss"]), _late(run["val_loss"])
    return (
        not _stuck(run, by)
        and len(_jumps(run, by)) == 0
        and run["loss"][0] < 1.5 * by.loss
        and _still_falling(run) < 0.1
        and min(train, held) > 1.35 * by.best_loss
        and held < train + 0.15 * by.loss
        and held < 1.15 * run["val_loss"].min()
        and max(_late(run["accuracy"]), _late(run["val_accuracy"])) < by.best_accuracy - 0.025
    )


def _rate_too_high(run: Run, by: Yardstick) -> bool:
    first = run["loss"][0]
    if _stuck(run, by):
        return bool(1.1 * by.loss < first < 20 * by.loss)
    return len(_jumps(run, by)) >= 4


def _rate_too_low(run: Run, by: Yardstick) -> bool:
    losses = run["loss"], run["val_loss"]
    return (
        len(_jumps(run, by)) == 0
        and _still_falling(run) > 0.15
        and all(loss[-1] > 1.5 * by.best_loss and loss[0] - loss[-1] > 0.02 * by.loss for loss in losses)
        and bool(abs(losses[1][-1] - losses[0][-1]) < 0.1 * by.loss)
    )


def _unscaled(run: Run, by: Yardstick) -> bool:
    first = run["loss"][0]
    if _stuck(run, by):
        return bool(first >= 100 * by.loss)
    recovers = len(_jumps(run, by)) <= 2 and _late(run["accuracy"]) > 0.9 and _late(run["val_accuracy"]) > 0.7
    return bool(first > 2 * by.loss and recovers)


def _unshuffled(run: Run, by: Yardstick) -> bool:
    train, held = _late(run["accuracy"]), _late(run["val_accuracy"])
    return held < by.accuracy + 0.15 and train - held > 0.45 and _late(run["val_loss"]) > by.loss


def _leaks(run: Run, by: Yardstick) -> bool:
    return _learns(run, by) and _late(run["val_accuracy"]) > by.best_accuracy + 0.02


def _wrong_labels(run: Run, by: Yardstick) -> bool:
    accuracy = run["val_accuracy"]
    falls = accuracy.max() - max(_late(accuracy), accuracy[-1])
    return bool(len(_jumps(run, by)) <= 1 and _ahead(run) >= 3 and falls > 0.03)


def _healthy(run: Run, by: Yardstick) -> bool:
    train, held = _late(run["accuracy"]), _late(run["val_accuracy"])
    return (
        _learns(run, by)
        and len(_jumps(run, by)) == 0
        and _late(run["val_loss"]) < 1.06 * run["val_loss"].min()
        and train >= by.best_accuracy - 0.025
        and train - held < 0.08
        and by.best_accuracy - 0.1 < held <= by.best_accuracy + 0.01
        and _ahead(run) <= 2
    )


# ---- What gives it away, in words and numbers of the run; and what to mark: panel, metric, epoch, text.

Mark = tuple[int, str, int, str] | None
Evidence = tuple[str, Mark]


def _loss(value: float) -> str:
    return f"more than {HUGE:,.0f}" if value >= HUGE else loss_text(value)


def _best_of_all(by: Yardstick) -> str:
    return (
        f"The best of all recorded networks without a flaw in the data, with up to {by.rows:,} {by.several} to learn "
        f"from, is right about {percent(by.best_accuracy)} of new ones"
    )


def _ends(run: Run) -> str:
    train, held = (percent(run[metric][-1]) for metric in ("accuracy", "val_accuracy"))
    return f"training accuracy ends at {train}, validation accuracy at {held}"


def _overfitting_seen(run: Run, by: Yardstick) -> Evidence:
    train, loss, accuracy = run["loss"], run["val_loss"], run["val_accuracy"]
    best = int(loss.argmin())
    below = 100 * (accuracy.max() - accuracy[-1])
    stalls = f"{below:.1f} points below its highest value" if below >= 0.05 else "its highest value"
    return (
        f"Validation loss is lowest at epoch {best + 1} ({_loss(loss[best])}) and has risen to {_loss(loss[-1])} at "
        f"the end. Training loss went on falling meanwhile, from {_loss(train[best])} to {_loss(train[-1])}. "
        f"Validation accuracy ends at {percent(accuracy[-1])}, {stalls}.",
        (0, "val_loss", best + 1, "lowest"),
    )


def _underfitting_seen(run: Run, by: Yardstick) -> Evidence:
    train, held = run["loss"], run["val_loss"]
    change = abs(train[2 * len(train) // 3 - 1] - train[-1])
    return (
        f"Both losses have levelled off, at {_loss(train[-1])} and {_loss(held[-1])}: in the last third of the epochs "
        f"the training loss changed by {change:.3f}. Other networks get down to {_loss(by.best_loss)} on {by.several} "
        f"that they have never seen. This one is not even good at those that it learns from: {_ends(run)}.",
        None,
    )


def _rate_too_high_seen(run: Run, by: Yardstick) -> Evidence:
    loss = run["loss"]
    if _stuck(run, by):
        return (
            f"In the first epoch the training loss is {_loss(loss[0])}, above the {_loss(by.loss)} of guessing: steps "
            f"that overshoot threw the weights far off. At the end the network guesses: {_ends(run)}. It looks like "
            f"this when all relus are dead. Whether they are, the curve does not tell.",
            (0, "loss", 1, _loss(loss[0])),
        )
    jumps = _jumps(run, by)
    worst = int(jumps[(loss[jumps] - loss[jumps - 1]).argmax()])
    return (
        f"The training loss does not come down steadily, it jumps. In {len(jumps)} epochs it is at least a tenth above "
        f"that of the epoch before, most in epoch {worst + 1}, with {_loss(loss[worst])} after "
        f"{_loss(loss[worst - 1])}. Steps of this size overshoot.",
        (0, "loss", worst + 1, "jump"),
    )


def _rate_too_low_seen(run: Run, by: Yardstick) -> Evidence:
    train, held = run["loss"], run["val_loss"]
    return (
        f"Both losses fall together, and end {abs(train[-1] - held[-1]):.3f} apart. They have not levelled off: of the "
        f"fall of the training loss, {100 * _still_falling(run):.0f} % belong to the last third of the epochs. At "
        f"{_loss(train[-1])} it is still far from where other networks arrive: {_loss(by.best_loss)}, on {by.several} "
        f"that they have never seen.",
        None,
    )


def _unscaled_seen(run: Run, by: Yardstick) -> Evidence:
    first, last = run["loss"][0], run["val_loss"][-1]
    times = f"{first / by.loss:,.0f} times" if first < HUGE else "far above"
    lead = (
        f"In the first epoch the training loss is {_loss(first)}, {times} the {_loss(by.loss)} of guessing. Outputs so "
        f"far from the order of one suggest inputs that are far from it, too."
    )
    if _stuck(run, by):
        more = (
            f"With such inputs each step is far too large, and at the end the network guesses: {_ends(run)}. The flat "
            f"part alone could also come from a learning rate far too high. The size of the first loss makes inputs "
            f"the likelier cause; a look at their range decides."
        )
    else:
        more = (
            f"The network recovers: {_ends(run)}. But the validation loss ends at {_loss(last)}, and the lowest that "
            f"was recorded for {by.several} is {_loss(by.best_loss)}."
        )
    return f"{lead} {more}", (0, "loss", 1, _loss(first))


def _unshuffled_seen(run: Run, by: Yardstick) -> Evidence:
    held = run["val_accuracy"][-1]
    side = "below" if held < by.accuracy else "not far from"
    return (
        f"Training accuracy ends at {percent(run['accuracy'][-1])}, validation accuracy at {percent(held)}, {side} the "
        f"{percent(by.accuracy)} of guessing. Overfitting alone does not bring a network that learns so well down to "
        f"guessing. The validation rows must be of another kind: of classes that it has hardly seen.",
        (1, "val_accuracy", len(run["val_accuracy"]), percent(held)),
    )


def _leak_seen(run: Run, by: Yardstick) -> Evidence:
    train, held = run["accuracy"], run["val_accuracy"]
    best = int(held.argmax())
    return (
        f"Validation accuracy rises to {percent(held[best])}. {_best_of_all(by)}: too good to be true. At the end it "
        f"is {100 * abs(train[-1] - held[-1]):.1f} points from training accuracy.",
        (1, "val_accuracy", best + 1, percent(held[best])),
    )


def _wrong_labels_seen(run: Run, by: Yardstick) -> Evidence:
    train, held = run["accuracy"], run["val_accuracy"]
    best = int(held.argmax())
    return (
        f"In {_ahead(run)} epochs validation accuracy is at least 3 points above training accuracy: the network agrees "
        f"with the labels of new {by.several} more often than with those that it learns from. Validation accuracy is "
        f"highest at epoch {best + 1} ({percent(held[best])}) and falls to {percent(held[-1])}, while training "
        f"accuracy climbs to {percent(train[-1])}, as wrong labels are learned by heart.",
        (1, "val_accuracy", best + 1, "highest"),
    )


def _healthy_seen(run: Run, by: Yardstick) -> Evidence:
    loss = run["val_loss"]
    best = int(loss.argmin())
    above = 100 * (loss[-1] / loss[best] - 1)
    end = f"{above:.1f} % above its lowest value, that of epoch {best + 1}" if above >= 0.05 else "its lowest value"
    gap = 100 * abs(run["accuracy"][-1] - run["val_accuracy"][-1])
    return (
        f"Training loss comes down to {_loss(run['loss'][-1])} without jumps. Validation loss ends at "
        f"{_loss(loss[-1])}, {end}. Validation accuracy ends at {percent(run['val_accuracy'][-1])}, {gap:.1f} points "
        f"from training accuracy. A gap alone is no failure.",
        (0, "val_loss", best + 1, "lowest"),
    )


# ---- The headaches


@dataclass(frozen=True)
class Headache:
    """A headache that a reader can name.

    Attributes:
        key: What :func:`suspects` calls it.
        name: What the reader chooses.
        cure: The right one of the cures, as the reader chooses it.
        sign: How it shows, as the end of a sentence that begins with *Its sign would be*.
        advice: What to do.
        shows: Whether a curve shows it.
        seen: What in a curve that shows it gives it away.
    """

    key: str
    name: str
    cure: str
    sign: str
    advice: str
    shows: Callable[[Run, Yardstick], bool]
    seen: Callable[[Run, Yardstick], Evidence]


HEADACHES = (
    Headache(
        "overfitting", "overfitting", "stop earlier, regularise, or get more data",
        "a validation loss that turns and rises while training loss goes on falling; validation accuracy stalls and "
        "hardly falls",
        "Stop at the epoch of the lowest validation loss, get more data, or regularise: L2, dropout, fewer units.",
        _overfits, _overfitting_seen,
    ),
    Headache(
        "underfitting", "underfitting", "a larger network, or less regularisation",
        "two curves that level off, close together, and worse than the task allows",
        "Give the network more units or layers, or weaken the regularisation. More data would hardly help.",
        _underfits, _underfitting_seen,
    ),
    Headache(
        "rate too high", "learning rate too high (up to dead relus)", "lower the learning rate",
        "a training loss that jumps up again and again; or one that begins above guessing, though not hundreds of "
        "times above it, and ends at guessing",
        "Try a rate ten times lower, and look again. Relus that are dead do not come back: start from new weights.",
        _rate_too_high, _rate_too_high_seen,
    ),
    Headache(
        "rate too low", "learning rate too low", "raise the learning rate",
        "two losses that fall together, and are still on their way when training ends",
        "Try a rate ten times higher, and look again. More epochs would do it too, but take longer.",
        _rate_too_low, _rate_too_low_seen,
    ),
    Headache(
        "unscaled", "inputs not scaled", "scale the inputs",
        "a first training loss hundreds of times that of guessing, or several times in a network that recovers from it",
        "Bring the inputs to the order of one; pixels are divided by 255. What you scale by comes from the training "
        "data alone.",
        _unscaled, _unscaled_seen,
    ),
    Headache(
        "unshuffled", "data not shuffled", "shuffle the rows, then split",
        "a validation accuracy near guessing or below it, while training goes well",
        "Shuffle the rows before any of them are set aside for validation, and again in each epoch.",
        _unshuffled, _unshuffled_seen,
    ),
    Headache(
        "leak", "leakage between training and validation data", "remove copies, and split first",
        "a validation accuracy that is better than the task allows",
        "Remove copies, then split by what will be new in use, and do everything else after. The score of this run is "
        "worth nothing.",
        _leaks, _leak_seen,
    ),
    Headache(
        "wrong labels", "wrong labels in the training data", "correct the labels",
        "a training accuracy that stays below validation accuracy for several epochs, and a validation accuracy that "
        "peaks and falls",
        "Look at the training examples with the highest loss and correct their labels. Until then, stopping early and "
        "regularisation limit the damage.",
        _wrong_labels, _wrong_labels_seen,
    ),
    Headache(
        "healthy", "nothing is wrong", "none is needed",
        "a training loss that comes down steadily, and a validation loss that ends at its lowest value or close to it",
        "More data might still narrow the gap, but there is nothing to repair.",
        _healthy, _healthy_seen,
    ),
)  # fmt: skip


#: In an order that does not give away which headache each of them is for.
CURES = (*sorted(each.cure for each in HEADACHES[:-1]), HEADACHES[-1].cure)


def suspects(configuration: Configuration) -> tuple[str, ...]:
    """The headaches that a network may have, from what is known of it. Which one it has, if any, its curve decides."""
    usual = USUAL_RATES[configuration.optimizer]
    flaws = {"unscaled": "unscaled", "unshuffled": "unshuffled", "leak": "leak"}
    if configuration.loss != "crossentropy":
        return ()
    if configuration.flaw != "none":
        return (flaws[configuration.flaw],) if configuration.rate == usual and not configuration.label_noise else ()
    if configuration.label_noise:
        return ("wrong labels",) if configuration.label_noise >= 0.2 and configuration.rate == usual else ()
    if configuration.rate >= 19 * usual:
        return ("rate too high",)
    if configuration.rate <= 0.11 * usual:
        return ("rate too low",)
    if configuration.rate != usual:
        return ()
    restrained = configuration.l2 > 0 or configuration.dropout > 0
    # With dropout, training scores are measured on a handicapped network: a gap that looks healthy would mean little.
    small = configuration.units <= 4 or configuration.l2 >= 0.001 or configuration.dropout >= 0.5
    return (
        *(() if restrained else ("overfitting",)),
        *(("healthy",) if not configuration.dropout else ()),
        *(("underfitting",) if small else ()),
    )


def yardstick(task: str, runs: Runs) -> Yardstick | None:
    """What the curves of a task are compared with; None if no run without a flaw has been recorded."""
    clean = {
        key: run
        for key, run in runs.items()
        if (one := key[0]).task == task and one.flaw == "none" and not one.label_noise and one.loss == "crossentropy"
    }
    if not clean:
        return None
    return Yardstick(
        loss=float(np.log(CLASSES[task])),
        accuracy=1 / CLASSES[task],
        best_loss=min(float(run["val_loss"].min()) for run in clean.values()),
        best_accuracy=max(float(run["val_accuracy"].max()) for run in clean.values()),
        rows=max(one.rows for one, _ in clean),
        several=WORDS[task][0],
    )


def diagnosed(configuration: Configuration, run: Run, by: Yardstick) -> Headache | None:
    """The headache of a run, if the network is known to have it and if its curve shows it, and shows no other."""
    shown = [each for each in HEADACHES if each.shows(run, by)]
    return shown[0] if len(shown) == 1 and shown[0].key in suspects(configuration) else None


@dataclass(frozen=True)
class Round:
    """A run to ask about."""

    configuration: Configuration
    seed: int
    run: Run
    headache: Headache
    by: Yardstick


def rounds(runs: Runs) -> list[Round]:
    """The runs to ask about: the same ones for the same records, in an order that does not give the answers away.

    Of each headache there are at most ``MOST``, of as many different configurations as possible.

    Raises:
        LookupError: The runs show too few different headaches.
    """
    by_task = {task: by for task in CLASSES if (by := yardstick(task, runs)) is not None}
    found: dict[str, dict[Configuration, list[Round]]] = {each.key: {} for each in HEADACHES}
    for (configuration, seed), recorded_run in sorted(runs.items(), key=lambda item: (repr(item[0][0]), item[0][1])):
        by = by_task.get(configuration.task)
        run = {metric: np.nan_to_num(values, nan=HUGE, posinf=HUGE) for metric, values in recorded_run.items()}
        headache = diagnosed(configuration, run, by) if by else None
        if by and headache:
            one = Round(configuration, seed, run, headache, by)
            found[headache.key].setdefault(configuration, []).append(one)
    chosen = [one for of_headache in found.values() for one in _spread(list(of_headache.values()))]
    there = [key for key, of_headache in found.items() if of_headache]
    if len(there) < FEWEST_HEADACHES:
        raise LookupError(
            f"the recorded runs show {len(there)} headaches ({', '.join(there) or 'none'}), and {FEWEST_HEADACHES} are "
            "needed: `book record` with mishaps, noise, digits, rates and overfitting records them"
        )
    return sorted(chosen, key=lambda one: hashlib.sha256(f"{one.configuration!r} {one.seed}".encode()).digest())


def _spread(by_configuration: list[list[Round]]) -> list[Round]:
    """``MOST`` of some rounds: evenly over the configurations, and only then over their seeds."""
    n = len(by_configuration)
    if n > MOST:
        by_configuration = [by_configuration[number * (n - 1) // (MOST - 1)] for number in range(MOST)]
    seeds = max((len(each) for each in by_configuration), default=0)
    return [each[seed] for seed in range(seeds) for each in by_configuration if seed < len(each)][:MOST]


def described(configuration: Configuration) -> str:
    """A configuration in words."""
    c = configuration
    several = WORDS[c.task][0]
    optimizer = {"rmsprop": "RMSprop", "sgd": "plain gradient descent (SGD)"}[c.optimizer]
    held = {"unshuffled": c.rows // 4, "leak": c.rows}.get(c.flaw, VALIDATION_ROWS)
    regularisation = [f"an L2 penalty of {plain(c.l2)}"] * (c.l2 > 0)
    regularisation += [f"dropout {c.dropout:g}"] * (c.dropout > 0)
    flaw = {
        "none": f"{100 * c.label_noise:.0f} % of the training labels were wrong; the validation labels were right."
        if c.label_noise
        else "",
        "unscaled": "Its inputs ran from 0 to 255.",
        "unshuffled": "The rows were sorted by class, also in training, and the last fifth of them was for validation.",
        "leak": f"Three quarters of the validation {several} were training {several} too.",
    }[c.flaw]
    return (
        f"A network with {'one hidden layer' if c.layers == 1 else f'{c.layers} hidden layers'} of "
        f"{c.units:,} {'unit' if c.units == 1 else 'units'} ({c.activation}), trained on {c.rows:,} {several} and "
        f"validated on {held:,}, by {optimizer} with learning rate {plain(c.rate)} and batches of {c.batch:,}"
        f"{', with ' + ' and '.join(regularisation) if regularisation else ''}. {flaw}"
    ).strip()


def question(task: str, by: Yardstick) -> str:
    """What is asked about a run of a task."""
    return (
        f"A network {WORDS[task][1]}. Guessing is right in {100 * by.accuracy:.0f} % of cases, with a loss of "
        f"{by.loss:.2f}. {_best_of_all(by)}. What does this one suffer from, if from anything, and what is the cure?"
    )


class DiagnoseExplorer(Explorer):
    """Training curves without names: the reader says what the network suffers from, and what would cure it.

    Attributes:
        round: The place of the run that is shown; -1 until the view has drawn one.
    """

    _esm = module("diagnose.js")

    round = traitlets.Int(-1).tag(sync=True)
    _data = traitlets.Dict().tag(sync=True)

    @cached_property
    def rounds(self) -> list[Round]:
        """The runs to ask about."""
        return rounds(packaged_runs())

    @traitlets.default("_data")
    def _recorded(self) -> dict[str, Any]:
        names = [each.name for each in HEADACHES]
        tasks = {one.configuration.task: one.by for one in self.rounds}
        return {
            "epochs": len(self.rounds[0].run["loss"]),
            "headaches": [
                {"name": each.name, "cure": CURES.index(each.cure), "sign": each.sign, "advice": each.advice}
                for each in HEADACHES
            ],
            "cures": CURES,
            "tasks": {
                task: {"question": question(task, by), "loss": by.loss, "accuracy": by.accuracy}
                for task, by in tasks.items()
            },
            "huge": HUGE,
            "floor": FLOOR,
            "metrics": METRICS,
            "rounds": [_packed(one, names) for one in self.rounds],
            "source": SOURCE.format(epochs=len(self.rounds[0].run["loss"])),
        }

    def configuration(self) -> Configuration:
        """What *Train this now* trains."""
        return self._shown().configuration

    def picture(self) -> Figure:
        """Loss and accuracy of the run that is shown, or of the first one, without its name."""
        one = self._shown()
        figure, panels = plt.subplots(1, 2, figsize=(7.2, 2.8))
        for axes, metric, guess in zip(panels, ("loss", "accuracy"), (one.by.loss, one.by.accuracy), strict=True):
            for name, colour, line in ((metric, plots.TRAINING, "-"), (f"val_{metric}", plots.VALIDATION, "--")):
                values = one.run[name]
                axes.plot(
                    range(1, len(values) + 1),
                    values,
                    line,
                    color=colour,
                    label="validation" if "val_" in name else "training",
                )
            axes.axhline(guess, color=plots.GREY, linestyle=":", label="guessing")
            axes.set(title=metric, xlabel="epoch")
        panels[0].set_ylim(0, 1.03 * _top(one))
        panels[1].set_ylim(FLOOR, 1.02)
        panels[0].legend()
        return figure

    def _shown(self) -> Round:
        return self.rounds[self.round if 0 <= self.round < len(self.rounds) else 0]


def _top(one: Round) -> float:
    """Where the scale of the losses ends: what is far above all others, or above four times guessing, is cut off."""
    losses = np.concatenate([one.run["loss"], one.run["val_loss"]])
    most, usual = losses.max(), np.quantile(losses, 0.9)
    return float(min(most if most <= 4 * usual else 2 * usual, 4.4 * one.by.loss))


def _packed(one: Round, names: list[str]) -> dict[str, Any]:
    seen, mark = one.headache.seen(one.run, one.by)
    return {
        "task": one.configuration.task,
        "headache": names.index(one.headache.name),
        "was": described(one.configuration),
        "seen": seen,
        "mark": mark,
        "most": round(_top(one), 3),
        "curves": [number for metric in METRICS for number in differences(one.run[metric])],
    }
